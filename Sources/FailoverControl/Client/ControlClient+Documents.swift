package import FailoverWire
package import FoundationEssentials
import NIOCore
import NIOHTTP1

extension ControlClient {
    package func status() async throws(ControlClientError) -> StateDocument {
        try decode(StateDocument.self, from: try await bytes("/v1/status"))
    }

    package func route(_ name: String) async throws(ControlClientError) -> RouteDocument {
        try decode(RouteDocument.self, from: try await bytes("/v1/routes/\(name)"))
    }

    package func explain(route: String) async throws(ControlClientError) -> ExplainDocument {
        try decode(ExplainDocument.self, from: try await bytes("/v1/routes/\(route)/explain"))
    }

    /// What was in force at a generation or a time, as bytes.
    package func explainPast(
        route: String,
        _ asked: PastExplanation.Asked
    ) async throws(ControlClientError) -> Data {
        let question = asked.generation.map { "generation=\($0)" } ?? asked.at.map { "at=\($0)" } ?? ""
        return try await bytes("/v1/routes/\(route)/explain?\(question)")
    }

    /// What happened lately, oldest first; `limit` is 1...1,000.
    package func events(limit: Int) async throws(ControlClientError) -> [EventDocument] {
        try decode(EventListDocument.self, from: try await bytes("/v1/events?limit=\(limit)")).events
    }

    package func reload() async throws(ControlClientError) -> ReloadDocument {
        try decode(ReloadDocument.self, from: try Self.body(of: try await post("/v1/reload")))
    }

    /// Tells a test to the one of that name, or to all without one.
    package func testNotifications(_ name: String?) async throws(ControlClientError) -> NotificationTestDocument {
        let path = "/v1/notifications/\(name.map { $0.escaped + "/" } ?? "")test"
        return try decode(NotificationTestDocument.self, from: try Self.body(of: try await post(path)))
    }

    /// Asks for what only operators may.
    package func operate(_ order: ControlOrder) async throws(ControlClientError) -> ReceiptDocument {
        let body: Data
        do { body = try Wire.encode(order.terms) } catch { throw .malformed("\(error)") }
        return try decode(ReceiptDocument.self, from: try Self.body(of: try await post(order.action.path, json: body)))
    }

    /// The answer as it came, for those who read JSON themselves.
    package func bytes(_ path: String) async throws(ControlClientError) -> Data {
        try Self.body(of: try await get(path))
    }

    /// Calls `onEvent` for each event, begun with those missed since `id`, until it throws or the daemon ends the
    /// stream.
    ///
    /// `onOpen` is called once, when nothing that happens from here on is missed.
    package func follow(
        after id: String?,
        onOpen: @Sendable () async throws -> Void = {},
        onEvent: @Sendable (EventDocument) async throws -> Void
    ) async throws {
        var headers = [("Accept", "text/event-stream")]
        if let id { headers.append(("Last-Event-ID", id)) }
        do {
            try await exchange(head(.GET, "/v1/events", headers: headers), silenceLimit: Self.silenceLimit) { inbound in
                try await read(inbound, onOpen: onOpen, onEvent: onEvent)
            }
        } catch let error as FollowerError {
            throw error.reason
        } catch {
            throw inPlainWords(error)
        }
    }

    private func read(
        _ inbound: Parts,
        onOpen: @Sendable () async throws -> Void,
        onEvent: @Sendable (EventDocument) async throws -> Void
    ) async throws {
        var parser = ServerSentEventParser()
        var problem: (status: Int, body: Data)?
        for try await part in inbound {
            switch part {
            case .head(let head) where head.status == .ok: try await FollowerError.telling { try await onOpen() }
            case .head(let head): problem = (Int(head.status.code), Data())
            case .body(let bytes) where problem != nil:
                let room = Self.maximumProblemBytes - (problem?.body.count ?? 0)
                problem?.body.append(contentsOf: bytes.readableBytesView.prefix(max(0, room)))
            case .body(let bytes):
                for message in try parser.append(bytes.readableBytesView) {
                    let event = try decode(EventDocument.self, from: Data(message.data.utf8))
                    try await FollowerError.telling { try await onEvent(event) }
                }
            case .end: break
            }
        }
        if let problem { throw Self.refusal(status: problem.status, body: problem.body) }
    }

    /// Larger than any problem that we describe, even with every error of a large configuration.
    private static let maximumProblemBytes = 1024 * 1024

    // MARK: Answers

    private static func body(of answer: Answer) throws(ControlClientError) -> Data {
        guard (200..<300).contains(answer.status) else { throw refusal(status: answer.status, body: answer.body) }
        return answer.body
    }

    private static func refusal(status: Int, body: Data) -> ControlClientError {
        guard let problem = try? Wire.decode(ProblemDocument.self, from: body) else {
            return .malformed("status \(status) without a problem document")
        }
        return .refused(problem)
    }

    /// Reads a document that came as bytes.
    package func decode<Document: Decodable>(
        _ type: Document.Type,
        from data: Data
    ) throws(ControlClientError) -> Document {
        do {
            return try Wire.decode(type, from: data)
        } catch {
            throw .malformed("\(error)")
        }
    }
}

/// Keeps an error of the one who follows apart from those of the connection.
private struct FollowerError: Error {
    let reason: any Error

    static func telling(_ body: () async throws -> Void) async throws(FollowerError) {
        do { try await body() } catch { throw FollowerError(reason: error) }
    }
}
