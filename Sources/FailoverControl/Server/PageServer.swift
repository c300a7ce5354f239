package import FailoverCore
import Glibc
import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix

/// The page and the read-only part of the API over TCP.
package final class PageServer: Sendable {
    /// Until the next try after the address could not be listened on.
    private static let retry = Duration.seconds(5)
    /// A peer that has gone, or takes nothing, is given up after this long, in milliseconds.
    ///
    /// Source: the longest that the control socket leaves an answer untouched.
    private static let peerTimeout = 30_000
    /// What the kernel holds for one that does not read, in bytes; a few documents of a hundred endpoints.
    private static let sendBuffer = 512 * 1024

    private let listen: HostPort
    private let access: @Sendable () throws -> PageAccess
    private let source: any ControlSource
    private let limits: ControlLimits
    private let quota: PageQuota
    private let logger: Logger
    private let report: @Sendable (String?) -> Void
    private let onListening: @Sendable (_ port: Int?) -> Void
    private let slots: ConnectionSlots
    private let feed: StateFeed

    /// Prepares a server; `run()` opens it.
    ///
    /// - Parameters:
    ///   - listen: A literal address, and a port; 0 for any that is free.
    ///   - access: Who may read; called each time before it listens. What it throws is reported, and nobody is let in.
    ///   - source: Where the answers come from.
    ///   - limits: What clients may cost.
    ///   - quota: What they may take of what the control socket needs as well.
    ///   - logger: Told of nothing that a client sends.
    ///   - report: Told why it cannot listen, and `nil` once it can.
    ///   - onListening: Told the port on which it listens.
    package init(
        listen: HostPort,
        access: @escaping @Sendable () throws -> PageAccess,
        source: any ControlSource,
        limits: ControlLimits = ControlLimits(),
        quota: PageQuota = PageQuota(),
        logger: Logger,
        report: @escaping @Sendable (String?) -> Void,
        onListening: @escaping @Sendable (_ port: Int?) -> Void = { _ in }
    ) {
        self.listen = listen
        self.access = access
        self.source = source
        self.limits = limits
        self.quota = quota
        self.logger = logger
        self.report = report
        self.onListening = onListening
        slots = ConnectionSlots(maximum: limits.connections) { source.noteRefusedConnection() }
        feed = StateFeed(source: source)
    }

    /// Serves until the task is cancelled.
    ///
    /// An address that is taken is tried again and again: nothing else waits for it.
    package func run() async {
        while !Task.isCancelled {
            do {
                let responder = PageResponder(
                    api: ControlResponder(
                        source: source,
                        feed: feed,
                        // Nobody may change anything: such requests never get as far as this.
                        access: ControlAccess(daemonUID: geteuid(), adminGroup: "", adminGID: nil),
                        logger: logger,
                        observationBytes: 0,
                        quota: quota
                    ),
                    access: try access()
                )
                try await serve(responder)
            } catch {
                report("\(error)")
                // Throws when it is cancelled, which ends the loop.
                try? await Task.sleep(for: Self.retry)
            }
        }
    }

    private func serve(_ responder: PageResponder) async throws {
        let connections = GuardedConnections(limits: limits, slots: slots, logger: logger) {
            [source] request, channel in
            let response = await responder.respond(to: request, on: channel)
            source.noteAnswer(status: response.status.code)
            return response
        }
        let server = try await bind(connections)
        report(nil)
        // Cancelling is an order to close the door, not to drop who is in already: `serve` ends by itself then.
        let serving = Task { [feed, onListening] in
            try await feed.whileRunning {
                try await connections.serve(server) { onListening(server.channel.localAddress?.port) }
            }
        }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            Task { await Door.shut(server.channel) }
        }
    }

    private func bind(
        _ connections: GuardedConnections
    ) async throws -> NIOAsyncChannel<GuardedConnections.Connection, Never> {
        // One loop for all, as the door wants it.
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton.next())
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Door()) }
            }
            .serverChannelOption(.backlog, value: limits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: Self.sendBuffer)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: Self.peerTimeout)
            .bind(host: listen.host, port: listen.port) { connections.admit($0) }
    }
}
