import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// The connections of a server, each with its guards around Hummingbird's HTTP codec.
struct GuardedConnections: Sendable {
    enum Connection: Sendable {
        case accepted(HTTP1Channel.Value)
        case refused
    }

    private let limits: ControlLimits
    private let slots: ConnectionSlots
    private let logger: Logger
    private let http: HTTP1Channel

    init(
        limits: ControlLimits,
        slots: ConnectionSlots,
        logger: Logger,
        respond: @escaping @Sendable (Request, any Channel) async -> Response
    ) {
        self.limits = limits
        self.slots = slots
        self.logger = logger
        http = HTTP1Channel(
            responder: { request, writer, channel in
                let response = await respond(request, channel)
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headBytes,
                    maxHeaderListSize: limits.headBytes,
                    maxHeaderFieldCount: 100
                )
            )
        )
    }

    /// Lets a client in, or tells it that it came one too many.
    func admit(_ channel: any Channel) -> EventLoopFuture<Connection> {
        guard slots.take() else {
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RefusalHandler(maximum: limits.connections))
                return Connection.refused
            }
        }
        channel.closeFuture.whenComplete { [slots] _ in slots.giveBack() }
        return setUp(channel)
    }

    private func setUp(_ channel: any Channel) -> EventLoopFuture<Connection> {
        let limits = limits
        do {
            try channel.pipeline.syncOperations.addHandler(ConnectionGuard(limits: limits))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return http.setup(channel: channel, logger: logger).flatMapThrowing { connection in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let guardian = RequestGuard(limits: limits, bytes: try pipeline.handler(type: ConnectionGuard.self))
            try pipeline.addHandler(guardian, position: .after(decoder))
            return .accepted(connection)
        }
    }

    /// Answers until nobody can come in any more, and then those who are in, for a bounded time.
    func serve(
        _ server: NIOAsyncChannel<Connection, Never>,
        onListening: @Sendable () async -> Void
    ) async throws {
        try await server.executeThenClose { connections in
            await onListening()
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    guard case .accepted(let channel) = connection else { continue }
                    group.addTask { [self] in await handle(channel) }
                }
                await slots.allFree(within: limits.leavingTime)
                group.cancelAll()
            }
        }
    }

    /// Answers one connection to its end.
    ///
    /// A client that goes away ends its event stream at once, not with the next event; when the server stops, whoever
    /// does not finish in time is cut off.
    private func handle(_ connection: HTTP1Channel.Value) async {
        let channel = connection.channel
        let linger = TimeAmount(limits.lingerTime)
        let (open, end) = AsyncStream.makeStream(of: Never.self)
        channel.closeFuture.whenComplete { _ in end.finish() }
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [http, logger] in await http.handle(value: connection, logger: logger) }
                group.addTask { for await _ in open {} }
                await group.next()
                group.cancelAll()
            }
        } onCancel: {
            channel.eventLoop.scheduleTask(in: linger) { channel.close(promise: nil) }
        }
    }
}
