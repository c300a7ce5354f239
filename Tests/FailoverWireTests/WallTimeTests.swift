import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("Civil times")
struct WallTimeTests {
    @Test(arguments: [
        ("2026-11-22T12:04:31.250Z", "2026-11-22T12:04:31.250Z"),
        ("2026-11-22T12:04:31Z", "2026-11-22T12:04:31.000Z"),
        ("1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.001Z"),
    ])
    func aTimeIsReadAndToldInUTC(text: String, told: String) {
        #expect(WallTime(text)?.description == told)
    }

    @Test(arguments: ["", "yesterday", "2026-11-22", "2026-13-22T12:04:31Z", "12:04:31", "1763813071"])
    func whatIsNoTimeIsRefusedWithTheText(text: String) throws {
        #expect(WallTime(text) == nil)
        let data = try JSONEncoder().encode([text])
        #expect {
            try Wire.decode([WallTime].self, from: data)
        } throws: { error in
            "\(error)".contains("no RFC 3339 time in UTC")
        }
    }

    @Test func instantsAndTimesAreConvertedBothWays() {
        let clock = Samples.clock
        #expect(clock.wallTime(of: .seconds(998.75)).description == "2026-11-22T12:04:30.000Z")
        #expect(clock.instant(of: Samples.time("2026-11-22T12:04:30.000Z")) == .seconds(998.75))
    }

    @Test func aRememberedTimeOfTheFutureIsNow() {
        #expect(Samples.clock.instant(of: Samples.time("2027-01-01T00:00:00Z")) == Samples.clock.monotonic)
    }
}
