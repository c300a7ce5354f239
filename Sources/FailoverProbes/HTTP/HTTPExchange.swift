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
        /// What is wanted of the answer to a chat is there, or no more of it will come.
        case told(ChatEnd)
        /// The server was going away and did not look at the request.
        case unprocessed(ProbeFailure)
    }

    private enum Wire {
        case http1(HTTP1ResponseParser)
        case http2(HTTP2Session)
    }

    private var plan: HTTPPlan
    private var wire: Wire
    /// Who reads the answer to a chat; `nil` for any other probe.
    private var chat: ChatTurn?
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
            return .success(HTTPExchange(plan: plan, wire: .http1(Self.parser(for: plan))))
        }
        let session = HTTP2Session(loop: sessions)
        session.start()
        return .success(HTTPExchange(plan: plan, wire: .http2(session)))
    }

    private init(plan: HTTPPlan, wire: Wire) {
        self.plan = plan
        self.wire = wire
    }

    private static func parser(for plan: HTTPPlan) -> HTTP1ResponseParser {
        HTTP1ResponseParser(answerTo: plan.http1.answer, capturing: plan.wanted)
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

    /// All of the request was given out by ``carryOutput(isFirst:_:)``.
    var isRequestWritten: Bool {
        switch wire {
        case .http1: true
        case .http2(let session): session.isRequestWritten
        }
    }

    /// Begins a request: for a chat its own, which need not be that of the attempt before.
    mutating func begin(_ chat: ChatTurn? = nil) {
        if let chat { plan = chat.request }
        self.chat = chat
        bodyBytes = 0
        body = []
        isReusable = false
        hasAnswerBegun = false
        switch wire {
        case .http1: wire = .http1(Self.parser(for: plan))
        case .http2(let session):
            guard session.isUsable, let request = plan.http2 else { return }
            session.send(chat.map { request.with($0.message) } ?? request)
        }
    }

    /// Forgets the attempt that is over, so that what is kept holds none of its secrets.
    mutating func finish() { chat = nil }

    /// Says that no more of the answer is wanted; what is to be sent about that is carried away by `write`.
    func cancel(_ write: (UnsafeRawBufferPointer) -> Void) {
        guard case .http2(let session) = wire else { return }
        session.cancel()
        if let output = session.takeOutput() { output.withUnsafeReadableBytes(write) }
    }

    /// What is to be sent after ``begin()`` and after ``receive(_:)``, once; to be carried away by `write`.
    mutating func carryOutput(isFirst: Bool, _ write: (UnsafeRawBufferPointer) -> Void) {
        switch wire {
        case .http1:
            guard isFirst else { return }
            if let chat {
                plan.http1.bytes(with: chat.message).withUnsafeBytes(write)
            } else {
                plan.http1.bytes.withUnsafeBytes(write)
            }
        case .http2(let session):
            // Taken out first: sending may bring an answer, which has output of its own.
            if let output = session.takeRequest() { output.withUnsafeReadableBytes(write) }
        }
    }

    /// Takes bytes of the answer.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) -> Progress {
        switch wire {
        case .http1(var parser):
            // The only owner while it works: nothing is copied.
            wire = .http1(HTTP1ResponseParser())
            hasAnswerBegun = true
            defer { wire = .http1(parser) }
            return receive(bytes, with: &parser, at: now)
        case .http2(let session):
            session.receive(bytes)
            return takeEvents(of: session, at: now)
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
    mutating func inputEnded(at now: MonotonicInstant) -> Progress {
        switch wire {
        case .http1(var parser):
            do throws(HTTP1ResponseError) {
                try parser.inputEnded()
                return answered()
            } catch {
                return failed(.endpoint(error.reason, error.description))
            }
        case .http2(let session):
            session.receiveEnd()
            return takeEvents(of: session, at: now)
        }
    }

    private mutating func receive(
        _ bytes: UnsafeRawBufferPointer,
        with parser: inout HTTP1ResponseParser,
        at now: MonotonicInstant
    ) -> Progress {
        var rest = bytes
        while true {
            do throws(HTTP1ResponseError) {
                switch try parser.next(&rest) {
                case .needsMore: return chat?.isComplete == true ? .told(.complete) : .goesOn
                case .head(let head):
                    if let chat {
                        chat.receive(ChatHead(status: head.status, fields: parser.captured.present), at: now)
                    } else if let failure = plan.failure(
                        ofStatus: head.status,
                        retryAfter: parser.captured[HTTPPlan.retryAfter]
                    ) {
                        // The body cannot change that.
                        return .failed(failure)
                    }
                case .body(let part):
                    if let failure = take(part, at: now) { return failed(failure) }
                case .end(let isReusable):
                    self.isReusable = isReusable
                    return answered()
                }
            } catch {
                return failed(.endpoint(error.reason, error.description))
            }
        }
    }

    private mutating func takeEvents(of session: HTTP2Session, at now: MonotonicInstant) -> Progress {
        while let event = session.nextEvent() {
            switch event {
            case .head(let status, let fields):
                hasAnswerBegun = true
                if let chat {
                    chat.receive(ChatHead(status: status, of: fields), at: now)
                } else if let failure = plan.failure(
                    ofStatus: status,
                    retryAfter: fields.first { $0.name == HTTPPlan.retryAfter }?.value
                ) {
                    return .failed(failure)
                }
            case .data(let part):
                if let failure = part.withUnsafeReadableBytes({ take($0, at: now) }) { return failed(failure) }
            case .end: return answered()
            case .failed(let failure):
                let meaning = ProbeFailure.endpoint(failure.code, failure.detail)
                let isUnprocessed = failure.isUnprocessed && chat?.hasHead != true
                return isUnprocessed ? .unprocessed(meaning) : failed(meaning)
            }
        }
        return chat?.isComplete == true ? .told(.complete) : .goesOn
    }

    /// The answer has ended as it should.
    private func answered() -> Progress {
        guard let chat else { return .answered(body: body) }
        return .told(chat.isComplete ? .complete : .ended)
    }

    /// No answer comes any more, or no more of it: a chat that has begun judges by what there was.
    private func failed(_ failure: ProbeFailure) -> Progress {
        guard let chat, chat.hasHead else { return .failed(failure) }
        return .told(chat.isComplete ? .complete : .broken(failure.detail))
    }

    private mutating func take(_ part: UnsafeRawBufferPointer, at now: MonotonicInstant) -> ProbeFailure? {
        if let chat {
            chat.receive(part, at: now)
            return nil
        }
        bodyBytes += part.count
        guard bodyBytes <= HTTPProbe.maximumBodyBytes else {
            return .endpoint(.bodyTooLarge, "the body is over \(HTTPProbe.maximumBodyBytes) bytes")
        }
        if !plan.matcher.isEmpty { body.append(contentsOf: part) }
        return nil
    }
}
