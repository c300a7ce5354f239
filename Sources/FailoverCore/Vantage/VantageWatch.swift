/// Whether what this place sees can be trusted.
struct VantageWatch: Sendable {
    /// A doubt of our own network, since when, and the newest sample that made it.
    struct Suspicion: Sendable, Equatable {
        let reason: Reason
        let since: MonotonicInstant
        /// The start of the newest void sample: a witness has to be clean after it.
        var newestVeto: MonotonicInstant
    }

    /// A standstill, and when its warm-up round is over.
    struct Stall: Sendable, Equatable {
        let reason: Reason
        let since: MonotonicInstant
        let until: MonotonicInstant
    }

    private enum State: Sendable, Equatable {
        /// `nil` for since the start. Can transition to: `suspect`, `stalled`.
        case clear(since: MonotonicInstant?)
        /// Can transition to: `clear` with a clean witness, `stalled`.
        case suspect(Suspicion)
        /// With the suspicion that it interrupted. Can transition to: what was before, when the warm-up round is over.
        case stalled(Stall, before: Suspicion?)
    }

    private var state = State.clear(since: nil)

    /// No warm-up round holds all decisions for longer.
    static let longestWarmUp = Duration.seconds(30)

    var isClear: Bool { if case .clear = state { true } else { false } }
    var isStalled: Bool { if case .stalled = state { true } else { false } }

    /// When to call `advance`; `nil` unless it is stalled.
    var stallEnd: MonotonicInstant? {
        guard case .stalled(let stall, _) = state else { return nil }
        return stall.until
    }

    var snapshot: VantageSnapshot {
        switch state {
        case .clear(let since): VantageSnapshot(since: since)
        case .suspect(let suspicion):
            VantageSnapshot(state: .suspect, reason: suspicion.reason, since: suspicion.since)
        case .stalled(let stall, _): VantageSnapshot(state: .stalled, reason: stall.reason, since: stall.since)
        }
    }

    // MARK: - What changes it

    /// A sample that began at `start` is void, and nothing has been good since.
    ///
    /// - Returns: What to tell, if that is news.
    mutating func suspect(_ reason: Reason, start: MonotonicInstant, at now: MonotonicInstant) -> Reason? {
        switch state {
        case .clear:
            state = .suspect(Suspicion(reason: reason, since: now, newestVeto: start))
            return reason
        case .suspect(var suspicion):
            suspicion.newestVeto = max(suspicion.newestVeto, start)
            state = .suspect(suspicion)
            return nil
        case .stalled: return nil
        }
    }

    /// A clean witness had a good probe that ended at `end`.
    ///
    /// - Returns: What to tell, if that ends the suspicion.
    mutating func witness(_ name: String, end: MonotonicInstant, at now: MonotonicInstant) -> Reason? {
        switch state {
        case .suspect(let suspicion) where end >= suspicion.newestVeto:
            state = .clear(since: now)
            return Reason(
                .clear,
                "our network works again: the last \(WitnessBench.needed) probes of \(name) were good"
            )
        case .stalled(let stall, let suspicion?) where end >= suspicion.newestVeto:
            state = .stalled(stall, before: nil)
            return nil
        case .clear, .suspect, .stalled: return nil
        }
    }

    /// There is nobody left who could witness, so that nothing is vetoed any more.
    ///
    /// - Returns: What to tell, if that ends the suspicion.
    mutating func believe(at now: MonotonicInstant) -> Reason? {
        switch state {
        case .suspect:
            state = .clear(since: now)
            return Reason(.clear, "\(Configuration.noWitnessText), since the configuration changed")
        case .stalled(let stall, _):
            state = .stalled(stall, before: nil)
            return nil
        case .clear: return nil
        }
    }

    /// The daemon stood still for `pause` until `now`; samples count again from `trusted` on.
    ///
    /// - Returns: What to tell: each standstill is told.
    mutating func stall(for pause: Duration, until trusted: MonotonicInstant, at now: MonotonicInstant) -> Reason {
        let seconds = pause.inSeconds.formatted(decimals: 1)
        let reason = Reason(
            .localStalled,
            "the daemon stood still for \(seconds) s: what was under way is no measurement"
        )
        let until = min(trusted, now + Self.longestWarmUp)
        switch state {
        case .clear: state = .stalled(Stall(reason: reason, since: now, until: until), before: nil)
        case .suspect(let suspicion):
            state = .stalled(Stall(reason: reason, since: now, until: until), before: suspicion)
        case .stalled(let stall, let suspicion):
            let longer = Stall(reason: reason, since: stall.since, until: max(stall.until, until))
            state = .stalled(longer, before: suspicion)
        }
        return reason
    }

    /// - Returns: What to tell, if the warm-up round is over.
    mutating func advance(to now: MonotonicInstant) -> Reason? {
        guard case .stalled(let stall, let suspicion) = state, now >= stall.until else { return nil }
        guard let suspicion else {
            state = .clear(since: now)
            return Reason(.clear, "probes have run for a round since the daemon stood still")
        }
        state = .suspect(suspicion)
        return suspicion.reason
    }
}
