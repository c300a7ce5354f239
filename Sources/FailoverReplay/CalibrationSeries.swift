import FailoverCore
import FailoverWire

/// The samples of one indicator of one probe, without those of outages.
struct CalibrationSeries: Sendable {
    struct Sample: Sendable {
        let start: MonotonicInstant
        let isBad: Bool
        /// It came soon after a bad one.
        var isRepeat = false
        /// Something before it was left out, so that nothing is known of the moment before.
        var isAfterGap = false
    }

    let endpoint: EndpointName
    let kind: IndicatorKind
    let probe: ProbeConfiguration
    let availability: Ratio
    /// Of the endpoint, for the threshold.
    let probes: Int
    private(set) var samples: [Sample] = []
    private(set) var outages = 0
    private(set) var outageProbes = 0
    private(set) var vetoed = 0
    private(set) var hiccups = 0
    private(set) var observed = Duration.zero

    /// Those of all probes that are judged, in configuration order; sections follow each other after a gap.
    static func all(
        in recording: Recording,
        _ configuration: Configuration,
        _ vetoes: [Set<VetoedSample>]
    ) -> [CalibrationSeries] {
        let sections = recording.sections.map { RecordedProbes($0.entries) }
        return configuration.endpoints.flatMap { endpoint in
            let route = configuration.routes.first { $0.endpoints.contains(endpoint.name) }
            return endpoint.probes.filter { $0.tier == .deep }.flatMap { probe in
                probe.judgedKinds.map { kind in
                    var series = CalibrationSeries(
                        endpoint: endpoint.name,
                        kind: kind,
                        probe: probe,
                        availability: route?.availability.ratio ?? AvailabilityObjective().ratio,
                        probes: endpoint.probes.count
                    )
                    for (index, section) in sections.enumerated() {
                        let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
                        series.add(section[key], of: probe, vetoes.indices.contains(index) ? vetoes[index] : [])
                    }
                    return series
                }
            }
        }
    }

    private mutating func add(
        _ observations: [Observation],
        of probe: ProbeConfiguration,
        _ vetoes: Set<VetoedSample>
    ) {
        var all: [Sample] = []
        for observation in observations {
            guard let isBad = observation.isBad(kind, for: probe) else { continue }
            if isBad, vetoes.contains(VetoedSample(key: observation.key, start: observation.start)) {
                vetoed += 1
                continue
            }
            all.append(Sample(start: observation.start, isBad: isBad))
        }
        guard let first = all.first, let last = all.last else { return }
        observed += last.start - first.start
        var isAfterGap = true
        var index = 0
        while index < all.count {
            var end = index
            while end < all.count, all[end].isBad == all[index].isBad { end += 1 }
            let length = (end < all.count ? all[end].start : last.start) - all[index].start
            if all[index].isBad, length > max(Calibration.shortestOutage, probe.interval * 12) {
                outages += 1
                outageProbes += end - index
                isAfterGap = true
            } else {
                if all[index].isBad { hiccups += 1 }
                for position in index..<end {
                    var sample = all[position]
                    sample.isAfterGap = isAfterGap
                    if !isAfterGap, let before = samples.last {
                        sample.isRepeat = before.isBad && sample.start - before.start <= probe.interval * 3
                    }
                    isAfterGap = false
                    samples.append(sample)
                }
            }
            index = end
        }
    }

    // MARK: - Against the model

    /// Calls back with each sample and the chance that it would be bad.
    func forecast(_ parameters: EvidenceParameters, _ body: (Sample, Double) -> Void) {
        var forecast = self.forecast(parameters)
        for sample in samples {
            if sample.isAfterGap { forecast.forget() }
            body(sample, forecast.record(isBad: sample.isBad, start: sample.start))
        }
    }

    func logLikelihood(_ parameters: EvidenceParameters) -> Double {
        var sum = 0.0
        forecast(parameters) { sample, predicted in
            sum += EvidenceForecast.logLikelihood(ofBad: sample.isBad, predicted: predicted)
        }
        return sum
    }

    /// The sum that came nearest to its threshold, and that threshold.
    func nearest(_ parameters: EvidenceParameters) -> (evidence: Double, threshold: Double) {
        var forecast = self.forecast(parameters)
        var nearest = forecast.nearest
        for sample in samples {
            if sample.isAfterGap { forecast.forget() }
            _ = forecast.record(isBad: sample.isBad, start: sample.start)
            let now = forecast.nearest
            if now.threshold - now.evidence < nearest.threshold - nearest.evidence { nearest = now }
        }
        return nearest
    }

    private func forecast(_ parameters: EvidenceParameters) -> EvidenceForecast {
        EvidenceForecast(kind, parameters: parameters, probe: probe, availability: availability, probes: probes)
    }
}

extension ProbeConfiguration {
    fileprivate var judgedKinds: [IndicatorKind] {
        [.availability] + (judgedLatency == nil ? [] : [.latency]) + (judgedTTFT == nil ? [] : [.ttft])
    }
}

extension Observation {
    /// Whether it was bad for one indicator; `nil` where it is not judged.
    fileprivate func isBad(_ kind: IndicatorKind, for probe: ProbeConfiguration) -> Bool? {
        switch outcome {
        case .failure: return true
        case .throttled, .misconfigured, .inconclusive: return nil
        case .success:
            guard tier == .deep else { return nil }
            switch kind {
            case .availability: return false
            case .latency: return latency.flatMap { latency in probe.judgedLatency.map { latency > $0 } } ?? false
            case .ttft: return ttft.flatMap { ttft in probe.judgedTTFT.map { ttft > $0 } }
            case .quality: return nil
            }
        }
    }
}
