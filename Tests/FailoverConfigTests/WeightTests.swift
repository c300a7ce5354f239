import FailoverConfig
import FailoverCore
import Foundation
import Testing

@Suite("Weighted routes in the configuration")
struct WeightTests {
    private static func yaml(_ route: String) -> String {
        let endpoints = ["cheap", "long", "premium", "next", "spare"].map { name in
            "  \(name): { region: r, url: \"http://127.0.0.1/\(name)\" }\n"
        }
        return """
            version: 1
            defaults: { probe: { slo: { latency: { p99: 1s } } } }
            endpoints:
            \(endpoints.joined())routes:
              chat: { policy: weighted, \(route) }
            """
    }

    struct Case: Sendable {
        let text: String
        let endpoints: [EndpointName]
        let shares: [ShareConfiguration]
    }

    static let cases: [Case] = [
        Case(
            text: "weights: { cheap: 70, long: 24, premium: 5, next: 1 }, canary: [next]",
            endpoints: ["cheap", "long", "premium", "next"],
            shares: [
                ShareConfiguration(weight: 70, chain: ["cheap", "long", "premium"]),
                ShareConfiguration(weight: 24, chain: ["long", "cheap", "premium"]),
                ShareConfiguration(weight: 5, chain: ["premium", "cheap", "long"]),
                ShareConfiguration(weight: 1, chain: ["next", "cheap", "long", "premium"], isCanary: true),
            ]
        ),
        // A standby without a share, and a canary that somebody asked for.
        Case(
            text:
                "weights: { cheap: 99, next: 1 }, canary: [next], fallback: { cheap: [spare, next], next: [premium] }",
            endpoints: ["cheap", "next", "spare", "premium"],
            shares: [
                ShareConfiguration(weight: 99, chain: ["cheap", "spare", "next"]),
                ShareConfiguration(weight: 1, chain: ["next", "premium"], isCanary: true),
            ]
        ),
        Case(
            text: "weights: { cheap: 100 }",
            endpoints: ["cheap"],
            shares: [ShareConfiguration(weight: 100, chain: ["cheap"])]
        ),
    ]

    @Test(arguments: cases)
    func sharesAreReadAndReadBack(example: Case) throws {
        let configuration = try load(Self.yaml(example.text)).configuration
        let route = configuration.routes[0]
        #expect(route.endpoints == example.endpoints && route.shares == example.shares)
        #expect(route.ranks == Array(example.endpoints.indices))
        let resolved = ResolvedConfigurationText(configuration).text
        #expect(try load(resolved).configuration == configuration)
    }

    @Test func aShareWithoutAWayOutIsWarnedOf() throws {
        let warnings = try load(Self.yaml("weights: { cheap: 99, next: 1 }, canary: [next]")).warnings
        #expect(warnings.map(\.keyPath).contains("routes.chat.weights.cheap"))
        #expect(warnings.contains { $0.text == "nobody takes over: there is nowhere to go" })
    }

    @Test func theMeaningSaysWhoTakesOver() throws {
        let route = "weights: { cheap: 70, long: 29, next: 1 }, fallback: { long: [spare] }, canary: [next]"
        let meaning = try ConfigurationMeaning(load(Self.yaml(route)).configuration).description
        let lines = meaning.split(separator: "\n").prefix(5)
        #expect(
            lines == [
                "route chat", "  weights: cheap 70 %, long 29 %, next 1 %", "    that of cheap goes to long",
                "    that of long goes to spare",
                "    that of next goes to cheap, long; as a canary it does not return by itself",
            ]
        )
    }

    @Test func theExampleIsAccepted() throws {
        let path = Fixtures.root.appending(path: "examples/weighted.yaml").path
        let loaded = try load(String(contentsOfFile: path, encoding: .utf8))
        #expect(loaded.warnings == [])
        let route = loaded.configuration.routes[0]
        #expect(route.shares.map(\.weight) == [70, 24, 5, 1])
        #expect(route.shares[0].chain == ["cheap", "cheap-eu", "long-context", "premium"])
        #expect(route.shares.map(\.isCanary) == [false, false, false, true])
        #expect(try load(ResolvedConfigurationText(loaded.configuration).text).configuration == loaded.configuration)
    }
}
