import Testing

@testable import FailoverCore

/// One result of a chat and how it counts; `nil` where it does not.
struct ChatCase: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    var latency: Duration?
    var ttft: Duration?
    /// What the charts hold of it: a good sample leaves nothing in a chart that was quiet.
    var availability: ReasonCode?
    var latencyFinding: ReasonCode?
    var ttftFinding: ReasonCode?
    /// The windows: samples, bad.
    let inLatency: [Int]
    let inTTFT: [Int]
    var isCensored = false
    let isGood: Bool?

    var testDescription: String { name }
}

@Suite("Chats: one probe, three indicators")
struct EngineChatTests {
    private let key = ProbeKey(endpoint: "us")

    private func engine(
        _ probe: ProbeConfiguration = .chat(),
        rule: RuleConfiguration = .evidence(.preset(.balanced, confirm: .seconds(3600)))
    ) -> Engine {
        let decision = DecisionConfiguration(rule: rule)
        return Engine(
            configuration: .chats(["us"], probes: [probe], decision: decision),
            memory: nil,
            at: .seconds(0)
        )
    }

    private func start(_ attempt: UInt64, at start: Double) -> Input {
        .attemptStarted(AttemptStart(key: key, attempt: AttemptID(attempt), start: .seconds(start)))
    }

    private func end(
        _ attempt: UInt64,
        from start: Double,
        to end: Double,
        _ outcome: Outcome,
        latency: Duration? = nil,
        ttft: Duration? = nil
    ) -> Input {
        .observed(
            Observation(
                key: key,
                attempt: AttemptID(attempt),
                start: .seconds(start),
                end: .seconds(end),
                outcome: outcome,
                latency: latency,
                ttft: ttft
            )
        )
    }

    private func feed(_ inputs: [(at: Double, input: Input)], to engine: inout Engine) {
        for (at, input) in inputs { _ = engine.handle(input, at: .seconds(at)) }
    }

    private func findings(_ engine: Engine, _ kind: IndicatorKind) -> [ReasonCode] {
        engine.endpoints[0].tracks[0].detector.explanation(for: kind).steps.map(\.finding)
    }

    private func window(_ engine: Engine, _ kind: IndicatorKind) -> (counts: [Int], isCensored: Bool)? {
        var engine = engine
        let indicators = engine.snapshot(at: .seconds(30)).endpoints[0].indicators
        guard case .latency(_, let counts, let percentiles)? = indicators.first(where: { $0.name.kind == kind })?.window
        else { return nil }
        return ([counts.samples, counts.bad], percentiles?.censored ?? false)
    }

    @Test(arguments: [
        ChatCase(
            name: "good",
            outcome: .success,
            latency: .seconds(1),
            ttft: .milliseconds(300),
            inLatency: [1, 0],
            inTTFT: [1, 0],
            isGood: true
        ),
        ChatCase(
            name: "a late first token",
            outcome: .success,
            latency: .seconds(1),
            ttft: .milliseconds(301),
            ttftFinding: .slow,
            inLatency: [1, 0],
            inTTFT: [1, 1],
            isGood: false
        ),
        ChatCase(
            name: "a slow answer",
            outcome: .success,
            latency: .seconds(4),
            ttft: .milliseconds(100),
            latencyFinding: .slow,
            inLatency: [1, 1],
            inTTFT: [1, 0],
            isGood: false
        ),
        ChatCase(
            name: "reasoning only: no first token, neither good nor bad",
            outcome: .success,
            latency: .seconds(1),
            inLatency: [1, 0],
            inTTFT: [0, 0],
            isGood: true
        ),
        ChatCase(
            name: "no token in time: at its limit",
            outcome: .failure(.ttftTimeout, isTimeout: true),
            latency: .seconds(10),
            ttft: .seconds(10),
            availability: .ttftTimeout,
            latencyFinding: .ttftTimeout,
            ttftFinding: .ttftTimeout,
            inLatency: [1, 1],
            inTTFT: [1, 1],
            isCensored: true,
            isGood: false
        ),
        ChatCase(
            name: "stalled: the first token was real",
            outcome: .failure(.stalled, isTimeout: true),
            latency: .seconds(7),
            ttft: .milliseconds(100),
            availability: .stalled,
            latencyFinding: .stalled,
            ttftFinding: .stalled,
            inLatency: [1, 1],
            inTTFT: [1, 0],
            isGood: false
        ),
        ChatCase(
            name: "refused at once: in no percentile",
            outcome: .failure(.connectRefused, isTimeout: false),
            availability: .connectRefused,
            latencyFinding: .connectRefused,
            ttftFinding: .connectRefused,
            inLatency: [0, 0],
            inTTFT: [0, 0],
            isGood: false
        ),
        ChatCase(
            name: "throttled",
            outcome: .throttled(.rateLimited),
            inLatency: [0, 0],
            inTTFT: [0, 0],
            isGood: nil
        ),
        ChatCase(
            name: "misconfigured",
            outcome: .misconfigured(.auth),
            inLatency: [0, 0],
            inTTFT: [0, 0],
            isGood: nil
        ),
        ChatCase(
            name: "filtered",
            outcome: .inconclusive(.filtered),
            inLatency: [0, 0],
            inTTFT: [0, 0],
            isGood: nil
        ),
    ])
    func eachResultCountsWhereItSaysSomething(_ row: ChatCase) throws {
        var engine = engine()
        let result = end(1, from: 0, to: 12, row.outcome, latency: row.latency, ttft: row.ttft)
        feed([(0, start(1, at: 0)), (12, result)], to: &engine)
        #expect(findings(engine, .availability) == [row.availability].compactMap(\.self))
        #expect(findings(engine, .latency) == [row.latencyFinding].compactMap(\.self))
        #expect(findings(engine, .ttft) == [row.ttftFinding].compactMap(\.self))
        let latency = try #require(window(engine, .latency))
        let ttft = try #require(window(engine, .ttft))
        #expect(latency.counts == row.inLatency)
        #expect(ttft.counts == row.inTTFT)
        #expect(ttft.isCensored == row.isCensored)
        let track = engine.endpoints[0].tracks[0]
        #expect(track.goodInARow == (row.isGood == true ? 1 : 0))
        #expect(track.judged == (row.isGood == nil ? 0 : 1))
        #expect((track.detector.proof.value > 0) == (row.isGood == true))
    }

    @Test func threeIndicatorsShareTheBudget() {
        var chat = engine()
        var page = engine(.chat(mode: .health))
        let names = chat.snapshot(at: .seconds(0)).endpoints[0].indicators
        #expect(names.map(\.name.kind) == [.availability, .latency, .ttft, .quality])
        // Log10 of 0.98 times the probes of a year over four false failovers: errors have 43 % of them, the timed ones half of 22 %.
        #expect(names.map { $0.threshold.formatted(decimals: 2) } == ["6.56", "7.15", "7.15", "6.85"])
        let shallow = page.snapshot(at: .seconds(0)).endpoints[0].indicators
        #expect(shallow.map(\.name.kind) == [.availability])
        #expect(shallow.map { $0.threshold.formatted(decimals: 2) } == ["6.33"])
    }

    @Test func aPlainRuleCountsALateFirstTokenAsBad() {
        var engine = engine(rule: .consecutive(fall: 2, rise: 2))
        for index in 0..<2 {
            let at = Double(index) * 5
            let result = end(UInt64(index), from: at, to: at + 1, .success, latency: .seconds(1), ttft: .seconds(1))
            feed([(at + 1, result)], to: &engine)
        }
        #expect(engine.endpoints[0].verdict == .unhealthy)
        #expect(engine.endpoints[0].reason.code == .consecutiveFailures)
    }

    // MARK: - Before the end

    /// Its times count from a moment that the engine does not see.
    @Test func theClockOfTheEngineMakesNoChatOverdue() {
        var engine = engine()
        feed([(0, start(1, at: 0)), (20, .tick)], to: &engine)
        #expect(engine.endpoints[0].tracks[0].judged == 0)
        // Given up after 30 s and 5 s of grace.
        feed([(35, .tick), (36, end(1, from: 0, to: 36, .success, latency: .seconds(1)))], to: &engine)
        #expect(engine.endpoints[0].tracks[0].judged == 0)
        #expect(engine.endpoints[0].tracks[0].underWay.isEmpty)
    }

    @Test(
        arguments: [
            (.ttft, [], [.slow]), (.latency, [.slow], []),
        ] as [(IndicatorKind, [ReasonCode], [ReasonCode])]
    )
    func anOverdueChatIsSlowAtOnceAndOneSample(kind: IndicatorKind, latency: [ReasonCode], ttft: [ReasonCode]) {
        var engine = engine()
        feed([(0, start(1, at: 0)), (0.5, .overdue(key, AttemptID(1), kind))], to: &engine)
        #expect(findings(engine, .latency) == latency)
        #expect(findings(engine, .ttft) == ttft)
        #expect(engine.endpoints[0].tracks[0].judged == 1)
        #expect(engine.endpoints[0].tracks[0].goodInARow == 0)
        let after = engine.endpoints[0].tracks[0].detector.proof
        // Told again, the other one too late, and in the end.
        let again: [(Double, Input)] = [
            (0.6, .overdue(key, AttemptID(1), kind)),
            (5, end(1, from: 0, to: 5, .success, latency: .seconds(4), ttft: .seconds(1))),
            (5, .overdue(key, AttemptID(1), .ttft)),
            (6, .overdue(key, AttemptID(7), .latency)),
        ]
        feed(again, to: &engine)
        #expect(findings(engine, .latency) == [.slow])
        #expect(findings(engine, .ttft) == [.slow])
        #expect(engine.endpoints[0].tracks[0].judged == 1)
        #expect(engine.endpoints[0].tracks[0].detector.proof == after)
    }

    @Test(arguments: [IndicatorKind.availability, .quality, .ttft])
    func whatHasNoObjectiveIsNeverOverdue(kind: IndicatorKind) {
        var engine = engine(.chat(ttft: nil))
        feed([(0, start(1, at: 0)), (0.5, .overdue(key, AttemptID(1), kind))], to: &engine)
        #expect(engine.endpoints[0].tracks[0].judged == 0)
    }

    @Test(arguments: [
        Outcome.inconclusive(.localStalled), .throttled(.rateLimited), .misconfigured(.auth), .inconclusive(.filtered),
    ])
    func slownessOfWhatSaysNothingInTheEndIsTakenBack(outcome: Outcome) {
        var engine = engine()
        var quiet = engine
        let begin: [(Double, Input)] = [(0, start(1, at: 0))]
        let late: [(Double, Input)] = [
            (0.3, .overdue(key, AttemptID(1), .ttft)), (3, .overdue(key, AttemptID(1), .latency)),
        ]
        let conclusion: [(Double, Input)] = [(4, end(1, from: 0, to: 4, outcome))]
        feed(begin + late + conclusion, to: &engine)
        feed(begin + conclusion, to: &quiet)
        for kind in IndicatorKind.allCases {
            #expect(
                engine.endpoints[0].tracks[0].detector.evidence(for: kind)
                    == quiet.endpoints[0].tracks[0].detector.evidence(for: kind)
            )
            #expect(findings(engine, kind) == [])
        }
        #expect(engine.endpoints[0].tracks[0].judged == 0)
    }

    @Test(arguments: [Outcome.inconclusive(.localStalled), .throttled(.rateLimited)])
    func aConvictionByWhatSaysNothingIsTakenBack(outcome: Outcome) {
        var engine = engine(rule: .consecutive(fall: 1, rise: 3))
        for index in 0..<4 {
            let at = Double(index) * 5
            feed(
                [(at + 0.1, end(UInt64(index), from: at, to: at + 0.1, .success, ttft: .milliseconds(9)))],
                to: &engine
            )
        }
        feed([(20, start(9, at: 20)), (20.3, .overdue(key, AttemptID(9), .ttft))], to: &engine)
        #expect(engine.endpoints[0].verdict == .unhealthy)
        feed([(22, end(9, from: 20, to: 22, outcome))], to: &engine)
        #expect(engine.endpoints[0].isTripped == false)
        #expect(engine.endpoints[0].mustProve == false)
    }

    /// It was not streamed: that its first token was late is not known, and its whole is judged by its length.
    @Test(arguments: [(0.5, [ReasonCode](), 4), (3.5, [.slow], 0)])
    func aGoodAnswerWithoutAFirstTokenWasNotLate(length: Double, latency: [ReasonCode], goodInARow: Int) {
        var engine = engine()
        let late: [(Double, Input)] = (0..<4).flatMap { index -> [(Double, Input)] in
            let at = Double(index) * 10
            let attempt = UInt64(index)
            return [
                (at, start(attempt, at: at)), (at + 0.3, .overdue(key, AttemptID(attempt), .ttft)),
                (at + length, end(attempt, from: at, to: at + length, .success, latency: .seconds(length))),
            ]
        }
        feed(late, to: &engine)
        #expect(findings(engine, .ttft) == [])
        #expect(findings(engine, .latency).count(where: { $0 == .slow }) == latency.count * 4)
        #expect(engine.endpoints[0].tracks[0].judged == 4)
        #expect(engine.endpoints[0].tracks[0].goodInARow == goodInARow)
        #expect((engine.endpoints[0].tracks[0].detector.proof.value > 0) == (goodInARow > 0))
    }

    /// The second began later and is late first.
    @Test func lateTokensAreJudgedInTheOrderOfTheirStarts() {
        var engine = engine()
        let failure = Outcome.failure(.connectRefused, isTimeout: false)
        feed(
            [
                (0, start(1, at: 0)), (1, start(2, at: 1)), (1.3, .overdue(key, AttemptID(2), .ttft)),
            ],
            to: &engine
        )
        #expect(findings(engine, .ttft) == [])
        feed([(2, end(1, from: 0, to: 2, failure))], to: &engine)
        #expect(findings(engine, .ttft) == [.connectRefused, .slow])
        #expect(findings(engine, .availability) == [.connectRefused])
    }
}
