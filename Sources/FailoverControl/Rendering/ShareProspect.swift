import FailoverCore
import FailoverWire

/// What it would take for a share to leave where it is.
struct ShareProspect {
    private let share: StateDocument.Share
    /// Where the rule wants it; elsewhere than it is only in observe mode.
    private let decided: String
    private let verdict: String?
    private let isDrained: Bool
    private let isObserved: Bool
    /// Of its chain, without stopped canaries.
    private let others: [String]

    init(_ share: StateDocument.Share, _ document: ExplainDocument) {
        self.share = share
        decided = share.wouldBeActive
        isObserved = document.dryRun ?? false || share.wouldBeActive != share.active
        let endpoint = document.endpoints.first { $0.endpoint == share.wouldBeActive }
        verdict = endpoint?.verdict
        isDrained = endpoint?.drained != nil
        let closed = (document.shares ?? [:]).filter { $0.value.stopped != nil }.map(\.key)
        others = share.chain.filter { $0 != share.wouldBeActive && !closed.contains($0) }
    }

    var words: String {
        let place = decided == share.active ? "" : "would be on \(decided), and stays: it only observes; "
        return place + prospect
    }

    private var prospect: String {
        switch RouteMode(rawValue: share.mode) {
        case .pinned: return "stays while pinned"
        case .held: return share.reason.code == ReasonCode.frozen.rawValue ? "stays while frozen" : "stays while held"
        case .failOpen: return "\(trouble.map { "\($0), and " } ?? "")nobody of its chain can take over"
        case .preferred, .failover, nil: break
        }
        let leaves = isObserved ? "would leave" : "leaves"
        guard !others.isEmpty else { return isObserved ? "would stay whatever happens" : "stays whatever happens" }
        if let trouble {
            return "\(trouble): \(leaves) as soon as one of \(others.joined(separator: ", ")) has confirmed"
        }
        return "\(leaves) if \(decided) trips, for the best of \(others.joined(separator: ", "))"
    }

    private var trouble: String? {
        if verdict == Verdict.unhealthy.rawValue { return "\(decided) has tripped" }
        return isDrained ? "\(decided) is drained" : nil
    }
}
