import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite struct SpendDocumentTests {
    private static let time = WallTime(secondsSince1970: 1_795_349_071.25)
    private static let memory = SpendMemory(days: [
        SpendMemory.Day(
            day: 20_779,
            endpoints: [
                SpendMemory.Line(
                    name: "eu-west",
                    used: SpendTotal(cost: Money(picos: 12_345_678_901), tokens: 1_234)
                ),
                SpendMemory.Line(name: "us-east", used: SpendTotal(tokens: 7)),
            ],
            others: SpendTotal(cost: Money(picos: 1), tokens: 2)
        ),
        SpendMemory.Day(day: 20_778, endpoints: []),
    ])

    private static let golden = #"""
        {"days":{"2026-11-21":{"endpoints":{},"others":{"cost":"0","tokens":0}},"2026-11-22":{"endpoints":{"eu-west":{"cost":"0.012345678901","tokens":1234},"us-east":{"cost":"0","tokens":7}},"others":{"cost":"0.000000000001","tokens":2}}},"schema":"failoverd.spend/1","written_at":"2026-11-22T12:04:31.250Z"}
        """#

    private static func read(_ text: String) throws -> SpendMemory {
        try Wire.decode(SpendDocument.self, from: Data(text.utf8)).memory()
    }

    @Test func memoryIsWrittenExactlyAndReadBack() throws {
        let bytes = try Wire.encode(SpendDocument(Self.memory, at: Self.time))
        #expect(String(decoding: bytes, as: UTF8.self) == Self.golden)
        #expect(try Self.read(Self.golden) == Self.memory)
    }

    @Test func fieldsOfLaterVersionsAreIgnored() throws {
        let text = Self.golden.replacing("\"tokens\":1234", with: "\"tokens\":1234,\"new\":[1]")
        #expect(try Self.read(text) == Self.memory)
    }

    static let bad: [(from: String, to: String, error: SpendDocumentError)] = [
        (
            "0.012345678901", "-1",
            SpendDocumentError(
                field: "days.2026-11-22.endpoints.eu-west.cost",
                found: "-1",
                allowed: "an amount of at most 12 decimals, 0 or more"
            )
        ),
        (
            "0.012345678901", "1e3",
            SpendDocumentError(
                field: "days.2026-11-22.endpoints.eu-west.cost",
                found: "1e3",
                allowed: "an amount of at most 12 decimals, 0 or more"
            )
        ),
        (
            "\"tokens\":2", "\"tokens\":-2",
            SpendDocumentError(
                field: "days.2026-11-22.others.tokens",
                found: "-2",
                allowed: "a number of 0...9007199254740992"
            )
        ),
        (
            "2026-11-21", "2026-02-30",
            SpendDocumentError(field: "days", found: "2026-02-30", allowed: "a day such as 2026-11-22")
        ),
        (
            "{\"days\":{",
            #"{"days":{"2026-01-01":{"endpoints":{},"others":{"cost":"0","tokens":0}},"#
                + #""2026-01-02":{"endpoints":{},"others":{"cost":"0","tokens":0}},"#,
            SpendDocumentError(field: "days", found: "4 days", allowed: "at most 3 days")
        ),
    ]

    @Test(arguments: bad)
    func whatCannotBeIsRefused(from: String, to: String, error: SpendDocumentError) {
        #expect(throws: error) { try Self.read(Self.golden.replacing(from, with: to)) }
    }

    @Test func everyFieldIsRequired() {
        for field in ["\"tokens\":7", "\"cost\":\"0.000000000001\",", ",\"others\":{\"cost\":\"0\",\"tokens\":0}"] {
            #expect(throws: (any Error).self, "\(field)") { try Self.read(Self.golden.replacing(field, with: "")) }
        }
    }

    @Test func costsAreExactNumbers() throws {
        let endpoints = [
            ("us", Money(picos: 2_500_000), Money(picos: 10_000_000)),
            ("eu", Money(picos: 140_000), Money(picos: 280_000)),
        ]
        .map { name, input, output in
            EndpointConfiguration(
                name: EndpointName(rawValue: name),
                region: "r",
                publicURL: "https://192.0.2.1",
                probes: [
                    ProbeConfiguration(
                        request: .chat(
                            ChatProbe(http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)), model: "m")
                        ),
                        latencyObjective: nil
                    )
                ],
                price: Price(input: input, output: output, asOf: CivilDate(year: 2026, month: 5, day: 1))
            )
        }
        let configuration = Configuration(
            vantage: "here",
            endpoints: endpoints,
            routes: [RouteConfiguration(name: "chat", endpoints: ["us", "eu"])],
            outputs: OutputConfiguration()
        )
        let table = CostTable(configuration, today: CivilDate(year: 2026, month: 11, day: 22))
        let text = String(decoding: try Wire.encode(SpendCostDocument(table)), as: UTF8.self)
        #expect(
            text == #"""
                {"currency":"USD","hours_per_month":730,"probing":{"endpoints":[{"endpoint":"us","month":127.458,"month_with_caps":127.458,"probes":[{"attempts_per_month":525600,"month":127.458,"probe":"default","worst_cost":0.0002425,"worst_tokens":49}]},{"endpoint":"eu","month":4.78296,"month_with_caps":4.78296,"probes":[{"attempts_per_month":525600,"month":4.78296,"probe":"default","worst_cost":0.0000091,"worst_tokens":49}]}],"month_with_caps":132.24096},"routes":[{"endpoints":[{"endpoint":"us","failover_hour":0,"month":70,"price":{"as_of":"2026-05-01","input":2.5,"older_than_a_year":false,"output":10},"ratio":1},{"endpoint":"eu","failover_hour":-0.092246575342,"month":2.66,"price":{"as_of":"2026-05-01","input":0.14,"older_than_a_year":false,"output":0.28},"ratio":0.038}],"input_tokens":1000,"output_tokens":450,"preferred":"us","requests_per_month":10000,"route":"chat","workload":null}]}
                """#
        )
    }
}
