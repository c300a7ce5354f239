import RegionSim
import Testing

/// Chance is a function of the seed and the request's number.
struct RequestPlannerTests {
    private let region = RegionConfiguration(
        name: "us-east",
        latency: RegionConfiguration.measuredLatency,
        timeToFirstToken: RegionConfiguration.measuredTimeToFirstToken
    )

    private func plans(
        _ count: Int,
        seed: UInt64 = 7,
        region name: String = "us-east",
        faults: [Fault] = []
    ) -> [RequestPlan] {
        let planner = RequestPlanner(seed: seed, region: name)
        return (0..<count).map { planner.plan(UInt64($0), configuration: region, faults: faults) }
    }

    private func milliseconds(_ time: Duration) -> Int { Int((time / .milliseconds(1)).rounded()) }

    @Test func sameSeedGivesSameSequence() {
        #expect(plans(500) == plans(500))
        #expect(plans(3).map { milliseconds($0.latency) } == [1638, 748, 669])
        #expect(plans(3).map { milliseconds($0.timeToFirstToken) } == [218, 218, 190])
    }

    @Test func otherSeedsAndOtherRegionsGiveOtherSequences() {
        let latencies = [plans(100), plans(100, seed: 8), plans(100, region: "eu-west")].map { $0.map(\.latency) }
        #expect(Set(latencies).count == 3)
    }

    @Test func shareHitsTheSameRequestsEveryTime() {
        let fault = Fault(.status(503, retryAfter: nil), share: 0.3)
        let hits = plans(20, faults: [fault]).map { $0.cause == nil ? "." : "x" }.joined()
        #expect(hits == "..xx....xxxx...x.x.x")
        let count = plans(10_000, seed: 1, faults: [fault]).count { $0.cause != nil }
        #expect(count == 3028)
    }

    @Test func faultDoesNotShiftLatencies() {
        let faults = [Fault(.status(503, retryAfter: nil), share: 0.3), Fault(.stall, share: 0.5)]
        #expect(plans(100, faults: faults).map(\.latency) == plans(100).map(\.latency))
    }

    @Test func latenciesHaveTheirPercentiles() {
        let sorted = plans(100_000).map(\.latency).sorted()
        let slow = sorted.count { $0 > .seconds(3) }
        #expect(milliseconds(sorted[50_000]) == 901)
        #expect(milliseconds(sorted[99_000]) == 2408)
        // The log-normal distribution through these percentiles has 0.21 % above 3 s.
        #expect(slow == 232)
    }

    @Test func firstTokenIsNeverLaterThanTheAnswer() {
        let region = RegionConfiguration(name: "x", latency: .instant, timeToFirstToken: .constant(.seconds(1)))
        let plan = RequestPlanner(seed: 1, region: "x").plan(0, configuration: region, faults: [])
        #expect([plan.timeToFirstToken, plan.latency] == [.seconds(1), .seconds(1)])
    }

    @Test func slownessReplacesOrMultiplies() {
        let usual = plans(1)[0]
        let replaced = plans(
            1,
            faults: [Fault(.slow(.replaced(latency: .constant(.seconds(6)), timeToFirstToken: nil)))]
        )[0]
        let multiplied = plans(1, faults: [Fault(.slow(.factor(4)))])[0]
        #expect([replaced.latency, replaced.timeToFirstToken] == [.seconds(6), usual.timeToFirstToken])
        #expect(
            [multiplied.latency, multiplied.timeToFirstToken] == [usual.latency * 4.0, usual.timeToFirstToken * 4.0]
        )
    }

    @Test func firstFaultThatHitsDecidesAndSlownessActsBeside() {
        let plan = plans(1, faults: [Fault(.reset, share: 0), Fault(.slow(.factor(2))), Fault(.stall), Fault(.empty)])[
            0
        ]
        #expect(plan.hits == ["slow", "stall"])
        #expect(plan.cause == .stall)
    }

    @Test(arguments: [
        (LatencyModel(p50: .milliseconds(900), p99: .milliseconds(2400)), 0, 900),
        (LatencyModel(p50: .milliseconds(900), p99: .milliseconds(2400)), 2.326_347_874_040_841, 2400),
        (.instant, 3, 0),
        (.constant(.milliseconds(5)), 3, 5),
        (LatencyModel(p50: .seconds(1), p99: .seconds(500)), 4, 600_000),
    ])
    func latencyModelMeetsItsPercentiles(model: LatencyModel, deviate: Double, expected: Int) {
        #expect(milliseconds(model.time(at: deviate)) == expected)
    }
}

struct DurationTextTests {
    @Test(arguments: [
        ("900ms", Duration.milliseconds(900)), ("2.4s", .milliseconds(2400)), ("1.5ms", .microseconds(1500)),
        ("0ms", .zero), ("12s", .seconds(12)), ("600s", .seconds(600)),
    ])
    func timeIsReadAndWritten(text: String, time: Duration) {
        #expect(Duration(shortText: text) == time)
        #expect(time.shortText == text)
    }

    @Test(arguments: [("2m", Duration.seconds(120)), ("1h", .seconds(3600)), ("0.5s", .milliseconds(500))])
    func otherUnitsAreRead(text: String, time: Duration) {
        #expect(Duration(shortText: text) == time)
    }

    @Test(arguments: ["", "5", "s", "-1s", "1e3s", "nans", "0x1s", "1 s", "1d", "99999999999999h", "1.2.3s"])
    func anythingElseIsNoTime(text: String) {
        #expect(Duration(shortText: text) == nil)
    }
}
