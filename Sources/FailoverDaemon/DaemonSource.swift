import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverWire

/// What the control socket tells: the daemon's side of the API.
struct DaemonSource: ControlSource {
    let inbox: Inbox
    let publish: PublishWriter
    let eventLog: EventLog
    let reloader: Reloader
    let heartbeat: Heartbeat
    let orders: OrderDesk
    let history: TransitionReader
    /// `nil` where HAProxy does not ask.
    let agent: AgentDesk?
    let outputs: Outputs

    func status() async -> any PublishableState {
        publish.noteReader(at: SystemClock.now)
        var state = await publish.state()
        state.outputs = outputs.standings
        return state
    }

    func moreMetrics() async -> String { agent?.metrics.text ?? "" }

    func explain(route: String) async -> ExplainDocument? {
        let answer = await withCheckedContinuation { continuation in
            inbox.post(.explain(RouteName(rawValue: route)) { continuation.resume(returning: $0) })
        }
        guard let answer else { return nil }
        let published = publish.latest
        let lastFailover = eventLog.past().last { $0.route == route && $0.isFailover }
        return ExplainDocument(
            route: answer.route,
            endpoints: answer.endpoints,
            lastFailover: lastFailover,
            published: published?.endpoints(answer.endpoints.map(\.endpoint.rawValue)) ?? [:],
            trouble: published?.probing.trouble,
            at: SystemClock.reading
        )
    }

    func transitions(of route: String) async -> [EventDocument]? { await history.transitions(of: route) }

    func pastEvents(after id: String?) async -> [EventDocument] { eventLog.past(after: id) }

    func followEvents(after id: String?) async -> AsyncStream<EventDocument>? {
        // Without an id: from now on, not from the beginning.
        eventLog.follow(after: id ?? eventLog.past().last?.id)
    }

    func isTurning() async -> Bool { heartbeat.isBeating(at: SystemClock.now) }

    func reload(by requester: Operator) async -> Result<ReloadDocument, ReloadRefusal> {
        await reloader.reload(by: requester.description)
    }

    func operate(_ order: ControlOrder, by requester: Operator) async -> Result<ReceiptDocument, OperatorRefusal> {
        await orders.operate(order, by: requester, at: SystemClock.reading)
    }
}
