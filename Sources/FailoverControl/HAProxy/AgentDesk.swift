package import FailoverCore
package import FailoverWire
import NIOConcurrencyHelpers

/// Answers HAProxy from what is published, and keeps the book about it.
package final class AgentDesk: Sendable {
    /// What is said to a question, and what to confirm once it has arrived.
    struct Reply: Sendable {
        let answer: AgentAnswer
        /// `nil` where nothing depends on it.
        let ticket: AgentBook.Ticket?
    }

    private struct State {
        var book = AgentBook()
        var counts = HAProxyAgentCounts()
        var warnings = AgentWarnings()
        var isListening = false
        /// Made once for each state that is published.
        var decision: (sequence: UInt64, value: AgentDecision)?
    }

    private let state = NIOLockedValueBox(State())
    private let published: @Sendable () -> PublishedState?
    private let now: @Sendable () -> MonotonicInstant
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - published: The last published state; `nil` before the first.
    ///   - now: The clock that the state was stamped with.
    ///   - warn: Told in a line of questions that cannot be answered; once a minute at most.
    package init(
        published: @escaping @Sendable () -> PublishedState?,
        now: @escaping @Sendable () -> MonotonicInstant,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.published = published
        self.now = now
        self.warn = warn
    }

    package var metrics: HAProxyAgentMetrics {
        state.withLockedValue { HAProxyAgentMetrics($0.counts, isListening: $0.isListening) }
    }

    package var counts: HAProxyAgentCounts { state.withLockedValue { $0.counts } }

    func set(isListening: Bool) { state.withLockedValue { $0.isListening = isListening } }

    func noteRefusal() { state.withLockedValue { $0.counts.refused += 1 } }

    /// Answers a line, without its end, of a HAProxy at `address`.
    ///
    /// Whatever cannot be answered leaves the server as it is.
    func reply(to line: [UInt8], from address: String) -> Reply {
        let now = now()
        let published = published()
        let (reply, warning) = state.withLockedValue { state -> (Reply, String?) in
            guard let question = AgentQuestion(line: line) else {
                state.counts.unknown += 1
                return (Self.unchanged, state.warnings.warning(about: nil, from: address, at: now))
            }
            guard let published, Self.isFresh(published, at: now) else {
                state.counts.stale += 1
                return (Self.unchanged, nil)
            }
            let decision = Self.decision(of: published, kept: &state.decision)
            guard let ticket = state.book.answer(question, from: address, decision: decision, at: now) else {
                state.counts.unknown += 1
                return (Self.unchanged, state.warnings.warning(about: question, from: address, at: now))
            }
            switch ticket.answer {
            case .ready: state.counts.ready += 1
            case .drain: state.counts.drain += 1
            case .unchanged: state.counts.unchanged += 1
            }
            return (Reply(answer: ticket.answer, ticket: ticket), nil)
        }
        if let warning { warn(warning) }
        return reply
    }

    func confirm(_ ticket: AgentBook.Ticket) { state.withLockedValue { $0.book.confirm(ticket) } }

    private static let unchanged = Reply(answer: .unchanged, ticket: nil)

    /// Whether readers of the state file would still trust it.
    private static func isFresh(_ state: PublishedState, at now: MonotonicInstant) -> Bool {
        now - state.clock.monotonic < state.publisher.validFor
    }

    private static func decision(
        of state: PublishedState,
        kept: inout (sequence: UInt64, value: AgentDecision)?
    ) -> AgentDecision {
        if let kept, kept.sequence == state.imprint.sequence { return kept.value }
        let decision = AgentDecision(state.snapshot)
        kept = (state.imprint.sequence, decision)
        return decision
    }
}

/// Says what cannot be answered, but not every half second.
struct AgentWarnings: Sendable {
    /// Often enough for somebody who tries, seldom enough for a journal.
    static let interval = Duration.seconds(60)

    private var saidAt: MonotonicInstant?
    private var unsaid = 0

    /// What to say about a question that could not be answered, or about a line that is none; `nil` for now.
    mutating func warning(about question: AgentQuestion?, from address: String, at now: MonotonicInstant) -> String? {
        if let saidAt, now - saidAt < Self.interval {
            unsaid += 1
            return nil
        }
        let more = unsaid == 0 ? "" : "; \(unsaid) more since the last message"
        saidAt = now
        unsaid = 0
        guard let question else {
            return "haproxy_agent: a line from \(address) is no ROUTE/ENDPOINT, its server stays as it is\(more)"
        }
        return "haproxy_agent: HAProxy at \(address) asks about \"\(question.route)/\(question.endpoint)\", which is no"
            + " route and endpoint here; its server stays as it is\(more)"
    }
}
