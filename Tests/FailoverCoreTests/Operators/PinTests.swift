import Testing

@testable import FailoverCore

@Suite("Pins")
struct PinTests {
    @Test func aPinMovesTrafficAtOnceAndDurably() throws {
        var world = World.judged()
        let start = world.now
        let answer = try #require(world.order(.pin("chat", to: "ap"), reason: "new kernel in us")?.receipt)
        let pin = OperatorIntent(
            kind: .pin("chat", to: "ap"),
            by: "alice",
            reason: "new kernel in us",
            since: start,
            until: start + .seconds(4 * 3600)
        )
        #expect(
            answer
                == OperatorReceipt(
                    intent: pin,
                    stands: true,
                    generation: 2,
                    routes: [.init(name: "chat", active: "ap", mode: .pinned)]
                )
        )
        #expect(
            world.told == [
                .persist(["ap"], 2), .publish(["us"], 1, isPersisted: true), .event(.pinned, from: "us", to: "ap", 2),
                .publish(["ap"], 2, isPersisted: true),
            ]
        )
        let event = try #require(world.events.last)
        #expect(
            [event.requester, event.reason.code.rawValue, event.reason.text] == ["alice", "pinned", "new kernel in us"]
        )
        #expect(event.grounds == nil)
        #expect(world.route.reason == Reason(.pinned, "pinned by alice: new kernel in us"))
        #expect(world.durable?.intents == [pin])
        #expect(world.violations == [])
    }

    @Test func aPinHoldsWhateverTheVerdict() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"))
        world.set("eu", to: .fails)
        world.run(for: .seconds(600))
        #expect(world.active == "eu" && world.verdict(of: "eu") == .unhealthy && world.route.mode == .pinned)
        #expect(world.kinds == [.pinned])
        #expect(world.violations == [])
    }

    /// Where a pin finds its endpoint at work, nothing moves, and it is told all the same.
    @Test func aPinToTheActiveEndpointMovesNothing() {
        var world = World.judged()
        let answer = world.order(.pin("chat", to: "us"))?.inShort
        #expect(answer == .stands(.route("chat"), isRenewed: false, isPersisted: true))
        #expect(world.engine.generation == 1 && world.route.mode == .pinned)
        #expect(world.events.map { [$0.kind.rawValue, $0.endpoint?.rawValue] } == [["pinned", "us"]])
        #expect(world.violations == [])
    }

    @Test func theSamePinAgainRenewsIt() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"), for: .seconds(60))
        world.run(for: .seconds(30))
        let answer = world.order(.pin("chat", to: "eu"), reason: "longer", for: .seconds(60))?.inShort
        #expect(answer == .stands(.route("chat"), isRenewed: true, isPersisted: true))
        world.run(for: .seconds(50))
        #expect(world.route.mode == .pinned && world.engine.generation == 2)
        #expect(world.intents.map(\.reason) == ["longer"])
        #expect(world.violations == [])
    }

    @Test func anotherPinOfTheRouteTakesItsPlace() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"))
        world.order(.pin("chat", to: "ap"))
        #expect(world.active == "ap" && world.engine.generation == 3)
        #expect(world.intents.map(\.kind) == [.pin("chat", to: "ap")])
        #expect(world.violations == [])
    }

    @Test func aPinEndsAnEndpointsConfirmation() {
        var world = World.judged()
        world.confirmations["eu"] = .isForgotten
        world.set("us", to: .fails)
        #expect(world.run { if case .confirming = $0.engine.routes[0].phase { true } else { false } })
        world.order(.pin("chat", to: "us"))
        world.run(for: .seconds(120))
        #expect(world.active == "us" && world.count(.failover) == 0)
        #expect(world.violations == [])
    }

    /// A move that waits for the disk is dropped when an operator wants something else.
    @Test func aPinIsStrongerThanAMoveThatWaitsForTheDisk() {
        var world = World.judged()
        world.disk = .answers(.seconds(1))
        world.set("us", to: .fails)
        #expect(world.run { $0.engine.persistence.pending != nil })
        world.order(.pin("chat", to: "us"))
        world.run(for: .seconds(120))
        #expect(world.active == "us" && world.count(.failover) == 0 && world.engine.generation == 1)
        #expect(world.durable?.routes.map(\.active) == ["us"])
        #expect(world.violations == [])
    }

    /// Readers are told that it is stuck until the moment that it is not.
    @Test func aRouteThatIsStuckIsSoUntilItsPinIsOnTheDisk() {
        var world = World.judged()
        world.order(.freeze)
        world.set("us", to: .fails)
        #expect(world.run { $0.engine.routes[0].impasse != nil })
        world.disk = .answers(.seconds(1))
        world.handle(.command(OperatorCommand(ticket: 9, order: .pin("chat", to: "eu"), by: "bob", reason: "r")))
        #expect(world.active == "us" && world.route.mode == .held)
        #expect(world.run(limit: .seconds(3)) { $0.active == "eu" && $0.route.mode == .pinned })
        #expect(world.violations == [])
    }

    @Test(arguments: [World.Disk.fails, .isSilent])
    func aPinIsCarriedOutThoughTheDiskFails(disk: World.Disk) {
        var world = World.judged()
        world.disk = disk
        let answer = world.order(.pin("chat", to: "eu"))?.inShort
        #expect(answer == .stands(.route("chat"), isRenewed: false, isPersisted: false))
        #expect(world.active == "eu" && !world.snapshot.persisted)
        #expect(world.violations == [])
    }

    /// What is known to fail is not waited for.
    @Test func aPinIsCarriedOutAtOnceWhereTheDiskIsKnownToFail() {
        var world = World.judged()
        world.disk = .fails
        world.order(.pin("chat", to: "eu"))
        world.handle(.command(OperatorCommand(ticket: 9, order: .pin("chat", to: "ap"), by: "bob", reason: "r")))
        #expect(world.active == "ap" && !world.snapshot.persisted)
        world.disk = .good
        #expect(world.run(limit: .seconds(10)) { $0.snapshot.persisted })
        #expect(world.durable?.routes.map(\.active) == ["ap"] && world.durable?.intents.map(\.by) == ["bob"])
        #expect(world.violations == [])
    }

    // MARK: - Afterwards

    @Test func afterAPinThePreferredEndpointReturnsIfItHasNothingToProve() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"))
        world.run(for: .seconds(60))
        world.forgetTold()
        let answer = world.order(.unpin("chat"), reason: nil)?.inShort
        #expect(answer == .lifted(.route("chat"), isPersisted: true))
        #expect(world.kinds == [.unpinned, .failback] && world.active == "us")
        #expect(world.events[0].reason == Reason(.unpinned, "the pin of chat to eu is lifted"))
        #expect(world.events[1].reason.text == "us is preferred, and nothing speaks against it")
        #expect(world.violations == [])
    }

    @Test func theEndOfAPinMovesNothingByItself() {
        var world = World.judged(.oneRoute(decision: .evidence(failback: .manual)))
        world.order(.pin("chat", to: "eu"))
        world.order(.unpin("chat"))
        world.run(for: .seconds(120))
        #expect(world.active == "eu" && world.route.mode == .failover && world.kinds == [.pinned, .unpinned])
        #expect(world.violations == [])
    }

    @Test func anEndpointThatTrippedMeanwhileHasToProveItselfFirst() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"))
        world.set("us", to: .fails)
        world.run(for: .seconds(60))
        world.set("us", to: .good)
        world.order(.unpin("chat"))
        world.run(for: .seconds(60))
        #expect(world.active == "eu")
        #expect(world.run(limit: .seconds(300)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func aPinnedEndpointThatIsBadIsLeftAsSoonAsThePinEnds() {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"), for: .seconds(120))
        world.set("eu", to: .fails)
        #expect(world.run(limit: .seconds(130)) { $0.active == "us" })
        #expect(world.kinds == [.pinned, .expired, .failover])
        let reason = world.events.first { $0.kind == .expired }?.reason
        #expect(reason == Reason(.expired, "the pin of chat to eu by alice (work) has expired"))
        #expect(world.violations == [])
    }

    /// Operators may move as often as they like, and it costs the rule none of its moves.
    @Test func operatorsMovesAreNotCounted() {
        var world = World.judged(.oneRoute(decision: .evidence(limit: 1)))
        for endpoint in ["eu", "ap", "us", "ap", "us"] as [EndpointName] { world.order(.pin("chat", to: endpoint)) }
        #expect(world.active == "us" && world.engine.routes[0].moves == [])
        #expect(world.durable?.routes.map(\.moves) == [[]])
        world.order(.unpin("chat"))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func inObserveModeAPinMovesTheWishOnly() {
        var world = World.judged(.oneRoute(decision: .evidence(observe: true)))
        world.order(.pin("chat", to: "ap"))
        #expect(world.active == "us" && world.route.wouldBeActive == "ap" && world.route.mode == .preferred)
        #expect(world.events.map { [$0.kind.rawValue, "\($0.dryRun)"] } == [["pinned", "true"]])
        #expect(world.engine.generation == 1)
        world.order(.unpin("chat"))
        #expect(world.route.wouldBeActive == "us")
        #expect(world.violations == [])
    }
}
