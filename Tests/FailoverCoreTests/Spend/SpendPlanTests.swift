import Testing

@testable import FailoverCore

@Suite struct SpendPlanTests {
    static let questions: [(name: String, probe: ProbeConfiguration, worst: TokenUsage)] = [
        ("the usual one", .asking(), TokenUsage(prompt: 33, completion: 16)),
        ("without a nonce", .asking(bustsCache: false), TokenUsage(prompt: 30, completion: 16)),
        (
            "a long one", .asking(prompt: String(repeating: "a", count: 3_000)),
            TokenUsage(prompt: 1_019, completion: 16)
        ),
        ("three bytes a character", .asking(prompt: "日本語"), TokenUsage(prompt: 22, completion: 16)),
        ("more tokens", .asking(maximumTokens: 64), TokenUsage(prompt: 33, completion: 64)),
        (
            "several answers, and another limit",
            .asking(
                extraBody: .object([
                    .init("n", .integer(3)), .init("max_completion_tokens", .integer(100)),
                ])
            ), TokenUsage(prompt: 40, completion: 300)
        ),
        (
            "tools", .asking(extraBody: .object([.init("tools", .array([.string("abcdef"), .null, .bool(true)]))])),
            TokenUsage(prompt: 36, completion: 16)
        ),
    ]

    @Test(arguments: questions)
    func theWorstCaseCounts(name: String, probe: ProbeConfiguration, worst: TokenUsage) throws {
        guard case .chat(let chat) = probe.request else { return }
        #expect(chat.worstCase == worst)
    }

    @Test func everyCapHasAnAccountAndItsMembers() {
        let configuration = Configuration(
            vantage: "here",
            endpoints: [
                .spending("us", cap: SpendCap(tokens: 1)), .spending("eu", probes: [.tcp()]), .spending("ap"),
            ],
            routes: [
                RouteConfiguration(
                    name: "chat",
                    endpoints: ["us", "eu"],
                    cost: RouteCost(dailyCap: SpendCap(tokens: 2))
                ),
                RouteConfiguration(name: "free", endpoints: ["us"]),
                RouteConfiguration(name: "none", endpoints: ["us"], cost: RouteCost(dailyCap: SpendCap())),
                RouteConfiguration(name: "tcp", endpoints: ["eu"], cost: RouteCost(dailyCap: SpendCap(tokens: 3))),
            ],
            outputs: OutputConfiguration(),
            spend: SpendConfiguration(daily: SpendCap(tokens: 4))
        )
        let plan = SpendPlan(configuration)
        #expect(
            plan.accounts == [
                SpendPlan.Account(owner: .endpoint("us"), cap: SpendCap(tokens: 1), members: 1),
                SpendPlan.Account(owner: .route("chat"), cap: SpendCap(tokens: 2), members: 1),
                SpendPlan.Account(owner: .everything, cap: SpendCap(tokens: 4), members: 2),
            ]
        )
        #expect(plan.endpoints.map(\.name) == ["us", "ap"])
        #expect(plan.endpoints.map(\.accounts) == [[0, 1, 2], [2]])
        #expect(
            plan.endpoints[0].probes == [
                SpendPlan.Probe(
                    key: ProbeKey(endpoint: "us"),
                    interval: .seconds(5),
                    worst: SpendTotal(cost: Money("0.0002425"), tokens: 49),
                    answerTokens: 16
                )
            ]
        )
    }
}
