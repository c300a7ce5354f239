import FailoverCore

/// How much is told of the times of probes.
package enum MetricsDetail: String, Hashable, Sendable, CaseIterable {
    /// Everything.
    case all
    /// Whole answers and first tokens, but no phases.
    case latency
    /// No histograms of probes.
    case none
}

/// The figures of all probes as metrics, a part at a time: with 10,000 endpoints they are too large for one piece.
package struct ProbeMetrics: Sequence, IteratorProtocol, Sendable {
    private let figures: ProbeTally.Figures
    private let families: [Family]
    private var family = 0
    private var slot = 0
    private var lines: MetricLines

    /// A part is handed over as soon as it has so many bytes.
    private static let partSize = 65_536

    private enum Family: CaseIterable {
        case outcomes, codes, slow, skipped, tokens, latency, ttft, phase
    }

    package init(_ figures: ProbeTally.Figures, _ detail: MetricsDetail, _ format: MetricsFormat) {
        self.figures = figures
        lines = MetricLines(format)
        families = Family.allCases.filter { family in
            switch family {
            case .outcomes, .codes, .slow, .skipped, .tokens: true
            case .latency, .ttft: detail != .none
            case .phase: detail == .all
            }
        }
    }

    package mutating func next() -> [UInt8]? {
        while family < families.count {
            if slot == 0 { addHead(families[family]) }
            while slot < figures.slots.count {
                add(families[family], figures.slots[slot])
                slot += 1
                if lines.bytes.count >= Self.partSize { return lines.take() }
            }
            family += 1
            slot = 0
        }
        return lines.isEmpty ? nil : lines.take()
    }

    // MARK: - Families

    private mutating func addHead(_ family: Family) {
        let head =
            switch family {
            case .outcomes: ("failoverd_probes_total", "counter", "Attempts that ended, by outcome.")
            case .codes:
                ("failoverd_probes_unsuccessful_total", "counter", "Attempts that were no success, by reason.")
            case .slow:
                ("failoverd_probes_slow_total", "counter", "Attempts that took longer than the objective for p99.")
            case .skipped:
                ("failoverd_probe_starts_skipped_total", "counter", "Starts that were planned and did not happen.")
            case .tokens:
                ("failoverd_chat_tokens_total", "counter", "Tokens of answered chats, as the server counts them.")
            case .latency:
                (
                    "failoverd_probe_latency_seconds", "histogram",
                    "Time to the whole answer, or waited for it: for a chat from the request written."
                )
            case .ttft:
                (
                    "failoverd_probe_time_to_first_token_seconds", "histogram",
                    "Time from the request written to the first token, or waited for it."
                )
            case .phase: ("failoverd_probe_phase_seconds", "histogram", "Time that a phase of the attempt took.")
            }
        lines.head(head.0, head.1, head.2)
    }

    private typealias Layout = ProbeTally.Layout

    private func count(_ index: Int) -> UInt64 { UInt64(figures.counts[slot * Layout.counts + index]) }

    private func counts(_ start: Int, _ length: Int) -> ArraySlice<UInt32> {
        let first = slot * Layout.counts + start
        return figures.counts[first..<first + length]
    }

    private func sum(_ index: Int) -> Int64 { figures.sums[slot * Layout.sums + index] }

    private mutating func add(_ family: Family, _ probe: ProbeTally.Slot) {
        let labels = probe.labels
        switch family {
        case .outcomes:
            for kind in ProbeTally.OutcomeKind.allCases {
                let more = "outcome=\"\(kind.name)\""
                lines.sample("failoverd_probes_total", labels, more: more, count(kind.rawValue))
            }
        case .codes:
            for code in probe.codes {
                let more = "outcome=\"\(code.outcome.name)\",code=\"\(MetricLines.escaped(code.code.rawValue))\""
                lines.sample("failoverd_probes_unsuccessful_total", labels, more: more, UInt64(code.count))
            }
        case .slow:
            let limits = [
                ("latency", probe.latencyObjective, Layout.slowLatency), ("ttft", probe.ttftObjective, Layout.slowTTFT),
            ]
            for (name, limit, place) in limits where limit != nil {
                lines.sample("failoverd_probes_slow_total", labels, more: "indicator=\"\(name)\"", count(place))
            }
        case .skipped: lines.sample("failoverd_probe_starts_skipped_total", labels, count(Layout.skipped))
        case .tokens:
            guard probe.asksModel else { return }
            for (name, place) in [("prompt", Layout.promptTokens), ("completion", Layout.completionTokens)] {
                lines.sample(
                    "failoverd_chat_tokens_total",
                    labels,
                    more: "kind=\"\(name)\"",
                    UInt64(clamping: sum(place))
                )
            }
        case .latency, .ttft, .phase: addHistograms(family, probe)
        }
    }

    private mutating func addHistograms(_ family: Family, _ probe: ProbeTally.Slot) {
        switch family {
        case .latency:
            lines.histogram(
                "failoverd_probe_latency_seconds",
                probe.labels,
                counts(Layout.latency, Layout.answers),
                limits: TimeBuckets.answers.labels,
                sum: Double(sum(Layout.latencySum)) / 1e9
            )
        case .ttft:
            guard probe.asksModel else { return }
            lines.histogram(
                "failoverd_probe_time_to_first_token_seconds",
                probe.labels,
                counts(Layout.ttft, Layout.answers),
                limits: TimeBuckets.answers.labels,
                sum: Double(sum(Layout.ttftSum)) / 1e9
            )
        case .phase:
            for phase in ProbeTally.Phase.allCases {
                let counts = counts(Layout.phase + phase.rawValue * Layout.phaseBuckets, Layout.phaseBuckets)
                // Many probes have no such phase: without TLS, or with an address instead of a name.
                guard counts.contains(where: { $0 > 0 }) else { continue }
                lines.histogram(
                    "failoverd_probe_phase_seconds",
                    probe.labels,
                    more: "phase=\"\(phase.name)\"",
                    counts,
                    limits: TimeBuckets.phases.labels,
                    sum: Double(sum(Layout.phaseSum + phase.rawValue)) / 1e9
                )
            }
        case .outcomes, .codes, .slow, .skipped, .tokens: return
        }
    }
}
