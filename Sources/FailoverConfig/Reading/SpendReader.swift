import FailoverCore

/// Reads prices, caps and what a route's traffic costs.
enum SpendReader {
    /// The price at `node`, or `nil` after a refusal.
    static func price(_ node: SettingNode, _ findings: Findings) -> Price? {
        guard let reader = MappingReader(node, table: PriceKeys.table, findings: findings),
            let input = reader.value(PriceKeys.input), let output = reader.value(PriceKeys.output),
            let asOf = reader.value(PriceKeys.asOf)
        else { return nil }
        return Price(input: input, output: output, asOf: asOf)
    }

    /// What `spend` of `owner` allows for a day; `nil` where it says nothing.
    static func dailyCap(_ owner: MappingReader, table: KeyTable) -> SpendCap? {
        guard let spend = owner.mapping(SpendKeys.spend, table: table),
            let daily = spend.mapping(SpendKeys.daily, table: SpendKeys.dailyTable)
        else { return nil }
        let isEmpty = daily.node.entries?.isEmpty ?? true
        if isEmpty { daily.findings.refuse(daily.node, found: "an empty mapping", allowed: "cost, tokens or both") }
        return SpendCap(cost: daily.value(SpendKeys.cost), tokens: daily.value(SpendKeys.tokens))
    }

    static func routeCost(_ route: MappingReader) -> RouteCost {
        let workload = route.mapping(WorkloadKeys.workload, table: WorkloadKeys.table)
        return RouteCost(
            workload: Workload(
                inputTokens: workload?.value(WorkloadKeys.inputTokens) ?? WorkloadKeys.inputTokens.fallback,
                outputTokens: workload?.value(WorkloadKeys.outputTokens) ?? WorkloadKeys.outputTokens.fallback
            ),
            maximumRatio: route.value(WorkloadKeys.maximumRatio),
            dailyCap: dailyCap(route, table: SpendKeys.table)
        )
    }

    /// What the top of the file says.
    static func configuration(_ root: MappingReader) -> SpendConfiguration {
        let spend = root.mapping(SpendKeys.spend, table: SpendKeys.rootTable)
        return SpendConfiguration(
            currency: spend?.value(SpendKeys.currency) ?? SpendKeys.currency.fallback,
            daily: dailyCap(root, table: SpendKeys.rootTable)
        )
    }
}
