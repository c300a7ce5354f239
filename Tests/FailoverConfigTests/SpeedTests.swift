import FailoverConfig
import FailoverCore
import Testing

@Suite("Lowest-latency routes in the configuration")
struct SpeedTests {
    private static func yaml(_ route: String, interval: String = "5s", type: String = "http") -> String {
        let chat = type == "openai-chat" ? ", model: m" : ""
        return """
            version: 1
            defaults: { probe: { type: \(type)\(chat), slo: { latency: { p99: 1s } } } }
            endpoints:
              a: { region: r, url: "http://127.0.0.1/a" }
              b: { region: r, url: "http://127.0.0.1/b", probe: { interval: \(interval) } }
            routes:
              chat: { policy: lowest-latency, endpoints: [a, b]\(route) }
            """
    }

    struct Case: Sendable {
        let route: String
        let interval: String
        let speed: SpeedConfiguration
    }

    static let cases: [Case] = [
        Case(route: "", interval: "5s", speed: SpeedConfiguration()),
        // Thirty probes of the rarest.
        Case(route: "", interval: "60s", speed: SpeedConfiguration(window: .seconds(1800))),
        Case(
            route: ", speed: { margin: 30%, min_margin: 0s, window: 5m, dwell: 1h }",
            interval: "15s",
            speed: SpeedConfiguration(
                margin: Ratio(0.3),
                minimumMargin: .zero,
                window: .seconds(300),
                dwell: .seconds(3600)
            )
        ),
    ]

    @Test(arguments: cases)
    func speedIsReadAndReadBack(example: Case) throws {
        let configuration = try load(Self.yaml(example.route, interval: example.interval)).configuration
        let route = configuration.routes[0]
        #expect(route.speed == example.speed)
        #expect(route.endpoints == ["a", "b"] && route.ranks == [0, 0])
        let again = try load(ResolvedConfigurationText(configuration).text).configuration
        #expect(again.routes == configuration.routes)
    }

    @Test func whatItTakesIsSaid() throws {
        func lines(_ route: String, type: String = "http") throws -> [String] {
            let loaded = try load(Self.yaml(route, type: type))
            return ConfigurationMeaning(loaded.configuration).description.split(separator: "\n").map(String.init)
                .filter { $0.contains("fastest") || $0.contains("for speed") }
        }
        #expect(
            try lines("") == [
                "  the fastest healthy one of: a, b; until that is known the first of them",
                "  moves for speed: to one whose median answer of 10m has been shorter by 20% and 20ms for 15m",
            ]
        )
        #expect(
            try lines("", type: "openai-chat").last
                == "  moves for speed: to one whose median first token of 10m has been shorter by 20% and 20ms for 15m"
        )
        #expect(
            try lines(", decision: { failback: manual }").last == "  moves for speed: only by hand"
        )
        #expect(
            try lines(", decision: { max_moves_per_hour: 1 }").last
                == "  moves for speed: never, max_moves_per_hour: 1 is kept for failovers"
        )
    }
}
