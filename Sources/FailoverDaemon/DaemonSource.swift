import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverWire
import FoundationEssentials

/// What the control socket tells: the daemon's side of the API.
struct DaemonSource: ControlSource {
    let inbox: Inbox
    let publish: PublishWriter
    let eventLog: EventLog
    let reloader: Reloader
    let heartbeat: Heartbeat
    let orders: OrderDesk
    let history: TransitionReader
    let past: HistoryTap
    /// `nil` where HAProxy does not ask.
    let agent: AgentDesk?
    let outputs: Outputs
    let meter: DaemonMeter
    let queues: MeasuredQueues
    let reports: ObservationDesk
    let notifications: Notifications

    func status() async -> any PublishableState {
        publish.noteReader(at: SystemClock.now)
        var state = await publish.state()
        state.outputs = outputs.standings
        state.notifications = notifications.standings
        state.reported = reports.standings(at: SystemClock.reading)
        return state
    }

    func moreMetrics() async -> String {
        let told = NotificationMetrics.text(notifications.standings ?? [:])
        return (agent?.metrics.text ?? "") + reports.metrics.text + told
    }

    func testNotifications(
        _ name: String?,
        by requester: Operator
    ) async -> Result<NotificationTestDocument, OperatorRefusal> {
        let names = notifications.names
        let chosen = name.map { name in names.filter { $0 == name } } ?? names
        guard !chosen.isEmpty else {
            let text = name.map { "there is no notification \($0)" } ?? "the configuration has no notifications"
            return .failure(OperatorRefusal(.unknownName, text, allowed: names))
        }
        let publisher = publish.publisher
        return .success(await notifications.test(chosen, by: requester.description, publisher: publisher))
    }

    func observe(_ body: Data) async -> Result<ObservationReceipt, ObservationRefusal> { reports.take(body) }

    func explain(route: String) async -> ExplainDocument? {
        let answer = await withCheckedContinuation { continuation in
            inbox.post(.explain(RouteName(rawValue: route)) { continuation.resume(returning: $0) })
        }
        guard let answer else { return nil }
        var published = publish.latest
        published?.reported = reports.standings(at: SystemClock.reading)
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

    func history(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal> {
        await past.answer(question)
    }

    func pastEvents(after id: String?) async -> [EventDocument] { eventLog.past(after: id) }

    func followEvents(after id: String?) async -> AsyncStream<ToldEvent>? {
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
