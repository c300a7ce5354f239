package import FoundationEssentials
import Glibc
package import NIOCore
package import NIOHTTP1
import NIOPosix

/// Asks a daemon through its Unix socket.
///
/// Each question has a connection of its own.
package struct ControlClient: Sendable {
    package let socketPath: String
    /// For a whole question with its answer.
    package let timeout: Duration
    private let eventLoops: any EventLoopGroup

    /// Largest answer that is read, in bytes.
    package static let maximumBodyBytes = 32 * 1024 * 1024
    /// A follower hears a comment every 15 s; after three that are missing, the daemon is gone.
    package static let silenceLimit: Duration = .seconds(45)

    /// A client that connects only when it is asked something.
    ///
    /// - Parameters:
    ///   - socketPath: At most 107 bytes.
    ///   - timeout: For a whole question with its answer.
    ///   - eventLoops: Where connections run; the process's shared loops if `nil`.
    package init(socketPath: String, timeout: Duration = .seconds(5), eventLoops: (any EventLoopGroup)? = nil) {
        self.socketPath = socketPath
        self.timeout = timeout
        self.eventLoops = eventLoops ?? MultiThreadedEventLoopGroup.singleton
    }

    /// An answer, whatever its status.
    package struct Answer: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let body: Data
    }

    package func get(
        _ path: String,
        accept: String = "application/json"
    ) async throws(ControlClientError) -> Answer {
        try await ask(.GET, path, headers: [("Accept", accept)])
    }

    package func post(_ path: String) async throws(ControlClientError) -> Answer {
        try await ask(.POST, path, headers: [("Accept", "application/json"), ("Content-Length", "0")])
    }

    package func post(_ path: String, json body: Data) async throws(ControlClientError) -> Answer {
        let headers = [
            ("Accept", "application/json"), ("Content-Type", "application/json"), ("Content-Length", "\(body.count)"),
        ]
        return try await ask(.POST, path, headers: headers, body: body)
    }

    private func ask(
        _ method: HTTPMethod,
        _ path: String,
        headers: [(String, String)],
        body: Data = Data()
    ) async throws(ControlClientError) -> Answer {
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask {
                    try await exchange(head(method, path, headers: headers), body: body) { inbound in
                        try await Self.collect(inbound, path: socketPath)
                    }
                }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw ControlClientError.timeout(path: socketPath, limit: timeout)
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw ControlClientError.closed(path: socketPath) }
                return answer
            }
        } catch {
            throw inPlainWords(error)
        }
    }

    // MARK: Connections

    typealias Parts = NIOAsyncChannelInboundStream<HTTPClientResponsePart>

    func head(_ method: HTTPMethod, _ path: String, headers: [(String, String)]) -> HTTPRequestHead {
        let fixed = [("Host", "failoverd"), ("User-Agent", "failoverctl"), ("Connection", "close")]
        return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: HTTPHeaders(fixed + headers))
    }

    /// Sends one request and hands its answer to `body`, part by part.
    func exchange<Result: Sendable>(
        _ head: HTTPRequestHead,
        body bytes: Data = Data(),
        silenceLimit: Duration? = nil,
        _ body: @Sendable (Parts) async throws -> Result
    ) async throws -> Result {
        let connection = try await ClientBootstrap(group: eventLoops)
            .connectTimeout(TimeAmount(timeout))
            .connect(unixDomainSocketPath: socketPath) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    if let silenceLimit {
                        try pipeline.addHandler(IdleStateHandler(readTimeout: TimeAmount(silenceLimit)))
                    }
                    try pipeline.addHandler(RequestWriter(head: head, body: bytes))
                    return try NIOAsyncChannel<HTTPClientResponsePart, Never>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await connection.executeThenClose { inbound in try await body(inbound) }
    }

    private static func collect(_ inbound: Parts, path: String) async throws -> Answer {
        var head: HTTPResponseHead?
        var body = Data()
        for try await part in inbound {
            switch part {
            case .head(let received): head = received
            case .body(let received):
                guard body.count + received.readableBytes <= maximumBodyBytes else {
                    throw ControlClientError.answerTooLarge(limit: maximumBodyBytes)
                }
                body.append(contentsOf: received.readableBytesView)
            case .end:
                guard let head else { throw ControlClientError.closed(path: path) }
                return Answer(status: Int(head.status.code), headers: head.headers, body: body)
            }
        }
        throw ControlClientError.closed(path: path)
    }

    // MARK: Errors

    func inPlainWords(_ error: any Error) -> ControlClientError {
        switch error {
        case let error as ControlClientError: error
        case let error as IOError: inPlainWords(error)
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { inPlainWords($0.error) } ?? .noDaemon(path: socketPath)
        case ChannelError.connectTimeout: .timeout(path: socketPath, limit: timeout)
        case SocketAddressError.unixDomainSocketPathTooLong: .pathTooLong(path: socketPath)
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed: .closed(path: socketPath)
        case let error as HTTPParserError:
            // An answer that was cut off is no answer; anything else is not HTTP.
            error == .invalidEOFState ? .closed(path: socketPath) : .malformed("\(error)")
        case let error as ServerSentEventParser.TooLong:
            .malformed("an event is longer than \(error.maximumBytes) bytes")
        case is CancellationError: .closed(path: socketPath)
        default: .system(path: socketPath, reason: "\(error)")
        }
    }

    private func inPlainWords(_ error: IOError) -> ControlClientError {
        switch error.errnoCode {
        case ENOENT, ENOTDIR, ECONNREFUSED: .noDaemon(path: socketPath)
        case EACCES, EPERM: .permissionDenied(path: socketPath, group: socketGroup())
        // The backlog is full.
        case EAGAIN: .timeout(path: socketPath, limit: timeout)
        case ECONNRESET, EPIPE: .closed(path: socketPath)
        case let code: .system(path: socketPath, reason: String(cString: strerror(code)))
        }
    }

    private func socketGroup() -> String? {
        var status = stat()
        guard stat(socketPath, &status) == 0 else { return nil }
        return Accounts.name(ofGroup: status.st_gid)
    }
}

/// Sends one request as soon as the connection stands: before anything is read, so that even the
/// answer of a daemon that does not wait for a request is an answer to it.
private final class RequestWriter: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead

    private let body: Data

    init(head: HTTPRequestHead, body: Data) {
        self.head = head
        self.body = body
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    /// A stream that has fallen silent is closed.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? IdleStateHandler.IdleStateEvent == .read { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

@available(*, unavailable)
extension RequestWriter: Sendable {}
