package import FailoverCore

/// What is too slow for a probe of an endpoint.
package struct ProfileObjective: Hashable, Sendable {
    /// `nil` if all probes of the endpoint have this limit.
    package let probe: ProbeName?
    package let limit: Duration

    /// The objectives of `probes` at `path`, in the same order.
    static func all(
        of probes: [ProbeConfiguration],
        _ path: KeyPath<ProbeConfiguration, Duration?>
    ) -> [ProfileObjective] {
        let limits = probes.map { $0[keyPath: path] }
        if let first = limits.first, let limit = first, limits.allSatisfy({ $0 == limit }) {
            return [ProfileObjective(probe: nil, limit: limit)]
        }
        return zip(probes, limits).compactMap { probe, limit in
            limit.map { ProfileObjective(probe: probe.name, limit: $0) }
        }
    }

    /// `600ms (short) or 1.2s (long)`; `nil` if there are none.
    static func text(_ objectives: [ProfileObjective]) -> String? {
        guard !objectives.isEmpty else { return nil }
        return objectives.map { objective in
            DurationText.format(objective.limit) + (objective.probe.map { " (\($0))" } ?? "")
        }
        .joined(separator: " or ")
    }
}

extension ProbeConfiguration {
    /// This probe for playing a hang: a slowness that lasts until the wait for the first token is over.
    ///
    /// Each attempt is known to be late at the first of its objectives, and makes room for another when the wait ends. A
    /// slow answer is played as taking twice its objective. `nil` for a probe that does not ask a model.
    var whileHanging: ProbeConfiguration? {
        guard case .chat(let chat) = request, chat.mode == .chat else { return nil }
        let wait = min(timeouts.ttft, timeouts.total)
        let known = [ttftObjective, latencyObjective].compactMap(\.self).reduce(wait) { min($0, $1) }
        return ProbeConfiguration(
            name: name,
            request: request,
            interval: interval,
            timeouts: timeouts,
            connection: connection,
            latencyObjective: max(known, wait / 2),
            ttftObjective: known
        )
    }
}
