import Testing

@testable import FailoverCore

@Suite("Quality, identity and spend")
struct QualityTests {
    private func watch(_ rule: RuleConfiguration = .evidence(.balanced)) -> QualityWatch {
        QualityWatch(rule: rule, probe: .tcp(), probes: 1)
    }

    /// What is told of which answer: `p` poor, `.` good.
    @Test(
        arguments: [
            ("p....p...", []), ("ppp", [(2, ReasonCode.quality)]), ("ppppppppp", [(2, .quality)]),
        ] as [(String, [(Int, ReasonCode)])]
    )
    func itIsToldWhenItBegins(answers: String, told: [(Int, ReasonCode)]) {
        var watch = watch()
        var said: [(Int, ReasonCode)] = []
        for (index, answer) in answers.enumerated() {
            let now = MonotonicInstant.seconds(Double(index) * 5)
            let poor = answer == "p" ? Reason(.quality, "no OK in it") : nil
            if let news = watch.record(poor, start: now, at: now) { said.append((index, news.code)) }
        }
        #expect(said.map(\.0) == told.map(\.0))
        #expect(said.map(\.1) == told.map(\.1))
        #expect(watch.isPoor == !told.isEmpty)
    }

    @Test func itIsToldOnceWhenItEndsAndTheEndIsHarderToReachThanTheBegin() throws {
        var watch = watch(.consecutive(fall: 3, rise: 2))
        var told: [ReasonCode] = []
        var poorUntil = 0
        for index in 0..<2000 {
            let now = MonotonicInstant.seconds(Double(index) * 5)
            let poor = index < 4 ? Reason(.quality, "no OK in it") : nil
            if let news = watch.record(poor, start: now, at: now) { told.append(news.code) }
            if watch.isPoor { poorUntil = index }
            if told.count == 1, !watch.isPoor { #expect(index > poorUntil) }
        }
        #expect(told == [.quality, .clear])
        let snapshot = watch.snapshot(of: "short", at: .seconds(9995))
        #expect(snapshot.name.description == "short.quality")
        // A quarter of an hour.
        #expect(snapshot.window == .quality(counts: SampleCounts(samples: 180, bad: 0, void: 0)))
        // Log10 of 0.98 times the probes of a year, divided by four false failovers of which outages have 22 %.
        #expect(abs(snapshot.threshold - 6.847) < 0.001)
    }

    @Test func poorAnswersRankBehindAndMoveNothing() {
        var world = World(.chats())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.set("us", "eu", to: .answersPoorly)
        world.run(for: .seconds(600))
        #expect(world.active == "us" && world.verdict(of: "us") == .degraded)
        let reason = world.snapshot.endpoints[0].reason
        #expect(reason.code == .quality && reason.text.hasSuffix("last: no OK in it"))
        #expect(world.route.order == ["us", "ap", "eu"])
        #expect(world.events.filter { $0.kind == .quality }.map(\.reason.code) == [.quality, .quality])
        #expect(world.count(.failover) == 0)
        for kind in [IndicatorKind.availability, .latency, .ttft] { #expect(world.evidence(of: "us", kind) == 0) }
        #expect(world.explanation(of: "us")?.indicators.map(\.name.kind) == [.availability, .latency, .ttft, .quality])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test func anIncompleteAnswerSaysNothingAboutQuality() throws {
        var world = World(.chats(["us"]))
        world.set("us", to: .fails)
        world.run(for: .seconds(60))
        let quality = try #require(world.snapshot.endpoints[0].indicators.first { $0.name.kind == .quality })
        #expect(quality.window == .quality(counts: SampleCounts(samples: 0, bad: 0, void: 0)))
    }

    // MARK: - Identity

    /// One name a minute, and the answers (from 0) that are told.
    @Test(
        arguments: [
            ("aaaa", []), ("aabb", [2]), ("abc", [1, 2]), ("ab" + String(repeating: "ab", count: 29), [1]),
            ("abcdefgh", [1, 2, 3, 4]),
            (String(repeating: "ab", count: 65), [1, 62, 123]),
            // The first one is back after a minute: told as soon as the hour is over.
            ("ab" + String(repeating: "a", count: 70), [1, 61]),
        ] as [(String, [Int])]
    )
    func aChangeIsToldAndATurnIsNot(names: String, told: [Int]) {
        var watch = IdentityWatch()
        let said = names.enumerated().compactMap { index, name in
            watch.see(String(name), at: .seconds(Double(index) * 60)).map { _ in index }
        }
        #expect(said == told)
    }

    private func answer(_ attempt: UInt64, model: String?, fingerprint: String?) -> Input {
        let at = MonotonicInstant.seconds(Double(attempt) * 5)
        return .observed(
            Observation(
                key: ProbeKey(endpoint: "us", probe: "short"),
                attempt: AttemptID(attempt),
                start: at,
                end: at,
                outcome: .success,
                latency: .milliseconds(9),
                ttft: .milliseconds(9),
                chat: ChatReport(model: model, fingerprint: fingerprint)
            )
        )
    }

    @Test func anotherModelAndAnotherBuildAreTold() throws {
        var engine = Engine(configuration: .chats(["us"], probes: [.chat("short")]), memory: nil, at: .seconds(0))
        var told: [Reason] = []
        let answers = [("m1", "f1"), ("m1", "f1"), (nil, nil), ("m2", "f1"), ("m2", "f2")] as [(String?, String?)]
        for (index, (model, fingerprint)) in answers.enumerated() {
            let input = answer(UInt64(index), model: model, fingerprint: fingerprint)
            for case .emit(let event) in engine.handle(input, at: .seconds(Double(index) * 5))
            where event.kind == .quality {
                told.append(event.reason)
            }
        }
        #expect(
            told == [
                Reason(.modelChanged, "short: m2 answers, before it was m1"),
                Reason(.fingerprintChanged, "short: another build answers: f2, before it was f1"),
            ]
        )
        let chats = engine.snapshot(at: .seconds(20)).endpoints[0].chats
        #expect(chats == [ChatSnapshot(probe: "short", report: ChatReport(model: "m2", fingerprint: "f2"))])
    }

    // MARK: - Spend

    private func report(_ news: Reason? = nil, endpoint: EndpointName = "us") -> SpendReport {
        SpendReport(
            endpoint: endpoint,
            day: 20_000,
            cost: Money(picos: 5),
            tokens: 41,
            cap: SpendCap(tokens: 1000),
            pace: .slower,
            news: news
        )
    }

    @Test func whatIsSpentIsKeptAndOnlyNewsAreTold() {
        var world = World(.chats())
        world.run(for: .seconds(60))
        world.forgetTold()
        world.handle(.spent(report(endpoint: "mars")))
        world.handle(.spent(report()))
        #expect(world.told == [])
        #expect(world.snapshot.endpoints.map(\.spend) == [report(), nil, nil])
        let news = Reason(.spendSlower, "probes are further apart")
        world.handle(.spent(report(news)))
        #expect(world.events.map(\.kind) == [.spend])
        #expect(world.events.map(\.reason) == [news])
        #expect(world.events.map(\.endpoint) == ["us"])
        // What is spent is spent, also for an endpoint that is asked something else now.
        world.reload(.chats(probes: [.chat(latency: .seconds(1))]))
        #expect(world.snapshot.endpoints[0].spend == report(news))
        #expect(world.violations == [])
    }
}
