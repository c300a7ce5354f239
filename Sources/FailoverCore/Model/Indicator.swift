/// What is measured about an endpoint.
package enum IndicatorKind: String, Hashable, Sendable, CaseIterable {
    /// Bad: the probe failed.
    case availability
    /// Bad: the probe failed, or took longer than the objective.
    case latency
    /// Bad: the probe failed, or its first token took longer than the objective.
    case ttft
    /// Bad: the answer was complete and poor; moves nothing.
    case quality

    /// The share of bad probes that the objective of the indicator allows: 1 % for a p99 and for poor answers, the rest of the
    /// availability objective for errors.
    package func budget(availability: Ratio) -> Double {
        switch self {
        case .availability: 1 - availability.value
        case .latency, .ttft, .quality: 0.01
        }
    }
}

/// One indicator of one probe of an endpoint.
package struct IndicatorName: Hashable, Sendable, CustomStringConvertible {
    package let probe: ProbeName
    package let kind: IndicatorKind

    package init(probe: ProbeName, kind: IndicatorKind) {
        self.probe = probe
        self.kind = kind
    }

    /// `latency` for the only probe of an endpoint, `short.latency` for the profile `short`.
    package var description: String { probe == .default ? kind.rawValue : "\(probe).\(kind.rawValue)" }
}
