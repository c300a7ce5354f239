import FailoverCore

// What a field may hold, and the words for what it does not.
extension RecordingLine {
    /// The end of a clock that counts nanoseconds.
    private static let longestSeconds: Int64 = 9_000_000_000
    /// Four months: more is a date or a mistake.
    private static let longestRecording: Int64 = 10_000_000

    func text(_ name: String) throws(LineFault) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw fault(name, value, "text") }
        return text
    }

    func required(_ name: String) throws(LineFault) -> String {
        guard let text = try text(name), !text.isEmpty else {
            throw LineFault(field: name, found: "nothing", allowed: "text")
        }
        return text
    }

    func flag(_ name: String) throws(LineFault) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value else { throw fault(name, value, "true, false") }
        return flag
    }

    func whole(_ name: String) throws(LineFault) -> UInt64? {
        guard let value = self[name] else { return nil }
        guard case .number(let text) = value, let number = UInt64(text) else {
            throw fault(name, value, "a whole number from 0")
        }
        return number
    }

    /// One of a few words.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws(LineFault) -> Word?
    where Word.RawValue == String {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value, let word = Word(rawValue: text) else {
            throw fault(name, value, Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    /// When something was seen, in nanoseconds since the recording's start.
    func time() throws(LineFault) -> Int64 {
        let allowed = "seconds since the recording's start, from 0 to \(Self.longestRecording)"
        let time = try number("t", scale: 9, limit: Self.longestRecording * 1_000_000_000, allowed)
        guard let time, time >= 0 else {
            throw LineFault(field: "t", found: self["t"]?.found ?? "nothing", allowed: allowed)
        }
        return time
    }

    /// A number of seconds as nanoseconds.
    func seconds(_ name: String) throws(LineFault) -> Int64? {
        try number(name, scale: 9, limit: Self.longestSeconds * 1_000_000_000, "a number of seconds")
    }

    /// A number of milliseconds.
    func milliseconds(_ name: String) throws(LineFault) -> Duration? {
        let nanoseconds = try number(name, scale: 6, limit: 86_400_000_000_000, "milliseconds, at most a day")
        guard let nanoseconds else { return nil }
        guard nanoseconds >= 0 else { throw fault(name, self[name] ?? .null, "milliseconds, at most a day") }
        return .nanoseconds(nanoseconds)
    }

    /// An object within the line.
    func object(_ name: String) throws(LineFault) -> RecordingLine? {
        guard let value = self[name] else { return nil }
        guard case .nested(let bytes) = value, bytes.first == UInt8(ascii: "{") else {
            throw fault(name, value, "an object")
        }
        return try RecordingLine(bytes[...])
    }

    func fault(_ name: String, _ value: Value, _ allowed: String) -> LineFault {
        LineFault(field: name, found: value.found, allowed: allowed)
    }

    private func number(
        _ name: String,
        scale: Int,
        limit: Int64,
        _ allowed: String
    ) throws(LineFault) -> Int64? {
        guard let value = self[name] else { return nil }
        guard case .number(let text) = value, let scaled = Self.scaled(text, by: scale), scaled.magnitude <= limit
        else {
            throw fault(name, value, allowed)
        }
        return scaled
    }

    /// A decimal number times a power of ten; exact unless it has an exponent or more decimals than that.
    private static func scaled(_ text: String, by power: Int) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count > 1 ? parts[1] : ""
        let factor = (0..<power).reduce(Int64(1)) { product, _ in product * 10 }
        guard parts.count <= 2, decimals.utf8.count <= power, let whole = Int64(parts[0]),
            let rest = Int64(decimals + String(repeating: "0", count: power - decimals.utf8.count))
        else {
            guard let number = Double(text) else { return nil }
            return Int64(exactly: (number * Double(factor)).rounded())
        }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow, scaled <= .max - rest else { return nil }
        return isNegative ? -(scaled + rest) : scaled + rest
    }
}
