/// One number for each alternative, without an array: a score is changed with every probe.
package struct EvidenceScores: Sendable, Equatable {
    package var outage: Double
    package var partial: Double
    package var degraded: Double

    static let zero = EvidenceScores(outage: 0, partial: 0, degraded: 0)

    var highest: Double { max(outage, partial, degraded) }

    /// In the order of `Alternative.allCases`.
    package var list: [Double] { Alternative.allCases.map { self[$0] } }

    package subscript(alternative: Alternative) -> Double {
        switch alternative {
        case .outage: outage
        case .partial: partial
        case .degraded: degraded
        }
    }

    func map(_ transform: (Double) -> Double) -> EvidenceScores {
        EvidenceScores(outage: transform(outage), partial: transform(partial), degraded: transform(degraded))
    }

    /// The highest share of its threshold that a score reaches.
    func fullness(of thresholds: EvidenceScores) -> Double {
        // Nearly always: this is asked several times with every sample.
        guard highest > 0 else { return 0 }
        return max(outage / thresholds.outage, partial / thresholds.partial, degraded / thresholds.degraded)
    }

    /// The sums, none below zero.
    mutating func add(_ increments: EvidenceScores) {
        outage = max(0, outage + increments.outage)
        partial = max(0, partial + increments.partial)
        degraded = max(0, degraded + increments.degraded)
    }
}
