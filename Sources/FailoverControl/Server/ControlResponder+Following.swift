import FailoverWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Streams of events.
extension ControlResponder {
    /// What happens from now on, begun with what was missed; with the status document each second if it is asked for.
    func followed(_ request: Request, after id: String?) async -> Response {
        let with = request.uri.queryParameters["with"].map(String.init)
        guard with == nil || with == "state" else {
            return .problem(
                ProblemDocument(
                    title: "Bad question",
                    status: 400,
                    detail: "with is \"\((with ?? "").prefix(100))\", but may only be state",
                    allowed: ["state"]
                )
            )
        }
        let place = quota?.streams.take()
        if quota != nil, place == nil {
            source.noteRefusedFollower()
            return Self.tooManyFollowers
        }
        guard let events = await source.followEvents(after: id) else { return Self.tooManyFollowers }
        let states = with == nil ? nil : feed.follow()
        let body = ResponseBody { [feed] writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(ByteBuffer(string: "retry: 2000\n: connected\n\n"))
            if let states {
                try await Self.write(events, states, feed, to: writer)
            } else {
                for await event in events { try await writer.write(try feed.frame(of: event)) }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
            body: body
        )
    }

    private static var tooManyFollowers: Response {
        .problem(
            ProblemDocument(
                title: "Too many followers",
                status: 503,
                detail: "the limit of event streams is reached; close one, or ask with Accept: application/json"
            )
        )
    }

    private enum Message: Sendable {
        /// `nil` at the end of the events.
        case event(ToldEvent?)
        case state(ByteBuffer?)
    }

    /// One of each is asked for at a time, and the next only when it is written: what waits, waits where it is bounded.
    private static func write(
        _ events: AsyncStream<ToldEvent>,
        _ states: AsyncStream<ByteBuffer>,
        _ feed: StateFeed,
        to writer: any ResponseBodyWriter
    ) async throws {
        var writer = writer
        try await withThrowingTaskGroup(of: Message.self) { group in
            defer { group.cancelAll() }
            group.addTask { .event(await next(events)) }
            group.addTask { .state(await next(states)) }
            while let message = try await group.next() {
                switch message {
                case .event(let event?):
                    try await writer.write(try feed.frame(of: event))
                    group.addTask { .event(await next(events)) }
                case .state(let frame?):
                    try await writer.write(frame)
                    group.addTask { .state(await next(states)) }
                case .event(nil): return
                // The feed has ended with the server, and so will the events.
                case .state(nil): break
                }
            }
        }
    }

    private static func next<Element: Sendable>(_ stream: AsyncStream<Element>) async -> Element? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }
}
