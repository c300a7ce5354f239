/// Our own request or account is refused: since when, how often, and whose fault that is.
///
/// It begins with the first refusal and is over after a minute without one, so that a probe that is never refused pays
/// nothing, and one that is refused by every second machine behind a name is told of once. A refusal is our fault, and the
/// last verdict is held, unless three things are so: this configuration worked before, the refusals go on, and users'
/// requests carry the same credential. Then users are refused too, and outages do show as 401.
struct MisconfigurationWatch: Sendable {
    /// Where it stands.
    private enum State: Sendable {
        /// So many in a row since then; none after a failure of another kind. Can transition to: `working`.
        case refused(since: MonotonicInstant, inARow: Int)
        /// Accepted since then. Can transition to: `refused`; over after ``duration``.
        case working(since: MonotonicInstant)
    }

    /// What the first refusal said, for people.
    let reason: Reason
    /// This configuration has succeeded before.
    private var hasWorked: Bool
    private let sharesTrafficCredential: Bool
    private var state: State

    /// Refusals in a row before they count as the endpoint's.
    static let least = 3
    /// And the time over which they must have come, and after the last of which it is over.
    ///
    /// Shorter is a key that is being replaced, or a bad deployment of a gateway.
    static let duration = Duration.seconds(60)

    /// The first refusal itself has still to be counted.
    init(reason: Reason, hasWorked: Bool, sharesTrafficCredential: Bool, at now: MonotonicInstant) {
        self.reason = reason
        self.hasWorked = hasWorked
        self.sharesTrafficCredential = sharesTrafficCredential
        state = .refused(since: now, inARow: 0)
    }

    var isRefused: Bool { if case .refused = state { true } else { false } }

    /// Counts a refusal, the first one included.
    ///
    /// - Returns: Whether it counts as a failure of the endpoint.
    mutating func refuse(at now: MonotonicInstant) -> Bool {
        switch state {
        case .working, .refused(_, inARow: 0):
            state = .refused(since: now, inARow: 1)
            return false
        case .refused(let since, let before):
            let inARow = min(before + 1, Self.least)
            state = .refused(since: since, inARow: inARow)
            return hasWorked && sharesTrafficCredential && inARow >= Self.least && now - since >= Self.duration
        }
    }

    /// Something failed that is no refusal: what comes next is a row of its own.
    mutating func interrupt() {
        if case .refused(let since, _) = state { state = .refused(since: since, inARow: 0) }
    }

    /// Notes a success of what was refused.
    ///
    /// - Returns: Whether it is over.
    mutating func succeed(at now: MonotonicInstant) -> Bool {
        hasWorked = true
        switch state {
        case .refused:
            state = .working(since: now)
            return false
        case .working(let since): return now - since >= Self.duration
        }
    }
}

/// Prompts or answers that a filter refuses: the endpoint lives, and the probe says nothing.
struct FilterWatch: Sendable {
    private var inARow = 0

    /// So many in a row are told: a filter errs now and then.
    static let least = 5

    /// - Returns: Whether it has to be told now: once until an answer gets through.
    mutating func filter() -> Bool {
        inARow = min(inARow + 1, Self.least + 1)
        return inARow == Self.least
    }

    mutating func pass() { inARow = 0 }
}
