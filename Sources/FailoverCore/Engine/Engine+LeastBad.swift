extension Engine {
    /// How much more evidence has to speak against the active endpoint than against the one that is less bad.
    ///
    /// Powers of ten: 100 to 1.
    static let leastBadMargin = 2.0
    /// The other one's share of bad probes, as high as it may be, has to be below this part of the active one's.
    static let leastBadShare = 0.5

    /// Nobody is healthy and ready: the endpoint that is so much less bad than the active one that it is worth a move.
    ///
    /// Only one that is not unhealthy itself, because moving between two bad ones helps nobody: it only lacks the good
    /// probes in a row that a candidate needs. Plain rules know no evidence, and never move so.
    func leastBad(for index: Int, at now: MonotonicInstant) -> (endpoint: Int, text: String)? {
        let route = routes[index]
        guard case .evidence = route.configuration.decision.rule, let activeShare = endpoints[route.decided].badShare
        else { return nil }
        let activeEvidence = endpoints[route.decided].strongestEvidence
        var best: (endpoint: Int, bound: Double)?
        for member in route.members where member.endpoint != route.decided {
            let endpoint = endpoints[member.endpoint]
            guard endpoint.isFit, !endpoint.isDrained, !endpoint.isRefusing, !endpoint.isHeld(at: now),
                !isClosed(member.endpoint, to: index),
                activeEvidence - endpoint.strongestEvidence >= Self.leastBadMargin
            else { continue }
            let bound = endpoint.badShareAtMost
            // The first of equals is the preferred one.
            guard bound < activeShare * Self.leastBadShare, bound < best?.bound ?? .infinity else { continue }
            best = (member.endpoint, bound)
        }
        guard let best else { return nil }
        let recent = endpoints[best.endpoint].confirming.recent
        let active = endpoints[route.decided].confirming.recent
        let text =
            "\(name(best.endpoint)) is the least bad: \(recent.bad) of \(recent.count) probes bad, of "
            + "\(name(route.decided)) \(active.bad) of \(active.count)"
        return (best.endpoint, text)
    }

    /// Why none of the others may take over, in a few words each; in order of preference, the first of them if they are many.
    func whyNobody(_ index: Int, unconfirmed: Bool, at now: MonotonicInstant) -> String {
        let route = routes[index]
        let others = route.members.map(\.endpoint).filter { $0 != route.decided }
        guard !others.isEmpty else { return "there is no other endpoint" }
        var words = others.prefix(Self.mostNamed).map {
            isClosed($0, to: index)
                ? "\(name($0)) is a stopped canary"
                : "\(name($0)) \(endpoints[$0].whyNoTarget(at: now, unconfirmed))"
        }
        if others.count > words.count { words.append("\(others.count - words.count) more") }
        return words.joined(separator: ", ")
    }

    /// Names beyond are counted: a sentence has 200 characters.
    private static let mostNamed = 4
}

extension EndpointState {
    /// The highest of the sums that lead its charts; powers of ten.
    var strongestEvidence: Double {
        var strongest = 0.0
        for index in tracks.indices {
            for kind in tracks[index].decidingIndicators {
                strongest = max(strongest, tracks[index].detector.evidence(for: kind).evidence)
            }
        }
        return strongest
    }

    /// Of the last probes that counted; `nil` without one.
    var badShare: Double? { tracks[confirmingTrack].recent.badShare }
    /// The same, as high as it may be for so few probes.
    var badShareAtMost: Double { tracks[confirmingTrack].recent.badShareAtMost }

    /// Most of its probes are throttled, or our own request is refused: nothing would be gained there.
    var isRefusing: Bool {
        if isLimiting { return true }
        for index in tracks.indices where !tracks[index].refusals.isEmpty && tracks[index].isRefused { return true }
        return false
    }

    /// Why no traffic may be moved to it, in a few words.
    func whyNoTarget(at now: MonotonicInstant, _ unconfirmed: Bool) -> String {
        if isDrained { return "drained" }
        switch verdict {
        case .unknown: return reason.code == .stale ? "unknown (silent)" : "unknown (too few samples)"
        case .unhealthy:
            return reason.code == .recovering ? "still has to prove itself" : "unhealthy (\(reason.code))"
        case .healthy, .degraded: break
        }
        if isHeld(at: now) { return "asked not to be asked" }
        if isLimiting { return "limits our rate" }
        if isRefusing { return "refuses our request" }
        if !isEligible { return "failed lately" }
        return unconfirmed ? "did not confirm" : "\(verdict.rawValue)"
    }
}
