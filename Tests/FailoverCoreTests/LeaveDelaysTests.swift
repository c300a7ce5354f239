import Testing

@testable import FailoverCore

@Suite("How long leaving takes")
struct LeaveDelaysTests {
    private func delays(
        _ parameters: EvidenceParameters,
        interval: Duration = .seconds(5),
        objective: Duration? = .milliseconds(600)
    ) -> LeaveDelays {
        LeaveDelays(
            rule: .evidence(parameters),
            probe: .tcp(interval: interval, timeout: .seconds(15), objective: objective),
            availability: Ratio(0.999),
            probes: 1
        )
    }

    /// The time after the first bad probe as in the table of presets, and half an interval until that.
    @Test(arguments: [
        (Preset.fast, Duration.seconds(5), Duration.seconds(12.5)),
        (.balanced, .seconds(5), .seconds(22.5)),
        (.cautious, .seconds(5), .seconds(37.5)),
        (.balanced, .seconds(1), .seconds(15.5)),
        (.cautious, .seconds(10), .seconds(45)),
    ])
    func aHardDownEndpointIsLeftWithItsLastProbe(preset: Preset, interval: Duration, delay: Duration) {
        #expect(delays(.preset(preset, confirm: interval), interval: interval).hardDown == delay)
    }

    @Test func aSlowProbeIsKnownAtItsObjective() {
        // Eight probes, seven intervals, half of one before.
        #expect(delays(.preset(.balanced, confirm: .seconds(5))).fullySlow == .milliseconds(35_000 + 600 + 2500))
    }

    @Test func withoutAnObjectiveNothingIsSlow() {
        #expect(delays(.balanced, objective: nil).fullySlow == nil)
    }

    /// Two probes of twice 3 s each fit into 6 s, so that a grid of 1 s loses most of its starts.
    @Test func slowProbesUnderWayCostStarts() throws {
        let parameters = EvidenceParameters.preset(.balanced, confirm: .seconds(1))
        let quick = try #require(delays(parameters, objective: .milliseconds(400)).fullySlow)
        let long = try #require(delays(parameters, objective: .seconds(3)).fullySlow)
        #expect(long > quick)
        // At the slowest it is as slow as the slots allow: a start every 3 s on average.
        let starts = (long - .seconds(2.5) - .seconds(3)) / .seconds(1)
        #expect(starts > 3 * 8)

        // Where the interval leaves room for both, nothing changes.
        let roomy = delays(.preset(.balanced, confirm: .seconds(5)), objective: .seconds(4)).fullySlow
        #expect(roomy == .seconds(35 + 4 + 2.5))
        let crowded = try #require(delays(.preset(.balanced, confirm: .seconds(5)), objective: .seconds(8)).fullySlow)
        #expect(crowded > .seconds(35 + 8 + 2.5))
    }

    @Test func thirtyPercentErrorsAreFoundAndNoErrorsAreNot() throws {
        let parameters = EvidenceParameters.preset(.balanced, confirm: .seconds(5))
        let delay = try #require(delays(parameters).thirtyPercentErrors)
        // 13.9 probes in the model that the rule comes from.
        #expect((.seconds(55)...(.seconds(90))).contains(delay))
        #expect(delays(parameters) == delays(parameters))
        let never = LeaveDelays(
            rule: .consecutive(fall: 30, rise: 2),
            probe: .tcp(interval: .seconds(5)),
            availability: Ratio(0.999),
            probes: 1
        )
        #expect(never.thirtyPercentErrors == nil)
        #expect(never.hardDown == .seconds(29 * 5 + 2.5))
    }
}
