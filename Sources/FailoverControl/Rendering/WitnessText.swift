import FailoverCore
import FailoverWire

/// How the witnesses of a bad probe are told: `us-east 5/5 good, anchor tcp://192.0.2.1:443 5/5 good (not our network)`.
enum WitnessText {
    static func words(for witness: ExplainDocument.Witness) -> String {
        let sources = witness.sources.map { source in
            "\(source.anchor ? "anchor " : "")\(source.name) \(source.good)/\(source.needed) good"
        }.joined(separator: ", ")
        switch WitnessExplanation.Standing(rawValue: witness.standing) {
        case .vouched: return "\(sources) (not our network)"
        case .waiting: return "none yet, bad probes wait for one" + (sources.isEmpty ? "" : ": \(sources)")
        case .missing:
            return "none, it may be our own network" + (sources.isEmpty ? "" : ": \(sources)")
        case .unneeded: return "none needed: \(Configuration.noWitnessText)"
        case nil: return sources
        }
    }
}
