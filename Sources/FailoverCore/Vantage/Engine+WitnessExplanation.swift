extension Engine {
    /// The arithmetic of an endpoint, and who vouched for its bad probes.
    func explanation(of endpoint: Int, at now: MonotonicInstant) -> EndpointExplanation {
        var explanation = endpoints[endpoint].explanation(at: now)
        explanation.witness = witnesses(of: endpoint, explanation)
        return explanation
    }

    /// `nil` where no bad probe is to be explained.
    private func witnesses(of endpoint: Int, _ explanation: EndpointExplanation) -> WitnessExplanation? {
        let isWaiting = endpoints[endpoint].tracks.contains(where: \.isInDoubt)
        let newest = newestBad(of: endpoint, explanation)
        guard newest != nil || isWaiting else { return nil }
        guard vantage.bench.isOn else { return WitnessExplanation(.unneeded) }
        let others = possibleWitnesses(for: endpoint)
        if let newest {
            let vouching = others.filter { vantage.bench.shown(by: $0)?.vouches(for: newest) ?? false }
            if !vouching.isEmpty { return WitnessExplanation(.vouched, sources: sources(vouching)) }
        }
        return WitnessExplanation(isWaiting ? .waiting : .missing, sources: sources(others))
    }

    /// The start of the newest bad probe that counted; `nil` if nothing bad is among what is explained.
    private func newestBad(of endpoint: Int, _ explanation: EndpointExplanation) -> MonotonicInstant? {
        var newest: MonotonicInstant?
        for indicator in explanation.indicators where indicator.name.kind != .quality {
            for step in indicator.steps where step.isBad { newest = max(newest ?? step.start, step.start) }
        }
        guard newest != nil || endpoints[endpoint].isTripped else { return nil }
        for track in endpoints[endpoint].tracks {
            if let counted = track.doubt.lastCounted { newest = max(newest ?? counted, counted) }
        }
        return newest
    }

    /// Anchors, the other members of its routes, and the cleanest of all: enough to explain with, however many there are.
    private func possibleWitnesses(for endpoint: Int) -> [Int] {
        let firstAnchor = vantage.bench.count - vantage.anchors.count
        var sources = Array(firstAnchor..<vantage.bench.count)
        for route in routesOfEndpoint[endpoint] { sources += routes[route].members.map(\.endpoint) }
        var bench = vantage.bench
        if let cleanest = bench.cleanest(for: endpoint) { sources.append(cleanest) }
        var seen: Set<Int> = [endpoint]
        return sources.filter { seen.insert($0).inserted }
    }

    private func sources(_ places: [Int]) -> [WitnessExplanation.Source] {
        places.prefix(WitnessExplanation.maximumSources).map { place in
            let anchor = vantage.anchor(place)
            return WitnessExplanation.Source(
                name: anchor?.address ?? endpoints[place].name.rawValue,
                isAnchor: anchor != nil,
                good: vantage.bench.goodInARow(of: place),
                needed: WitnessBench.needed
            )
        }
    }
}
