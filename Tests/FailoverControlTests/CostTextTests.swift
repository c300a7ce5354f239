import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite struct CostTextTests {
    private static func endpoint(
        _ name: EndpointName,
        _ price: Price?,
        cap: SpendCap? = nil,
        probes: [ProbeName] = [.default]
    ) -> EndpointConfiguration {
        EndpointConfiguration(
            name: name,
            region: "r",
            publicURL: "https://192.0.2.1",
            probes: probes.map { probe in
                ProbeConfiguration(
                    name: probe,
                    request: .chat(
                        ChatProbe(http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)), model: "m")
                    ),
                    latencyObjective: nil
                )
            },
            price: price,
            dailyCap: cap
        )
    }

    /// Per million tokens, in cents.
    private static func price(_ input: Int, _ output: Int, year: Int = 2026) -> Price {
        let cent = Money(picos: 10_000)
        return Price(input: cent * input, output: cent * output, asOf: CivilDate(year: year, month: 5, day: 1))
    }

    private static func configuration(_ endpoints: [EndpointConfiguration]) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: endpoints,
            routes: [RouteConfiguration(name: "chat", endpoints: endpoints.map(\.name))],
            outputs: OutputConfiguration()
        )
    }

    private static func table(_ endpoints: [EndpointConfiguration], loads: [CostTable.Load] = []) -> CostTable {
        CostTable(configuration(endpoints), loads: loads, today: CivilDate(year: 2026, month: 11, day: 22))
    }

    private static let style = TextStyle(width: 100, now: WallTime(secondsSince1970: 0))

    @Test func costsAreShownInTables() {
        let cap = SpendCap(cost: Money(picos: 100_000_000_000))
        let table = Self.table([
            Self.endpoint("us-east", Self.price(250, 1_000), cap: cap, probes: ["long", "short"]),
            Self.endpoint("eu-west", Self.price(14, 28, year: 2024)), Self.endpoint("own", nil),
        ])
        #expect(
            CostText.render(table, in: Self.style) == """
                chat: 10,000 requests a month of 1,000 tokens in and 450 out
                  ENDPOINT      IN / OUT  PRICE OF    USD A MONTH  TIMES  FAILOVER, AN HOUR
                  us-east   2.50 / 10.00  2026-05-01        70.00   1.00          preferred
                  eu-west    0.14 / 0.28  2024-05-01         2.66  0.038             -0.092
                    its price was looked up more than a year ago: look again
                  own           no price                        -      -                  -
                  no price is configured for own; give each a price with its day

                probing, if each answer is as long as it may be
                  PROBE          TOKENS   USD EACH  A MONTH  USD A MONTH  WITH CAPS
                  us-east/long       49  0.0002425  525,600       127.46
                  us-east/short      49  0.0002425  525,600       127.46
                  us-east, all                                    254.92       3.04
                  eu-west            49  0.0000091  525,600         4.78       4.78
                  own                49   no price  525,600            -          -
                  In all with caps: 7.82 USD a month, without own.
                  Confirmations while an endpoint is under suspicion come on top, within the caps.

                """
        )
    }

    @Test func routesWithoutAChatHaveNoCostOfProbing() {
        let load = CostTable.Load(
            name: "summaries",
            requests: 50_000,
            request: Workload(inputTokens: 3_000, outputTokens: 300)
        )
        let plain = EndpointConfiguration(
            name: "us",
            region: "r",
            publicURL: "tcp://192.0.2.1:443",
            probes: [
                ProbeConfiguration(
                    request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
                    latencyObjective: nil
                )
            ],
            price: Self.price(250, 1_000)
        )
        #expect(
            CostText.render(Self.table([plain], loads: [load]), in: Self.style) == """
                chat, workload summaries: 50,000 requests a month of 3,000 tokens in and 300 out
                  ENDPOINT      IN / OUT  PRICE OF    USD A MONTH  TIMES  FAILOVER, AN HOUR
                  us        2.50 / 10.00  2026-05-01       525.00   1.00          preferred

                probing: no probe asks a model, so none costs anything

                """
        )
    }

    @Test func narrowTerminalsLoseTheLeastImportantColumns() {
        let table = Self.table([Self.endpoint("us-east", Self.price(250, 1_000))])
        var style = Self.style
        style.width = 60
        let lines = CostText.render(table, in: style).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 60 }, "\(lines)")
        #expect(lines.contains { $0.contains("70.00") && $0.contains("us-east") })
    }
}
