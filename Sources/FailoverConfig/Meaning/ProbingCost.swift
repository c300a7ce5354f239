import FailoverCore

/// What probing costs at most, by prices and caps, in the figures of the tables of costs.
struct ProbingCost {
    private let table: CostTable
    private let plan: SpendPlan
    private let endpoints: [EndpointName: CostTable.ProbingCosts]

    init(_ configuration: Configuration) {
        // The day only matters for notes about old prices, which are not used here.
        table = CostTable(configuration, today: CivilDate(year: 2_000, month: 1, day: 1))
        plan = SpendPlan(configuration)
        endpoints = Dictionary(table.probing.map { ($0.endpoint, $0) }) { first, _ in first }
    }

    /// What everything costs, and of which endpoints that is unknown; `nil` without any price.
    var inAll: String? {
        let total = table.probing.reduce(Money.zero) { $0 + ($1.month ?? .zero) }
        guard total > .zero, let capped = table.probingCapped else { return nil }
        let unpriced = table.probing.filter { $0.month == nil }.map(\.endpoint.rawValue)
        let unknown = unpriced.isEmpty ? "" : ", and what \(ShownText.list(unpriced)) costs without a price"
        return "\(text(total, capped: capped, " in all"))\(unknown)"
    }

    /// What one probe of an endpoint costs; `nil` without a price.
    func text(of key: ProbeKey) -> String? {
        guard let endpoint = endpoints[key.endpoint],
            let own = endpoint.probes.first(where: { $0.key == key })?.month, let capped = endpoint.capped
        else { return nil }
        return text(own, capped: capped)
    }

    /// The least cap on the tokens of an endpoint; `nil` without one.
    func tokenCap(of endpoint: EndpointName) -> Int? {
        guard let index = plan.index(of: endpoint) else { return nil }
        return plan.endpoints[index].accounts.compactMap { plan.accounts[$0].cap.tokens }.min()
    }

    /// `2.10 USD a day, 63.88 USD a month`, of amounts in a month.
    private func text(_ month: Money, capped: Money, _ scope: String = "") -> String {
        let bound = min(month, capped)
        let figures = "\(amount(perDay(bound))) a day, \(amount(bound)) a month\(scope)"
        return bound == month ? figures : "\(figures) within the caps, \(amount(perDay(month))) a day without them"
    }

    private func amount(_ money: Money) -> String { MoneyText.rounded(money, table.currency) }

    private func perDay(_ month: Money) -> Money { (month * 24).divided(by: Int128(CostTable.hoursPerMonth)) }
}
