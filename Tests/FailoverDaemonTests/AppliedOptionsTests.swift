import FailoverCore
import Testing

@testable import FailoverDaemon

struct AppliedOptionsTests {
    private static func configuration(observe: Bool = false) -> Configuration {
        let price = Price(
            input: Money(picos: 1),
            output: Money(picos: 2),
            asOf: CivilDate(year: 2026, month: 5, day: 1)
        )
        let cap = SpendCap(cost: Money(picos: 7), tokens: 9)
        return Configuration(
            vantage: "here",
            endpoints: ["a", "b"].map { name in
                EndpointConfiguration(
                    name: name,
                    region: "r",
                    publicURL: "tcp://127.0.0.1:9",
                    probes: [
                        ProbeConfiguration(
                            request: .tcp(TCPProbe(address: HostPort(host: "127.0.0.1", port: 9))),
                            latencyObjective: nil
                        )
                    ],
                    price: price,
                    dailyCap: cap
                )
            },
            routes: [
                RouteConfiguration(
                    name: "chat",
                    endpoints: ["a", "b"],
                    ranks: [0, 0],
                    availability: AvailabilityObjective(ratio: Ratio(0.99)),
                    decision: DecisionConfiguration(
                        rule: .consecutive(fall: 2, rise: 3),
                        failback: .manual,
                        holdDown: .seconds(7),
                        maximumMovesPerHour: 2,
                        observe: observe
                    ),
                    cost: RouteCost(workload: Workload(inputTokens: 1, outputTokens: 2), maximumRatio: 3, dailyCap: cap)
                )
            ],
            outputs: OutputConfiguration(journal: false, writeInterval: .seconds(1), validFor: .seconds(9)),
            spend: SpendConfiguration(currency: "EUR", daily: cap),
            anchors: [
                AnchorConfiguration(
                    address: "tcp://127.0.0.1:9",
                    probe: ProbeConfiguration(
                        request: .tcp(TCPProbe(address: HostPort(host: "127.0.0.1", port: 9))),
                        latencyObjective: nil
                    )
                )
            ]
        )
    }

    @Test func aCommandLineWithoutOptionsChangesNothing() {
        let options = DaemonOptions(configurationFile: "config.yaml")
        #expect(options.applied(to: Self.configuration()) == Self.configuration())
    }

    @Test func observingChangesNothingElse() {
        let options = DaemonOptions(configurationFile: "config.yaml", observe: true)
        #expect(options.applied(to: Self.configuration()) == Self.configuration(observe: true))
    }
}
