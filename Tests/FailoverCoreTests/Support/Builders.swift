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
