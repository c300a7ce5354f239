@testable import FailoverCore

extension ProbeConfiguration {
    /// A probe that asks a model; by default a question of 33 tokens at worst.
    static func asking(
        _ name: ProbeName = .default,
        interval: Duration = .seconds(5),
        mode: ChatProbe.Mode = .chat,
        maximumTokens: Int = 16,
        prompt: String = ChatProbe.standardPrompt,
        bustsCache: Bool = true,
        extraBody: JSONTree? = nil
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .chat(
                ChatProbe(
                    http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443), target: "/v1/chat/completions"),
                    mode: mode,
                    model: "m",
                    prompt: prompt,
                    maximumTokens: maximumTokens,
                    bustsCache: bustsCache,
                    extraBody: extraBody
                )
            ),
            interval: interval,
            latencyObjective: .seconds(3)
        )
    }
}

extension EndpointConfiguration {
    static func spending(
        _ name: EndpointName,
        price: Price? = .dear,
        cap: SpendCap? = nil,
        probes: [ProbeConfiguration] = [.asking()]
    ) -> EndpointConfiguration {
        EndpointConfiguration(
            name: name,
            region: RegionName(rawValue: name.rawValue),
            publicURL: "https://192.0.2.1",
            probes: probes,
            price: price,
            dailyCap: cap
        )
    }
}

extension Configuration {
    /// One route over all endpoints.
    static func spending(
        _ endpoints: [EndpointConfiguration],
        routeCap: SpendCap? = nil,
        ranks: [Int]? = nil,
        workload: Workload = .conversation,
        daily: SpendCap? = nil
    ) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: endpoints,
            routes: [
                RouteConfiguration(
                    name: "chat",
                    endpoints: endpoints.map(\.name),
                    ranks: ranks,
                    cost: RouteCost(workload: workload, dailyCap: routeCap)
                )
            ],
            outputs: OutputConfiguration(),
            spend: SpendConfiguration(daily: daily)
        )
    }
}

extension Price {
    static let dear = Price("2.50", "10.00")
    static let cheap = Price("0.14", "0.28")

    /// Per million tokens, as prices are quoted.
    init(_ input: String, _ output: String, asOf: CivilDate = CivilDate(year: 2026, month: 5, day: 1)) {
        func token(_ text: String) -> Money { (Money(decimal: text) ?? .zero).divided(by: 1_000_000) }
        self.init(input: token(input), output: token(output), asOf: asOf)
    }
}

extension Money {
    /// For tests: text that is no amount is none.
    init(_ text: String) { self = Money(decimal: text) ?? Money(picos: -1) }
}

extension UnixTime {
    /// 2026-11-22.
    static let testDay = 20_779

    /// So many seconds after the midnight that began the test's day.
    static func seconds(_ seconds: Double, day: Int = testDay) -> UnixTime {
        UnixTime(nanoseconds: Int64(day) * nanosecondsPerDay + Int64((seconds * 1e9).rounded()))
    }
}

extension SpendLedger {
    /// Asks, and fails to be a reservation only if it was not granted.
    mutating func reserve(_ key: ProbeKey, isUrgent: Bool = false, at now: UnixTime) -> SpendReservation? {
        if case .deep(let reservation) = request(key, isUrgent: isUrgent, at: now) { reservation } else { nil }
    }
}
