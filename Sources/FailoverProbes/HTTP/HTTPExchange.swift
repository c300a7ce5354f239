import FailoverCore
import NIOCore

/// The HTTP side of a connection: one request at a time, and the judgement of its answer.
struct HTTPExchange {
    /// What the answer amounts to so far.
    enum Progress {
        case goesOn
        /// Complete, with an expected status; the body is empty unless something is expected of it.
        case answered(body: [UInt8])
        case failed(ProbeFailure)
        /// The server was going away and did not look at the request.
        case unprocessed(ProbeFailure)
    }

    private enum Wire {
        case http1(HTTP1ResponseParser)
        case http2(HTTP2Session)
    }

    private let plan: HTTPPlan
    private var wire: Wire
    private var bodyBytes = 0
    /// At most `HTTPProbe.maximumBodyBytes`.
    private var body: [UInt8] = []
    private var isReusable = false
    /// Something of the answer has arrived.
    private(set) var hasAnswerBegun = false

    /// Over which version of HTTP the connection speaks.
    ///
    /// Fails if that is not the wanted one.
    static func make(
        for plan: HTTPPlan,
        on connection: Connection,
        sessions: SessionLoop
    ) -> Result<HTTPExchange, ProbeFailure> {
        let wantsHTTP2 = plan.probe.version == .http2
        guard plan.http2 != nil, connection.applicationProtocol == "h2" || !connection.isSecure else {
            guard !wantsHTTP2 else {
                return .failure(.endpoint(.protocolMismatch, "the server does not speak HTTP/2, which was asked for"))
            }
            return .success(HTTPExchange(plan: plan, wire: .http1(HTTP1ResponseParser(answerTo: plan.http1.answer))))
        }
        let session = HTTP2Session(loop: sessions)
        session.start()
        return .success(HTTPExchange(plan: plan, wire: .http2(session)))
    }

    private init(plan: HTTPPlan, wire: Wire) {
        self.plan = plan
        self.wire = wire
    }

    /// The version of HTTP that the connection speaks.
    var spoken: SpokenHTTP {
        switch wire {
        case .http1: .http1
        case .http2: .http2
        }
    }

    /// The connection may carry another request.
    var allowsAnother: Bool {
        switch wire {
        case .http1: isReusable
        case .http2(let session): session.isUsable
        }
    }

    /// Begins a request.
    mutating func begin() {
        bodyBytes = 0
        body = []
        isReusable = false
        hasAnswerBegun = false
        switch wire {
        case .http1: wire = .http1(HTTP1ResponseParser(answerTo: plan.http1.answer))
        case .http2(let session):
            if session.isUsable, let request = plan.http2 { session.send(request) }
        }
    }

    /// What is to be sent after ``begin()`` and after ``receive(_:)``, once; to be carried away by `write`.
    mutating func carryOutput(isFirst: Bool, _ write: (UnsafeRawBufferPointer) -> Void) {
        switch wire {
        case .http1:
            if isFirst { plan.http1.bytes.withUnsafeBytes(write) }
        case .http2(let session):
            // Taken out first: sending may bring an answer, which has output of its own.
            if let output = session.takeOutput() { output.withUnsafeReadableBytes(write) }
        }
    }

    /// Takes bytes of the answer.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Progress {
        switch wire {
        case .http1(var parser):
            // The only owner while it works: nothing is copied.
            wire = .http1(HTTP1ResponseParser())
            hasAnswerBegun = true
            defer { wire = .http1(parser) }
            return receive(bytes, with: &parser)
        case .http2(let session):
            session.receive(bytes)
            return takeEvents(of: session)
        }
    }

    /// Takes bytes that arrive between two requests; `false` if no other request may follow them.
    mutating func receiveIdle(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Nobody asked: in HTTP/1.1 it is not the answer to the next request.
        guard case .http2(let session) = wire else { return false }
        session.receive(bytes)
        while session.nextEvent() != nil {}
        return session.isUsable
    }

    /// The other end sends no more.
    mutating func inputEnded() -> Progress {
        switch wire {
        case .http1(var parser):
            do throws(HTTP1ResponseError) {
                try parser.inputEnded()
                return .answered(body: body)
            } catch {
                return .failed(.endpoint(error.reason, error.description))
            }
        case .http2(let session):
            session.receiveEnd()
            return takeEvents(of: session)
        }
    }

    private mutating func receive(_ bytes: UnsafeRawBufferPointer, with parser: inout HTTP1ResponseParser) -> Progress {
        var rest = bytes
        while true {
            do throws(HTTP1ResponseError) {
                switch try parser.next(&rest) {
                case .needsMore: return .goesOn
                case .head(let head):
                    // The body cannot change that.
                    if let failure = plan.failure(ofStatus: head.status) { return .failed(failure) }
                case .body(let part):
                    if let failure = take(part) { return .failed(failure) }
                case .end(let isReusable):
                    self.isReusable = isReusable
                    return .answered(body: body)
                }
            } catch {
                return .failed(.endpoint(error.reason, error.description))
            }
        }
    }

    private mutating func takeEvents(of session: HTTP2Session) -> Progress {
        while let event = session.nextEvent() {
            switch event {
            case .head(let status, _):
                hasAnswerBegun = true
                if let failure = plan.failure(ofStatus: status) { return .failed(failure) }
            case .data(let part):
                if let failure = part.withUnsafeReadableBytes({ take($0) }) { return .failed(failure) }
            case .end: return .answered(body: body)
            case .failed(let failure):
                let meaning = ProbeFailure.endpoint(failure.code, failure.detail)
                return failure.isUnprocessed ? .unprocessed(meaning) : .failed(meaning)
            }
        }
        return .goesOn
    }

    private mutating func take(_ part: UnsafeRawBufferPointer) -> ProbeFailure? {
        bodyBytes += part.count
        guard bodyBytes <= HTTPProbe.maximumBodyBytes else {
            return .endpoint(.bodyTooLarge, "the body is over \(HTTPProbe.maximumBodyBytes) bytes")
        }
        if !plan.matcher.isEmpty { body.append(contentsOf: part) }
        return nil
    }
}
