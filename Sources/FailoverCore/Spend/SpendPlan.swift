/// What probing may cost by the configuration: the worst case of each probe, and the caps that it counts against.
///
/// Immutable: a reload makes a new one, and what is spent lives in the ``SpendLedger``.
package struct SpendPlan: Hashable, Sendable {
    /// A probe that asks a model.
    package struct Probe: Hashable, Sendable {
        package let key: ProbeKey
        /// Between starts, as configured.
        package let interval: Duration
        /// What one attempt uses if the answer is as long as it may be.
        package let worst: SpendTotal
        /// Tokens that an answer may have.
        package let answerTokens: Int
    }

    /// An endpoint with at least one such probe.
    package struct Endpoint: Hashable, Sendable {
        package let name: EndpointName
        /// `nil` if nobody said: then only tokens count.
        package let price: Price?
        /// Its own; `nil` for none.
        package let cap: SpendCap?
        /// In configuration order; at least one.
        package let probes: [Probe]
        /// Indices of the accounts that its probes count against.
        package let accounts: [Int]
    }

    /// A cap, and who shares it.
    package struct Account: Hashable, Sendable {
        package let owner: Owner
        package let cap: SpendCap
        /// How many endpoints spend from it; at least one.
        package let members: Int
    }

    /// Whose cap it is.
    package enum Owner: Hashable, Sendable {
        case endpoint(EndpointName)
        case route(RouteName)
        /// That of all probing together.
        case everything
    }

    /// In configuration order; those without a chat among their probes are not in it.
    package let endpoints: [Endpoint]
    /// Those of endpoints, of routes, and the one of all, in this order.
    package let accounts: [Account]
    /// For people.
    package let currency: String
    private let indices: [EndpointName: Int]

    package init(_ configuration: Configuration) {
        let spenders = configuration.endpoints.compactMap { endpoint in
            let probes = Self.probes(of: endpoint)
            return probes.isEmpty ? nil : (endpoint, probes)
        }
        let names = Set(spenders.map(\.0.name))
        var accounts: [Account] = []
        var memberships: [EndpointName: [Int]] = [:]
        func open(_ owner: Owner, _ cap: SpendCap?, for members: [EndpointName]) {
            guard let cap, cap.limitsAnything, !members.isEmpty else { return }
            for member in members { memberships[member, default: []].append(accounts.count) }
            accounts.append(Account(owner: owner, cap: cap, members: members.count))
        }
        for (endpoint, _) in spenders { open(.endpoint(endpoint.name), endpoint.dailyCap, for: [endpoint.name]) }
        for route in configuration.routes {
            open(.route(route.name), route.cost.dailyCap, for: route.endpoints.filter(names.contains))
        }
        open(.everything, configuration.spend.daily, for: spenders.map(\.0.name))
        endpoints = spenders.map { endpoint, probes in
            Endpoint(
                name: endpoint.name,
                price: endpoint.price,
                cap: endpoint.dailyCap,
                probes: probes,
                accounts: memberships[endpoint.name] ?? []
            )
        }
        self.accounts = accounts
        currency = configuration.spend.currency
        indices = Dictionary(zip(endpoints.map(\.name), endpoints.indices)) { first, _ in first }
    }

    /// Where an endpoint is in `endpoints`; `nil` if it spends nothing.
    package func index(of endpoint: EndpointName) -> Int? { indices[endpoint] }

    /// Where a probe is; `nil` if it spends nothing.
    func place(of key: ProbeKey) -> (endpoint: Int, probe: Int)? {
        guard let endpoint = indices[key.endpoint],
            let probe = endpoints[endpoint].probes.firstIndex(where: { $0.key == key })
        else { return nil }
        return (endpoint, probe)
    }

    /// The probes of an endpoint that spend something.
    private static func probes(of endpoint: EndpointConfiguration) -> [Probe] {
        endpoint.probes.compactMap { probe in
            guard case .chat(let chat) = probe.request, chat.mode == .chat else { return nil }
            let tokens = chat.worstCase
            return Probe(
                key: ProbeKey(endpoint: endpoint.name, probe: probe.name),
                interval: probe.interval,
                worst: SpendTotal(
                    cost: endpoint.price?.cost(input: tokens.prompt, output: tokens.completion) ?? .zero,
                    tokens: tokens.prompt + tokens.completion
                ),
                answerTokens: tokens.completion
            )
        }
    }
}
