/// One share of a weighted route: so many percent of its traffic, and where they go.
///
/// A share behaves as an active-standby route over its chain.
package struct ShareConfiguration: Hashable, Sendable {
    /// Percent of the route's traffic; 1...100, and those of a route sum to 100.
    package let weight: Int
    /// Its owner first, then whoever takes over, best first; at least one; unique.
    package let chain: [EndpointName]
    /// Once it has left its owner by the rule, it never returns by itself.
    package let isCanary: Bool

    package init(weight: Int, chain: [EndpointName], isCanary: Bool = false) {
        self.weight = weight
        self.chain = chain
        self.isCanary = isCanary
    }

    /// The endpoint that the share is named after; unique in its route.
    package var owner: EndpointName { chain[0] }
}

/// A canary that has left its owner by the rule.
package struct StoppedCanary: Hashable, Sendable {
    package let since: MonotonicInstant
    /// What its owner did.
    package let reason: Reason

    package init(since: MonotonicInstant, reason: Reason) {
        self.since = since
        self.reason = reason
    }
}

extension ReasonCode {
    /// A canary has violated its objectives: it carries nothing until an operator says otherwise.
    package static let canaryStopped: ReasonCode = "canary_stopped"
    /// An operator wants traffic back where it belongs.
    package static let failbackOrdered: ReasonCode = "failback_ordered"
}
