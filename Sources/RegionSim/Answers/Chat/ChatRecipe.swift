/// What a quirk sends in place of a good answer.
enum ChatRecipe: Sendable {
    /// An event stream, made of pieces.
    case stream([ChatPiece], ChatStyle = ChatStyle())
    /// Something else, in the form of any other answer.
    case answer(Answer)
    /// The connection is closed without a byte.
    case nothing
}

/// A part of a streamed chat.
enum ChatPiece: Sendable {
    /// The event that says who speaks, which is no token.
    case role
    /// Events with tokens, spread evenly over the time from the first token to the end.
    case deltas([ChatChunk.Delta])
    /// The event that says why the model stopped, at the end of the answer's time.
    case finish(String)
    /// Token counts; only for those who asked for them.
    case usage(ChatUsage)
    case done
    /// Anything, as it is, right after the piece before.
    case text(String)
    /// The same again and again, for as long as the client stays.
    case forever(String, every: Duration)
}

/// How a stream is written.
struct ChatStyle: Sendable {
    enum Ending: Sendable {
        /// As HTTP wants it.
        case complete
        /// Nothing follows, and the connection stays.
        case silence
        case close
        case reset
    }

    var ending = Ending.complete
    var contentType = "text/event-stream; charset=utf-8"
    var headers: [Answer.Header] = []
    /// What ends a line.
    var newline = "\n"
    /// What the stream begins with.
    var prefix = ""
    /// The whole stream in one compressed piece.
    var isCompressed = false
    /// Each byte in a write of its own.
    var isBytewise = false
    var model: String?
    var fingerprint: String?
}

/// What a quirk knows when it answers.
struct QuirkContext {
    let settings: ChatQuirk.Settings
    /// The good answer.
    let chat: ChatAnswer
    /// The key that the client showed.
    let key: String?
    /// Multiplies the times that are not part of the plan.
    let scale: Double
}

extension ChatQuirk {
    /// The answer as steps in order of time.
    func steps(for chat: ChatAnswer, key: String?, scale: Double) -> [ResponseStep] {
        guard let entry = QuirkTable.entry(name) else { return [] }
        let context = QuirkContext(settings: settings, chat: chat, key: key, scale: scale)
        switch entry.sends(context) {
        case .stream(let pieces, let style):
            return StreamWriter(chat: chat, style: style, scale: scale).steps(pieces)
        case .answer(let answer):
            return ResponseStep.steps(for: answer, cause: nil, region: chat.region, scale: scale)
        case .nothing:
            return [ResponseStep(at: .zero, action: .close)]
        }
    }
}

/// Puts pieces in their times and their style.
private struct StreamWriter {
    private var chat: ChatAnswer
    private let style: ChatStyle
    private let scale: Double
    /// Of the piece before.
    private var time: Duration
    private var steps: [ResponseStep] = []

    init(chat: ChatAnswer, style: ChatStyle, scale: Double) {
        self.chat = chat
        self.chat.otherModel = style.model
        self.chat.otherFingerprint = style.fingerprint
        self.style = style
        self.scale = scale
        // The role goes ahead, as in a good answer.
        time = chat.plan.timeToFirstToken / 2
    }

    consuming func steps(_ pieces: [ChatPiece]) -> [ResponseStep] {
        let headers = [Answer.Header(name: "content-type", value: style.contentType)] + style.headers
        let coding = style.isCompressed ? [Answer.Header(name: "content-encoding", value: "gzip")] : []
        let framing = [Answer.Header(name: "transfer-encoding", value: "chunked")]
        steps = [ResponseStep(at: time, action: .head(status: 200, headers: headers + coding + framing))]
        if style.isCompressed {
            compress(pieces)
        } else {
            write(pieces)
        }
        // What comes forever has no end.
        if case .forever = steps.last?.action { return steps }
        switch style.ending {
        case .complete: add(.end)
        case .silence: add(.silence)
        case .close: add(.close)
        case .reset: add(.reset)
        }
        return steps
    }

    private mutating func write(_ pieces: [ChatPiece]) {
        write(style.prefix)
        let tokens = pieces.reduce(0) { if case .deltas(let deltas) = $1 { $0 + deltas.count } else { $0 } }
        let gap = (chat.plan.latency - chat.plan.timeToFirstToken) / max(tokens - 1, 1)
        var sent = 0
        for piece in pieces {
            switch piece {
            case .role: write(chat.event(delta: .init(role: "assistant", content: "")))
            case .deltas(let deltas):
                for delta in deltas {
                    time = max(time, chat.plan.timeToFirstToken + gap * sent)
                    sent += 1
                    write(chat.event(delta: delta))
                }
            case .finish(let reason):
                time = max(time, chat.plan.latency)
                write(chat.event(delta: .init(), finishReason: reason))
            case .usage(let usage): if chat.request.includesUsage { write(chat.event(usage: usage)) }
            case .done: write(ChatAnswer.terminator)
            case .text(let text): write(text)
            case .forever(let text, let interval): add(.forever(ended(text), every: interval * scale))
            }
        }
    }

    /// The stream as it would be without compression, in one piece.
    private mutating func compress(_ pieces: [ChatPiece]) {
        var plain = style
        plain.isCompressed = false
        let written = StreamWriter(chat: chat, style: plain, scale: scale).steps(pieces)
        let texts = written.compactMap { step in if case .body(let text) = step.action { text } else { nil } }
        time = max(time, chat.plan.latency)
        add(.bytes(GzipText.encode(texts.joined())))
    }

    private mutating func write(_ text: String) {
        guard !text.isEmpty else { return }
        let text = ended(text)
        if style.isBytewise {
            for byte in text.utf8 { add(.bytes([byte])) }
        } else {
            add(.body(text))
        }
    }

    private func ended(_ text: String) -> String {
        // By bytes: a line end and what follows may be one character.
        guard style.newline != "\n" else { return text }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: style.newline)
    }

    private mutating func add(_ action: ResponseStep.Action) {
        steps.append(ResponseStep(at: time, action: action))
    }
}
