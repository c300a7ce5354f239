import FailoverCore

/// Values as YAML that reads back to the same value.
enum YAMLText {
    static func scalar(_ value: JSONScalar) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): NumberText.format(number)
        case .string(let text): string(text)
        }
    }

    /// Plain where nothing can be misread, in double quotes otherwise.
    static func string(_ text: String) -> String {
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain =
            text.utf8.first.map { ASCII.isLetter($0) || $0 == UInt8(ascii: "/") } ?? false
            && text.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || "/._-".utf8.contains($0) }
            && !words.contains(text.lowercased())
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
