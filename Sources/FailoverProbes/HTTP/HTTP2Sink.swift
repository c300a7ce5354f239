import FailoverCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// The end of the pipeline of an HTTP/2 connection: turns frames into events, and keeps the flow-control windows open.
final class HTTP2Sink: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private enum State {
        /// Can transition to: all others.
        case idle
        /// Our request is under way; the server has or has not begun to answer. Can transition to: `idle`, `over`.
        case asking(HTTP2StreamID, hasHead: Bool)
        /// The connection can be used no more.
        case over
    }

    private var state = State.idle
    /// The server is going away, but finishes what it has begun.
    private var isGoingAway = false
    private var hasSettings = false
    /// As many as frames fit into what was received at once.
    var events = CircularBuffer<HTTP2Event>()

    var isIdle: Bool {
        if case .idle = state { !isGoingAway } else { false }
    }

    var isOver: Bool {
        if case .over = state { true } else { false }
    }

    /// The stream of the request under way; `nil` if there is none.
    var asked: HTTP2StreamID? {
        if case .asking(let stream, _) = state { stream } else { nil }
    }

    func begin(_ stream: HTTP2StreamID) { state = .asking(stream, hasHead: false) }

    func finish() { state = .over }

    /// The connection is of no more use; what was asked fails.
    func fail(_ failure: HTTP2Failure) {
        if case .asking = state { events.append(.failed(failure)) }
        state = .over
    }

    func receiveEnd() {
        guard case .asking(_, let hasHead) = state else {
            state = .over
            return
        }
        fail(
            hasHead
                ? HTTP2Failure(.responseTruncated, "the connection closed before the answer was complete")
                : HTTP2Failure(.responseEmpty, "the connection closed without an answer")
        )
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .settings: hasSettings = true
        case .goAway(let last, let code, _): receiveGoAway(last, code)
        case .headers(let headers): receive(headers, on: frame.streamID)
        case .data(let body): receive(body, on: frame.streamID)
        case .rstStream(let code): receiveReset(code, on: frame.streamID)
        default: break
        }
    }

    private func receive(_ frame: HTTP2Frame.FramePayload.Headers, on stream: HTTP2StreamID) {
        guard case .asking(stream, let hasHead) = state else { return }
        guard frame.headers.listBytes <= HTTPProbe.maximumHeaderBytes else {
            fail(.headerTooLarge)
            return
        }
        if !hasHead {
            guard let status = frame.headers.first(name: ":status").flatMap({ Int($0) }) else {
                fail(HTTP2Failure(.responseMalformed, "not an HTTP response: no status"))
                return
            }
            // Anything below is only a hint that an answer will come.
            guard status >= 200 else { return }
            state = .asking(stream, hasHead: true)
            let fields = frame.headers.filter { !$0.name.hasPrefix(":") }
            events.append(.head(status: status, fields: fields.map { HeaderField(name: $0.name, value: $0.value) }))
        }
        if frame.endStream { end() }
    }

    private func receive(_ frame: HTTP2Frame.FramePayload.Data, on stream: HTTP2StreamID) {
        guard case .asking(stream, _) = state else { return }
        if case .byteBuffer(let bytes) = frame.data, bytes.readableBytes > 0 { events.append(.data(bytes)) }
        if frame.endStream { end() }
    }

    private func end() {
        events.append(.end)
        state = isGoingAway ? .over : .idle
    }

    private func receiveReset(_ code: HTTP2ErrorCode, on stream: HTTP2StreamID) {
        guard case .asking(stream, _) = state else { return }
        let detail = "the server reset the stream: \(code.words)"
        events.append(.failed(HTTP2Failure(.responseReset, detail, isUnprocessed: code == .refusedStream)))
        state = isGoingAway ? .over : .idle
    }

    private func receiveGoAway(_ last: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        isGoingAway = true
        switch state {
        case .asking(let stream, _) where last < stream:
            fail(HTTP2Failure(.responseReset, "the server is going away: \(code.words)", isUnprocessed: true))
        case .asking, .over:
            break
        case .idle:
            state = .over
        }
    }

    // MARK: Windows

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let change = event as? NIOHTTP2WindowUpdatedEvent, let size = change.inboundWindowSize,
            size < HTTP2Session.windowBytes / 2
        else { return }
        switch state {
        case .asking(let stream, _) where change.streamID == stream || change.streamID == .rootStream: break
        case .idle where change.streamID == .rootStream: break
        default: return
        }
        let payload = HTTP2Frame.FramePayload.windowUpdate(windowSizeIncrement: HTTP2Session.windowBytes - size)
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: change.streamID, payload: payload)), promise: nil)
    }

    // MARK: Errors

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOHTTP2Errors.ExcessivelyLargeHeaderBlock, is NIOHTTP2Errors.ExcessiveContinuationFrames:
            fail(.headerTooLarge)
        case _ where !hasSettings:
            fail(HTTP2Failure(.protocolMismatch, "the server does not speak HTTP/2"))
        default:
            fail(HTTP2Failure(.responseMalformed, "not HTTP/2 as it should be: \(Self.words(error))"))
        }
    }

    /// The name of the library's error, which says what was wrong, without its source location.
    private static func words(_ error: any Error) -> String {
        if let error = error as? NIOHTTP2Errors.StreamError { return words(error.baseError) }
        return String(describing: type(of: error))
    }
}

extension HTTP2Failure {
    static let headerTooLarge = HTTP2Failure(
        .headerTooLarge,
        "the response head is over \(HTTPProbe.maximumHeaderBytes) bytes"
    )
}

extension HPACKHeaders {
    /// Source: RFC 9113, section 10.5.1: names, values, and 32 bytes for each field.
    fileprivate var listBytes: Int { reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 } }
}

extension HTTP2ErrorCode {
    /// The code in words: `HTTP2ErrorCode<0x2 Internal Error>` becomes `Internal Error`.
    fileprivate var words: String {
        let text = String(describing: self)
        return text.firstIndex(of: " ").map { text[text.index(after: $0)...].filter { $0 != ">" } } ?? text
    }
}
