import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server that sets faults from outside, on the loopback address only.
package final class ControlServer: Sendable {
    private let api: ControlAPI
    private let state = NIOLockedValueBox(State())

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    /// People and scripts: a few at a time.
    private static let maximumConnections = 64

    package init(simulator: RegionSimulator) { api = ControlAPI(simulator: simulator) }

    /// Listens on `port` of 127.0.0.1, or on any free one for 0.
    ///
    /// - Returns: The port.
    package func start(port: Int) async throws(SimulatorError) -> Int {
        do {
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try self.admit(channel)
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(ControlHandler(self.api))
                    }
                }
                .bind(host: "127.0.0.1", port: port)
                .get()
            state.withLockedValue { $0.listener = listener }
            return listener.localAddress?.port ?? port
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .portInUse(port, owner: "control")
        } catch {
            throw .cannotListen(port, owner: "control", reason: "\(error)")
        }
    }

    /// Closes the listener and every connection.
    package func stop() async {
        let (listener, connections) = state.withLockedValue { ($0.listener, Array($0.connections.values)) }
        for channel in connections + [listener].compactMap({ $0 }) {
            // Closing reports nothing that a caller could act on.
            try? await channel.close()
        }
        state.withLockedValue { $0.listener = nil }
    }

    private struct TooManyConnections: Error {}

    private func admit(_ channel: any Channel) throws {
        let key = ObjectIdentifier(channel)
        try state.withLockedValue { state in
            guard state.connections.count < Self.maximumConnections else { throw TooManyConnections() }
            state.connections[key] = channel
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLockedValue { $0.connections[key] = nil }
        }
    }
}

/// Collects one request after the other and hands each to the API.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let api: ControlAPI
    private var head: HTTPRequestHead?
    /// At most one byte over ``ControlAPI/maximumBodyBytes``: enough to know that it is too large.
    private var body: [UInt8] = []
    private var idle: Scheduled<Void>?

    init(_ api: ControlAPI) { self.api = api }

    func channelActive(context: ChannelHandlerContext) { limitIdle(context: context) }

    func handlerRemoved(context: ChannelHandlerContext) { idle?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            limitIdle(context: context)
            self.head = head
            body = []
        case .body(let part):
            body.append(contentsOf: part.readableBytesView.prefix(ControlAPI.maximumBodyBytes + 1 - body.count))
        case .end:
            guard let head else { return }
            answer(head, context: context)
        }
    }

    private func answer(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard body.count <= ControlAPI.maximumBodyBytes else {
            return write(ControlAPI.tooLarge, to: head, context: context)
        }
        let request = RegionRequest(method: head.method.rawValue, target: head.uri, body: body)
        api.respond(request, on: context.eventLoop).assumeIsolated().whenSuccess { response in
            self.write(response, to: head, context: context)
        }
    }

    private func write(_ response: ControlAPI.Response, to head: HTTPRequestHead, context: ChannelHandlerContext) {
        var fields = HTTPHeaders([
            ("content-type", response.contentType), ("content-length", "\(response.body.utf8.count)"),
        ])
        if !head.isKeepAlive { fields.add(name: "connection", value: "close") }
        let start = HTTPResponseHead(
            version: head.version,
            status: .init(statusCode: response.status),
            headers: fields
        )
        let buffer = context.channel.allocator.buffer(string: response.body)
        context.write(wrapOutboundOut(.head(start)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            if !head.isKeepAlive { context.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    /// Closes connections that ask nothing for a minute.
    private func limitIdle(context: ChannelHandlerContext) {
        idle?.cancel()
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(60)) { context.close(promise: nil) }
    }
}
