/// One thing that the server does on a connection, at a time since the request was read.
struct ResponseStep: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        /// Status and headers.
        case head(status: Int, headers: [Answer.Header])
        case body(String)
        /// Part of a body that may begin or end within a character.
        case bytes([UInt8])
        /// The answer is complete; the connection may be used again.
        case end
        /// One byte of the body now and one more after every interval, and then the end.
        case drip(String, interval: Duration)
        /// The same part of a body now and after every interval in which the client has read, until a limit ends it.
        case forever(String, every: Duration)
        /// Bytes past the HTTP encoder.
        case raw(String)
        /// Nothing more is sent; the connection stays open until a limit ends it.
        case silence
        case close
        /// Closes with a TCP reset.
        case reset
    }

    let at: Duration
    let action: Action

    /// The whole answer as steps in order of time, spoiled by `cause`.
    static func steps(for answer: Answer, cause: Fault.Kind?, region: String, scale: Double) -> [ResponseStep] {
        let start = answer.parts.first?.at ?? .zero
        let head = ResponseStep(at: start, action: .head(status: answer.status, headers: answer.framedHeaders))
        switch cause {
        case nil, .slow, .refuse, .chat:
            // A quirk spoils only what is a chat, and is asked before.
            return [head] + answer.bodies + [ResponseStep(at: answer.lastTime, action: .end)]
        case .status(let status, let retryAfter):
            return steps(for: .fault(status, retryAfter, region: region), cause: nil, region: region, scale: scale)
        case .blackhole:
            return [ResponseStep(at: .zero, action: .silence)]
        case .stall:
            return [head] + answer.cut(streamParts: 2) + [ResponseStep(at: answer.lastTime, action: .silence)]
        case .truncate:
            let kept = answer.cut(streamParts: (answer.parts.count + 1) / 2)
            return [head] + kept + [ResponseStep(at: kept.last?.at ?? start, action: .close)]
        case .drip(let interval):
            let text = answer.parts.map(\.text).joined()
            return [head, ResponseStep(at: start, action: .drip(text, interval: interval * scale))]
        case .reset:
            return [ResponseStep(at: .zero, action: .reset)]
        case .garbage:
            // The greeting of another protocol, as a wrong port or a broken gateway gives.
            let greeting = ResponseStep(at: .zero, action: .raw("220 \(region) ESMTP \u{1}\u{2}\u{3}\r\n"))
            return [greeting, ResponseStep(at: .zero, action: .close)]
        case .endless:
            let chunked = answer.headers + [Answer.Header(name: "transfer-encoding", value: "chunked")]
            return [
                ResponseStep(at: start, action: .head(status: answer.status, headers: chunked)),
                ResponseStep(at: start, action: .forever(endlessText, every: .milliseconds(10))),
            ]
        case .empty:
            let empty = answer.headers + [Answer.Header(name: "content-length", value: "0")]
            return [
                ResponseStep(at: answer.lastTime, action: .head(status: 200, headers: empty)),
                ResponseStep(at: answer.lastTime, action: .end),
            ]
        }
    }

    /// Enough for each of its turns to fill the way to the client.
    private static let endlessText = String(repeating: "endless ", count: 8192)
}

extension Answer {
    fileprivate var lastTime: Duration { parts.last?.at ?? .zero }

    /// The headers with the body's length, or with the mark of a body in chunks.
    fileprivate var framedHeaders: [Header] {
        // These have no body, and a length would be wrong.
        if status == 204 || status == 304 { return headers }
        guard !isStream else { return headers + [Header(name: "transfer-encoding", value: "chunked")] }
        let length = parts.reduce(0) { $0 + $1.text.utf8.count }
        return headers + [Header(name: "content-length", value: "\(length)")]
    }

    fileprivate var bodies: [ResponseStep] {
        parts.filter { !$0.text.isEmpty }.map { ResponseStep(at: $0.at, action: .body($0.text)) }
    }

    /// The first `streamParts` events of a stream, or the first half of a body.
    fileprivate func cut(streamParts: Int) -> [ResponseStep] {
        guard !isStream else { return Array(bodies.prefix(streamParts)) }
        return parts.map { part in
            // Every body is ASCII but for the model's name, so half the characters are about half the bytes, and less
            // than all of them.
            ResponseStep(at: part.at, action: .body(String(part.text.prefix(part.text.count / 2))))
        }
    }

    /// What a status fault answers; a body only where the status is an error.
    fileprivate static func fault(_ status: Int, _ retryAfter: Duration?, region: String) -> Answer {
        let headers = retryAfter.map { wait in
            // Whole seconds, rounded up: the header knows no fractions, and too early would be wrong.
            let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
            return [Header(name: "retry-after", value: "\(seconds)")]
        }
        guard status >= 400 else { return Answer(status: status, headers: headers ?? []) }
        return .error(.fault(status: status, region: region), headers: headers ?? [])
    }

    /// An answer without a body.
    private init(status: Int, headers: [Header]) {
        self.status = status
        self.headers = headers
        parts = [Part(at: .zero, text: "")]
        isStream = false
    }
}
