import FailoverConfig
import FailoverCore
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("300ms", Duration.milliseconds(300)), ("5s", .seconds(5)), ("1.5s", .milliseconds(1500)),
        ("2m", .seconds(120)), ("1h", .seconds(3600)), ("30d", .seconds(30 * 86_400)), ("1m30s", .seconds(90)),
        ("500us", .microseconds(500)), ("0s", .zero), ("1d2h3m4s5ms6us", .microseconds(93_784_005_006)),
        ("0.001us", .nanoseconds(1)), ("1m1.25s", .milliseconds(61_250)), ("999999999us", .microseconds(999_999_999)),
    ])
    func writtenDurationIsRead(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "5", "s", "5 s", " 5s", "5S", "-5s", "+5s", "5sec", "5min", "1.5", "1.s", ".5s", "1.5m30s", "30s1m", "5s5s",
        "1e3s", "٣s", "1_000s", "1000000000s", "0.0001us", "106752d", "5s ", "1m 30s", "5ns", "1.1234567890s",
    ])
    func otherTextIsNoDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(300), "300ms"), (.seconds(5), "5s"), (.milliseconds(1500), "1.5s"),
        (.seconds(90), "1m30s"), (.seconds(30 * 86_400), "30d"), (.seconds(3600), "1h"),
        (.microseconds(1500), "1500us"),
        (.nanoseconds(1), "0.001us"), (.milliseconds(61_050), "1m1.05s"), (.seconds(86_461), "1d1m1s"),
        (.milliseconds(3_600_500), "1h0.5s"),
    ])
    func durationIsWrittenAndReadBack(duration: Duration, text: String) {
        #expect(DurationText.format(duration) == text)
        #expect(DurationText.parse(text) == duration)
    }

    @Test func patternOfTheSchemaAcceptsWhatIsRead() throws {
        let pattern = try Regex(DurationText.pattern)
        for text in ["300ms", "5s", "1.5s", "1m30s", "30d", "500us", "1m1.25s", "1h0.5s", "0s", "0.001us"] {
            #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
        }
        for text in ["", "5", "s", "5 s", "5S", "-5s", "1.5m30s", "30s1m", "5s5s", "5sec", "1.s", ".5s"] {
            #expect(text.wholeMatch(of: pattern) == nil, "\(text)")
        }
    }
}

@Suite struct PercentageTextTests {
    @Test(arguments: [
        ("99.9%", 0.999), ("5%", 0.05), ("100%", 1), ("0%", 0), ("99.9999%", 0.999999), ("0.000001%", 1e-8),
        ("7.5%", 0.075),
    ])
    func writtenPercentageIsRead(text: String, ratio: Double) {
        #expect(PercentageText.parse(text) == Ratio(ratio))
        #expect(PercentageText.format(Ratio(ratio)) == text)
    }

    @Test(arguments: ["", "%", "99.9", "0.999", "101%", "-1%", "99.9 %", "99,9%", "1e1%", ".5%", "5.%", "1.1234567%"])
    func otherTextIsNoPercentage(text: String) {
        #expect(PercentageText.parse(text) == nil)
    }
}
