/// The answer to a probe that is due: whether tokens may be spent on it.
package enum SpendGrant: Hashable, Sendable {
    /// Ask what users ask; `nil` where nothing is counted.
    case deep(SpendReservation?)
    /// Ask something that costs nothing.
    case shallow
    /// Ask nothing before this time has passed.
    case later(Duration)
}

/// What an attempt may cost at worst, set aside until it is settled.
package struct SpendReservation: Hashable, Sendable {
    package let key: ProbeKey
    /// Days since 1970-01-01, UTC, whose caps it counts against.
    package let day: Int
    package let cost: Money
    package let tokens: Int

    package init(key: ProbeKey, day: Int, cost: Money, tokens: Int) {
        self.key = key
        self.day = day
        self.cost = cost
        self.tokens = tokens
    }
}

/// What became of a reservation.
package enum SpendBill: Hashable, Sendable {
    /// Nothing was generated: not connected, not answered, or refused.
    case nothing
    case used(TokenUsage)
    /// Something was generated and the server did not say how much: what was reserved counts.
    case unknown
}

/// A moment on the wall clock, for days and dates only.
package struct UnixTime: Hashable, Comparable, Sendable {
    /// Since 1970-01-01, UTC.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.nanoseconds < right.nanoseconds }
    package static func + (time: UnixTime, duration: Duration) -> UnixTime {
        UnixTime(nanoseconds: time.nanoseconds + duration.nanoseconds)
    }
    package static func - (left: UnixTime, right: UnixTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}
