extension UnixTime {
    package static let nanosecondsPerDay: Int64 = 86_400_000_000_000

    /// Whole days since 1970-01-01, UTC; negative before.
    package var day: Int {
        let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: Self.nanosecondsPerDay)
        return Int(rest < 0 ? quotient - 1 : quotient)
    }

    /// How much of its day is left, in seconds; more than zero.
    var secondsLeftOfDay: Double {
        let rest = nanoseconds % Self.nanosecondsPerDay
        return Double(Self.nanosecondsPerDay - (rest < 0 ? rest + Self.nanosecondsPerDay : rest)) / 1e9
    }
}

extension CivilDate {
    /// The day that many days after 1970-01-01.
    ///
    /// A year is taken to begin in March, so that the leap day is its last; the months then repeat 153 days every five.
    package init(daysSince1970 days: Int) {
        let sinceMarch0 = days + 719_468
        let era = (sinceMarch0 >= 0 ? sinceMarch0 : sinceMarch0 - 146_096) / 146_097
        let dayOfEra = sinceMarch0 - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthSinceMarch = (5 * dayOfYear + 2) / 153
        let month = monthSinceMarch < 10 ? monthSinceMarch + 3 : monthSinceMarch - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthSinceMarch + 2) / 5 + 1
        )
    }

    /// Days since 1970-01-01; negative before.
    package var daysSince1970: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads `2026-05-01`, a day of the years 1 to 9999; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year >= 1
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        // A day that does not exist comes back as another one.
        guard (1...12).contains(month), CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
        self = date
    }
}
