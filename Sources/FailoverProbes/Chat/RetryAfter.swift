import FailoverCore

/// How long a server that limits our rate asks us to wait.
package enum RetryAfter {
    /// The longest wait that is obeyed.
    ///
    /// Source: an endpoint that nobody looks at for longer is not known any more.
    package static let maximum = Duration.seconds(300)

    /// In the order in which they are believed.
    package static let wantedFields = [
        "retry-after-ms", "retry-after", "x-ratelimit-reset", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens",
    ]

    /// The wait that the fields ask for.
    ///
    /// Of the limits of `x-ratelimit-reset` the last one to be lifted counts.
    ///
    /// - Parameters:
    ///   - fields: Of the answer's head, names in lower case; others than ``wantedFields`` are ignored.
    ///   - wallSeconds: The time now, since 1970-01-01, UTC.
    /// - Returns: Zero to ``maximum``, or `nil` if no field says it in a way that is understood.
    package static func delay(in fields: [(name: String, value: String)], wallSeconds: Int) -> Duration? {
        func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value.trimmedASCII) }
        let milliseconds = values("retry-after-ms").lazy.compactMap { seconds($0).map { $0 / 1_000 } }.first
        let asked = values("retry-after").lazy.compactMap { delay($0, wallSeconds: wallSeconds) }.first
        let resets = wantedFields.dropFirst(2).flatMap(values).compactMap { delay($0, wallSeconds: wallSeconds) }
        guard let wait = milliseconds ?? asked ?? resets.max() else { return nil }
        return .seconds(min(max(wait, 0), maximum.inSeconds))
    }

    /// Seconds, a date, a time since 1970 in seconds or milliseconds, or a duration such as `1m30s` and `6ms`; in seconds.
    private static func delay(_ text: String, wallSeconds: Int) -> Double? {
        if let number = seconds(text) {
            // No wait is 30 years long; and until then a number of milliseconds since 1970 has three digits more.
            guard number >= 1e9 else { return number }
            return (number >= 1e11 ? number / 1_000 : number) - Double(wallSeconds)
        }
        if let date = HTTPDate.seconds(text) { return Double(date - wallSeconds) }
        return duration(text)
    }

    /// Digits with or without a fraction.
    private static func seconds(_ text: some StringProtocol) -> Double? {
        guard let first = text.utf8.first, (0x30...0x39).contains(first),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(String(text))
    }

    /// Numbers with units, such as `1h2m3.5s`; in seconds.
    private static func duration(_ text: String) -> Double? {
        var rest = Substring(text.lowercased())
        guard !rest.isEmpty else { return nil }
        var sum = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = seconds(digits), let scale = units[String(unit)] else { return nil }
            sum += number * scale
        }
        return sum
    }

    private static let units: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600, "d": 86_400,
    ]
}

/// Dates in the three formats of RFC 9110, section 5.6.7.
private enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Since 1970-01-01, UTC; `nil` if it is none.
    ///
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    static func seconds(_ text: String) -> Int? {
        var words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count >= 5 else { return nil }
        // The second of them puts the month first and the year last.
        if months.contains(String(words[1])) {
            words.swapAt(1, 2)
            words.swapAt(3, 4)
        } else {
            guard words.count == 6, words[5] == "gmt" || words[5] == "utc" else { return nil }
        }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map(number)
        guard let day = number(words[1]), let month = months.firstIndex(of: String(words[2])),
            let year = number(words[3]), time.count == 3, let hour = time[0], let minute = time[1],
            let second = time[2],
            (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        // Two digits: this century until 2069, as everybody reads them.
        let fullYear = words[3].count > 2 ? year : year + (year < 70 ? 2_000 : 1_900)
        return (days(fullYear, month + 1, day) * 24 + hour) * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.count <= 4 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    /// Since 1970-01-01, of the proleptic Gregorian calendar; years that begin in March have their leap day at the end.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
