/// The answer of `GET /v1/history/report`: what a period was like, for the morning after.
package struct ReportDocument: Codable, Hashable, Sendable {
    package var from: WallTime
    package var at: WallTime
    package var days: Int
    package var currency: String
    /// In configuration order.
    package var routes: [Route]
    /// In configuration order; of one route only if that was asked for.
    package var endpoints: [Endpoint]
    /// What probing has cost, by prices; absent where nothing has a price.
    package var probing: Double?
    package var trouble: String?

    package init(
        from: WallTime,
        at: WallTime,
        days: Int,
        currency: String,
        routes: [Route],
        endpoints: [Endpoint],
        probing: Double? = nil,
        trouble: String? = nil
    ) {
        self.from = from
        self.at = at
        self.days = days
        self.currency = currency
        self.routes = routes
        self.endpoints = endpoints
        self.probing = probing
        self.trouble = trouble
    }

    package struct Route: Codable, Hashable, Sendable {
        package var route: String
        package var objective: Double
        /// Of the route's own objective; the budgets are over the days of the report.
        package var periodDays: Double
        package var asRouted: BudgetDocument
        package var withoutFailover: BudgetDocument
        /// Oldest first; at most 1,000, the newest.
        package var failovers: [Failover]
        /// Requests a month for which extra costs are reckoned; absent where prices are missing.
        package var requestsPerMonth: Int?

        package init(
            route: String,
            objective: Double,
            periodDays: Double,
            asRouted: BudgetDocument,
            withoutFailover: BudgetDocument,
            failovers: [Failover],
            requestsPerMonth: Int? = nil
        ) {
            self.route = route
            self.objective = objective
            self.periodDays = periodDays
            self.asRouted = asRouted
            self.withoutFailover = withoutFailover
            self.failovers = failovers
            self.requestsPerMonth = requestsPerMonth
        }

        private enum CodingKeys: String, CodingKey {
            case route, objective, failovers
            case periodDays = "period_days"
            case asRouted = "as_routed"
            case withoutFailover = "without_failover"
            case requestsPerMonth = "requests_per_month"
        }
    }

    /// One time away from an endpoint.
    package struct Failover: Codable, Hashable, Sendable {
        package var at: WallTime
        package var generation: UInt64
        package var from: String
        package var to: String
        /// Whose share of a weighted route it is about; absent for all others.
        package var share: String?
        package var reason: ReasonDocument
        /// Until the route moved again; to the end of the report if it has not.
        package var seconds: Double
        /// It has not moved since.
        package var goesOn: Bool
        /// Bad probes in the evidence behind the move; absent for a move without any.
        package var badBefore: Int?
        /// From the first of them to the move, in seconds.
        package var secondsBefore: Double?
        /// How many times what the preferred endpoint costs; absent where a price is missing.
        package var costRatio: Double?
        /// What users' requests cost more than at the preferred endpoint; negative where it was cheaper.
        package var extraCost: Double?

        package init(
            at: WallTime,
            generation: UInt64,
            from: String,
            to: String,
            share: String? = nil,
            reason: ReasonDocument,
            seconds: Double,
            goesOn: Bool,
            badBefore: Int? = nil,
            secondsBefore: Double? = nil,
            costRatio: Double? = nil,
            extraCost: Double? = nil
        ) {
            self.at = at
            self.generation = generation
            self.from = from
            self.to = to
            self.share = share
            self.reason = reason
            self.seconds = seconds
            self.goesOn = goesOn
            self.badBefore = badBefore
            self.secondsBefore = secondsBefore
            self.costRatio = costRatio
            self.extraCost = extraCost
        }

        private enum CodingKeys: String, CodingKey {
            case at, generation, from, to, share, reason, seconds
            case goesOn = "goes_on"
            case badBefore = "bad_before"
            case secondsBefore = "seconds_before"
            case costRatio = "cost_ratio"
            case extraCost = "extra_cost"
        }
    }

    package struct Endpoint: Codable, Hashable, Sendable {
        package var endpoint: String
        package var region: String
        package var budgets: BudgetsDocument.Endpoint
        /// What probing it has cost; absent without a price.
        package var probing: Double?

        package init(endpoint: String, region: String, budgets: BudgetsDocument.Endpoint, probing: Double? = nil) {
            self.endpoint = endpoint
            self.region = region
            self.budgets = budgets
            self.probing = probing
        }
    }
}
