/// What the probing of one endpoint has spent today.
package struct SpendReport: Hashable, Sendable {
    package let endpoint: EndpointName
    /// Days since 1970-01-01, UTC.
    package let day: Int
    /// Settled, and reserved for attempts under way.
    ///
    /// Zero without a price.
    package let cost: Money
    package let tokens: Int
    /// The endpoint's own cap; `nil` if it has none, whatever its routes have.
    package let cap: SpendCap?
    package let pace: SpendPace
    /// What to tell people at once: the pace changed, or an answer used far more than was allowed for; mostly `nil`.
    package let news: Reason?

    package init(
        endpoint: EndpointName,
        day: Int,
        cost: Money,
        tokens: Int,
        cap: SpendCap?,
        pace: SpendPace,
        news: Reason? = nil
    ) {
        self.endpoint = endpoint
        self.day = day
        self.cost = cost
        self.tokens = tokens
        self.cap = cap
        self.pace = pace
        self.news = news
    }
}

/// How a cap bears on the probing of an endpoint.
package enum SpendPace: String, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case full
    /// Probes are further apart.
    case slower
    /// Cheaper probes stand in between.
    case cheaper
    /// Only cheaper ones until the day ends.
    case exhausted
}
