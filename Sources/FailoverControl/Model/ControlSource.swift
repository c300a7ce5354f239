package import FailoverCore
package import FailoverWire
package import FoundationEssentials

/// What the control socket tells and asks: the side of the daemon that the server sees.
///
/// Every answer comes from what is already published, so that a request never waits for the engine.
package protocol ControlSource: Sendable {
    /// Written only if it is asked for as a whole: most answers need a part of it.
    func status() async -> any PublishableState

    /// Metrics of what is configured beside the state, as lines of the format; empty where there is nothing.
    func moreMetrics() async -> String

    /// What the daemon has counted of its probes and of itself.
    func measures() async -> Measures

    /// Told of each answer of the API.
    func noteAnswer(status: Int)

    /// Told of each connection that was one too many.
    func noteRefusedConnection()

    /// Told of each follower of events that was turned away although the source had room for it.
    func noteRefusedFollower()

    /// The arithmetic behind a route; `nil` for a route that does not exist.
    func explain(route: String) async -> ExplainDocument?

    /// What is kept about a route, on disk too, oldest first; `nil` while too many others ask.
    func transitions(of route: String) async -> [EventDocument]?

    /// What happened after the event with that identity, or all that is remembered; oldest first, at most 1,000.
    func pastEvents(after id: String?) async -> [EventDocument]

    /// Events from now on, begun with those missed since `id` if there is one; `nil` when too many follow already.
    ///
    /// The reader may be slow: the stream is bounded, and ends rather than leave something out.
    func followEvents(after id: String?) async -> AsyncStream<ToldEvent>?

    /// What is known of the past of endpoints and routes.
    func history(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal>

    /// Whether the engine's loop has turned lately.
    func isTurning() async -> Bool

    /// Takes what an application reports about its own requests; a refusal takes nothing.
    func observe(_ body: Data) async -> Result<ObservationReceipt, ObservationRefusal>

    /// Tells a test to the one of that name, or to all without one.
    func testNotifications(
        _ name: String?,
        by operator: Operator
    ) async -> Result<NotificationTestDocument, OperatorRefusal>

    /// Reads the configuration again. A refusal changes nothing.
    func reload(by operator: Operator) async -> Result<ReloadDocument, ReloadRefusal>

    /// Does what an operator asks for, and says whether the disk has it. A refusal changes nothing.
    func operate(_ order: ControlOrder, by operator: Operator) async -> Result<ReceiptDocument, OperatorRefusal>
}

extension ControlSource {
    package func moreMetrics() async -> String { "" }

    package func history(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal> {
        .failure(.unavailable("no history is kept"))
    }
    package func testNotifications(
        _ name: String?,
        by operator: Operator
    ) async -> Result<NotificationTestDocument, OperatorRefusal> {
        .failure(OperatorRefusal(.unknownName, "nobody is told of events here"))
    }

    package func observe(_ body: Data) async -> Result<ObservationReceipt, ObservationRefusal> {
        .failure(.unavailable)
    }
}

/// The person or program that asks for a change, as the kernel knows it.
package struct Operator: Hashable, Sendable, CustomStringConvertible {
    package let uid: UInt32
    /// `nil` for a user without an account on this machine.
    package let name: String?

    package init(uid: UInt32, name: String?) {
        self.uid = uid
        self.name = name
    }

    /// `alice`, or `uid 1007` for a user without an account.
    package var description: String { name ?? "uid \(uid)" }
}

/// Why a configuration was not applied.
package struct ReloadRefusal: Error, Hashable, Sendable {
    /// One line each, in file order; at least one.
    package let errors: [String]

    package init(errors: [String]) { self.errors = errors }
}

/// The answer of `GET /v1/routes/NAME`: one route and the endpoints that it prefers among.
package struct RouteDocument: Codable, Hashable, Sendable {
    package var route: StateDocument.Route
    /// By name; exactly those of `route.endpoints`.
    package var endpoints: [String: StateDocument.Endpoint]

    package init(route: StateDocument.Route, endpoints: [String: StateDocument.Endpoint]) {
        self.route = route
        self.endpoints = endpoints
    }

    /// `nil` if the state has no route of that name.
    package init?(name: String, in state: some PublishableState) {
        guard let route = state.route(name) else { return nil }
        self.init(route: route, endpoints: state.endpoints(route.endpoints))
    }
}
