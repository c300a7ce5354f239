/// What a month of users' requests costs at each endpoint, and what probing costs, by arithmetic alone.
///
/// A month has 730 hours, a twelfth of a year.
package struct CostTable: Hashable, Sendable {
    /// How many requests of which size.
    package struct Load: Hashable, Sendable {
        /// For people; `nil` for the usual one of a route.
        package let name: String?
        /// A month.
        package let requests: Int
        package let request: Workload

        package init(name: String? = nil, requests: Int, request: Workload) {
            self.name = name
            self.requests = requests
            self.request = request
        }

        /// What it costs a month at a price.
        package func cost(at price: Price) -> Money {
            price.cost(input: request.inputTokens, output: request.outputTokens) * requests
        }
    }

    /// One load on one route.
    package struct RouteCosts: Hashable, Sendable {
        package let route: RouteName
        package let load: Load
        /// The endpoint that failovers are compared with: the cheapest with a price among the most preferred ones.
        ///
        /// `nil` if none of these has a price.
        package let preferred: EndpointName?
        /// In the route's order.
        package let endpoints: [EndpointCosts]
    }

    /// One load at one endpoint.
    package struct EndpointCosts: Hashable, Sendable {
        package let endpoint: EndpointName
        package let price: Price?
        /// `nil` without a price.
        package let month: Money?
        /// What an hour of failover to it costs more than the preferred one, negative where it is cheaper.
        ///
        /// To the nearest pico. `nil` if one of both has no price.
        package let failoverHour: Money?
        /// How many times what the preferred one costs; `nil` if one of both has no price or that costs nothing.
        package let ratio: Double?
        /// The price was looked up more than a year ago.
        package let isPriceOld: Bool
    }

    /// One probe that asks a model.
    package struct ProbeCosts: Hashable, Sendable {
        package let key: ProbeKey
        /// Tokens of one attempt at worst.
        package let worstTokens: Int
        /// What one attempt costs at worst; `nil` without a price.
        package let worstCost: Money?
        /// A month at the configured interval, rounded down; confirmations come on top, within the caps.
        package let attempts: Int
        /// A month of these at worst, without any cap.
        package let month: Money?
    }

    /// All probing of one endpoint.
    package struct ProbingCosts: Hashable, Sendable {
        package let endpoint: EndpointName
        package let probes: [ProbeCosts]
        /// A month at worst and without any cap; `nil` without a price.
        package let month: Money?
        /// What the caps leave of it: its own, those of its routes, and that of all; equal to `month` where none is reached.
        package let capped: Money?
    }

    package let currency: String
    /// In configuration order, and in the order of the loads for each route.
    package let routes: [RouteCosts]
    /// In configuration order; endpoints without a chat among their probes are not in it.
    package let probing: [ProbingCosts]
    /// All probing in a month, by prices and caps; `nil` if no endpoint has a price.
    package let probingCapped: Money?

    /// Requests a month where nobody said how many.
    package static let usualRequests = 10_000
    package static let hoursPerMonth = 730

    /// `route` for only one, with its endpoints; `loads` instead of 10,000 requests of the route's own size, which `change`
    /// may alter.
    package init(
        _ configuration: Configuration,
        route only: RouteName? = nil,
        loads: [Load] = [],
        change: (Load) -> Load = { $0 },
        today: CivilDate
    ) {
        let known = Dictionary(configuration.endpoints.map { ($0.name, $0) }) { first, _ in first }
        let shown = configuration.routes.filter { only == nil || $0.name == only }
        currency = configuration.spend.currency
        routes = shown.flatMap { route in
            let usual = Load(requests: Self.usualRequests, request: route.cost.workload)
            return (loads.isEmpty ? [change(usual)] : loads).map { load in
                RouteCosts(route, load, endpoints: route.endpoints.compactMap { known[$0] }, today: today)
            }
        }
        let plan = SpendPlan(configuration)
        let members = Set(shown.flatMap(\.endpoints))
        probing = plan.endpoints.filter { only == nil || members.contains($0.name) }.map { ProbingCosts($0, in: plan) }
        probingCapped = Self.total(probing, in: plan)
    }

    /// A bound on all probing: each endpoint counts once, in the first of its routes that has a cap.
    private static func total(_ probing: [ProbingCosts], in plan: SpendPlan) -> Money? {
        let priced = probing.compactMap { costs in costs.capped.map { (endpoint: costs.endpoint, capped: $0) } }
        guard !priced.isEmpty else { return nil }
        var sum = Money.zero
        var byAccount: [Int: Money] = [:]
        for (endpoint, capped) in priced {
            let accounts = plan.index(of: endpoint).map { plan.endpoints[$0].accounts } ?? []
            let shared = accounts.first { plan.accounts[$0].isOfARoute && plan.accounts[$0].cap.cost != nil }
            if let shared { byAccount[shared, default: .zero] += capped } else { sum += capped }
        }
        for (index, account) in plan.accounts.enumerated() {
            guard let amount = byAccount[index] else { continue }
            sum += min(amount, account.cap.cost?.perMonth ?? amount)
        }
        let all = plan.accounts.last { $0.owner == .everything }?.cap.cost?.perMonth
        return min(sum, all ?? sum)
    }
}

extension CostTable.RouteCosts {
    fileprivate init(
        _ route: RouteConfiguration,
        _ load: CostTable.Load,
        endpoints: [EndpointConfiguration],
        today: CivilDate
    ) {
        let rankOf = Dictionary(zip(route.endpoints, route.ranks)) { first, _ in first }
        let most = endpoints.filter { rankOf[$0.name] == route.ranks.min() }
        let priced = most.compactMap { endpoint in
            endpoint.price.map { (name: endpoint.name, cost: load.cost(at: $0)) }
        }
        // The first of equals: `min` keeps the order of the configuration.
        let preferred = priced.min { $0.cost < $1.cost }
        self.route = route.name
        self.load = load
        self.preferred = preferred?.name
        self.endpoints = endpoints.map { endpoint in
            let month = endpoint.price.map { load.cost(at: $0) }
            let difference = month.flatMap { month in preferred.map { month - $0.cost } }
            return CostTable.EndpointCosts(
                endpoint: endpoint.name,
                price: endpoint.price,
                month: month,
                failoverHour: difference?.divided(by: Int128(CostTable.hoursPerMonth)),
                ratio: month.flatMap { month in
                    preferred.flatMap { $0.cost > .zero ? month.inUnits / $0.cost.inUnits : nil }
                },
                isPriceOld: endpoint.price.map { $0.asOf.isOlderThanAYear(on: today) } ?? false
            )
        }
    }
}

extension CostTable.ProbingCosts {
    fileprivate init(_ endpoint: SpendPlan.Endpoint, in plan: SpendPlan) {
        self.endpoint = endpoint.name
        probes = endpoint.probes.map { probe in
            let month = CostTable.hoursPerMonth * 3600
            let attempts = Int(Double(month) / probe.interval.inSeconds)
            let cost = endpoint.price == nil ? nil : probe.worst.cost
            return CostTable.ProbeCosts(
                key: probe.key,
                worstTokens: probe.worst.tokens,
                worstCost: cost,
                attempts: attempts,
                month: cost.map { $0 * attempts }
            )
        }
        guard let price = endpoint.price else {
            (month, capped) = (nil, nil)
            return
        }
        let total = probes.reduce(Money.zero) { $0 + ($1.month ?? .zero) }
        let caps = endpoint.accounts.flatMap { index in
            let cap = plan.accounts[index].cap
            // With the dearer of both kinds, tokens cost no more than this.
            return [cap.cost, cap.tokens.map { max(price.input, price.output) * $0 }].compactMap(\.self)
        }
        month = total
        // Confirmations are not in the total, so a cap that is not reached by schedule bounds nothing.
        capped = caps.reduce(total) { min($0, $1.perMonth) }
    }
}

extension SpendPlan.Account {
    fileprivate var isOfARoute: Bool { if case .route = owner { true } else { false } }
}

extension Money {
    /// Of an amount a day, to the nearest pico: a month has 730 hours.
    fileprivate var perMonth: Money { (self * CostTable.hoursPerMonth).divided(by: 24) }
}

extension CivilDate {
    fileprivate func isOlderThanAYear(on today: CivilDate) -> Bool {
        CivilDate(year: today.year - 1, month: today.month, day: today.day) > self
    }
}
