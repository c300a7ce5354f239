import Testing

@testable import FailoverCore

@Suite struct MoneyTests {
    static let exact: [(text: String, picos: Int128, shown: String)] = [
        ("0", 0, "0"), ("70", 70_000_000_000_000, "70"), ("0.10", 100_000_000_000, "0.1"),
        ("2.50", 2_500_000_000_000, "2.5"), ("0.000000000001", 1, "0.000000000001"),
        ("-2.66", -2_660_000_000_000, "-2.66"), ("0.07", 70_000_000_000, "0.07"),
        ("999999999999999999.999999999999", 999_999_999_999_999_999_999_999_999_999, "999999999999999999.999999999999"),
        ("007", 7_000_000_000_000, "7"),
    ]

    @Test(arguments: exact)
    func amountsAreReadAndShownExactly(text: String, picos: Int128, shown: String) {
        #expect(Money(decimal: text) == Money(picos: picos))
        #expect(Money(picos: picos).exact() == shown)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "-", "--1", "+1", "1e3", "1,5", " 1", "1 ", "0x10", "1.0000000000001", "NaN", "1.2.3", "٣",
        "1234567890123456789",
    ])
    func whatIsNoAmountIsRefused(text: String) { #expect(Money(decimal: text) == nil) }

    static let rounded: [(text: String, decimals: Int, shown: String)] = [
        ("70", 2, "70.00"), ("2.665", 2, "2.67"), ("2.664999999999", 2, "2.66"), ("-2.665", 2, "-2.67"),
        ("-0.001", 2, "0.00"), ("0.5", 0, "1"), ("0.1234567", 12, "0.123456700000"), ("1999.999", 2, "2000.00"),
    ]

    @Test(arguments: rounded)
    func amountsAreRoundedToTheNearest(text: String, decimals: Int, shown: String) {
        #expect(Money(text).formatted(decimals: decimals) == shown)
    }

    static let people: [(text: String, shown: String)] = [
        ("70", "70.00"), ("0", "0.00"), ("0.1", "0.10"), ("0.0962", "0.096"), ("0.0002425", "0.00024"),
        ("-0.0962", "-0.096"),
        ("0.000000000001", "0.000000000001"), ("12345.678", "12,345.68"), ("-1234567", "-1,234,567.00"),
    ]

    @Test(arguments: people)
    func smallAmountsKeepTwoFigures(text: String, shown: String) { #expect(Money(text).forPeople == shown) }

    @Test func aTokenOfAQuotedPriceIsAWholeNumberOfPicos() {
        let price = Price("0.075", "0.30")
        #expect(price.input == Money(picos: 75_000))
        #expect(price.cost(input: 1_000_000, output: 1_000_000) == Money("0.375"))
    }

    static let days: [(text: String, day: Int)] = [
        ("1970-01-01", 0), ("2026-11-22", 20_779), ("2000-02-29", 11_016), ("1969-12-31", -1), ("0001-01-01", -719_162),
        ("9999-12-31", 2_932_896),
    ]

    @Test(arguments: days)
    func daysAreCounted(text: String, day: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSince1970 == day)
        #expect(CivilDate(daysSince1970: day) == date)
        #expect(date.description == text)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "0000-01-01", "today", "2026-11-22 ", "2026-11-31",
    ])
    func daysThatDoNotExistAreRefused(text: String) { #expect(CivilDate(text) == nil) }

    @Test func everyDayOfFourCenturiesComesBack() {
        let bad = (-10_000...150_000).filter { CivilDate(daysSince1970: $0).daysSince1970 != $0 }
        #expect(bad == [])
    }

    static let instants: [(seconds: Double, day: Int, left: Double)] = [
        (0, 0, 86_400), (86_399, 0, 1), (86_400, 1, 86_400), (-1, -1, 1), (-86_400, -1, 86_400),
    ]

    @Test(arguments: instants)
    func aDayEndsAtMidnight(seconds: Double, day: Int, left: Double) {
        let time = UnixTime.seconds(seconds, day: 0)
        #expect(time.day == day)
        #expect(time.secondsLeftOfDay == left)
    }
}
