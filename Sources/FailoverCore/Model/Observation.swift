/// Identifies one attempt within the process; rising, never reused.
package struct AttemptID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (left: AttemptID, right: AttemptID) -> Bool { left.rawValue < right.rawValue }
}

/// Why a probe ran.
package enum ProbeSource: String, Sendable, Hashable {
    /// The schedule.
    case probe
    /// The engine asked for it, to confirm a candidate before traffic moves there.
    case confirm
    /// The engine asked for it, to know whether our own network works.
    case witness
}

/// What one probe says about its endpoint: five classes, because neither "not now" nor "my fault" is a failure.
package enum Outcome: Hashable, Sendable {
    /// Answered as expected, however slowly.
    case success
    /// The endpoint's failure. `isTimeout` tells silence from a fast failure: only silence enters percentiles.
    case failure(ReasonCode, isTimeout: Bool)
    /// The endpoint limits our rate; says nothing about its health.
    case throttled(ReasonCode)
    /// Our request or account is wrong.
    case misconfigured(ReasonCode)
    /// Our own machine or network got in the way, or nothing can be concluded.
    case inconclusive(ReasonCode)

    package var reason: ReasonCode? {
        switch self {
        case .success: nil
        case .failure(let code, _), .throttled(let code), .misconfigured(let code), .inconclusive(let code): code
        }
    }
}

/// A duration, or none, in whole nanoseconds.
///
/// Thousands of results are handed on each second, and a `Duration?` takes four times as much.
@propertyWrapper package struct Nanoseconds: Hashable, Sendable {
    private var stored: Int64
    private static let absent = Int64.min

    package var wrappedValue: Duration? {
        get { stored == Self.absent ? nil : .nanoseconds(stored) }
        set { stored = newValue?.nanoseconds ?? Self.absent }
    }

    package init(wrappedValue: Duration?) { stored = wrappedValue?.nanoseconds ?? Self.absent }
}

/// When each phase of a probe ended, as time since the attempt's start; `nil` for a phase that did not happen or end.
package struct PhaseTimings: Hashable, Sendable {
    /// Name to addresses.
    ///
    /// Absent for literal addresses.
    @Nanoseconds package var resolved: Duration?
    /// TCP connection established.
    @Nanoseconds package var connected: Duration?
    /// TLS handshake done and certificate verified.
    ///
    /// Absent without TLS.
    @Nanoseconds package var secured: Duration?
    /// Request fully written to the socket.
    @Nanoseconds package var requestWritten: Duration?
    /// First byte of the answer.
    @Nanoseconds package var firstByte: Duration?
    /// Last byte of the answer.
    @Nanoseconds package var lastByte: Duration?

    package init(
        resolved: Duration? = nil,
        connected: Duration? = nil,
        secured: Duration? = nil,
        requestWritten: Duration? = nil,
        firstByte: Duration? = nil,
        lastByte: Duration? = nil
    ) {
        _resolved = Nanoseconds(wrappedValue: resolved)
        _connected = Nanoseconds(wrappedValue: connected)
        _secured = Nanoseconds(wrappedValue: secured)
        _requestWritten = Nanoseconds(wrappedValue: requestWritten)
        _firstByte = Nanoseconds(wrappedValue: firstByte)
        _lastByte = Nanoseconds(wrappedValue: lastByte)
    }
}

/// The beginning of an attempt, told to the engine so that overlapping attempts are judged in the order of their starts.
package struct AttemptStart: Hashable, Sendable {
    package let key: ProbeKey
    package let attempt: AttemptID
    package let source: ProbeSource
    package internal(set) var start: MonotonicInstant

    package init(key: ProbeKey, attempt: AttemptID, source: ProbeSource = .probe, start: MonotonicInstant) {
        self.key = key
        self.attempt = attempt
        self.source = source
        self.start = start
    }
}

/// The result of one attempt.
///
/// One attempt is one sample: nothing is retried inside a probe.
package struct Observation: Hashable, Sendable {
    package let key: ProbeKey
    package let attempt: AttemptID
    package let source: ProbeSource
    package internal(set) var start: MonotonicInstant
    package internal(set) var end: MonotonicInstant
    package let outcome: Outcome
    /// The time to the whole answer for an answered probe, the time waited for a timeout, `nil` for anything else.
    ///
    /// From the start, or for a chat from the request fully written.
    package internal(set) var latency: Duration?
    /// The time to the first token of a chat, from the request fully written, or the time waited for it in vain.
    ///
    /// `nil`, never zero, if no token came.
    @Nanoseconds package internal(set) var ttft: Duration?
    package let phases: PhaseTimings
    /// The way that the attempt took; `nil` if no connection was made.
    package let connection: ConnectionFacts?
    /// `nil` for every probe but a chat that was answered.
    package let chat: ChatReport?
    package let tier: EvidenceTier
    /// How long a throttled probe was asked to wait; `nil` if it was not asked to.
    @Nanoseconds package internal(set) var retryAfter: Duration?
    /// One line for people: what was found, and what was expected.
    ///
    /// At most 200 characters; never a secret.
    package let detail: String?

    package init(
        key: ProbeKey,
        attempt: AttemptID,
        source: ProbeSource = .probe,
        start: MonotonicInstant,
        end: MonotonicInstant,
        outcome: Outcome,
        latency: Duration? = nil,
        ttft: Duration? = nil,
        phases: PhaseTimings = PhaseTimings(),
        connection: ConnectionFacts? = nil,
        chat: ChatReport? = nil,
        tier: EvidenceTier = .deep,
        retryAfter: Duration? = nil,
        detail: String? = nil
    ) {
        self.key = key
        self.attempt = attempt
        self.source = source
        self.start = start
        self.end = end
        self.outcome = outcome
        self.latency = latency
        _ttft = Nanoseconds(wrappedValue: ttft)
        self.phases = phases
        self.connection = connection
        self.chat = chat
        self.tier = tier
        _retryAfter = Nanoseconds(wrappedValue: retryAfter)
        self.detail = detail
    }
}
