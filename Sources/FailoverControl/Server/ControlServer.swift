import Glibc
import HTTPTypes
import HummingbirdCore
package import Logging
package import NIOCore
import NIOPosix

/// The HTTP API on the daemon's Unix socket.
package final class ControlServer: Sendable {
    private let socketPath: String
    private let mode: UInt32
    private let group: String?
    private let adminGroup: String
    private let observerGroup: String
    private let store: SocketStore
    private let source: any ControlSource
    private let limits: ControlLimits
    private let eventLoops: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable () async -> Void
    private let slots: ConnectionSlots
    private let feed: StateFeed

    /// Prepares a server; `run()` opens the socket.
    ///
    /// - Parameters:
    ///   - socketPath: At most 107 bytes; its directory must exist.
    ///   - mode: Permission bits of the socket; reading needs write permission on it.
    ///   - group: The group that the socket is given to, if it exists.
    ///   - adminGroup: The group whose members may change things, if it exists.
    ///   - observerGroup: The group whose members may report what their own requests came to, if it exists.
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
        observerGroup: String = "failoverd-observers",
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
        self.observerGroup = observerGroup
        self.store = store
        self.source = source
        self.limits = limits
        self.eventLoops = eventLoops ?? MultiThreadedEventLoopGroup.singleton
        self.logger = logger
        self.onListening = onListening
        slots = ConnectionSlots(maximum: limits.connections) { source.noteRefusedConnection() }
        feed = StateFeed(source: source)
    }

    /// Connections that were refused because too many were open.
    package var refusedConnections: UInt64 { slots.refused }

    /// Serves until the task is cancelled; then answers what has come in, and removes the socket if it is still ours and
    /// nobody keeps it for a successor.
    ///
    /// - Throws: `SocketPathError` if the socket cannot be opened at its path.
    package func run() async throws {
        let (group, adminGID, observerGID) = try await NIOThreadPool.singleton.runIfActive { [self] in
            (
                self.group.flatMap(Accounts.gid(ofGroup:)), Accounts.gid(ofGroup: adminGroup),
                Accounts.gid(ofGroup: observerGroup)
            )
        }
        let kept = store.take(path: socketPath, mode: mode, group: group)
        let socket = try kept ?? ListeningSocket.bind(path: socketPath, mode: mode, group: group)
        let responder = ControlResponder(
            source: source,
            feed: feed,
            access: ControlAccess(
                daemonUID: geteuid(),
                adminGroup: adminGroup,
                adminGID: adminGID,
                observerGroup: observerGroup,
                observerGID: observerGID
            ),
            logger: logger,
            observationBytes: limits.observationBytes
        )
        let connections = GuardedConnections(limits: limits, slots: slots, logger: logger) {
            [source] request, channel in
            let response = await responder.respond(to: request, on: channel)
            source.noteAnswer(status: response.status.code)
            return response
        }
        let server: NIOAsyncChannel<GuardedConnections.Connection, Never>
        do {
            server = try await listen(on: socket, connections)
        } catch {
            socket.unlinkIfOurs()
            throw error
        }
        // Once more, because NIO listens with a backlog of its own on sockets that it is given.
        _ = Glibc.listen(socket.descriptor, limits.backlog)
        let isKept = kept != nil || store.keep(.init(name: socket.storeName, descriptor: socket.descriptor))
        logger.info("control socket open", metadata: ["path": "\(socketPath)"])
        // Cancelling is an order to close the door, not to drop who is in already: `serve` ends by itself then.
        let serving = Task { [feed, onListening] in
            try await feed.whileRunning { try await connections.serve(server, onListening: onListening) }
        }
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
        _ connections: GuardedConnections
    ) async throws -> NIOAsyncChannel<GuardedConnections.Connection, Never> {
        // One loop for all, as the door wants it.
        try await ServerBootstrap(group: eventLoops.next())
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Door()) }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { connections.admit($0) }
    }
}
