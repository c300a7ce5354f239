import FailoverCore

/// When each endpoint answered badly, whatever any rule makes of it: from a bad probe's start to the next good one's.
struct BadStretches: Sendable {
    struct Stretch: Sendable, Equatable {
        let from: MonotonicInstant
        let to: MonotonicInstant
    }

    private var stretches: [EndpointName: [Stretch]] = [:]

    /// By the first probe of an endpoint that can prove it well.
    init(_ probes: RecordedProbes, of configuration: Configuration, until end: MonotonicInstant) {
        for endpoint in configuration.endpoints {
            guard let probe = endpoint.probes.first(where: { $0.tier == .deep }) ?? endpoint.probes.first else {
                continue
            }
            let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
            var from: MonotonicInstant?
            var list: [Stretch] = []
            for observation in probes[key] {
                guard let isBad = observation.isBad(for: probe) else { continue }
                if isBad {
                    from = from ?? observation.start
                } else if let start = from {
                    list.append(Stretch(from: start, to: observation.start))
                    from = nil
                }
            }
            if let start = from, start < end { list.append(Stretch(from: start, to: end)) }
            stretches[endpoint.name] = list
        }
    }

    /// In the order of time.
    subscript(endpoint: EndpointName) -> [Stretch] { stretches[endpoint] ?? [] }

    /// How much of a stay at an endpoint it answered badly.
    func overlap(_ endpoint: EndpointName, from: MonotonicInstant, to: MonotonicInstant) -> Duration {
        self[endpoint].reduce(.zero) { sum, stretch in
            let (start, end) = (max(stretch.from, from), min(stretch.to, to))
            return start < end ? sum + (end - start) : sum
        }
    }

    /// Bad probes that are less far apart belong to one trouble.
    private static let calm = Duration.seconds(60)

    /// When the trouble began that made a stay end; `nil` if there was none.
    func trouble(_ endpoint: EndpointName, from: MonotonicInstant, to: MonotonicInstant) -> MonotonicInstant? {
        var began: MonotonicInstant?
        for stretch in self[endpoint].reversed() where stretch.from < to && stretch.to > from {
            if let began, began - stretch.to >= Self.calm { break }
            began = max(stretch.from, from)
        }
        return began
    }
}

extension Observation {
    /// Whether the probe was bad for any indicator; `nil` for one that is not judged.
    func isBad(for probe: ProbeConfiguration) -> Bool? {
        switch outcome {
        case .failure: return true
        case .throttled, .misconfigured, .inconclusive: return nil
        case .success:
            guard tier == .deep || probe.tier == .shallow else { return nil }
            if let objective = probe.judgedLatency, let latency, latency > objective { return true }
            if let objective = probe.judgedTTFT, let ttft, ttft > objective { return true }
            return false
        }
    }
}
