import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers

@testable import FailoverControl

/// A daemon that tells what it was told to tell.
final class ScriptedSource: ControlSource {
    struct Script: Sendable {
        var state = Samples.preferred
        var turning = true
        var reload: Result<ReloadDocument, ReloadRefusal> = .success(
            ReloadDocument(configHash: "c0ffee0123456789", changed: true, warnings: [])
        )
        var reloadedBy: [Operator] = []
        /// What orders are answered; what was asked for is in `orders`.
        var answer: OperatorAnswer = .refused(OperatorRefusal(.busy, "nothing is scripted"))
        var orders: [ControlOrder] = []
        var orderedBy: [Operator] = []
        /// What is kept of every route; `nil` while too many ask.
        var transitions: [EventDocument]? = []
        /// What questions about the past are answered; those that came are in `questions`.
        var history: Result<HistoryAnswer, HistoryRefusal> = .failure(.unavailable("nothing is scripted"))
        var questions: [HistoryQuestion] = []
        /// Told by the server itself.
        var refusedFollowers = 0
        /// Takes what is reported; `nil` where nobody does.
        var reports: ObservationDesk?
    }

    let script = NIOLockedValueBox(Script())
    let feed: EventFeed

    init(feed: EventFeed = EventFeed()) { self.feed = feed }

    func status() async -> any PublishableState { script.withLockedValue { $0.state } }

    func explain(route: String) async -> ExplainDocument? { route == "chat" ? Samples.explanation : nil }

    func transitions(of route: String) async -> [EventDocument]? { script.withLockedValue { $0.transitions } }

    func pastEvents(after id: String?) async -> [EventDocument] { feed.past(after: id) }

    func followEvents(after id: String?) async -> AsyncStream<ToldEvent>? { feed.follow(after: id) }

    func noteRefusedFollower() { script.withLockedValue { $0.refusedFollowers += 1 } }

    func history(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal> {
        script.withLockedValue {
            $0.questions.append(question)
            return $0.history
        }
    }

    func observe(_ body: Data) async -> Result<ObservationReceipt, ObservationRefusal> {
        script.withLockedValue { $0.reports }?.take(body) ?? .failure(.unavailable)
    }

    func isTurning() async -> Bool { script.withLockedValue { $0.turning } }

    func reload(by operator: Operator) async -> Result<ReloadDocument, ReloadRefusal> {
        script.withLockedValue {
            $0.reloadedBy.append(`operator`)
            return $0.reload
        }
    }

    func operate(_ order: ControlOrder, by operator: Operator) async -> Result<ReceiptDocument, OperatorRefusal> {
        script.withLockedValue {
            $0.orders.append(order)
            $0.orderedBy.append(`operator`)
            return switch $0.answer {
            case .accepted(let receipt): .success(ReceiptDocument(receipt, at: Samples.clock))
            case .refused(let refusal): .failure(refusal)
            }
        }
    }
}
