extension Engine {
    /// What endpoints showed while they were well; those that have shown nothing yet are left out.
    package var baselines: [EndpointName: [BaselineMemory]] {
        var baselines: [EndpointName: [BaselineMemory]] = [:]
        for index in endpoints.indices {
            let own = endpoints[index].baselines
            if !own.isEmpty { baselines[endpoints[index].name] = own }
        }
        return baselines
    }
}

extension EndpointState {
    /// What it showed while it was well, in the order of its probes.
    var baselines: [BaselineMemory] {
        var all: [BaselineMemory] = []
        for index in tracks.indices {
            let learned = tracks[index].detector.baselines
            guard !learned.isEmpty else { continue }
            all += Self.shifted(learned, by: configuration.probes[index].questionDigest)
        }
        return all
    }

    /// Goes on with what an earlier process learned of it; what was of another place or another model is passed over.
    mutating func restore(_ memories: [BaselineMemory]) {
        guard !memories.isEmpty else { return }
        for index in tracks.indices {
            let own = memories.filter { $0.indicator.probe == tracks[index].key.probe }
            tracks[index].detector.restore(Self.shifted(own, by: configuration.probes[index].questionDigest))
        }
    }

    /// A detector knows the numbers of its model, and not whom it judges: each kind is told the other's part by the same step.
    private static func shifted(_ memories: [BaselineMemory], by digest: UInt64) -> [BaselineMemory] {
        memories.map { baseline in
            var baseline = baseline
            baseline.digest ^= digest
            return baseline
        }
    }
}

extension ProbeConfiguration {
    /// Of who is asked what, and of what is a bad answer (FNV-1a): what was learned of another question under the same name says
    /// nothing of this one.
    ///
    /// Nothing that may be secret is in it: no header, no query of a URL, no body.
    fileprivate var questionDigest: UInt64 {
        let objectives = "\(latencyObjective?.nanoseconds ?? 0) \(ttftObjective?.nanoseconds ?? 0)"
        let text = "\(request.type) \(request.address) \(objectives) \(timeouts) \(request.question)"
        return text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension ProbeRequest {
    fileprivate var question: String {
        switch self {
        case .tcp, .tls: ""
        case .http(let probe): probe.question
        case .chat(let probe):
            "\(probe.http.question) \(probe.mode) \(probe.model) \(probe.maximumTokens) \(probe.throttledIsFailure) \(probe.prompt)"
        }
    }
}

extension HTTPProbe {
    fileprivate var question: String {
        let path = target.prefix { $0 != "?" }
        return "\(method) \(path) \(expect.statuses) \(expect.body)"
    }
}
