package import FailoverCore
package import FailoverWire

/// Compares what the evidence rule predicts of healthy endpoints with what was recorded of them.
///
/// The rule keeps its budget only if the chance of a bad probe after what came before is never larger than it predicts;
/// where hiccups last longer than the configured blip, it is.
package struct Calibration: Hashable, Sendable {
    /// One indicator of all endpoints that are judged with the same parameters.
    package struct Check: Hashable, Sendable {
        package let indicator: IndicatorKind
        /// In configuration order.
        package let endpoints: [EndpointName]
        package var bins: [CalibrationBin]
        /// The probes that followed a bad one soon.
        package var repeats: CalibrationBin
        package var samples = 0
        package var bad = 0
        /// Longer than a hiccup can be: left out.
        package var outages = 0
        package var outageProbes = 0
        /// Bad, and left out because no witness showed that our own network worked.
        package var vetoed = 0
        /// Stretches of bad probes that were not.
        package var hiccups = 0
        /// Recorded time of all these endpoints together.
        package var observed = Duration.zero
        package let blip: Duration
        /// The likeliest length; `nil` where the configured one is as good, or there is too little data.
        package var likelierBlip: Duration?
        /// How often hiccups begin; `nil` likewise, and for slowness, where the objective says it.
        package var likelierBlipsPerDay: Double?
        /// The highest evidence that hiccups reached, with the blip that is proposed or stays, and the threshold.
        package var highestEvidence = 0.0
        package var threshold = 0.0
        /// The most that evidence may be asked to reach; `nil` where the present budget is kept.
        package var budget: Double?
    }

    /// All that share the parameters of one rule.
    package struct Group: Hashable, Sendable {
        package let routes: [RouteName]
        package let parameters: EvidenceParameters
        package var checks: [Check]
    }

    package private(set) var groups: [Group] = []
    /// Endpoints that a plain rule judges: it predicts nothing.
    package private(set) var plain: [EndpointName] = []

    /// Probes after a bad one that a statement about them needs.
    package static let leastRepeats = 20
    /// A longer stretch of bad probes is an outage, not a hiccup: worth acting on, whatever the blip.
    package static let shortestOutage = Duration.seconds(60)

    /// - Parameters:
    ///   - recording: All of its sections count.
    ///   - configuration: Whose parameters are checked.
    ///   - vetoes: For each section, the bad samples that did not count; those after the last are empty.
    package init(_ recording: Recording, configuration: Configuration, vetoes: [Set<VetoedSample>] = []) {
        let series = CalibrationSeries.all(in: recording, configuration, vetoes)
        for route in configuration.routes {
            guard case .evidence(let parameters) = route.decision.rule else {
                for name in route.endpoints where !plain.contains(name) { plain.append(name) }
                continue
            }
            let isKnown = groups.contains { $0.parameters == parameters && $0.routes.contains(route.name) }
            guard !isKnown else { continue }
            let routes = configuration.routes.filter { $0.decision.rule == route.decision.rule }
            guard !groups.contains(where: { $0.routes.contains(route.name) }) else { continue }
            let members = Set(routes.flatMap(\.endpoints))
            let judged = series.filter { members.contains($0.endpoint) }
            let checks = [IndicatorKind.availability, .latency, .ttft].compactMap { kind in
                Self.check(kind, judged.filter { $0.kind == kind }, parameters)
            }
            groups.append(Group(routes: routes.map(\.name), parameters: parameters, checks: checks))
        }
    }

    private static func check(
        _ kind: IndicatorKind,
        _ series: [CalibrationSeries],
        _ parameters: EvidenceParameters
    ) -> Check? {
        guard !series.isEmpty else { return nil }
        let blip = parameters.blip(of: kind)
        var endpoints: [EndpointName] = []
        for one in series where !endpoints.contains(one.endpoint) { endpoints.append(one.endpoint) }
        var check = Check(
            indicator: kind,
            endpoints: endpoints,
            bins: CalibrationBin.all,
            repeats: CalibrationBin(from: 0, to: 1),
            blip: blip
        )
        for one in series {
            check.samples += one.samples.count
            check.bad += one.samples.count { $0.isBad }
            check.outages += one.outages
            check.outageProbes += one.outageProbes
            check.vetoed += one.vetoed
            check.hiccups += one.hiccups
            check.observed += one.observed
            one.forecast(parameters) { sample, predicted in
                let bin = check.bins.firstIndex { predicted < $0.to } ?? check.bins.count - 1
                check.bins[bin].count(sample.isBad, predicted: predicted)
                if sample.isRepeat { check.repeats.count(sample.isBad, predicted: predicted) }
            }
        }
        var better = parameters
        if check.repeats.count >= Self.leastRepeats {
            better = likeliest(kind, series, parameters)
            if better.blip(of: kind) != blip { check.likelierBlip = better.blip(of: kind) }
            if better.blipsPerDay != parameters.blipsPerDay { check.likelierBlipsPerDay = better.blipsPerDay }
        }
        propose(&check, series, better)
        return check
    }

    /// Lengths that are tried, as people would write them.
    private static let lengths: [Duration] =
        [100, 200, 300, 500, 700].map { .milliseconds($0) }
        + [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60].map { .seconds($0 as Double) }
    /// Hiccups a day that are tried.
    private static let rates = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    /// One of length and rate is bettered at a time; a few rounds settle both.
    private static let rounds = 4

    /// The parameters under which the recording is likeliest, if that is more than chance; the present ones otherwise.
    private static func likeliest(
        _ kind: IndicatorKind,
        _ series: [CalibrationSeries],
        _ present: EvidenceParameters
    ) -> EvidenceParameters {
        func likelihood(_ parameters: EvidenceParameters) -> Double {
            series.reduce(0) { $0 + $1.logLikelihood(parameters) }
        }
        var best = (parameters: present, likelihood: likelihood(present))
        let base = best.likelihood
        let triesRates = kind == .availability
        for _ in 0..<Self.rounds {
            let before = best.likelihood
            var tried = Self.lengths.map { best.parameters.with($0, of: kind) }
            if triesRates { tried += Self.rates.map { best.parameters.with(blipsPerDay: $0) } }
            for parameters in tried {
                let value = likelihood(parameters)
                if value > best.likelihood { best = (parameters, value) }
            }
            if best.likelihood == before { break }
        }
        // Twice the difference is chi-squared with a degree of freedom for each number: exceeded by chance once in twenty times.
        return 2 * (best.likelihood - base) > (triesRates ? 5.99 : 3.84) ? best.parameters : present
    }

    /// Budgets that are proposed, as people would write them.
    private static let budgets: [Double] = [
        5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01,
    ]

    /// How far hiccups came to convict, and what budget would have kept all of them from it.
    private static func propose(
        _ check: inout Check,
        _ series: [CalibrationSeries],
        _ parameters: EvidenceParameters
    ) {
        var margin = Double.infinity
        for one in series {
            let (highest, threshold) = one.nearest(parameters)
            guard threshold - highest < margin else { continue }
            margin = threshold - highest
            check.highestEvidence = highest
            check.threshold = threshold
        }
        guard margin <= 0, check.repeats.count >= Self.leastRepeats else { return }
        // Each power of ten that is missing is a tenth of the budget.
        let wanted = parameters.falseFailoversPerYear * EvidenceForecast.powerOfTen(margin)
        check.budget = Self.budgets.first { $0 < wanted }
    }
}

extension EvidenceParameters {
    func blip(of kind: IndicatorKind) -> Duration { kind == .availability ? availabilityBlip : latencyBlip }

    func with(blipsPerDay: Double) -> EvidenceParameters {
        EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: falseFailoversPerYear,
            availabilityBlip: availabilityBlip,
            latencyBlip: latencyBlip,
            blipsPerDay: blipsPerDay,
            degradedAt: degradedAt,
            confirmInterval: confirmInterval
        )
    }

    func with(_ blip: Duration, of kind: IndicatorKind) -> EvidenceParameters {
        EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: falseFailoversPerYear,
            availabilityBlip: kind == .availability ? blip : availabilityBlip,
            latencyBlip: kind == .availability ? latencyBlip : blip,
            blipsPerDay: blipsPerDay,
            degradedAt: degradedAt,
            confirmInterval: confirmInterval
        )
    }
}
