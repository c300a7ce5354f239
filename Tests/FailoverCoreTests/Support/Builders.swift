import FailoverCore

extension ProbeConfiguration {
    /// A probe whose request does not matter.
    static func tcp(
        _ name: ProbeName = .default,
        port: Int = 443,
        interval: Duration = .seconds(5),
        timeout: Duration = .seconds(3),
        objective: Duration? = .seconds(1)
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: port))),
            interval: interval,
            timeouts: ProbeTimeouts(total: timeout),
            latencyObjective: objective
        )
    }
}

extension EndpointConfiguration {
    static func simple(
        _ name: EndpointName,
        region: RegionName? = nil,
        probes: [ProbeConfiguration] = [.tcp()]
    ) -> EndpointConfiguration {
        EndpointConfiguration(
            name: name,
            region: region ?? RegionName(rawValue: name.rawValue),
            publicURL: "tcp://192.0.2.1:443",
            probes: probes
        )
    }
}

extension Configuration {
    static let members: [EndpointName] = ["us", "eu", "ap"]

    /// Endpoints with one probe each, and one route over all of them.
    static func oneRoute(
        _ members: [EndpointName] = members,
        probe: ProbeConfiguration = .tcp(),
        decision: DecisionConfiguration = .plain
    ) -> Configuration {
        routes([RouteConfiguration(name: "chat", endpoints: members, decision: decision)], probe: probe)
    }

    static func routes(_ routes: [RouteConfiguration], probe: ProbeConfiguration = .tcp()) -> Configuration {
        var endpoints: [EndpointName] = []
        for name in routes.flatMap(\.endpoints) where !endpoints.contains(name) { endpoints.append(name) }
        return Configuration(
            vantage: "here",
            endpoints: endpoints.map { .simple($0, probes: [probe]) },
            routes: routes,
            outputs: OutputConfiguration()
        )
    }
}

extension DecisionConfiguration {
    /// Balanced, without faster probing under suspicion, so that probes are easy to count.
    static let plain = DecisionConfiguration.evidence()

    static func evidence(
        _ preset: Preset = .balanced,
        confirm: Duration = .seconds(3600),
        failback: FailbackPolicy = .automatic,
        holdDown: Duration = .seconds(30),
        limit: Int? = 6,
        observe: Bool = false
    ) -> DecisionConfiguration {
        DecisionConfiguration(
            rule: .evidence(.preset(preset, confirm: confirm)),
            failback: failback,
            holdDown: holdDown,
            maximumMovesPerHour: limit,
            observe: observe
        )
    }
}

extension EvidenceParameters {
    static func preset(_ preset: Preset, confirm: Duration) -> EvidenceParameters {
        let known = EvidenceParameters.preset(preset)
        return EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: known.falseFailoversPerYear,
            availabilityBlip: known.availabilityBlip,
            latencyBlip: known.latencyBlip,
            confirmInterval: confirm
        )
    }
}

extension ProbeConfiguration {
    /// A question to an LLM, first token within 300 ms and all of it within 3 s.
    static func chat(
        _ name: ProbeName = .default,
        mode: ChatProbe.Mode = .chat,
        interval: Duration = .seconds(5),
        latency: Duration? = .seconds(3),
        ttft: Duration? = .milliseconds(300),
        throttledIsFailure: Bool = false,
        sharesTrafficCredential: Bool = false
    ) -> ProbeConfiguration {
        ProbeConfiguration(
            name: name,
            request: .chat(
                ChatProbe(
                    http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)),
                    mode: mode,
                    model: "m",
                    throttledIsFailure: throttledIsFailure,
                    sharesTrafficCredential: sharesTrafficCredential
                )
            ),
            interval: interval,
            timeouts: ProbeTimeouts(total: .seconds(30)),
            latencyObjective: latency,
            ttftObjective: ttft
        )
    }
}

extension Price {
    /// Per million tokens, in hundredths.
    static func perMillion(_ input: Int, _ output: Int) -> Price {
        let perToken = Money.picosPerUnit / 100_000_000
        return Price(
            input: Money(picos: Int128(input) * perToken),
            output: Money(picos: Int128(output) * perToken),
            asOf: CivilDate(year: 2026, month: 5, day: 1)
        )
    }
}

extension Configuration {
    /// One route; each endpoint may have a provider and a price.
    static func chats(
        _ members: [EndpointName] = members,
        probes: [ProbeConfiguration] = [.chat()],
        ranks: [Int]? = nil,
        providers: [EndpointName: ProviderName] = [:],
        prices: [EndpointName: Price] = [:],
        maximumRatio: Double? = nil,
        decision: DecisionConfiguration = .plain
    ) -> Configuration {
        let endpoints = members.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                provider: providers[name],
                publicURL: "https://192.0.2.1/v1",
                probes: probes,
                price: prices[name]
            )
        }
        let route = RouteConfiguration(
            name: "chat",
            endpoints: members,
            ranks: ranks,
            decision: decision,
            cost: RouteCost(maximumRatio: maximumRatio)
        )
        return Configuration(vantage: "here", endpoints: endpoints, routes: [route], outputs: OutputConfiguration())
    }
}

extension AnchorConfiguration {
    static func tcp(_ host: String = "192.0.2.9", interval: Duration = .seconds(5)) -> AnchorConfiguration {
        AnchorConfiguration(
            address: "tcp://\(host):443",
            probe: .tcp(interval: interval, objective: nil)
        )
    }
}

extension Configuration {
    /// The same with something outside that shows whether our own network works.
    func anchored(_ anchors: AnchorConfiguration...) -> Configuration {
        Configuration(
            vantage: vantage,
            endpoints: endpoints,
            routes: routes,
            outputs: outputs,
            spend: spend,
            anchors: anchors
        )
    }
}
