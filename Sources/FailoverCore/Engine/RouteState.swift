/// One route as the engine knows it, or one share of a weighted route.
struct RouteState: Sendable {
    /// Where a decision stands.
    enum Phase: Sendable, Equatable {
        /// Nothing under way. Can transition to: `confirming` when the active endpoint trips, `persisting` to fail
        /// back.
        case settled
        /// The best candidate is probed once before traffic moves there. Can transition to: `persisting` when it
        /// answers, `settled` when none does or the active endpoint is well again.
        case confirming(Confirmation)
        /// An operator wants it back, and another move is in the way. Can transition to: `persisting`, `settled` when that can no
        /// longer be.
        case returning(ReturnOrder)
        /// A candidate has confirmed, and the move of another route is in the way. Can transition to: `persisting`, `settled` when
        /// it is not wanted any more.
        case waiting(Move)
        /// The move is being made durable. Can transition to: `settled`, moved or not.
        case persisting(Move)
    }

    /// Why a route stays although its active endpoint is unhealthy.
    enum Impasse: Sendable, Equatable {
        case nobodyHealthy(Reason)
        case moveLimit(Reason)
        /// An operator has frozen all automatic moves.
        case frozen(Reason)
    }

    struct Confirmation: Sendable, Equatable {
        let candidate: Int
        /// Asked in order when the candidate fails.
        let others: [Int]
        let asked: MonotonicInstant
        let deadline: MonotonicInstant
        let reason: Reason
        /// Those that answered and said nothing: they live, which has to do if nobody confirms.
        var alive: [Int] = []
    }

    let configuration: RouteConfiguration
    /// Endpoints in order of preference: by rank, the cheaper first among equals, then in configuration order.
    let members: [Member]
    /// Some of them are equally good.
    let hasEquals: Bool
    /// As published.
    var active: Int
    /// As decided: differs from `active` only in observe mode.
    var decided: Int
    var generation: UInt64
    var since: MonotonicInstant
    var reason: Reason
    /// Moves of the last hour, oldest first; bounded by the limit on moves or 1,000.
    private(set) var moves: [MonotonicInstant] = []
    var phase = Phase.settled
    var impasse: Impasse?
    /// A failback that could not be made durable is not tried again before.
    var noFailbackBefore: MonotonicInstant?
    /// The end of the limit on moves that the engine already waits for; each is waited for once.
    var awaitedLimitEnd: MonotonicInstant?
    /// It is one share of a weighted route.
    let isShare: Bool
    private var rareShare: Rare<Share>
    /// Empty for all but lowest-latency routes.
    var rareSpeed: Rare<SpeedWatch>
    /// `nil` for an active-standby route.
    var share: Share? {
        get { rareShare.value }
        set { rareShare.value = newValue }
    }

    init(
        configuration: RouteConfiguration,
        members: [Member],
        active: Int,
        generation: UInt64,
        since: MonotonicInstant,
        reason: Reason,
        moves: [MonotonicInstant] = [],
        share: Share? = nil,
        speed: Rare<SpeedWatch> = Rare()
    ) {
        self.configuration = configuration
        self.members = members
        hasEquals = zip(members, members.dropFirst()).contains { $0.rank == $1.rank }
        self.active = active
        decided = active
        self.generation = generation
        self.since = since
        self.reason = reason
        self.moves = moves
        isShare = share != nil
        rareShare = Rare(share)
        rareSpeed = speed
    }

    /// The best one that nothing speaks against; there may be equals of it.
    var preferred: Int { members[0].endpoint }
    /// The index of an endpoint and its rank; lower is better, and equals share one.
    struct Member: Sendable, Equatable {
        let endpoint: Int
        let rank: Int
    }

    /// Whether the endpoint is as good as any.
    func isPreferred(_ endpoint: Int) -> Bool {
        endpoint == preferred || rank(of: endpoint) == members[0].rank
    }

    /// Beyond all ranks if it is no member.
    func rank(of endpoint: Int) -> Int {
        for member in members where member.endpoint == endpoint { return member.rank }
        return .max
    }

    func contains(_ endpoint: Int) -> Bool { members.contains { $0.endpoint == endpoint } }

    /// The last move was an operator's: nothing spoke against what was left.
    var isMovedByOperator: Bool { reason.code == .pinned || reason.code == .drained }

    var isObserving: Bool { configuration.decision.observe }

    var mode: RouteMode {
        switch impasse {
        case .nobodyHealthy: .failOpen
        case .moveLimit, .frozen: .held
        case nil: isPreferred(active) && (share?.stopped == nil || isStopOnlyWished) ? .preferred : .failover
        }
    }

    /// The span over which moves are limited.
    static let moveWindow = Duration.seconds(3600)

    func isAtMoveLimit(at now: MonotonicInstant) -> Bool {
        guard let limit = configuration.decision.maximumMovesPerHour else { return false }
        return movesWithinHour(at: now) >= limit
    }

    func movesWithinHour(at now: MonotonicInstant) -> Int { moves.count { now - $0 < Self.moveWindow } }

    /// When the route may move again; later than `now`.
    ///
    /// `nil` while it may, and if it never may.
    func moveLimitEnd(at now: MonotonicInstant) -> MonotonicInstant? {
        guard let limit = configuration.decision.maximumMovesPerHour else { return nil }
        let counted = moves.filter { now - $0 < Self.moveWindow }
        // Hard-down moves are not limited, so that more may have to age than one.
        let excess = counted.count - limit
        return counted.indices.contains(excess) ? counted[excess] + Self.moveWindow : nil
    }

    mutating func countMove(at now: MonotonicInstant) {
        moves.removeAll { now - $0 >= Self.moveWindow }
        if moves.count >= 1000 { moves.removeFirst() }
        moves.append(now)
    }
}

/// One move of one route, decided and not yet made.
struct Move: Sendable, Equatable {
    let route: Int
    let from: Int
    let to: Int
    let kind: EventKind
    let reason: Reason
    let at: MonotonicInstant
    /// The operator's word that it obeys; `nil` for what the rule decided.
    var intent: OperatorIntent?
    /// The operator's word that it carries out once; `nil` for what the rule decided.
    var order: ReturnOrder?

    /// The rule decided it; only such moves are limited, and counted.
    var isAutomatic: Bool { intent == nil && order == nil }
    /// It takes traffic off a canary that was stopped before: nothing has failed.
    var vacates = false
    /// Nothing was wrong: another endpoint is faster.
    var isForSpeed: Bool { kind == .failback && reason.code == .faster }
    /// Its endpoint has failed once more.
    var countsLeaving: Bool { kind == .failover && !vacates }
}
