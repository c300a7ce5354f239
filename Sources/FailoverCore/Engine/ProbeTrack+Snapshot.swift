extension ProbeTrack {
    /// Windows and evidence of each indicator, appended.
    mutating func appendSnapshots(
        to list: inout [IndicatorSnapshot],
        availability objective: Ratio,
        at now: MonotonicInstant
    ) {
        let counts = errors.counts(at: now)
        let (evidence, threshold) = detector.evidence(for: .availability)
        list.append(
            IndicatorSnapshot(
                name: IndicatorName(probe: key.probe, kind: .availability),
                window: .availability(objective: objective, counts: counts),
                evidence: evidence,
                threshold: threshold,
                totals: errors.totals
            )
        )
        if let objective = limits.objective {
            let (evidence, threshold) = detector.evidence(for: .latency)
            list.append(
                IndicatorSnapshot(
                    name: IndicatorName(probe: key.probe, kind: .latency),
                    window: latencies.snapshot(objective: objective, void: counts.void, at: now),
                    evidence: evidence,
                    threshold: threshold,
                    totals: latencies.totals
                )
            )
        }
        guard !chat.isEmpty else { return }
        let (detector, key) = (detector, key)
        chat.change { $0.appendSnapshots(to: &list, of: key.probe, detector, void: counts.void, at: now) }
    }

    /// The arithmetic of each indicator.
    var explanations: [IndicatorExplanation] {
        let deciding = decidingIndicators.map { detector.explanation(for: $0) }
        guard let quality = chat.read({ $0.quality?.explanation(of: key.probe) }) ?? nil else { return deciding }
        return deciding + [quality]
    }

    /// `nil` if no attempt has had a connection.
    func connectionSnapshot(at now: MonotonicInstant) -> ConnectionSnapshot? {
        guard let connection else { return nil }
        let isExpiring = connection.certificate.map { certificates.isExpiring($0, at: now) } ?? false
        return ConnectionSnapshot(probe: key.probe, facts: connection, expiresSoon: isExpiring)
    }
}

extension LatencyWindow {
    mutating func snapshot(objective: Duration, void: Int, at now: MonotonicInstant) -> IndicatorWindow {
        let judged = counts(at: now)
        return .latency(
            objective: objective,
            counts: SampleCounts(samples: judged.samples, bad: judged.bad, void: void),
            percentiles: percentiles(at: now)
        )
    }
}
