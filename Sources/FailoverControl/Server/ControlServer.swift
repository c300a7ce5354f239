import Glibc
import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP API on the daemon's Unix socket.
package final class ControlServer: Sendable {
    private let socketPath: String
    private let mode: UInt32
    private let group: String?
    private let adminGroup: String
    private let store: SocketStore
    private let source: any ControlSource
    private let limits: ControlLimits
    private let eventLoops: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable () async -> Void
    private let slots: ConnectionSlots

    /// Prepares a server; `run()` opens the socket.
    ///
    /// - Parameters:
    ///   - socketPath: At most 107 bytes; its directory must exist.
    ///   - mode: Permission bits of the socket; reading needs write permission on it.
    ///   - group: The group that the socket is given to, if it exists.
    ///   - adminGroup: The group whose members may change things, if it exists.
    ///   - store: What keeps the socket while the daemon restarts.
    ///   - source: Where the answers come from.
    ///   - limits: What clients may cost.
    ///   - eventLoops: Where connections run; the process's shared loops if `nil`.
    ///   - logger: Told of the opened socket and of refused changes.
    ///   - onListening: Called once, when the first client may connect.
    package init(
        socketPath: String,
        mode: UInt32 = 0o660,
        group: String? = "failoverd",
        adminGroup: String = "failoverd-admin",
        store: SocketStore = .none,
        source: any ControlSource,
        limits: ControlLimits = ControlLimits(),
        eventLoops: (any EventLoopGroup)? = nil,
        logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        self.socketPath = socketPath
        self.mode = mode
        self.group = group
        self.adminGroup = adminGroup
        self.store = store
        self.source = source
        self.limits = limits
        self.eventLoops = eventLoops ?? MultiThreadedEventLoopGroup.singleton
        self.logger = logger
        self.onListening = onListening
        slots = ConnectionSlots(maximum: limits.connections)
    }

    /// Connections that were refused because too many were open.
    package var refusedConnections: UInt64 { slots.refused }

    /// Serves until the task is cancelled; then answers what has come in, and removes the socket if it is still ours and
    /// nobody keeps it for a successor.
    ///
    /// - Throws: `SocketPathError` if the socket cannot be opened at its path.
    package func run() async throws {
        let (group, adminGID) = try await NIOThreadPool.singleton.runIfActive { [self] in
            (self.group.flatMap(Accounts.gid(ofGroup:)), Accounts.gid(ofGroup: adminGroup))
        }
        let kept = store.take(path: socketPath, mode: mode, group: group)
        let socket = try kept ?? ListeningSocket.bind(path: socketPath, mode: mode, group: group)
        let responder = ControlResponder(
            source: source,
            access: ControlAccess(daemonUID: geteuid(), adminGroup: adminGroup, adminGID: adminGID),
            logger: logger
        )
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                let response = await responder.respond(to: request, on: channel)
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
        let server: NIOAsyncChannel<Connection, Never>
        do {
            server = try await listen(on: socket, http: http)
        } catch {
            socket.unlinkIfOurs()
            throw error
        }
        // Once more, because NIO listens with a backlog of its own on sockets that it is given.
        _ = Glibc.listen(socket.descriptor, limits.backlog)
        let isKept = kept != nil || store.keep(.init(name: socket.storeName, descriptor: socket.descriptor))
        logger.info("control socket open", metadata: ["path": "\(socketPath)"])
        // Cancelling is an order to close the door, not to drop who is in already: `serve` ends by itself then.
        let serving = Task { try await serve(server, http: http) }
        try await withTaskCancellationHandler {
            defer { if !isKept { socket.unlinkIfOurs() } }
            try await serving.value
        } onCancel: {
            // At once, so that nobody finds a socket that does not answer any more.
            if !isKept { socket.unlinkIfOurs() }
            Task { await Door.shut(server.channel) }
        }
    }

    private func listen(
        on socket: ListeningSocket,
        http: HTTP1Channel
    ) async throws -> NIOAsyncChannel<Connection, Never> {
        // One loop for all, as the door wants it.
        try await ServerBootstrap(group: eventLoops.next())
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Door()) }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { [self] channel in
                guard slots.take() else {
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(RefusalHandler(maximum: limits.connections))
                        return Connection.refused
                    }
                }
                channel.closeFuture.whenComplete { [slots] _ in slots.giveBack() }
                return setUp(channel, http: http)
            }
    }

    /// Puts the guards around Hummingbird's HTTP codec.
    private func setUp(_ channel: any Channel, http: HTTP1Channel) -> EventLoopFuture<Connection> {
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
    private func serve(_ server: NIOAsyncChannel<Connection, Never>, http: HTTP1Channel) async throws {
        try await server.executeThenClose { connections in
            await onListening()
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    guard case .accepted(let channel) = connection else { continue }
                    group.addTask { [self] in await handle(channel, http: http) }
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
    private func handle(_ connection: HTTP1Channel.Value, http: HTTP1Channel) async {
        let channel = connection.channel
        let linger = TimeAmount(limits.lingerTime)
        let (open, end) = AsyncStream.makeStream(of: Never.self)
        channel.closeFuture.whenComplete { _ in end.finish() }
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [logger] in await http.handle(value: connection, logger: logger) }
                group.addTask { for await _ in open {} }
                await group.next()
                group.cancelAll()
            }
        } onCancel: {
            channel.eventLoop.scheduleTask(in: linger) { channel.close(promise: nil) }
        }
    }

    private enum Connection: Sendable {
        case accepted(HTTP1Channel.Value)
        case refused
    }
}
