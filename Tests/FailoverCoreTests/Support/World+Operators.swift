@testable import FailoverCore

extension World {
    /// What became of an order, in words that tests compare.
    enum Answer: Hashable {
        case stands(IntentSubject, isRenewed: Bool, isPersisted: Bool)
        case lifted(IntentSubject?, isPersisted: Bool)
        case refused(OperatorRefusal.Kind, String)
    }

    /// Asks as `alice`, and lets the disk answer.
    ///
    /// - Returns: `nil` if there is no answer within 3 s.
    @discardableResult
    mutating func order(
        _ order: OperatorCommand.Order,
        reason: String? = "work",
        for length: Duration? = nil,
        until end: MonotonicInstant? = nil,
        force: Bool = false
    ) -> OperatorAnswer? {
        let ticket = UInt64(answers.count + 1)
        let expiry: OperatorCommand.Expiry = end.map { .at($0) } ?? length.map { .after($0) } ?? .usual
        handle(
            .command(
                OperatorCommand(ticket: ticket, order: order, by: "alice", reason: reason, expiry: expiry, force: force)
            )
        )
        _ = run(limit: .seconds(3)) { $0.answers.contains { $0.ticket == ticket } }
        return answers.first { $0.ticket == ticket }?.answer
    }

    /// In the order in which they were given.
    var answers: [(ticket: UInt64, answer: OperatorAnswer)] {
        actions.compactMap { if case .answer(let ticket, let answer) = $0 { (ticket, answer) } else { nil } }
    }

    var intents: [OperatorIntent] { engine.intents.intents }

    /// Kinds of the events that are not verdicts.
    var kinds: [EventKind] { events.map(\.kind).filter { $0 != .verdict } }

    /// A world whose endpoints have all been judged.
    static func judged(_ configuration: Configuration = .oneRoute()) -> World {
        var world = World(configuration)
        world.run(for: .seconds(60))
        world.forgetTold()
        return world
    }
}

extension OperatorAnswer {
    var inShort: World.Answer {
        switch self {
        case .accepted(let receipt) where receipt.stands:
            // Accepted without an intent is none of these.
            receipt.intent.map {
                .stands($0.subject, isRenewed: receipt.isRenewed, isPersisted: receipt.isPersisted)
            } ?? .lifted(nil, isPersisted: false)
        case .accepted(let receipt): .lifted(receipt.intent?.subject, isPersisted: receipt.isPersisted)
        case .refused(let refusal): .refused(refusal.kind, refusal.text)
        }
    }

    var receipt: OperatorReceipt? { if case .accepted(let receipt) = self { receipt } else { nil } }
    var refusal: OperatorRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}
