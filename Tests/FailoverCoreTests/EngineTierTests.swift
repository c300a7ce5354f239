import Testing

@testable import FailoverCore

@Suite("Deep and shallow probes")
struct EngineTierTests {
    private let up = World.Behaviour.isAskedCheaply(isUp: true)
    private let down = World.Behaviour.isAskedCheaply(isUp: false)

    private func world(_ configuration: Configuration = .chats(), for duration: Duration = .seconds(60)) -> World {
        var world = World(configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func tier(_ world: World, _ endpoint: Int = 0) -> EvidenceTier? { world.snapshot.endpoints[endpoint].tier }

    @Test func shallowSuccessesNeverProveAnEndpointWell() {
        var world = World(.chats(["us"]))
        world.set("us", to: up)
        world.run(for: .seconds(600))
        #expect(world.verdict(of: "us") == .unknown)
        let text = "only shallow probes so far, which prove nothing good: 0 of 3 samples"
        #expect(world.snapshot.endpoints[0].reason == Reason(.tooFewSamples, text))
        #expect(tier(world) == .shallow)
        let track = world.engine.endpoints[0].tracks[0]
        #expect(track.judged == 0 && track.goodInARow == 0 && track.detector.proof.value == 0)
        #expect(world.violations == [])
    }

    @Test func anEndpointThatIsOnlyAskedCheaplyIsUnknownOrUnhealthy() {
        var world = World(.chats(["us", "eu"], probes: [.chat(mode: .models)]))
        world.run(for: .seconds(60))
        #expect(world.verdict(of: "us") == .unknown)
        world.set("us", to: .fails)
        world.run(for: .seconds(60))
        #expect(world.verdict(of: "us") == .unhealthy)
        world.set("us", to: .good)
        world.run(for: .seconds(600))
        #expect(world.verdict(of: "us") == .unhealthy)
        #expect(world.active == "us" && world.route.mode == .failOpen)
        #expect(world.violations == [])
    }

    @Test func aDeepVerdictStaysWhileItIsOnlyKnownThatItLives() {
        var world = world()
        #expect(tier(world) == .deep)
        world.set("us", to: up)
        world.run(for: .seconds(30))
        #expect(tier(world) == .deep)
        world.run(for: .seconds(3600))
        #expect(tier(world) == .shallow)
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.events == [])
        #expect(world.violations == [])
    }

    @Test func nothingFreshIsNoTier() {
        var world = world()
        world.set("us", to: .inconclusive)
        world.run(for: .seconds(60))
        #expect(tier(world) == nil)
        #expect(world.verdict(of: "us") == .unknown)
    }

    @Test func shallowFailuresProveItDownAndShallowSuccessesUndoOnlyThem() {
        var world = world()
        world.scripts["us"] = [down, down, up, up, up, up, up]
        world.run(for: .seconds(10))
        let evidence = world.evidence(of: "us", .availability) ?? 0
        #expect(evidence > 3)
        #expect(world.evidence(of: "us", .latency) == 0 && world.evidence(of: "us", .ttft) == 0)
        world.run(for: .seconds(20))
        #expect((world.evidence(of: "us", .availability) ?? 9) < evidence)
        #expect(world.engine.endpoints[0].isEligible == false)
        world.run(for: .seconds(5))
        #expect(world.engine.endpoints[0].isEligible)
        world.set("us", to: down)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.route.reason.code == .availability)
        #expect(world.violations == [])
    }

    @Test func whatAChatProvedAShallowSuccessDoesNotUndo() {
        var world = world()
        world.scripts["us"] = [.fails, .fails, up, up, up, up, up]
        world.run(for: .seconds(10))
        let evidence = world.evidence(of: "us", .availability)
        world.run(for: .seconds(25))
        #expect(world.evidence(of: "us", .availability) == evidence)
        #expect(world.engine.endpoints[0].isEligible == false)
    }

    /// No tokens for hours, and the cheaper question fails now and then.
    @Test(arguments: [DecisionConfiguration.plain, DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2))])
    func shallowFailuresFarApartConvictNobody(decision: DecisionConfiguration) {
        var world = world(.chats(decision: decision))
        world.scripts["us"] = Array(repeating: [down] + Array(repeating: up, count: 99), count: 20).flatMap(\.self)
        world.run(for: .seconds(9000))
        #expect(world.active == "us" && world.verdict(of: "us") == .healthy)
        #expect(world.events.isEmpty)
        #expect(world.violations == [])
    }

    @Test(arguments: [DecisionConfiguration.plain, DecisionConfiguration(rule: .consecutive(fall: 3, rise: 2))])
    func whatOnlyShallowProbesConvictedTheyAcquit(decision: DecisionConfiguration) {
        var world = world(.chats(decision: decision))
        world.set("us", to: down)
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        world.set("us", to: up)
        #expect(world.run(limit: .seconds(300)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    /// A chat that failed in between is made up for by a chat.
    @Test func aFailedChatInBetweenOwesAGoodOne() {
        var world = world()
        world.set("us", to: down)
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        world.scripts["us"] = [.fails]
        world.set("us", to: up)
        world.run(for: .seconds(1200))
        #expect(world.verdict(of: "us") == .unhealthy)
        world.scripts["us"] = [.good]
        #expect(world.run(limit: .seconds(300)) { $0.verdict(of: "us") == .healthy })
        #expect(world.violations == [])
    }

    @Test func bothTiersCountAsErrors() {
        var world = world()
        world.scripts["us"] = [down, up, up]
        world.run(for: .seconds(15))
        let snapshot = world.snapshot
        guard case .availability(_, let counts) = snapshot.endpoints[0].indicators[0].window else { return }
        #expect(counts == SampleCounts(samples: 12, bad: 1, void: 0))
    }

    // MARK: - A cheaper question that is refused

    private let refused = World.Behaviour.isRefusedCheaply

    private func told(_ world: World) -> [ReasonCode] {
        world.events.filter { $0.kind == .misconfigured }.map(\.reason.code)
    }

    @Test(arguments: [false, true])
    func aCheaperQuestionThatWasNeverAnsweredSaysNothing(sharesTrafficCredential: Bool) {
        var world = world(.chats(probes: [.chat(sharesTrafficCredential: sharesTrafficCredential)]))
        world.set("us", to: refused)
        world.run(for: .seconds(1000))
        #expect(world.active == "us" && world.verdict(of: "us") == .healthy)
        #expect(world.evidence(of: "us", .availability) == 0)
        #expect(world.engine.endpoints[0].isEligible)
        #expect(told(world) == [.request])
        world.set("us", to: .good)
        world.run(for: .seconds(300))
        world.set("us", to: refused)
        world.run(for: .seconds(300))
        #expect(told(world) == [.request])
        world.set("us", to: up)
        world.run(for: .seconds(10))
        #expect(told(world) == [.request, .clear])
        #expect(world.violations == [])
    }

    @Test func aCheaperQuestionThatWasAnsweredBeforeConvictsWhereUsersAreRefusedToo() {
        var world = world(.chats(probes: [.chat(sharesTrafficCredential: true)]))
        world.scripts["us"] = [up]
        world.set("us", to: refused)
        world.run(for: .seconds(59))
        #expect(world.engine.endpoints[0].isEligible == false)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    /// Users get their answers all the while.
    @Test func aGoodChatInBetweenShowsThatUsersAreNotRefused() {
        var world = world(.chats(probes: [.chat(sharesTrafficCredential: true)]))
        world.scripts["us"] =
            [up] + Array(repeating: [refused, refused, refused, .good], count: 100).flatMap(\.self)
        world.run(for: .seconds(2000))
        #expect(world.active == "us" && world.verdict(of: "us") == .healthy)
        #expect(told(world).prefix(1) == [.request])
        #expect(world.violations == [])
    }

    @Test func aCandidateWhoseCheaperQuestionIsUnknownIsStillAWayOut() {
        var world = world(.chats(["us", "eu"]))
        world.set("eu", to: refused)
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func onlyDeepSuccessesAcquit() {
        var world = world()
        world.set("us", to: .hangs)
        #expect(world.run { $0.active == "eu" })
        world.set("us", to: up)
        world.run(for: .seconds(1200))
        #expect(world.verdict(of: "us") == .unhealthy)
        #expect(world.explanation(of: "us")?.recovery?.cleanProbesLeft == 22)
        world.set("us", to: .good)
        #expect(world.run(limit: .seconds(300)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func theOneWithDeepEvidenceIsAskedFirst() {
        var world = world()
        world.set("eu", to: up)
        world.run(for: .seconds(120))
        #expect(world.route.order == ["us", "ap", "eu"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    /// No tokens may be spent, and the active endpoint is dead: that the other one lives has to do.
    @Test func aCandidateThatMayOnlyBeAskedCheaplyIsStillAWayOut() {
        var world = world(.chats(["us", "eu"]))
        world.set("eu", to: up)
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func aCandidateThatDoesNotLiveIsNone() {
        var world = world(.chats(["us", "eu"]))
        world.confirmations["eu"] = down
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(120)) { $0.route.mode == .failOpen })
        #expect(world.active == "us")
        #expect(world.violations == [])
    }

    // MARK: - A page beside the chat

    private var both: Configuration {
        .chats(["us", "eu"], probes: [.chat("page", mode: .health), .chat("talk")])
    }

    private func track(_ world: World, _ name: ProbeName) -> ProbeTrack? {
        world.engine.endpoints[0].tracks.first { $0.key.probe == name }
    }

    @Test func aPageBesideTheChatHoldsNothingUp() {
        var world = world(both)
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.route.provisional == false)
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(120)) { $0.active == "eu" })
        // The chat confirmed, not the page.
        let asked = world.actions.compactMap { if case .probeNow(let key, .confirm) = $0 { key.probe } else { nil } }
        #expect(asked == ["talk"])
        world.set("us", to: .good)
        #expect(world.run(limit: .seconds(600)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test(arguments: [ReasonCode.unavailable, .loading])
    func aPageThatSaysNoMakesTheEndpointNoTarget(code: ReasonCode) {
        var engine = World(both).engine
        for (index, probe) in (Array(repeating: "talk", count: 6) + ["page"] as [ProbeName]).enumerated() {
            let at = MonotonicInstant.seconds(Double(index) * 5)
            let observation = Observation(
                key: ProbeKey(endpoint: "us", probe: probe),
                attempt: AttemptID(UInt64(index)),
                start: at,
                end: at,
                outcome: probe == "page" ? .failure(code, isTimeout: false) : .success,
                tier: probe == "page" ? .shallow : .deep
            )
            #expect(engine.endpoints[0].isEligible == (index >= 5))
            _ = engine.handle(.observed(observation), at: at)
        }
        #expect(engine.endpoints[0].verdict == .healthy)
        #expect(engine.endpoints[0].isEligible == false)
    }

    /// Faster probes of something that can only say no are of use while it says no.
    @Test func aPageThatAnswersAgainIsNotHurried() {
        let decision = DecisionConfiguration.evidence(confirm: .seconds(1))
        var world = World(.chats(["us"], probes: [.chat(mode: .models)], decision: decision))
        world.run(for: .seconds(60))
        world.forgetTold()
        world.scripts["us"] = [.fails]
        world.run(for: .seconds(60))
        #expect(world.told == [.interval("us", .seconds(1)), .interval("us", .seconds(5))])
        #expect(world.violations == [])
    }

    @Test func whatAPageProvedIsUndoneByTheChat() throws {
        var world = world(both)
        // In turn: the page, the chat.
        world.scripts["us"] = [.fails]
        world.run(for: .seconds(5))
        let suspicion = try #require(track(world, "page")).detector.fullness
        #expect(suspicion > 0)
        world.run(for: .seconds(3600))
        #expect(try #require(track(world, "page")).detector.fullness == 0)
        #expect(world.violations == [])
    }

    /// Users are served and the page is not: the page was configured to count, so it does, without coming and going.
    @Test func aPageThatStaysDownKeepsTheEndpointDown() {
        let alone = Configuration.chats(["us"], probes: [.chat("page", mode: .health), .chat("talk")])
        var engine = Engine(configuration: alone, memory: nil, at: .seconds(0))
        var verdicts: [Verdict] = []
        for index in 0..<400 {
            for (probe, outcome) in [
                ("page", Outcome.failure(.unavailable, isTimeout: false)),
                ("talk", index < 100 ? .failure(.empty, isTimeout: false) : .success),
            ] as [(ProbeName, Outcome)] {
                let at = MonotonicInstant.seconds(Double(index) * 5)
                let observation = Observation(
                    key: ProbeKey(endpoint: "us", probe: probe),
                    attempt: AttemptID(UInt64(index)),
                    start: at,
                    end: at,
                    outcome: outcome,
                    latency: .milliseconds(9),
                    ttft: .milliseconds(9),
                    tier: probe == "page" ? .shallow : .deep
                )
                for case .emit(let event) in engine.handle(.observed(observation), at: at) where event.kind == .verdict
                {
                    verdicts.append(engine.endpoints[0].verdict)
                }
            }
        }
        #expect(verdicts == [.degraded, .unhealthy])
    }
}
