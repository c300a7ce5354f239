import Testing

@testable import FailoverCore

@Suite("A failure counts only with a clean witness")
struct WitnessTests {
    private static let anchor = AnchorConfiguration.tcp()

    private func world(_ configuration: Configuration = .oneRoute(), for duration: Duration = .seconds(60)) -> World {
        var world = World(configuration)
        world.run(for: duration)
        world.forgetTold()
        return world
    }

    private func counts(_ world: World, _ endpoint: Int = 0) -> SampleCounts? {
        guard case .availability(_, let counts) = world.snapshot.endpoints[endpoint].indicators.first?.window else {
            return nil
        }
        return counts
    }

    // MARK: - Asking

    @Test func theFirstBadSampleAsksTheBestStandbyAtOnceAndCostsARoundTrip() {
        var world = world()
        world.set("us", to: .fails)
        // Starts at 60.1 s and is refused a millisecond later.
        world.run(for: .milliseconds(101))
        #expect(world.questions == ["eu"])
        #expect(world.evidence(of: "us", .availability) == 0)
        world.run(for: .milliseconds(49))
        #expect(world.evidence(of: "us", .availability) == 0)
        world.run(for: .milliseconds(1))
        #expect((world.evidence(of: "us", .availability) ?? 0) > 2.5)
        #expect(world.questions == ["eu"])
        #expect(world.violations == [])
    }

    @Test func anAnchorIsAskedBeforeAStandby() {
        var world = world(Configuration.oneRoute().anchored(Self.anchor))
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(Set(world.questions) == [Self.anchor.name])
        #expect(world.violations == [])
    }

    @Test func chatsThatCostTokensAreAskedLast() {
        let chats = Configuration.chats(["us", "eu"])
        let cheap = EndpointConfiguration.simple("ap")
        let route = RouteConfiguration(name: "chat", endpoints: ["us", "eu", "ap"], decision: .plain)
        let configuration = Configuration(
            vantage: "here",
            endpoints: chats.endpoints + [cheap],
            routes: [route],
            outputs: chats.outputs
        )
        var world = world(configuration)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        #expect(Set(world.questions) == ["ap"])
        #expect(world.violations == [])
    }

    @Test func anotherOneIsAskedWhenTheFirstFailsToo() {
        var world = world()
        world.set("us", "eu", to: .fails)
        #expect(world.run { $0.active == "ap" })
        #expect(world.questions.contains("eu") && world.questions.contains("ap"))
        #expect(world.count(.vantage) == 0)
        #expect(world.violations == [])
    }

    @Test func nobodyIsAskedForAnEndpointThatIsUnhealthyAnyway() {
        var world = world()
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        world.forgetTold()
        world.run(for: .seconds(600))
        #expect(world.questions == [])
        #expect(world.verdict(of: "us") == .unhealthy)
    }

    /// With and without the veto, on virtual time.
    @Test(arguments: [Preset.fast, .balanced, .cautious], [World.Behaviour.fails, .hangs])
    func aRealOutageOfOneEndpointCostsAboutARoundTripMore(preset: Preset, fault: World.Behaviour) {
        func delay(needsWitness: Bool) -> Duration? {
            var world = World(.oneRoute(decision: .evidence(preset, confirm: .seconds(1))))
            if !needsWitness {
                for index in world.engine.endpoints.indices {
                    world.engine.endpoints[index].tracks[0].doubt.needsWitness = false
                }
            }
            world.run(for: .seconds(120))
            let begin = world.now
            world.set("us", to: fault)
            guard world.run(limit: .seconds(300), until: { $0.active == "eu" }) else { return nil }
            #expect(world.violations == [])
            return world.now - begin
        }
        let with = delay(needsWitness: true)
        let without = delay(needsWitness: false)
        #expect(with != nil && without != nil)
        guard let with, let without else { return }
        // A round trip is 50 ms here; the probes of a suspect come faster from the moment that the first bad one counts.
        #expect(with - without <= .milliseconds(110), "\(with) instead of \(without)")
    }

    /// Everything fails at once, and nobody is asked again and again.
    @Test func anOutageOfOursIsNoStormOfQuestions() {
        let names = (0..<40).map { EndpointName(rawValue: "e\($0)") }
        var world = World(.oneRoute(names))
        world.run(for: .seconds(100))
        world.forgetTold()
        for name in names { world.set(name, to: .fails) }
        world.run(for: .seconds(600))
        #expect(world.snapshot.vantage.state == .suspect)
        #expect((1...20).contains(world.questions.count), "\(world.questions.count)")
        #expect(world.engine.deadlines.count < 300)
        #expect(world.violations == [])
    }

    // MARK: - Vetoes

    @Test func withoutACleanWitnessASampleIsVoidAndEverythingBehindItWaits() {
        var world = world(.oneRoute(["us", "eu"]))
        // Broken, but not so far that anything is known of it.
        world.scripts["eu"] = [.fails]
        world.run(for: .seconds(3))
        world.scripts["us"] = [.fails]
        world.run(for: .seconds(3))
        #expect(world.evidence(of: "us", .availability) == 0)
        let before = counts(world)
        world.run(for: .seconds(7))
        #expect(world.evidence(of: "us", .availability) == 0)
        let after = counts(world)
        #expect(before?.void == 0 && after?.void == 1 && after?.bad == 0)
        #expect(world.snapshot.vantage.state == .clear)
        #expect(world.verdict(of: "us") == .healthy)
        #expect(world.violations == [])
    }

    @Test func samplesKeepTheOrderOfTheirStarts() {
        var world = world(.oneRoute(["us", "eu"], probe: .tcp(objective: nil)))
        world.scripts["eu"] = [.hangs, .hangs]
        world.scripts["us"] = [.fails, .good, .fails, .good]
        world.run(for: .seconds(90))
        let steps = world.explanation(of: "us")?.indicators[0].steps ?? []
        #expect(steps.map(\.start) == steps.map(\.start).sorted())
        #expect(world.violations == [])
    }

    /// Its own judgement before its end is vetoed like any other.
    @Test func slownessBeforeTheEndNeedsAWitnessToo() {
        var world = world(.oneRoute(["us", "eu"]))
        world.set("us", "eu", to: .answers(.seconds(2)))
        world.run(for: .seconds(120))
        #expect(world.evidence(of: "us", .latency) == 0)
        #expect(world.evidence(of: "eu", .latency) == 0)
        #expect(world.active == "us" && world.engine.generation == 1)
        #expect(world.violations == [])
    }

    @Test func whatCountsNowhereStaysSilentSoThatItBecomesUnknown() {
        var world = world()
        world.set("us", "eu", "ap", to: .fails)
        world.run(for: .seconds(60))
        #expect(world.snapshot.endpoints.map(\.verdict) == [.unknown, .unknown, .unknown])
        #expect(world.violations == [])
    }

    // MARK: - Without witnesses, and with few

    @Test func withOneEndpointAndNoAnchorTheVetoIsOffAndSaysSo() {
        var world = World(.oneRoute(["us"]))
        #expect(world.events.map(\.reason.text).joined().contains(Configuration.noWitnessText))
        world.run(for: .seconds(60))
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        #expect(world.questions == [])
    }

    @Test func withOneEndpointAnAnchorWitnesses() {
        var world = World(Configuration.oneRoute(["us"]).anchored(Self.anchor))
        #expect(world.events.map(\.reason.text) == ["watching 1 endpoint for 1 route"])
        world.run(for: .seconds(60))
        world.set("us", Self.anchor.name, to: .fails)
        world.run(for: .seconds(120))
        #expect(world.route.mode == .held)
        world.set(Self.anchor.name, to: .good)
        #expect(world.run(limit: .seconds(120)) { $0.route.mode == .failOpen })
        #expect(world.violations == [])
    }

    /// A daemon that starts into an outage: the witnesses have to get their five good probes first.
    @Test(arguments: [Duration.seconds(1), .seconds(5), .seconds(20)])
    func anOutageAtTheStartIsLeftWithinABoundedTime(interval: Duration) {
        var world = World(.oneRoute(probe: .tcp(interval: interval), decision: .evidence(confirm: interval)))
        world.set("us", to: .fails)
        // Five probes of a target, and those of the preset after the first counts.
        let bound = interval * 5 + .seconds(30) + interval * 4
        #expect(world.run(limit: bound) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    /// Nobody can be asked, and the only witness is probed once a minute.
    @Test func aWitnessThatIsProbedRarelyIsWaitedFor() {
        let slow = EndpointConfiguration.simple("eu", probes: [.tcp(interval: .seconds(60))])
        let configuration = Configuration(
            vantage: "here",
            endpoints: [.simple("us"), slow],
            routes: [RouteConfiguration(name: "chat", endpoints: ["us", "eu"], decision: .plain)],
            outputs: OutputConfiguration()
        )
        var world = world(configuration, for: .seconds(420))
        world.answersQuestions = false
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(180)) { $0.active == "eu" })
        #expect(world.violations == [])
    }

    @Test func aReloadKeepsWhatWitnessesShowedAndWhatWaits() {
        var world = world()
        world.set("us", to: .fails)
        world.answersQuestions = false
        world.run(for: .milliseconds(200))
        #expect(world.engine.endpoints[0].tracks[0].isInDoubt)
        world.reload(Configuration.oneRoute().anchored(Self.anchor))
        #expect(world.engine.endpoints[0].tracks[0].isInDoubt)
        world.run(for: .seconds(3))
        #expect((world.evidence(of: "us", .availability) ?? 0) > 2.5)
        world.reload(.oneRoute(["us"]))
        #expect(world.engine.endpoints[0].tracks[0].isInDoubt == false)
        #expect(world.violations == [])
    }
}
