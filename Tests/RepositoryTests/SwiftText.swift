/// Swift source with comments and literal text blanked out, so that words are only found where they are code.
///
/// Newlines stay, so that line numbers do. What is interpolated into a string is code.
struct SwiftText {
    private let source: [UInt8]
    private var position = 0
    private var output: [UInt8] = []

    private static let newline = UInt8(ascii: "\n")

    /// The code of `source`.
    static func code(of source: String) -> String {
        var text = SwiftText(source: Array(source.utf8))
        text.readCode(untilParenthesis: false)
        return String(decoding: text.output, as: UTF8.self)
    }

    private init(source: [UInt8]) {
        self.source = source
        output.reserveCapacity(source.count)
    }

    private func sees(_ text: String) -> Bool {
        source[position...].starts(with: text.utf8)
    }

    private mutating func keep() {
        output.append(source[position])
        position += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < source.count {
            output.append(source[position] == Self.newline ? Self.newline : UInt8(ascii: " "))
            position += 1
        }
    }

    /// - Parameter untilParenthesis: Whether it ends with the parenthesis of an interpolation.
    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while position < source.count {
            if source[position] == UInt8(ascii: "/"), sees("//") {
                while position < source.count, source[position] != Self.newline { blank() }
            } else if source[position] == UInt8(ascii: "/"), sees("/*") {
                readBlockComment()
            } else if let hashes = openingQuote() {
                readString(hashes: hashes)
            } else {
                if source[position] == UInt8(ascii: "(") { depth += 1 }
                if source[position] == UInt8(ascii: ")") {
                    if untilParenthesis, depth == 0 { return blank() }
                    depth -= 1
                }
                keep()
            }
        }
    }

    private mutating func readBlockComment() {
        var depth = 0
        while position < source.count {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
                if depth == 0 { return }
            } else {
                blank()
            }
        }
    }

    /// How many `#` come before a quotation mark here; `nil` if no string begins.
    private func openingQuote() -> Int? {
        let hashes = source[position...].prefix { $0 == UInt8(ascii: "#") }.count
        let quote = position + hashes
        return quote < source.count && source[quote] == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func readString(hashes: Int) {
        let mark = String(repeating: "#", count: hashes)
        blank(hashes)
        let quotes = sees("\"\"\"") ? "\"\"\"" : "\""
        blank(quotes.count)
        while position < source.count {
            if sees(quotes + mark) { return blank(quotes.count + hashes) }
            if sees("\\" + mark + "(") {
                blank(hashes + 2)
                readCode(untilParenthesis: true)
            } else if sees("\\" + mark) {
                blank(hashes + 2)
            } else {
                blank()
            }
        }
    }
}
