/// What an operator wants, for a time: it stands beside the verdicts, and above the rule.
package struct OperatorIntent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The route stays on this endpoint, whatever its verdict.
        case pin(RouteName, to: EndpointName)
        /// No traffic moves there, and what is there moves away.
        case drain(DrainTarget)
        /// No automatic move anywhere.
        case freeze
    }

    package let kind: Kind
    /// Who asked for it: an account, or `uid 1007` for a user without one.
    package let by: String
    /// One line; 1...200 characters.
    package let reason: String
    /// When it was asked for.
    package let since: MonotonicInstant
    /// When it takes effect; later than `since` only for a drain that was scheduled.
    package let from: MonotonicInstant
    /// It ends by itself; always later than `from`.
    package let until: MonotonicInstant
    /// It has taken effect.
    package var isBegun: Bool

    package init(
        kind: Kind,
        by: String,
        reason: String,
        since: MonotonicInstant,
        from: MonotonicInstant? = nil,
        until: MonotonicInstant,
        isBegun: Bool = true
    ) {
        self.kind = kind
        self.by = by
        self.reason = reason
        self.since = since
        self.from = from ?? since
        self.until = until
        self.isBegun = isBegun
    }

    /// What it is about; there is one intent for each.
    package var subject: IntentSubject {
        switch kind {
        case .pin(let route, _): .route(route)
        case .drain(.endpoint(let endpoint)): .endpoint(endpoint)
        case .drain(.region(let region)): .region(region)
        case .freeze: .everything
        }
    }

    /// The shortest time that one may last: anything shorter is over before it is seen.
    package static let shortest = Duration.seconds(60)
    /// The longest: what is to last for longer belongs into the configuration.
    package static let longest = Duration.seconds(30 * 86_400)
    /// How long it lasts if nobody says: half a working day, so that what is forgotten in the evening is over by the morning.
    package static let usual = Duration.seconds(4 * 3600)
    /// The longest reason, in characters; as long as any reason.
    package static let longestReason = 200
}

/// What is drained.
package enum DrainTarget: Hashable, Sendable, CustomStringConvertible {
    case endpoint(EndpointName)
    /// Every endpoint of it, also one that a reload adds later.
    case region(RegionName)

    package var description: String {
        switch self {
        case .endpoint(let name): name.rawValue
        case .region(let name): "region \(name)"
        }
    }
}

/// What an intent is about, in the order in which intents are listed.
package enum IntentSubject: Hashable, Comparable, Sendable {
    case route(RouteName)
    case endpoint(EndpointName)
    case region(RegionName)
    case everything
}

extension OperatorIntent {
    /// `pinned`, `drained` or `frozen`.
    var code: ReasonCode {
        switch kind {
        case .pin: .pinned
        case .drain: .drained
        case .freeze: .frozen
        }
    }

    /// Why a route stands as it does: `drained by alice: new kernel`.
    var grounds: Reason { Reason(code, "\(code) by \(by): \(reason)") }

    /// `the pin of chat to eu-west by alice (new kernel)`.
    var description: String {
        switch kind {
        case .pin(let route, let endpoint): "the pin of \(route) to \(endpoint) by \(by) (\(reason))"
        case .drain(let target): "the drain of \(target) by \(by) (\(reason))"
        case .freeze: "the freeze by \(by) (\(reason))"
        }
    }
}

/// Reasons that operators are.
extension ReasonCode {
    package static let pinned: ReasonCode = "pinned"
    package static let unpinned: ReasonCode = "unpinned"
    package static let drained: ReasonCode = "drained"
    /// A drain was ordered that begins later.
    package static let drainScheduled: ReasonCode = "drain_scheduled"
    package static let undrained: ReasonCode = "undrained"
    package static let frozen: ReasonCode = "frozen"
    package static let unfrozen: ReasonCode = "unfrozen"
    /// The time of an intent was up.
    package static let expired: ReasonCode = "expired"
    /// An intent was about something that the configuration has no longer.
    package static let removed: ReasonCode = "removed"
}
