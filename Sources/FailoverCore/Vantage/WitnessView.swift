/// How bad samples of one endpoint are looked at.
enum WitnessView: Sendable {
    /// They count as they come: there is nobody to witness.
    case unneeded
    /// They wait, and whatever came after them waits too.
    case unasked
    /// Whom no witness vouches for after `patience` is void.
    case asked(Witnesses, patience: Duration, now: MonotonicInstant)
}

/// What the clean witnesses for one endpoint show.
struct Witnesses: Sendable {
    struct Shown: Sendable {
        /// When its newest good probe ended.
        let end: MonotonicInstant
        /// When its newest bad one ended; `nil` if it never had one.
        let bad: MonotonicInstant?

        /// Whether it was well when a sample began, and has not failed since.
        func vouches(for start: MonotonicInstant) -> Bool { end >= start && bad.map { $0 < start } ?? true }
    }

    let first: Shown?
    let second: Shown?

    /// Whether our network worked when a sample began: a witness was well by then or later, and has not failed since.
    ///
    /// One that failed beside the sample and is clean again shows nothing of that moment: its probes are more frequent.
    func vouch(for start: MonotonicInstant) -> Bool {
        (first?.vouches(for: start) ?? false) || (second?.vouches(for: start) ?? false)
    }
}

/// What became of samples that waited for a witness.
struct DoubtSettlement: Sendable {
    /// There was a ruling on anything.
    var hasRuled = false
    /// The start of the newest sample that is void, because no witness was clean in time.
    var newestVetoed: MonotonicInstant?
    /// The starts of all of them, in the order of the rulings.
    var vetoed: [MonotonicInstant] = []

    mutating func veto(_ start: MonotonicInstant) {
        newestVetoed = max(newestVetoed ?? start, start)
        vetoed.append(start)
    }
}

extension StartOrder where Result == JudgedSample? {
    /// The next sample in order on which there is a ruling, and whether it is void; what counts nowhere is passed over.
    mutating func popRuled(_ view: WitnessView) -> (sample: JudgedSample, isVoid: Bool)? {
        // Asked for each sample: nothing is copied before there is something.
        while isHeadReady, let head = readyHead {
            guard let sample = head.result else {
                dropHead()
                continue
            }
            guard sample.isBad else {
                dropHead()
                return (sample, false)
            }
            switch view {
            case .unneeded:
                dropHead()
                return (sample, false)
            case .unasked: return nil
            case .asked(let witnesses, let patience, let now):
                if witnesses.vouch(for: sample.start) {
                    dropHead()
                    return (sample, false)
                }
                guard let known = head.known, now - known >= patience else { return nil }
                dropHead()
                return (sample, true)
            }
        }
        return nil
    }
}
