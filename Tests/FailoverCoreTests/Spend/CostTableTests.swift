import Testing

@testable import FailoverCore

@Suite struct CostTableTests {
    private static let today = CivilDate(year: 2026, month: 11, day: 22)
    private static let gpt = Price("2.50", "10.00")
    private static let claude = Price("3.00", "15.00")
    private static let gemini = Price("1.25", "5.00")
    private static let deepSeek = Price("0.14", "0.28")

    private static let chat = (10_000, 1_000, 450)
    private static let review = (5_000, 2_000, 500)
    private static let summaries = (50_000, 3_000, 300)
    private static let retrieval = (100_000, 800, 400)

    static let months: [(load: (Int, Int, Int), price: Price, month: String)] = [
        (chat, gpt, "70.00"), (chat, claude, "97.50"), (chat, gemini, "35.00"), (chat, deepSeek, "2.66"),
        (review, gpt, "50.00"), (review, claude, "67.50"), (review, deepSeek, "2.10"),
        (summaries, gpt, "525.00"), (summaries, claude, "675.00"), (summaries, deepSeek, "25.20"),
        (retrieval, gpt, "600.00"), (retrieval, claude, "840.00"), (retrieval, deepSeek, "22.40"),
    ]

    @Test(arguments: months)
    func aMonthCostsExactly(load: (Int, Int, Int), price: Price, month: String) {
        let load = CostTable.Load(requests: load.0, request: Workload(inputTokens: load.1, outputTokens: load.2))
        #expect(load.cost(at: price).exact(least: 2) == month)
    }

    @Test func fiftyMillionTokensADayAtTenAreFiveHundred() {
        let load = CostTable.Load(requests: 1_000, request: Workload(inputTokens: 0, outputTokens: 50_000))
        #expect(load.cost(at: Self.gpt) == Money("500"))
    }

    @Test func aFailoverIsComparedWithTheCheapestOfTheMostPreferred() {
        let configuration = Configuration.spending(
            [
                .spending("dear", price: Self.claude, probes: [.tcp()]),
                .spending("us", price: Self.gpt, probes: [.tcp()]),
                .spending("eu", price: Self.deepSeek, probes: [.tcp()]), .spending("own", price: nil, probes: [.tcp()]),
            ],
            ranks: [0, 0, 1, 2]
        )
        let table = CostTable(configuration, today: Self.today)
        #expect(table.routes.count == 1)
        #expect(table.routes[0].preferred == "us")
        #expect(table.routes[0].load == CostTable.Load(requests: 10_000, request: .conversation))
        #expect(
            table.routes[0].endpoints == [
                CostTable.EndpointCosts(
                    endpoint: "dear",
                    price: Self.claude,
                    month: Money("97.50"),
                    // 27.50 / 730, to the pico.
                    failoverHour: Money("0.037671232877"),
                    ratio: 97.5 / 70,
                    isPriceOld: false
                ),
                CostTable.EndpointCosts(
                    endpoint: "us",
                    price: Self.gpt,
                    month: Money("70"),
                    failoverHour: .zero,
                    ratio: 1,
                    isPriceOld: false
                ),
                CostTable.EndpointCosts(
                    endpoint: "eu",
                    price: Self.deepSeek,
                    month: Money("2.66"),
                    failoverHour: Money("-0.092246575342"),
                    ratio: 0.038,
                    isPriceOld: false
                ),
                CostTable.EndpointCosts(
                    endpoint: "own",
                    price: nil,
                    month: nil,
                    failoverHour: nil,
                    ratio: nil,
                    isPriceOld: false
                ),
            ]
        )
        #expect(table.probing == [] && table.probingCapped == nil)
    }

    @Test func withoutAPriceOfThePreferredOneNothingIsCompared() {
        let table = CostTable(.spending([.spending("us", price: nil), .spending("eu")]), today: Self.today)
        #expect(table.routes[0].preferred == nil)
        #expect(table.routes[0].endpoints.map(\.failoverHour) == [nil, nil])
        #expect(table.routes[0].endpoints.map(\.month) == [nil, Money("70")])
    }

    static let ages: [(asOf: String, isOld: Bool)] = [
        ("2025-11-21", true), ("2025-11-22", false), ("2026-11-22", false), ("2024-12-31", true), ("2027-01-01", false),
    ]

    @Test(arguments: ages)
    func aPriceOfMoreThanAYearAgoIsOld(asOf: String, isOld: Bool) throws {
        let date = try #require(CivilDate(asOf))
        let endpoint = EndpointConfiguration.spending("us", price: Price("1", "1", asOf: date))
        let table = CostTable(.spending([endpoint]), today: Self.today)
        #expect(table.routes[0].endpoints.map(\.isPriceOld) == [isOld])
    }

    @Test func loadsAndRoutesAreChosen() {
        let configuration = Configuration(
            vantage: "here",
            endpoints: [.spending("us"), .spending("eu")],
            routes: [
                RouteConfiguration(name: "a", endpoints: ["us"]), RouteConfiguration(name: "b", endpoints: ["eu"]),
            ],
            outputs: OutputConfiguration()
        )
        let loads = [
            CostTable.Load(name: "x", requests: 1, request: .conversation),
            CostTable.Load(name: "y", requests: 2, request: .conversation),
        ]
        let all = CostTable(configuration, loads: loads, today: Self.today)
        #expect(all.routes.map(\.route) == ["a", "a", "b", "b"])
        #expect(all.routes.map(\.load.name) == ["x", "y", "x", "y"])
        let one = CostTable(configuration, route: "b", today: Self.today)
        #expect(one.routes.map(\.route) == ["b"])
        #expect(one.probing.map(\.endpoint) == ["eu"])
        let changed = CostTable(
            configuration,
            change: { CostTable.Load(requests: 7, request: $0.request) },
            today: Self.today
        )
        #expect(changed.routes.map(\.load) == Array(repeating: .init(requests: 7, request: .conversation), count: 2))
    }

    @Test func probingIsBoundByItsIntervalAndItsCaps() {
        let endpoints: [EndpointConfiguration] = [
            // 525,600 a month at 0.0002425.
            .spending("us", cap: SpendCap(cost: Money("0.10"))), .spending("eu"), .spending("free", price: nil),
            .spending("tokens", cap: SpendCap(tokens: 2_400)), .spending("plain", probes: [.tcp()]),
        ]
        let table = CostTable(.spending(endpoints, routeCap: SpendCap(cost: Money("2.40"))), today: Self.today)
        let probe = CostTable.ProbeCosts(
            key: ProbeKey(endpoint: "us"),
            worstTokens: 49,
            worstCost: Money("0.0002425"),
            attempts: 525_600,
            month: Money("127.458")
        )
        #expect(table.probing.map(\.endpoint) == ["us", "eu", "free", "tokens"])
        #expect(table.probing[0].probes == [probe])
        #expect(table.probing.map(\.month) == [Money("127.458"), Money("127.458"), nil, Money("127.458")])
        #expect(table.probing.map(\.capped) == [Money("3.041666666667"), Money("73"), nil, Money("0.73")])
        #expect(table.probingCapped == Money("73"))
        let uncapped = CostTable(.spending([.spending("us"), .spending("eu")]), today: Self.today)
        #expect(uncapped.probingCapped == Money("254.916"))
        let all = CostTable(.spending([.spending("us")], daily: SpendCap(cost: Money("0.24"))), today: Self.today)
        #expect(all.probingCapped == Money("7.3"))
    }
}
