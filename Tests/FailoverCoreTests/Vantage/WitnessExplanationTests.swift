import Testing

@testable import FailoverCore

@Suite("Who vouched, in explanations")
struct WitnessExplanationTests {
    private static let anchor = AnchorConfiguration.tcp()
    private static let source = WitnessExplanation.Source(name: "tcp://192.0.2.9:443", isAnchor: true, good: 5)

    private func endpoint(_ name: String, good: Int = 5) -> WitnessExplanation.Source {
        WitnessExplanation.Source(name: name, isAnchor: false, good: good)
    }

    @Test func aFailoverSaysWhoVouched() {
        var world = World.judged(Configuration.oneRoute().anchored(Self.anchor))
        #expect(world.explanation(of: "us")?.witness == nil)
        world.set("us", to: .fails)
        #expect(world.run { $0.active == "eu" })
        let failover = world.events.first { $0.kind == .failover }
        #expect(
            failover?.grounds?.witness
                // The third one was not asked since the newest bad probe began.
                == WitnessExplanation(.vouched, sources: [Self.source, endpoint("eu")])
        )
        #expect(world.explanation(of: "us")?.witness?.standing == .vouched)
        #expect(world.explanation(of: "eu")?.witness == nil)
    }

    @Test func failOpenSaysWhoVouched() {
        var world = World.judged(Configuration.oneRoute().anchored(Self.anchor))
        world.set("us", "eu", "ap", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        let stay = world.events.first { $0.kind == .failOpen }
        #expect(stay?.grounds?.witness == WitnessExplanation(.vouched, sources: [Self.source]))
    }

    /// They wait, and the ones that might have vouched are named with what they lack.
    @Test func withoutAWitnessItSaysWhoMightHaveBeenOne() {
        var world = World.judged()
        world.set("us", "eu", "ap", to: .fails)
        #expect(world.run(limit: .seconds(20)) { $0.explanation(of: "us")?.witness?.standing == .waiting })
        world.run(for: .seconds(5))
        #expect(
            world.explanation(of: "us")?.witness
                == WitnessExplanation(.waiting, sources: [endpoint("eu", good: 0), endpoint("ap", good: 0)])
        )
    }

    @Test func withOneEndpointAndNoAnchorNoneIsNeeded() {
        var world = World.judged(.oneRoute(["us"]))
        world.set("us", to: .fails)
        #expect(world.run(limit: .seconds(60)) { $0.route.mode == .failOpen })
        #expect(world.explanation(of: "us")?.witness == WitnessExplanation(.unneeded))
    }

    @Test func noMoreAreNamedThanFit() {
        let names = (0..<20).map { EndpointName(rawValue: "e\($0)") }
        var world = World.judged(.oneRoute(names))
        for name in names { world.set(name, to: .fails) }
        #expect(world.run(limit: .seconds(20)) { $0.explanation(of: "e0")?.witness?.standing == .waiting })
        #expect(world.explanation(of: "e0")?.witness?.sources.count == WitnessExplanation.maximumSources)
    }
}
