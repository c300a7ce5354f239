import FailoverCore
import Testing

@testable import FailoverHistory

/// What of a configuration is kept beside the history.
@Suite struct HistoryFactsTests {
    /// Per million tokens, in cents.
    private static func price(_ input: Int, _ output: Int) -> Price {
        let cent = Money(picos: 10_000)
        return Price(
            input: cent * input,
            output: cent * output,
            asOf: CivilDate(year: 2026, month: 5, day: 1)
        )
    }

    private static func endpoint(
        _ name: EndpointName,
        region: RegionName,
        _ price: Price? = nil,
        probes: [ProbeConfiguration]
    ) -> EndpointConfiguration {
        EndpointConfiguration(
            name: name,
            region: region,
            publicURL: "https://192.0.2.1",
            probes: probes,
            price: price
        )
    }

    private static func tcp(_ name: ProbeName = .default, latency: Duration?) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            latencyObjective: latency
        )
    }

    private static let chat = ProbeConfiguration(
        name: "chat",
        request: .chat(ChatProbe(http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)), model: "m")),
        latencyObjective: .seconds(30),
        ttftObjective: .milliseconds(1_500)
    )

    private static let configuration = Configuration(
        vantage: "here",
        endpoints: [
            endpoint(
                "us",
                region: "us-east",
                price(250, 1_000),
                probes: [chat, tcp("near", latency: .microseconds(1500))]
            ),
            endpoint("eu", region: "eu-west", price(14, 28), probes: [tcp(latency: nil)]),
            endpoint("own", region: "home", probes: [tcp(latency: .seconds(1))]),
            endpoint("spare", region: "home", probes: [tcp(latency: .seconds(1))]),
        ],
        routes: [
            RouteConfiguration(
                name: "chat",
                endpoints: ["us", "eu", "own"],
                availability: AvailabilityObjective(ratio: Ratio(0.99), period: .seconds(7 * 86_400))
            ),
            RouteConfiguration(
                name: "batch",
                endpoints: ["own", "eu"],
                shares: [
                    ShareConfiguration(weight: 75, chain: ["own", "eu"]),
                    ShareConfiguration(weight: 25, chain: ["eu", "own"]),
                ]
            ),
        ],
        outputs: OutputConfiguration()
    )

    @Test func objectivesWeightsAndPricesAreThoseOfTheConfiguration() {
        let facts = HistoryFacts(Self.configuration, today: CivilDate(year: 2026, month: 11, day: 22))
        let expected = HistoryFacts(
            currency: "USD",
            routes: [
                HistoryFacts.Route(
                    name: "chat",
                    objective: 0.99,
                    periodDays: 7,
                    members: [
                        .init(endpoint: "us", extraPerHour: 0, costRatio: 1, weight: 100),
                        // 2.66 in place of 70 a month of 730 hours.
                        .init(endpoint: "eu", extraPerHour: -0.092246575342, costRatio: 0.038, weight: 0),
                        .init(endpoint: "own", weight: 0),
                    ],
                    requestsPerMonth: 10_000
                ),
                HistoryFacts.Route(
                    name: "batch",
                    objective: 0.999,
                    periodDays: 30,
                    members: [.init(endpoint: "own", weight: 75), .init(endpoint: "eu", weight: 25)]
                ),
            ],
            endpoints: [
                // An endpoint of several routes has the objective of the first.
                HistoryFacts.Endpoint(
                    name: "us",
                    region: "us-east",
                    objective: 0.99,
                    probes: [
                        .init(name: "chat", latencyMilliseconds: 30_000, ttftMilliseconds: 1_500),
                        .init(name: "near", latencyMilliseconds: 1.5),
                    ]
                ),
                HistoryFacts.Endpoint(
                    name: "eu",
                    region: "eu-west",
                    objective: 0.99,
                    probes: [.init(name: "default")]
                ),
                HistoryFacts.Endpoint(
                    name: "own",
                    region: "home",
                    objective: 0.99,
                    probes: [.init(name: "default", latencyMilliseconds: 1_000)]
                ),
                // One of no route has the usual one.
                HistoryFacts.Endpoint(
                    name: "spare",
                    region: "home",
                    objective: 0.999,
                    probes: [.init(name: "default", latencyMilliseconds: 1_000)]
                ),
            ]
        )
        #expect(facts == expected)
    }
}
