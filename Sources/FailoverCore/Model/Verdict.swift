/// What the evidence says about one endpoint.
package enum Verdict: String, Hashable, Sendable, CaseIterable {
    /// Too few or stale samples: never a reason to move, never a target.
    case unknown
    case healthy
    /// Evidence at half its threshold or more: eligible, ranked behind healthy, moves nothing by itself.
    case degraded
    /// Tripped: left when active, no target until it has proven its recovery.
    case unhealthy
}

/// How a route stands.
package enum RouteMode: String, Hashable, Sendable, CaseIterable {
    /// The preferred endpoint is active.
    case preferred
    /// Another endpoint is active.
    case failover
    /// The active endpoint is unhealthy and nothing better is known: traffic stays where it is.
    case failOpen = "fail_open"
    /// A move is due and withheld; an operator has frozen all automatic moves, or our own vantage is in doubt: traffic stays
    /// where it is.
    case held
    /// An operator wants this endpoint, whatever its verdict.
    case pinned
}

/// Why something is as it is: a code for machines, a sentence for people.
package struct Reason: Hashable, Sendable {
    package let code: ReasonCode
    /// One line; at most 200 characters.
    package let text: String

    private static let maximumLength = 200

    /// Of a longer `text` the first 199 characters are kept, and a sign that there was more: long names add up.
    package init(_ code: ReasonCode, _ text: String) {
        self.code = code
        // No text has more characters than bytes, and bytes are counted already.
        guard text.utf8.count > Self.maximumLength, text.count > Self.maximumLength else {
            self.text = text
            return
        }
        self.text = text.prefix(Self.maximumLength - 1) + "…"
    }
}

/// Reasons of decisions and verdicts.
extension ReasonCode {
    package static let initial: ReasonCode = "initial"
    package static let configured: ReasonCode = "configured"
    package static let noHealthyEndpoint: ReasonCode = "no_healthy_endpoint"
    package static let recovered: ReasonCode = "recovered"
    package static let moveLimit: ReasonCode = "move_limit"
    package static let tooFewSamples: ReasonCode = "too_few_samples"
    package static let stale: ReasonCode = "stale"
    package static let withinObjectives: ReasonCode = "within_objectives"
    package static let recovering: ReasonCode = "recovering"
    package static let holdDown: ReasonCode = "hold_down"
    package static let throttled: ReasonCode = "throttled"
    package static let availability: ReasonCode = "availability"
    package static let latency: ReasonCode = "latency"
    package static let consecutiveFailures: ReasonCode = "consecutive_failures"
    package static let windowFailures: ReasonCode = "window_failures"
    /// What a good or a slow probe is called in explanations.
    package static let ok: ReasonCode = "ok"
    package static let slow: ReasonCode = "slow"
}
