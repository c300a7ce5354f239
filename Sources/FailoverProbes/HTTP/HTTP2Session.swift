import FailoverCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A client's HTTP/2 connection without I/O: it is given what arrived and gives what is to be sent.
///
/// One request is under way at a time; a kept connection takes one after another. Settings and pings are answered,
/// nothing is pushed, and the library's limits against floods of frames apply.
///
/// It belongs to the thread of its loop. After each call look at ``nextEvent()``, and carry away the output.
final class HTTP2Session: ByteSession {
    let channel: ByteChannel
    private let sink: HTTP2Sink
    private let loop: SessionLoop
    private var nextStream = 1
    /// The end of the request under way has been given out to be sent; without a body it always has.
    private(set) var isRequestWritten = true

    init(loop: SessionLoop) {
        self.loop = loop
        channel = ByteChannel(loop: loop, remoteAddress: nil)
        sink = HTTP2Sink()
    }

    deinit { channel.tearDown() }

    /// How much the server may send before more is allowed, in bytes, for the stream and for the connection.
    ///
    /// It is allowed again while half of it is left, so a body of a megabyte does not wait, and less than this is ever
    /// under way.
    static let windowBytes = 256 * 1024
    /// What the library decodes at most of one list of header fields, in bytes.
    ///
    /// Twice the limit of a probe, so that a list that is over the limit is known for what it is.
    private static let decodedHeaderBytes = 2 * HTTPProbe.maximumHeaderBytes
    /// Source: RFC 9113, section 6.9.2.
    private static let initialConnectionWindow = 65_535
    /// Source: RFC 9113, section 5.1.1: stream identifiers have 31 bits.
    private static let lastStream = 0x7fff_ffff

    /// Our side of the connection's preface is in the output afterwards.
    func start() {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: Self.windowBytes),
            HTTP2Setting(parameter: .maxHeaderListSize, value: Self.decodedHeaderBytes),
        ]
        let handler = NIOHTTP2Handler(mode: .client, connectionConfiguration: connection)
        do {
            try channel.pipeline.syncOperations.addHandlers([handler, sink])
        } catch {
            sink.fail(HTTP2Failure(.responseMalformed, "HTTP/2: \(error)"))
            return
        }
        let increment = Self.windowBytes - Self.initialConnectionWindow
        write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: increment)))
        channel.pipeline.flush()
    }

    /// Whether another request can be sent: none is under way, and neither side is about to close.
    var isUsable: Bool { sink.isIdle && nextStream <= Self.lastStream }

    /// Sends a request, whose answer comes as events.
    ///
    /// It must not be called unless the session ``isUsable``.
    func send(_ request: HTTP2Request) {
        precondition(isUsable, "a request is under way, or the connection is no longer usable")
        let stream = HTTP2StreamID(nextStream)
        nextStream += 2
        sink.begin(stream)
        let body = request.body.map { loop.allocator.buffer(bytes: $0) }
        isRequestWritten = body == nil
        let head = HTTP2Frame.FramePayload.Headers(headers: request.fields, endStream: body == nil)
        write(HTTP2Frame(streamID: stream, payload: .headers(head)))
        if let body {
            write(HTTP2Frame(streamID: stream, payload: .data(.init(data: .byteBuffer(body), endStream: true))))
        }
        channel.pipeline.flush()
    }

    private func write(_ frame: HTTP2Frame) { channel.pipeline.write(frame, promise: nil) }

    /// What is to be sent, once; `nil` if there is nothing.
    ///
    /// Notices the end of the request in it: a large body has to wait until the server makes room for it.
    func takeRequest() -> ByteBuffer? {
        let output = takeOutput()
        if let output, !isRequestWritten {
            isRequestWritten = output.withUnsafeReadableBytes { HTTP2Output.endsBody($0) }
        }
        return output
    }

    /// Says that no more of the answer under way is wanted; no other request can follow.
    ///
    /// What is in the output should still be sent.
    func cancel() {
        guard let stream = sink.asked else { return }
        sink.finish()
        write(HTTP2Frame(streamID: stream, payload: .rstStream(.cancel)))
        channel.pipeline.flush()
    }

    /// Takes bytes that arrived from the server.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        receive(loop.buffer(of: bytes))
    }

    /// Takes bytes that arrived from the server.
    func receive(_ bytes: ByteBuffer) {
        guard !sink.isOver, bytes.readableBytes > 0 else { return }
        channel.pipeline.fireChannelRead(bytes)
        channel.pipeline.fireChannelReadComplete()
    }

    /// Learns that the server has closed the connection.
    func receiveEnd() { sink.receiveEnd() }

    /// Says goodbye; what is in the output should still be sent.
    func close() {
        guard !sink.isOver else { return }
        sink.finish()
        write(
            HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(lastStreamID: .rootStream, errorCode: .noError, opaqueData: nil)
            )
        )
        channel.pipeline.flush()
    }

    /// The next thing that happened, in order; `nil` if there is nothing new.
    func nextEvent() -> HTTP2Event? { sink.events.popFirst() }
}
