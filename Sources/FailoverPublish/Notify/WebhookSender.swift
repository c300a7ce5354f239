import AsyncHTTPClient
import Dispatch
import FailoverCore
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Posts to webhooks; one for all of them.
///
/// Certificates are verified, redirects are not followed, and of an answer only the status and `Retry-After` count.
final class WebhookSender: Sendable {
    struct Request {
        /// May be a secret.
        let url: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    private let client: HTTPClient

    /// How often somebody asks whether to go on.
    private static let look = Duration.milliseconds(100)
    /// Bytes of an answer that are read: nobody looks at them.
    fileprivate static let mostBytes = 64 * 1024

    init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(5)
        // What is refused is told at once: the next attempt is ours to plan.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    // The client wants to be ended before it goes; it keeps itself until it is.
    deinit { client.shutdown { _ in } }

    /// Sends one request and waits for its end; called on a thread that may wait.
    func send(
        _ request: Request,
        timeout: Duration,
        now: @Sendable () -> MonotonicInstant,
        isAbandoned: () -> Bool
    ) -> NotificationCourse.Result {
        let prepared: HTTPClient.Request
        do {
            prepared = try HTTPClient.Request(
                url: request.url,
                method: .POST,
                headers: HTTPHeaders(request.headers.map { ($0.name, $0.value) }),
                body: .bytes(request.body)
            )
        } catch {
            return .failed("the address is no URL of http or https", isLasting: true, retryAfter: nil)
        }
        let status = WebhookStatus()
        let deadline = NIODeadline.now() + TimeAmount.nanoseconds(timeout.nanoseconds)
        let task = client.execute(request: prepared, delegate: status, deadline: deadline)
        let ended = DispatchSemaphore(value: 0)
        let failure = NIOLockedValueBox<(any Error)?>(nil)
        task.futureResult.whenComplete { result in
            if case .failure(let error) = result { failure.withLockedValue { $0 = error } }
            ended.signal()
        }
        // The client has its own deadline; ours is for the case that it does not hold it.
        let end = now() + timeout + .seconds(1)
        while ended.wait(timeout: .now() + Self.look.inSeconds) == .timedOut {
            guard !isAbandoned() else {
                task.cancel()
                return .failed("was ended with the daemon", isLasting: false, retryAfter: nil)
            }
            if now() > end {
                task.cancel()
                break
            }
        }
        if let head = status.head { return Self.result(of: head) }
        let error = failure.withLockedValue { $0 }
        return .failed(Self.words(for: error, timeout: timeout), isLasting: false, retryAfter: nil)
    }

    private static func result(of head: WebhookStatus.Head) -> NotificationCourse.Result {
        switch head.status {
        case 200...299: .sent
        case 300...399:
            .failed("status \(head.status): redirects are not followed", isLasting: true, retryAfter: nil)
        case 408, 425, 429, 500...599:
            .failed("status \(head.status)", isLasting: false, retryAfter: head.retryAfter.map { .seconds($0) })
        default: .failed("status \(head.status)", isLasting: true, retryAfter: nil)
        }
    }

    /// Never with the address, which may be a secret.
    private static func words(for error: (any Error)?, timeout: Duration) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            "no answer within \(timeout.inSeconds.trimmed) s"
        case let error as HTTPClientError where error == .connectTimeout: "no connection within 10 s"
        case let error as HTTPClientError: "\(error.shortDescription)"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is NIOConnectionError: "no connection: refused, unreachable, or there is no such host"
        case nil: "no answer within \(timeout.inSeconds.trimmed) s"
        case let error?: "the connection failed: \(type(of: error))"
        }
    }
}

/// Keeps the head of an answer, and lets its body go.
private final class WebhookStatus: HTTPClientResponseDelegate {
    struct Head: Sendable {
        let status: Int
        /// Seconds; `nil` for none, and for a date.
        let retryAfter: Int?
    }

    typealias Response = Void

    private let state = NIOLockedValueBox<(head: Head?, bytes: Int)>((nil, 0))

    var head: Head? { state.withLockedValue { $0.head } }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let retryAfter = head.headers.first(name: "retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        let told = Head(status: Int(head.status.code), retryAfter: retryAfter.map { min($0, 86_400) })
        state.withLockedValue { $0.head = told }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let bytes = state.withLockedValue { state in
            state.bytes += buffer.readableBytes
            return state.bytes
        }
        if bytes > WebhookSender.mostBytes { task.cancel() }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) throws {}
}
