import Testing

@testable import FailoverCore

@Suite("First tokens, late and missing")
struct FirstTokenTests {
    /// Whole answers come in time, first tokens do not.
    @Test func lateFirstTokensAloneMoveTraffic() {
        var world = World(.chats())
        world.run(for: .seconds(60))
        world.set("us", to: .streams(ttft: .milliseconds(700), .seconds(1)))
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        #expect(world.route.reason.code == .ttft)
        #expect(world.evidence(of: "us", .availability) == 0 && world.evidence(of: "us", .latency) == 0)
        #expect(world.violations == [])
    }

    /// As long as with plain latency: the charts are alike.
    @Test func leavingForLateFirstTokensTakesAsLongAsForSlowness() {
        func delays(_ probe: ProbeConfiguration) -> LeaveDelays {
            LeaveDelays(rule: .evidence(.balanced), probe: probe, availability: Ratio(0.999), probes: 1)
        }
        let ttft = delays(.chat(latency: nil, ttft: .seconds(1)))
        #expect(ttft == delays(.tcp(objective: .seconds(1))))
        #expect(delays(.chat(mode: .models)).fullySlow == nil)
    }

    @Test(arguments: [
        RuleConfiguration.evidence(.preset(.instant, confirm: .seconds(3600))), .consecutive(fall: 3, rise: 3),
    ])
    func answersThatAreNeverStreamedConvictNobody(rule: RuleConfiguration) {
        var world = World(.chats(decision: DecisionConfiguration(rule: rule)))
        world.set("us", to: .streams(ttft: nil, .milliseconds(500)))
        world.run(for: .seconds(600))
        #expect(world.active == "us" && world.verdict(of: "us") == .healthy)
        #expect(world.engine.endpoints[0].isEligible)
        #expect(world.count(.failover) == 0)
        #expect(world.violations == [])
    }

    @Test func aConvictionByALatenessThatWasNoneIsTakenBackAfterAReloadToo() {
        let key = ProbeKey(endpoint: "us")
        let decision = DecisionConfiguration(rule: .consecutive(fall: 1, rise: 3))
        var engine = Engine(configuration: .chats(["us"], decision: decision), memory: nil, at: .seconds(0))
        func observe(_ attempt: UInt64, from start: Double, to end: Double, ttft: Duration?) {
            let observation = Observation(
                key: key,
                attempt: AttemptID(attempt),
                start: .seconds(start),
                end: .seconds(end),
                outcome: .success,
                latency: .seconds(end - start),
                ttft: ttft
            )
            _ = engine.handle(.observed(observation), at: .seconds(end))
        }
        for index in 0..<4 {
            let at = Double(index) * 5
            observe(UInt64(index), from: at, to: at + 0.1, ttft: .milliseconds(9))
        }
        let start = AttemptStart(key: key, attempt: AttemptID(9), start: .seconds(20))
        _ = engine.handle(.attemptStarted(start), at: .seconds(20))
        _ = engine.handle(.overdue(key, AttemptID(9), .ttft), at: .seconds(20.3))
        #expect(engine.endpoints[0].verdict == .unhealthy)
        _ = engine.handle(.reconfigured(engine.configuration), at: .seconds(20.4))
        observe(9, from: 20, to: 20.5, ttft: nil)
        #expect(engine.endpoints[0].mustProve == false)
        #expect(engine.endpoints[0].verdict == .healthy)
    }
}
