import FailoverCore
import NIOCore
import NIOSSL
import NIOTLS

/// A client's TLS session without I/O: it is given what arrived and gives what is to be sent.
///
/// Chain and name of the peer's certificate are always verified, and every handshake is a full one: the library keeps
/// no session, and nothing here hands one to it, so a certificate is seen and verified each time.
///
/// It belongs to the thread of its loop. After each call look at ``state``, and carry away output and plaintext.
final class TLSSession: ByteSession {
    /// How far a session has come.
    enum State: Hashable, Sendable {
        /// Can transition to: all others.
        case handshaking
        /// The certificate is verified and data may pass. Can transition to: `closed`, `failed`.
        case open(applicationProtocol: String?)
        /// The peer sent its last byte; final. It is not clean if the connection ended without TLS having said so, and
        /// so could have been cut.
        case closed(isClean: Bool)
        /// Final; an alert for the peer may be in the output.
        case failed(TLSFailure)
    }

    let channel: ByteChannel
    private let sink: Sink
    private let handler: NIOSSLClientHandler?
    private let loop: SessionLoop

    /// Prepares a session; ``start()`` begins it.
    ///
    /// `serverName` is a DNS name or a literal address. A name is also sent to the server (SNI); an address must be in
    /// the certificate as an address.
    init(context: NIOSSLContext, serverName: String, loop: SessionLoop) {
        self.loop = loop
        sink = Sink(name: serverName)
        let address = try? SocketAddress(ipAddress: serverName, port: 0)
        channel = ByteChannel(loop: loop, remoteAddress: address ?? Self.noAddress)
        // RFC 6066, section 3: the name is sent without its last dot.
        let name = serverName.hasSuffix(".") ? String(serverName.dropLast()) : serverName
        handler = try? NIOSSLClientHandler(context: context, serverHostname: address == nil ? name : nil)
    }

    deinit { channel.tearDown() }

    /// The library wants an address even where it compares the name.
    private static let noAddress = try? SocketAddress(ipAddress: "0.0.0.0", port: 0)

    var state: State { sink.state }

    /// The first message of the handshake is in the output afterwards.
    func start() {
        guard let handler, case .handshaking = sink.state else {
            sink.fail(TLSFailure(.tlsHandshake, "\(sink.name) cannot be the name of a TLS server"))
            return
        }
        sink.begin(handler, wallSeconds: loop.wallSeconds)
        do {
            try channel.pipeline.syncOperations.addHandlers([handler, sink])
        } catch {
            sink.fail(TLSFailure(.tlsHandshake, "TLS: \(error)"))
        }
    }

    /// Takes bytes that arrived from the peer.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, !sink.isOver else { return }
        channel.pipeline.fireChannelRead(loop.buffer(of: bytes))
        channel.pipeline.fireChannelReadComplete()
    }

    /// Learns that the peer has closed the connection.
    func receiveEnd() {
        guard !sink.isOver else { return }
        channel.pipeline.fireChannelInactive()
    }

    /// Encrypts `plaintext`; what is sent before the handshake is over waits for it.
    func send(_ plaintext: ByteBuffer) {
        guard !sink.isOver, plaintext.readableBytes > 0 else { return }
        channel.pipeline.writeAndFlush(plaintext, promise: nil)
    }

    /// Says goodbye, without waiting for the answer; what is in the output should still be sent.
    func close() {
        guard case .open = sink.state, !sink.saidGoodbye else { return }
        sink.saidGoodbye = true
        channel.pipeline.close(mode: .output, promise: nil)
    }

    /// What the peer sent, once; `nil` if there is nothing.
    func takePlaintext() -> ByteBuffer? {
        let plaintext = sink.plaintext
        sink.plaintext = nil
        return plaintext
    }

    /// Beginning and end of the validity of the peer's certificate, in seconds since 1970; `nil` before the handshake
    /// is over.
    var certificateValidity: (notBefore: Int, notAfter: Int)? {
        guard let certificate = handler?.peerCertificate else { return nil }
        return (Int(certificate.notValidBefore), Int(certificate.notValidAfter))
    }

    /// The version that was agreed on; `nil` before the handshake is over.
    var version: FailoverCore.TLSVersion? {
        switch handler?.tlsVersion {
        case .tlsv12: .tls12
        case .tlsv13: .tls13
        default: nil
        }
    }
}

// MARK: - The end of the pipeline

/// Notes what the library's handler reports.
private final class Sink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let name: String
    var plaintext: ByteBuffer?
    var saidGoodbye = false
    private(set) var state = TLSSession.State.handshaking
    private var hasReceived = false
    private weak var handler: NIOSSLClientHandler?
    private var wallSeconds: () -> Int = { 0 }

    init(name: String) { self.name = name }

    func begin(_ handler: NIOSSLClientHandler, wallSeconds: @escaping () -> Int) {
        self.handler = handler
        self.wallSeconds = wallSeconds
    }

    var isOver: Bool {
        switch state {
        case .handshaking, .open: false
        case .closed, .failed: true
        }
    }

    /// Only the first failure counts: what follows is its echo.
    func fail(_ failure: TLSFailure) {
        if !isOver { state = .failed(failure) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReceived = true
        let bytes = unwrapInboundIn(data)
        if plaintext == nil {
            plaintext = bytes
        } else {
            plaintext?.writeImmutableBuffer(bytes)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated):
            if !isOver { state = .open(applicationProtocol: negotiated) }
        case ChannelEvent.inputClosed:
            if !isOver { state = .closed(isClean: true) }
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return }
        switch state {
        case .open where error as? NIOSSLError == .uncleanShutdown:
            state = .closed(isClean: false)
        case .open:
            fail(TLSFailure(afterHandshake: error, hasReceived: hasReceived))
        default:
            let failure = TLSFailure(
                handshake: error,
                certificate: handler?.peerCertificate,
                name: name,
                now: wallSeconds()
            )
            fail(failure)
        }
    }
}
