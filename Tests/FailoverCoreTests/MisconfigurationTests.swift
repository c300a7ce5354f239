import Testing

@testable import FailoverCore

@Suite("Refusals")
struct MisconfigurationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var hasWorked = true
        var sharesTrafficCredential = true
        /// When refusals come, in seconds.
        let refusals: [Double]
        let countAsFailure: [Bool]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Row(name: "three within a minute", refusals: [0, 5, 10, 59.9], countAsFailure: [false, false, false, false]),
        Row(name: "three over a minute", refusals: [0, 30, 60, 65], countAsFailure: [false, false, true, true]),
        Row(name: "two over a minute", refusals: [0, 60], countAsFailure: [false, false]),
        Row(name: "never worked", hasWorked: false, refusals: [0, 30, 90], countAsFailure: [false, false, false]),
        Row(
            name: "a credential of our own",
            sharesTrafficCredential: false,
            refusals: [0, 30, 90],
            countAsFailure: [false, false, false]
        ),
    ])
    func onlyALastingRefusalOfWhatWorkedForUsersToo(_ row: Row) {
        var watch = MisconfigurationWatch(
            reason: Reason(.misconfigured, ""),
            hasWorked: row.hasWorked,
            sharesTrafficCredential: row.sharesTrafficCredential,
            at: .seconds(row.refusals[0])
        )
        #expect(row.refusals.map { watch.refuse(at: .seconds($0)) } == row.countAsFailure)
    }

    private func watch(refusals: Int, sharesTrafficCredential: Bool = false) -> MisconfigurationWatch {
        var watch = MisconfigurationWatch(
            reason: Reason(.misconfigured, ""),
            hasWorked: false,
            sharesTrafficCredential: sharesTrafficCredential,
            at: .seconds(0)
        )
        for _ in 0..<refusals { _ = watch.refuse(at: .seconds(0)) }
        return watch
    }

    @Test func aMinuteOfSuccessesEndsIt() {
        var watch = watch(refusals: 1)
        #expect(watch.isRefused)
        #expect(watch.succeed(at: .seconds(5)) == false)
        #expect(watch.isRefused == false)
        #expect(watch.succeed(at: .seconds(64.9)) == false)
        #expect(watch.succeed(at: .seconds(65)) == true)
    }

    @Test func aSuccessBetweenStartsTheCountAgainAndShowsThatItWorks() {
        var watch = watch(refusals: 2, sharesTrafficCredential: true)
        #expect(watch.succeed(at: .seconds(60)) == false)
        let counted = [70, 100, 129.9, 130].map { watch.refuse(at: .seconds($0)) }
        #expect(counted == [false, false, false, true])
    }

    @Test func aFailureOfAnotherKindStartsTheCountAgain() {
        var watch = watch(refusals: 1, sharesTrafficCredential: true)
        _ = watch.succeed(at: .seconds(1))
        let before = [10, 40].map { watch.refuse(at: .seconds($0)) }
        watch.interrupt()
        #expect(watch.isRefused)
        let after = [70, 100, 129.9, 130].map { watch.refuse(at: .seconds($0)) }
        #expect(before + after == [false, false, false, false, false, true])
    }

    // MARK: - In the engine

    private func world(_ configuration: Configuration = .chats(), for duration: Duration = .seconds(60)) -> World {
        var world = World(configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func told(_ world: World) -> [ReasonCode] {
        world.events.filter { $0.kind == .misconfigured }.map(\.reason.code)
    }

    @Test func aRefusalHoldsTheVerdictAndIsToldOnce() {
        var world = world()
        world.set("us", to: .ends(.misconfigured(.auth)))
        world.run(for: .seconds(3600))
        #expect(world.active == "us" && world.verdict(of: "us") == .healthy)
        #expect(world.snapshot.endpoints[0].reason.code == .misconfigured)
        #expect(told(world) == [.auth])
        #expect(world.engine.endpoints[0].isEligible == false)
        world.set("us", to: .good)
        world.run(for: .seconds(10))
        #expect(world.engine.endpoints[0].isEligible)
        #expect(world.snapshot.endpoints[0].reason.code == .withinObjectives)
        #expect(told(world) == [.auth])
        world.run(for: .seconds(60))
        #expect(told(world) == [.auth, .clear])
        #expect(world.events.allSatisfy { $0.kind == .misconfigured })
        world.set("us", to: .ends(.misconfigured(.quota)))
        world.run(for: .seconds(30))
        #expect(told(world) == [.auth, .clear, .quota])
        #expect(world.violations == [])
    }

    /// Every second machine behind the name refuses us.
    @Test func aRefusalThatComesAndGoesIsToldOnce() {
        var world = world()
        world.scripts["us"] = Array(repeating: [.ends(.misconfigured(.auth)), .good], count: 100).flatMap(\.self)
        world.run(for: .seconds(1000))
        #expect(told(world) == [.auth])
        world.run(for: .seconds(70))
        #expect(told(world) == [.auth, .clear])
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.violations == [])
    }

    @Test func whatNeverSucceededIsUnknownAndSaysWhy() throws {
        var engine = Engine(configuration: .chats(["us"]), memory: nil, at: .seconds(0))
        var events: [Event] = []
        for index in 0..<100 {
            let at = MonotonicInstant.seconds(Double(index) * 5)
            let observation = Observation(
                key: ProbeKey(endpoint: "us"),
                attempt: AttemptID(UInt64(index)),
                start: at,
                end: at,
                outcome: .misconfigured(.model),
                detail: "there is no model m"
            )
            for case .emit(let event) in engine.handle(.observed(observation), at: at) { events.append(event) }
        }
        let text = "our own request or account is refused, so that nothing is concluded (model: there is no model m)"
        #expect(events.map(\.reason) == [Reason(.model, text)])
        #expect(engine.endpoints[0].verdict == .unknown)
        #expect(engine.endpoints[0].reason == Reason(.misconfigured, text))
    }

    @Test func aRefusalOfUsersToIsAFailureInTheEnd() {
        var world = world(.chats(probes: [.chat(sharesTrafficCredential: true)]))
        world.set("us", to: .ends(.misconfigured(.auth)))
        world.run(for: .seconds(59))
        #expect(world.evidence(of: "us", .availability) == 0)
        #expect(world.run(limit: .seconds(60)) { $0.active == "eu" })
        #expect(world.route.reason.text.hasSuffix("last bad probe: auth"))
        #expect(told(world) == [.auth])
        world.set("us", to: .good)
        #expect(world.run(limit: .seconds(300)) { $0.active == "us" })
        #expect(told(world) == [.auth, .clear])
        #expect(world.violations == [])
    }

    @Test func anEndpointThatRefusesUsIsNoTarget() {
        var world = world()
        world.set("eu", to: .ends(.misconfigured(.auth)))
        world.run(for: .seconds(10))
        #expect(world.route.order == ["us", "ap"])
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.violations == [])
    }

    @Test func fiveFilteredAnswersInARowAreToldOnceAndKeepTheEndpointAlive() {
        let filtered = World.Behaviour.ends(.inconclusive(.filtered))
        var world = world()
        world.scripts["us"] = [filtered, filtered, filtered, filtered, .good]
        world.run(for: .seconds(25))
        #expect(world.events == [])
        world.set("us", to: filtered)
        world.run(for: .seconds(600))
        let text = "a filter refuses the probe again and again: change the prompt"
        #expect(world.events.map(\.reason) == [Reason(.filtered, text)])
        #expect(world.events.map(\.kind) == [.misconfigured])
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.violations == [])
    }

    @Test func aProbeThatCannotBeMadeIsToldOnceAnHourAndShownAsTheReason() {
        let defect = World.Behaviour.ends(.inconclusive(.localConfiguration))
        let text = "the probe cannot be made: it cannot work as configured"
        var world = world()
        world.set("us", to: defect)
        world.run(for: .seconds(3000))
        #expect(world.events.filter { $0.kind == .misconfigured }.map(\.reason) == [Reason(.localConfiguration, text)])
        #expect(world.verdict(of: "us") == .unknown)
        #expect(world.snapshot.endpoints[0].reason == Reason(.localConfiguration, text))
        #expect(world.route.active == "us")
        world.run(for: .seconds(3000))
        world.set("us", to: .good)
        world.run(for: .seconds(60))
        #expect(
            world.events.filter { $0.kind == .misconfigured }.map(\.reason) == [
                Reason(.localConfiguration, text), Reason(.localConfiguration, text),
                Reason(.clear, "the probe can be made again"),
            ]
        )
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.violations == [])
    }
}
