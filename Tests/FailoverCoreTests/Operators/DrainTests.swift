import Testing

@testable import FailoverCore

@Suite("Drains")
struct DrainTests {
    /// `us` and `us-b` share a region.
    private static func regions(_ decision: DecisionConfiguration = .plain) -> Configuration {
        let members: [EndpointName] = ["us", "us-b", "eu"]
        return Configuration(
            vantage: "here",
            endpoints: members.map { .simple($0, region: $0 == "eu" ? "europe" : "america") },
            routes: [RouteConfiguration(name: "chat", endpoints: members, decision: decision)],
            outputs: OutputConfiguration()
        )
    }

    @Test func aDrainedEndpointIsLeftOnceACandidateHasConfirmed() throws {
        var world = World.judged()
        world.order(.drain(.endpoint("us"), at: nil), reason: "new kernel")
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        #expect(world.kinds == [.drained, .drained])
        #expect(world.events.map(\.from) == [nil, "us"] && world.events.map(\.to) == [nil, "eu"])
        #expect(world.events.map(\.requester) == ["alice", "alice"])
        #expect(world.events.map(\.reason.text) == ["new kernel", "new kernel"])
        #expect(world.told.contains(.probeNow("eu")))
        #expect(world.route.reason == Reason(.drained, "us is drained by alice: new kernel"))
        #expect(world.route.order == ["eu", "ap"] && world.verdict(of: "us") == .healthy)
        #expect(world.violations == [])
    }

    /// The answer comes before the candidate has confirmed.
    @Test(arguments: [DrainTarget.endpoint("us"), .region("america")])
    func theReceiptSaysThatTheRouteIsLeaving(target: DrainTarget) {
        var world = World.judged(Self.regions())
        let receipt = world.order(.drain(target, at: nil))?.receipt
        #expect(receipt?.routes == [.init(name: "chat", active: "us", mode: .preferred, isLeaving: true)])
        #expect(world.run(limit: .seconds(2)) { $0.active != "us" })
        #expect(world.order(.drain(target, at: nil))?.receipt?.routes.map(\.isLeaving) == [false])
    }

    /// Nothing moves, and the receipt does not speak as if it did.
    @Test func theReceiptOfARouteThatIsOnlyObservedSaysSo() {
        let decision = DecisionConfiguration(rule: DecisionConfiguration.plain.rule, observe: true)
        var world = World.judged(Self.regions(decision))
        let receipt = world.order(.drain(.endpoint("us"), at: nil))?.receipt
        #expect(receipt?.routes == [.init(name: "chat", active: "us", mode: .preferred, wouldBeActive: "us")])
        world.run(for: .seconds(5))
        let pin = world.order(.pin("chat", to: "eu"))?.receipt
        #expect(pin?.routes == [.init(name: "chat", active: "us", mode: .preferred, wouldBeActive: "eu")])
    }

    /// What was drained did nothing wrong, and is back at once.
    @Test func anUndrainedPreferredEndpointReturnsAtOnce() {
        var world = World.judged()
        world.order(.drain(.endpoint("us"), at: nil))
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        world.run(for: .seconds(600))
        #expect(world.active == "eu")
        world.order(.undrain(.endpoint("us")))
        #expect(world.active == "us" && world.kinds == [.drained, .drained, .undrained, .failback])
        #expect(world.durable?.endpoints.map(\.penalty) == [0, 0, 0])
        #expect(world.violations == [])
    }

    @Test func anUndrainedEndpointThatTrippedProvesItselfFirst() {
        var world = World.judged()
        world.order(.drain(.endpoint("us"), at: nil))
        world.run(for: .seconds(5))
        world.set("us", to: .fails)
        world.run(for: .seconds(60))
        world.set("us", to: .good)
        world.order(.undrain(.endpoint("us")))
        world.run(for: .seconds(60))
        #expect(world.active == "eu")
        #expect(world.run(limit: .seconds(300)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func aDrainedStandbyIsNoTarget() {
        var world = World.judged()
        world.order(.drain(.endpoint("eu"), at: nil))
        #expect(world.route.order == ["us", "ap"] && world.active == "us")
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test(arguments: [false, true])
    func aCandidateThatIsDrainedWhileItIsAskedIsNotTaken(observe: Bool) {
        var world = World.judged(.oneRoute(decision: .evidence(observe: observe)))
        world.confirmations["eu"] = .answers(.milliseconds(900))
        world.set("us", to: .fails)
        #expect(world.run { if case .confirming = $0.engine.routes[0].phase { true } else { false } })
        world.order(.drain(.endpoint("eu"), at: nil))
        #expect(world.run { $0.route.wouldBeActive == "ap" })
        #expect(world.count(.failover) == 1 && world.active == (observe ? "us" : "ap"))
        #expect(world.violations == [])
    }

    @Test func aRegionIsDrainedWithAllItsEndpoints() throws {
        var world = World.judged(Self.regions())
        let receipt = try #require(world.order(.drain(.region("america"), at: nil))?.receipt)
        #expect(receipt.routes.map(\.name) == ["chat"])
        #expect(world.events.first.map { [$0.regionFrom?.rawValue, $0.endpoint?.rawValue] } == ["america", nil])
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        world.order(.undrain(.region("america")))
        #expect(world.active == "us")
        #expect(world.violations == [])
    }

    @Test func anEndpointThatIsDrainedTwiceIsUndrainedTwice() throws {
        var world = World.judged(Self.regions())
        world.order(.drain(.region("america"), at: nil))
        world.order(.drain(.endpoint("us"), at: nil))
        world.run(for: .seconds(5))
        let first = try #require(world.order(.undrain(.endpoint("us")))?.receipt)
        #expect(first.notes == ["us stays drained with region america, by alice: work"])
        #expect(world.active == "eu")
        let alone = try #require(world.order(.undrain(.endpoint("us")))?.refusal)
        #expect(
            alone
                == OperatorRefusal(
                    .conflict,
                    "us is drained with its region, by alice (work); undrain region america"
                )
        )
        world.order(.drain(.endpoint("us-b"), at: nil))
        let region = try #require(world.order(.undrain(.region("america")))?.receipt)
        #expect(region.notes == ["us-b stays drained itself, by alice: work"])
        #expect(world.active == "us" && world.route.order == ["us", "eu"])
        #expect(world.violations == [])
    }

    // MARK: - The last one

    @Test func theLastEligibleEndpointIsNotDrained() throws {
        var world = World.judged(.oneRoute(["us", "eu"]))
        world.set("eu", to: .fails)
        world.run(for: .seconds(60))
        let refusal = try #require(world.order(.drain(.endpoint("us"), at: nil))?.refusal)
        #expect(
            refusal
                == OperatorRefusal(
                    .conflict,
                    "draining us is refused unless it is forced",
                    objections: ["chat would have no eligible endpoint left: eu is unhealthy"]
                )
        )
        #expect(world.intents == [] && world.active == "us")
        // What is no place for traffic may be drained: nothing is lost.
        #expect(world.order(.drain(.endpoint("eu"), at: nil))?.receipt != nil)
        #expect(world.violations == [])
    }

    @Test func forcedItIsDrainedAndTrafficStaysUntilThereIsAPlace() throws {
        var world = World.judged(.oneRoute(["us", "eu"]))
        world.set("eu", to: .fails)
        world.run(for: .seconds(60))
        world.forgetTold()
        let receipt = try #require(world.order(.drain(.endpoint("us"), at: nil), force: true)?.receipt)
        #expect(receipt.notes == ["forced: chat would have no eligible endpoint left: eu is unhealthy"])
        #expect(world.kinds == [.drained, .failOpen] && world.active == "us" && world.route.mode == .failOpen)
        let why = "nobody can take over (eu unhealthy (availability)), and us is drained by alice: work"
        #expect(world.route.reason == Reason(.noHealthyEndpoint, why))
        world.set("eu", to: .good)
        #expect(world.run(limit: .seconds(300)) { $0.active == "eu" })
        #expect(world.kinds == [.drained, .failOpen, .drained])
        #expect(world.violations == [])
    }

    @Test func aPinnedEndpointIsDrainedOnlyByForceAndKeepsItsTraffic() throws {
        var world = World.judged()
        world.order(.pin("chat", to: "eu"), reason: "a test")
        let refusal = try #require(world.order(.drain(.endpoint("eu"), at: nil))?.refusal)
        #expect(refusal.objections == ["chat is pinned to eu by alice: a test"])
        world.order(.drain(.endpoint("eu"), at: nil), force: true)
        world.run(for: .seconds(60))
        #expect(world.active == "eu" && world.route.mode == .pinned)
        world.order(.unpin("chat"))
        #expect(world.run(limit: .seconds(2)) { $0.active == "us" })
        #expect(world.violations == [])
    }

    @Test func aPinToADrainedEndpointIsRefusedUnlessItIsForced() throws {
        var world = World.judged()
        world.order(.drain(.endpoint("ap"), at: nil))
        let refusal = try #require(world.order(.pin("chat", to: "ap"))?.refusal)
        #expect(
            refusal
                == OperatorRefusal(
                    .conflict,
                    "pinning chat to ap is refused unless it is forced",
                    objections: ["ap is drained by alice: work"]
                )
        )
        #expect(world.active == "us")
        world.order(.pin("chat", to: "ap"), force: true)
        #expect(world.active == "ap")
        #expect(world.violations == [])
    }

    // MARK: - Later

    @Test func aScheduledDrainBeginsWhenItIsTime() {
        var world = World.judged()
        let start = world.now + .seconds(600)
        world.order(.drain(.endpoint("us"), at: start), for: .seconds(300))
        #expect(world.intents.map(\.isBegun) == [false] && world.route.order == ["us", "eu", "ap"])
        #expect(world.events.map(\.reason) == [Reason(.drainScheduled, "begins in 10 min: work")])
        world.run(for: start - world.now - .seconds(1))
        #expect(world.active == "us")
        #expect(world.run(limit: .seconds(3)) { $0.active == "eu" })
        #expect(world.run(limit: .seconds(310)) { $0.active == "us" })
        #expect(world.kinds == [.drained, .drained, .drained, .expired, .failback])
        #expect(world.now - start >= .seconds(300) && world.now - start < .seconds(302))
        #expect(world.violations == [])
    }

    @Test func aScheduledDrainMayBeCalledOffOrBroughtForward() throws {
        var world = World.judged()
        world.order(.drain(.endpoint("us"), at: world.now + .seconds(600)))
        world.order(.undrain(.endpoint("us")))
        world.run(for: .seconds(700))
        #expect(world.active == "us" && world.kinds == [.drained, .undrained])
        world.order(.drain(.endpoint("us"), at: world.now + .seconds(600)))
        #expect(
            world.order(.drain(.endpoint("us"), at: nil))?.inShort
                == .stands(.endpoint("us"), isRenewed: true, isPersisted: true)
        )
        #expect(world.run(limit: .seconds(2)) { $0.active == "eu" })
        // Put off, traffic would come back in between.
        let refusal = try #require(world.order(.drain(.endpoint("us"), at: world.now + .seconds(600)))?.refusal)
        #expect(refusal.text == "us is drained already, by alice: work; undrain it first, or drain it now for longer")
        #expect(world.violations == [])
    }

    @Test func inObserveModeADrainMovesTheWishOnly() {
        var world = World.judged(.oneRoute(decision: .evidence(observe: true)))
        world.order(.drain(.endpoint("us"), at: nil))
        #expect(world.run(limit: .seconds(2)) { $0.route.wouldBeActive == "eu" })
        #expect(world.active == "us" && world.engine.generation == 1)
        world.order(.undrain(.endpoint("us")))
        #expect(world.route.wouldBeActive == "us")
        #expect(world.violations == [])
    }
}
