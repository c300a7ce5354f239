import Testing

@testable import FailoverCore

@Suite("From probes to samples")
struct EngineSampleTests {
    private let key = ProbeKey(endpoint: "us")

    /// One endpoint alone needs no witness.
    private func engine(_ probe: ProbeConfiguration = .tcp(), _ members: [EndpointName] = ["us"]) -> Engine {
        Engine(configuration: .oneRoute(members, probe: probe), memory: nil, at: .seconds(0))
    }

    private func start(_ attempt: UInt64, at start: Double) -> Input {
        .attemptStarted(AttemptStart(key: key, attempt: AttemptID(attempt), start: .seconds(start)))
    }

    private func end(_ attempt: UInt64, from start: Double, to end: Double, _ outcome: Outcome) -> Input {
        .observed(
            Observation(
                key: key,
                attempt: AttemptID(attempt),
                start: .seconds(start),
                end: .seconds(end),
                outcome: outcome,
                latency: outcome == .success ? .seconds(end - start) : nil
            )
        )
    }

    private func feed(_ inputs: [(at: Double, input: Input)], to engine: inout Engine) {
        for (at, input) in inputs { _ = engine.handle(input, at: .seconds(at)) }
    }

    private func steps(_ engine: Engine, _ kind: IndicatorKind) -> [EvidenceStep] {
        engine.endpoints[0].tracks[0].detector.explanation(for: kind).steps
    }

    private func counts(_ engine: Engine) -> SampleCounts? {
        var engine = engine
        let indicators = engine.snapshot(at: .seconds(30)).endpoints[0].indicators
        guard case .availability(_, let counts) = indicators.first?.window else { return nil }
        return counts
    }

    private let failure = Outcome.failure(.connectRefused, isTimeout: false)

    @Test func anUnansweredProbeIsSlowAtItsObjectiveAndFailedAtItsTimeout() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.set("us", to: .hangs)
        // Starts at 60.1 s, objective 1 s, grace 150 ms, timeout 3 s.
        world.run(for: .milliseconds(1249))
        #expect(world.evidence(of: "us", .latency) == 0)
        world.run(for: .milliseconds(1))
        // A witness is asked, and answers after 50 ms.
        #expect(world.evidence(of: "us", .latency) == 0)
        world.run(for: .milliseconds(50))
        #expect((world.evidence(of: "us", .latency) ?? 0) > 1.5)
        #expect(world.engine.endpoints[0].tracks[0].lastJudged == world.now)
        #expect(world.engine.endpoints[0].tracks[0].goodInARow == 0)
        #expect(world.evidence(of: "us", .availability) == 0)
        world.run(for: .milliseconds(1799))
        #expect(world.evidence(of: "us", .availability) == 0)
        world.run(for: .milliseconds(1))
        #expect((world.evidence(of: "us", .availability) ?? 0) > 2.5)
        #expect(world.violations == [])
    }

    @Test func timeThatAProbeWaitsForOurOwnMachineDoesNotCount() {
        let wait: (UInt64, Bool) -> Input = { .attemptWaits(self.key, AttemptID($0), onUs: $1) }
        var engine = engine()
        feed([(0, start(1, at: 0)), (0.1, wait(1, true)), (2, .tick)], to: &engine)
        feed([(2.5, end(1, from: 0, to: 2.5, .inconclusive(.localResolver)))], to: &engine)
        #expect(steps(engine, .latency) == [])
        feed([(10, start(2, at: 10)), (10.1, wait(2, true)), (10.2, wait(2, false)), (11.15, .tick)], to: &engine)
        #expect(steps(engine, .latency) == [])
        // The wait is added to the objective.
        feed([(11.26, .tick)], to: &engine)
        #expect(steps(engine, .latency).map(\.start) == [.seconds(10)])
    }

    /// The loop was busy for five seconds; both answers came after 100 ms and waited for it.
    @Test func whatWaitedForABusyLoopIsNotLate() {
        var engine = engine(.tcp(), ["us", "eu"])
        let answers: [Input] = ["us", "eu"].map { (name: EndpointName) in
            .observed(
                Observation(
                    key: ProbeKey(endpoint: name),
                    attempt: AttemptID(name == "us" ? 1 : 2),
                    start: .seconds(0),
                    end: .seconds(0.1),
                    outcome: .success,
                    latency: .milliseconds(100)
                )
            )
        }
        let other = AttemptStart(key: ProbeKey(endpoint: "eu"), attempt: AttemptID(2), start: .seconds(0))
        feed([(0, start(1, at: 0)), (0, .attemptStarted(other))], to: &engine)
        feed([(5, answers[0]), (5, answers[1]), (5, .tick)], to: &engine)
        #expect(engine.endpoints.map { $0.tracks[0].detector.evidence(for: .latency).evidence } == [0, 0])
        #expect(engine.endpoints.map { $0.tracks[0].goodInARow } == [1, 1])
    }

    @Test func aSlowAnswerIsOneSlowSampleAndNoFailure() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        let before = world.engine.endpoints[0].tracks[0].judged
        world.scripts["us"] = [.answers(.seconds(2))]
        world.run(for: .milliseconds(1500))
        #expect(world.engine.endpoints[0].tracks[0].judged == before + 1)
        world.run(for: .seconds(3))
        #expect(world.engine.endpoints[0].tracks[0].judged == before + 1)
        #expect(world.evidence(of: "us", .availability) == 0)
        #expect(steps(world.engine, .latency).map(\.finding) == [.slow])
    }

    /// Both attempts hang for a minute: without the objective's verdict nothing would be heard of the endpoint
    /// meanwhile.
    @Test(arguments: [Duration.seconds(3), nil] as [Duration?])
    func anEndpointThatSwallowsEveryProbeIsUnhealthyNotUnknown(objective: Duration?) {
        var world = World(.oneRoute(probe: .tcp(timeout: .seconds(60), objective: objective)))
        world.run(for: .seconds(60))
        world.forgetTold()
        world.set("us", to: .hangs)
        #expect(world.run(limit: .seconds(600)) { $0.active == "eu" })
        #expect(world.events.allSatisfy { $0.reason.code != .stale })
        #expect(world.violations == [])
    }

    @Test func overlappingAttemptsAreJudgedInTheOrderOfTheirStarts() {
        var engine = engine(.tcp(timeout: .seconds(20), objective: .seconds(15)))
        feed(
            [
                (0, start(1, at: 0)), (5, start(2, at: 5)), (5.1, end(2, from: 5, to: 5.1, failure)),
            ],
            to: &engine
        )
        #expect(steps(engine, .availability) == [])
        feed([(6, end(1, from: 0, to: 6, failure))], to: &engine)
        #expect(steps(engine, .availability).map(\.start) == [.seconds(0), .seconds(5)])
        #expect(steps(engine, .latency).map(\.start) == [.seconds(0), .seconds(5)])
    }

    @Test(arguments: [Outcome.throttled(.http(429)), .misconfigured(.http(401)), .inconclusive(.localNetwork)])
    func whatSaysNothingAboutTheEndpointCountsNowhere(outcome: Outcome) {
        var engine = engine()
        let before = engine.endpoints[0].tracks[0].detector.explanation(for: .latency)
        for index in 0..<6 {
            let at = Double(index) * 5
            feed(
                [(at, start(UInt64(index), at: at)), (at + 0.1, end(UInt64(index), from: at, to: at + 0.1, outcome))],
                to: &engine
            )
        }
        #expect(engine.endpoints[0].tracks[0].detector.explanation(for: .latency) == before)
        #expect(counts(engine) == SampleCounts(samples: 0, bad: 0, void: 6))
        #expect(engine.endpoints[0].verdict == .unknown)
    }

    @Test func aThrottledEndpointIsDegradedUntilItAnswersAgain() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.scripts["us"] = [.throttled]
        world.run(for: .seconds(5))
        #expect(world.verdict(of: "us") == .degraded)
        #expect(world.active == "us")
        world.run(for: .seconds(5))
        #expect(world.verdict(of: "us") == .healthy)
    }

    @Test func oneAttemptIsOneSampleHoweverOftenItIsTold() {
        var engine = engine()
        feed(
            [
                (0, start(1, at: 0)), (0, start(1, at: 0)),
                (0.1, end(1, from: 0, to: 0.1, failure)), (0.2, end(1, from: 0, to: 0.1, failure)),
                (5, end(1, from: 0, to: 5, failure)),
            ],
            to: &engine
        )
        #expect(steps(engine, .availability).count == 1)
        #expect(counts(engine) == SampleCounts(samples: 1, bad: 1, void: 0))
    }

    @Test func aResultAfterTheAttemptWasGivenUpCountsNowhere() {
        var engine = engine(.tcp(objective: nil))
        // 3 s timeout and 5 s of grace for reporting.
        feed([(0, start(1, at: 0)), (8, .tick), (9, end(1, from: 0, to: 9, failure))], to: &engine)
        #expect(steps(engine, .availability) == [])
        #expect(counts(engine) == SampleCounts(samples: 0, bad: 0, void: 0))
    }

    @Test func aRecordingWithoutStartsIsJudgedTheSame() {
        var told = engine()
        var untold = engine()
        for index in 0..<4 {
            let at = Double(index) * 5
            let observation = end(UInt64(index), from: at, to: at + 0.1, failure)
            feed([(at, start(UInt64(index), at: at)), (at + 0.1, observation)], to: &told)
            feed([(at + 0.1, observation)], to: &untold)
        }
        #expect(steps(told, .availability) == steps(untold, .availability))
        #expect(told.endpoints[0].verdict == untold.endpoints[0].verdict)
    }

    @Test func anUnknownProbeIsIgnored() {
        var engine = engine()
        let stranger = ProbeKey(endpoint: "mars")
        let actions = engine.handle(
            .observed(
                Observation(
                    key: stranger,
                    attempt: AttemptID(1),
                    start: .seconds(0),
                    end: .seconds(1),
                    outcome: failure
                )
            ),
            at: .seconds(1)
        )
        #expect(actions == [])
    }

    /// Slow by the clock, and then it turns out that our own machine stood still.
    @Test func slownessOfAnAttemptThatSaysNothingIsTakenBack() {
        var engine = engine()
        var quiet = engine
        feed([(0, start(1, at: 0)), (1.15, .tick)], to: &engine)
        #expect(steps(engine, .latency).map(\.finding) == [.slow])
        #expect(engine.endpoints[0].tracks[0].judged == 1)
        feed([(2, end(1, from: 0, to: 2, .inconclusive(.localStalled)))], to: &engine)
        feed([(0, start(1, at: 0)), (2, end(1, from: 0, to: 2, .inconclusive(.localStalled)))], to: &quiet)
        for kind in IndicatorKind.allCases { #expect(steps(engine, kind) == steps(quiet, kind)) }
        #expect(engine.endpoints[0].tracks[0].judged == 0)
        #expect(counts(engine) == SampleCounts(samples: 0, bad: 0, void: 1))
    }

    /// A slow one that waits for an older attempt has not been judged yet.
    @Test func slownessThatWaitsForAnOlderAttemptIsTakenBackToo() {
        var engine = engine()
        let wait = Input.attemptWaits(key, AttemptID(1), onUs: true)
        feed([(0, start(1, at: 0)), (0, wait), (0.5, start(2, at: 0.5)), (1.65, .tick)], to: &engine)
        #expect(engine.endpoints[0].tracks[0].judged == 1)
        feed([(2, end(2, from: 0.5, to: 2, .inconclusive(.localStalled)))], to: &engine)
        feed([(2, end(1, from: 0, to: 2, .inconclusive(.localResolver)))], to: &engine)
        #expect(steps(engine, .latency) == [])
        #expect(engine.endpoints[0].tracks[0].judged == 0)
    }

    @Test(arguments: [RuleConfiguration.consecutive(fall: 1, rise: 3), .window(bad: 1, of: 3, rise: 3)])
    func aConvictionByOurOwnStallIsTakenBack(rule: RuleConfiguration) {
        let decision = DecisionConfiguration(rule: rule)
        var engine = Engine(configuration: .oneRoute(["us"], decision: decision), memory: nil, at: .seconds(0))
        for index in 0..<4 {
            let at = Double(index) * 5
            feed([(at + 0.1, end(UInt64(index), from: at, to: at + 0.1, .success))], to: &engine)
        }
        feed([(20, start(9, at: 20)), (21.15, .tick)], to: &engine)
        #expect(engine.endpoints[0].verdict == .unhealthy)
        feed([(22, end(9, from: 20, to: 22, .inconclusive(.localStalled)))], to: &engine)
        #expect(engine.endpoints[0].verdict == .healthy)
        #expect(engine.endpoints[0].mustProve == false)
    }

    /// Attempts come and go for a long time; what the engine waits for does not add up.
    @Test func oneLookAtTheAttemptsOfAProbeIsAwaitedAtATime() {
        var engine = engine(.tcp(interval: .seconds(1), timeout: .seconds(60)))
        for index in 1...500 {
            let at = Double(index)
            feed([(at, start(UInt64(index), at: at)), (at, .tick)], to: &engine)
            let outcome = Outcome.success
            if index > 1 {
                feed([(at + 0.5, end(UInt64(index - 1), from: at - 1, to: at + 0.5, outcome))], to: &engine)
            }
            // Looks at both endpoints for staleness, and one at the attempts; an outdated one may be left for a while.
            #expect(engine.deadlines.count <= 6)
        }
    }

    @Test func everyProbeOfAnEndpointHasToBeGood() {
        let probes = [ProbeConfiguration.tcp("short"), .tcp("long", interval: .seconds(10))]
        let configuration = Configuration(
            vantage: "here",
            endpoints: [.simple("us", probes: probes), .simple("eu", probes: probes)],
            routes: [RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain)],
            outputs: OutputConfiguration()
        )
        var world = World(configuration)
        world.run(for: .seconds(120))
        let names = world.snapshot.endpoints[0].indicators.map(\.name.description)
        #expect(names == ["short.availability", "short.latency", "long.availability", "long.latency"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: .good)
        let before = world.now
        #expect(world.run { $0.active == "us" })
        // The slower one needs 22 of its own probes.
        #expect(world.now - before > .seconds(210 + 30))
        #expect(world.violations == [])
    }
}
