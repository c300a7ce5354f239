/// Whether an anchor can still witness: one that is dead for long while others answer is told once, because a vantage
/// without anchors cannot tell a fault of its own network from a real outage.
struct AnchorWatch: Sendable {
    private enum State: Sendable {
        /// Can transition to: `failing`.
        case trusted
        /// With when that was found. Can transition to: `trusted`, with as many good probes as make a witness.
        case failing(since: MonotonicInstant)
    }

    private var state = State.trusted
    /// Good probes in a row; at most ``WitnessBench/needed``.
    private(set) var good = 0
    /// Bad probes in a row.
    private(set) var bad = 0
    /// The end of the first of the bad ones.
    private var badSince: MonotonicInstant?

    /// Bad probes in a row that are no hiccup.
    static let leastBad = 10
    /// No hiccup lasts as long either.
    static let leastSpan = Duration.seconds(60)

    var isFailing: Bool { if case .failing = state { true } else { false } }

    /// Takes a probe that says something; `other` is the newest good probe of a clean witness beside this anchor.
    ///
    /// - Returns: What to tell of the anchor, if that is news.
    mutating func record(
        isGood: Bool,
        by address: String,
        other: MonotonicInstant?,
        at now: MonotonicInstant
    ) -> Reason? {
        guard isGood else {
            good = 0
            bad += 1
            let since = badSince ?? now
            badSince = since
            // Nobody else answers: then it is not the anchor.
            guard !isFailing, bad >= Self.leastBad, now - since >= Self.leastSpan, let other,
                other >= since + Self.leastSpan
            else { return nil }
            state = .failing(since: now)
            let seconds = Int((now - since).inSeconds)
            return Reason(
                .anchorFailing,
                "anchor \(address) has failed for \(seconds) s while others answer: it cannot show that our network works"
            )
        }
        if good < WitnessBench.needed { good += 1 }
        bad = 0
        badSince = nil
        guard isFailing, good >= WitnessBench.needed else { return nil }
        state = .trusted
        return Reason(.anchorOK, "anchor \(address) works again: its last \(good) probes were good")
    }

    /// As published.
    func snapshot(of address: String) -> AnchorSnapshot {
        switch state {
        case .failing(let since):
            AnchorSnapshot(address: address, verdict: .unhealthy, good: good, bad: bad, since: since)
        case .trusted:
            AnchorSnapshot(
                address: address,
                verdict: good >= WitnessBench.needed ? .healthy : .unknown,
                good: good,
                bad: bad,
                since: nil
            )
        }
    }
}
