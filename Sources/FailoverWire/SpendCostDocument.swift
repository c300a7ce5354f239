package import FailoverCore
import FoundationEssentials

/// The answer of `failoverctl cost --json`; amounts are exact numbers of the currency.
package struct SpendCostDocument: Encodable, Sendable {
    let currency: String
    let hoursPerMonth: Int
    let routes: [Route]
    let probing: Probing

    struct Route: Encodable, Sendable {
        let route: String
        @ExplicitNull var workload: String?
        let requestsPerMonth: Int
        let inputTokens: Int
        let outputTokens: Int
        @ExplicitNull var preferred: String?
        let endpoints: [Endpoint]

        private enum CodingKeys: String, CodingKey {
            case route, workload, preferred, endpoints
            case requestsPerMonth = "requests_per_month"
            case inputTokens = "input_tokens"
            case outputTokens = "output_tokens"
        }
    }

    /// Everything is `null` without a price; a difference and a ratio also without a preferred endpoint.
    struct Endpoint: Encodable, Sendable {
        let endpoint: String
        @ExplicitNull var price: Price?
        @ExplicitNull var month: Decimal?
        @ExplicitNull var failoverHour: Decimal?
        @ExplicitNull var ratio: Double?

        private enum CodingKeys: String, CodingKey {
            case endpoint, price, month, ratio
            case failoverHour = "failover_hour"
        }
    }

    /// Per million tokens.
    struct Price: Codable, Hashable, Sendable {
        let input: Decimal
        let output: Decimal
        let asOf: String
        let isOld: Bool

        private enum CodingKeys: String, CodingKey {
            case input, output
            case asOf = "as_of"
            case isOld = "older_than_a_year"
        }
    }

    struct Probing: Encodable, Sendable {
        let endpoints: [EndpointProbing]
        @ExplicitNull var monthWithCaps: Decimal?

        private enum CodingKeys: String, CodingKey {
            case endpoints
            case monthWithCaps = "month_with_caps"
        }
    }

    struct EndpointProbing: Encodable, Sendable {
        let endpoint: String
        let probes: [Probe]
        @ExplicitNull var month: Decimal?
        @ExplicitNull var monthWithCaps: Decimal?

        private enum CodingKeys: String, CodingKey {
            case endpoint, probes, month
            case monthWithCaps = "month_with_caps"
        }
    }

    struct Probe: Encodable, Sendable {
        let probe: String
        let worstTokens: Int
        @ExplicitNull var worstCost: Decimal?
        let attemptsPerMonth: Int
        @ExplicitNull var month: Decimal?

        private enum CodingKeys: String, CodingKey {
            case probe, month
            case worstTokens = "worst_tokens"
            case worstCost = "worst_cost"
            case attemptsPerMonth = "attempts_per_month"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case currency, routes, probing
        case hoursPerMonth = "hours_per_month"
    }
}

extension SpendCostDocument {
    package init(_ table: CostTable) {
        currency = table.currency
        hoursPerMonth = CostTable.hoursPerMonth
        routes = table.routes.map { costs in
            Route(
                route: costs.route.rawValue,
                workload: costs.load.name,
                requestsPerMonth: costs.load.requests,
                inputTokens: costs.load.request.inputTokens,
                outputTokens: costs.load.request.outputTokens,
                preferred: costs.preferred?.rawValue,
                endpoints: costs.endpoints.map(Endpoint.init)
            )
        }
        probing = Probing(
            endpoints: table.probing.map { costs in
                EndpointProbing(
                    endpoint: costs.endpoint.rawValue,
                    probes: costs.probes.map(Probe.init),
                    month: costs.month?.decimal,
                    monthWithCaps: costs.capped?.decimal
                )
            },
            monthWithCaps: table.probingCapped?.decimal
        )
    }
}

extension SpendCostDocument.Endpoint {
    fileprivate init(_ costs: CostTable.EndpointCosts) {
        endpoint = costs.endpoint.rawValue
        _price = ExplicitNull(
            wrappedValue: costs.price.map { price in
                SpendCostDocument.Price(
                    input: (price.input * 1_000_000).decimal,
                    output: (price.output * 1_000_000).decimal,
                    asOf: price.asOf.description,
                    isOld: costs.isPriceOld
                )
            }
        )
        _month = ExplicitNull(wrappedValue: costs.month?.decimal)
        _failoverHour = ExplicitNull(wrappedValue: costs.failoverHour?.decimal)
        _ratio = ExplicitNull(wrappedValue: costs.ratio.map { ($0 * 1e6).rounded() / 1e6 })
    }
}

extension SpendCostDocument.Probe {
    fileprivate init(_ costs: CostTable.ProbeCosts) {
        probe = costs.key.probe.rawValue
        worstTokens = costs.worstTokens
        _worstCost = ExplicitNull(wrappedValue: costs.worstCost?.decimal)
        attemptsPerMonth = costs.attempts
        _month = ExplicitNull(wrappedValue: costs.month?.decimal)
    }
}

extension Money {
    /// The exact amount; 38 digits hold any that prices and workloads can make.
    fileprivate var decimal: Decimal {
        let (whole, fraction) = picos.magnitude.quotientAndRemainder(dividingBy: Money.picosPerUnit.magnitude)
        let amount =
            Decimal(UInt64(clamping: whole))
            + Decimal(sign: .plus, exponent: -12, significand: Decimal(UInt64(fraction)))
        return picos < 0 ? -amount : amount
    }
}
