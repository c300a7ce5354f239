package import FailoverCore

/// One answer to a chat, or to one of the cheaper questions, as it arrives: read, timed and judged.
///
/// A value without I/O: the caller brings the head, the bytes in pieces of any size, and the time. It calls `conclude`
/// when ``isComplete``, at ``deadline``, at the end of the answer or of the attempt, whichever comes first.
package struct ChatAnswer: Sendable {
    /// How the body is read.
    private enum Body {
        /// The head has not come.
        case unread
        /// The first byte decides. `isLabelled`: the head says that it is a stream.
        case undecided(isLabelled: Bool)
        case stream
        /// One JSON document: a whole answer, or a list of models.
        case whole
        /// What the server says about an error.
        case complaint
        /// Of no interest.
        case ignored
    }

    /// Largest body that is read, in bytes.
    package static let maximumBodyBytes = HTTPProbe.maximumBodyBytes
    /// The part of an error's body that is read, in bytes.
    package static let maximumComplaintBytes = 64 * 1024

    let probe: ChatProbe
    /// What is asked.
    let mode: ChatProbe.Mode
    let matcher: BodyMatcher
    let timeouts: ProbeTimeouts
    let sent: MonotonicInstant
    /// What nothing that is told may hold.
    var redaction = Redaction.nothing
    private(set) var head: ChatHead?
    /// When the head came.
    private var began: MonotonicInstant
    private var body = Body.unread
    /// Bytes of the body that have arrived.
    private(set) var bodyBytes = 0
    /// The body is longer than what is read of it.
    private var isFull = false
    /// At most `maximumBodyBytes`, and only of what is no stream.
    private(set) var document: [UInt8] = []
    private var parser = EventStreamParser()
    private(set) var transcript = ChatTranscript()
    /// What nothing that follows can change.
    private(set) var finding: ChatFinding?
    /// The content type is not that of the body.
    private(set) var isMislabelled = false

    /// An answer to a request that was fully written at `sent`.
    ///
    /// - Parameters:
    ///   - probe: What is expected.
    ///   - mode: What was asked: the probe's mode, or its cheaper one.
    ///   - matcher: Made of the probe's `quality.text`, once per probe.
    ///   - timeouts: Of the probe; the total is the caller's to watch.
    ///   - sent: When the request was fully written.
    package init(
        _ probe: ChatProbe,
        asking mode: ChatProbe.Mode,
        matcher: BodyMatcher,
        timeouts: ProbeTimeouts,
        sent: MonotonicInstant
    ) {
        self.probe = probe
        self.mode = mode
        self.matcher = matcher
        self.timeouts = timeouts
        self.sent = sent
        began = sent
    }

    /// When the first token arrived; `nil` if none has.
    package var firstToken: MonotonicInstant? { transcript.firstToken }

    /// The whole of what is wanted has arrived.
    package var isComplete: Bool { finding != nil || isFull || transcript.isOver }

    /// When to conclude if nothing else happens; only bytes move it.
    package var deadline: MonotonicInstant {
        switch body {
        case .unread: sent + (mode == .chat ? timeouts.ttft : timeouts.firstByte)
        // Nobody waits long for an explanation.
        case .complaint: min(sent + timeouts.ttft, began + ChatProbe.tail)
        case .undecided, .stream, .whole, .ignored:
            if mode != .chat {
                sent + timeouts.total
            } else if let finished = transcript.finished {
                finished + ChatProbe.tail
            } else if let last = transcript.lastToken {
                last + timeouts.idle
            } else {
                // Neither heads nor comments nor empty deltas put it off.
                sent + timeouts.ttft
            }
        }
    }

    /// Judging the answer may take long enough to hold up an event loop: conclude elsewhere.
    package var isSlowToJudge: Bool {
        document.count > 65_536 || matcher.isSlow(byteCount: max(transcript.text.count, document.count))
    }

    /// Takes the head of the answer, once; not that of an interim one.
    package mutating func receive(_ head: ChatHead, at now: MonotonicInstant) {
        guard self.head == nil else { return }
        self.head = head
        began = now
        switch head.status {
        case 200...299 where mode == .health: decide(ChatFinding(.success))
        case 200...299 where head.encoding != nil:
            let encoding = head.encoding ?? ""
            decide(.failure(.protocolError, "the answer is encoded as \(encoding), asked for was identity"))
        case 200...299 where mode == .models: body = .whole
        case 200...299: prepare(forContentType: head.value("content-type"))
        case 400...599 where head.encoding == nil: body = .complaint
        default: decide(refusal)
        }
    }

    /// Takes bytes of the body.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        guard !isComplete, !bytes.isEmpty else { return }
        switch body {
        case .unread, .ignored: break
        case .complaint: keep(bytes, limit: Self.maximumComplaintBytes)
        case .whole: keep(bytes, limit: Self.maximumBodyBytes)
        case .stream: read(bytes, at: now)
        case .undecided(let isLabelled): sniff(bytes, isLabelled: isLabelled, at: now)
        }
    }

    /// Ends the reading; the last call.
    ///
    /// - Parameters:
    ///   - end: How the answer ended.
    ///   - now: When it ended.
    ///   - wallSeconds: Since 1970-01-01, UTC, for dates that the server names.
    /// - Returns: What the answer amounts to.
    package mutating func conclude(
        _ end: ChatEnd,
        at now: MonotonicInstant,
        wallSeconds: Int
    ) -> ChatConclusion {
        finish(end, at: now)
        return conclusion(of: end, at: now, wallSeconds: wallSeconds)
    }

    /// The body is one JSON document.
    var isWhole: Bool { if case .whole = body { true } else { false } }

    /// Takes in a whole answer.
    mutating func take(whole chunk: ChatChunk, at now: MonotonicInstant) { transcript.take(whole: chunk, at: now) }

    private mutating func decide(_ finding: ChatFinding) {
        self.finding = finding
        body = .ignored
    }
}

// MARK: - The body

extension ChatAnswer {
    private mutating func prepare(forContentType text: String?) {
        let type = (text ?? "").prefix { $0 != ";" }.trimmedASCII.lowercased()
        switch type {
        case "text/event-stream": body = .undecided(isLabelled: true)
        // Clients do not look, so that users are served all the same.
        case "", "application/json": body = .undecided(isLabelled: false)
        case _ where type.hasPrefix("application/") && type.hasSuffix("+json"): body = .undecided(isLabelled: false)
        default: decide(.failure(.protocolError, "the answer is \(type), expected text/event-stream"))
        }
        isMislabelled = type.isEmpty
    }

    /// Finds out what the body is from its first byte that is neither white space nor part of a byte order mark.
    private mutating func sniff(_ bytes: UnsafeRawBufferPointer, isLabelled: Bool, at now: MonotonicInstant) {
        let first = bytes.firstIndex { !Self.leading.contains($0) } ?? bytes.endIndex
        // Nothing but empty lines for a stream.
        read(UnsafeRawBufferPointer(rebasing: bytes[..<first]), at: now)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[first...])
        guard !isComplete, let byte = rest.first else { return }
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            body = .whole
            isMislabelled = isMislabelled || isLabelled
            keep(rest, limit: Self.maximumBodyBytes)
        } else if isLabelled || Self.streamBeginnings.contains(byte) {
            body = .stream
            isMislabelled = isMislabelled || !isLabelled
            read(rest, at: now)
        } else {
            bodyBytes += rest.count
            decide(.failure(.protocolError, "the answer is neither an event stream nor a JSON object"))
        }
    }

    /// White space and the bytes of a byte order mark.
    private static let leading: [UInt8] = [0x20, 0x09, 0x0d, 0x0a, 0xef, 0xbb, 0xbf]
    /// Of comments and of the fields data, event, id and retry.
    private static let streamBeginnings = Array(":deir".utf8)

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, limit: Int) {
        let room = limit - document.count
        bodyBytes += bytes.count
        document.append(contentsOf: bytes.prefix(room))
        guard bytes.count > room else { return }
        isFull = true
        if isWhole { decide(.failure(.bodyTooLarge, "the body is over \(limit) bytes")) }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        let room = Self.maximumBodyBytes - bodyBytes
        bodyBytes += bytes.count
        var rest = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
        while !transcript.isOver, let item = parser.next(&rest) {
            switch item {
            case .event(let event): transcript.take(event, at: now)
            case .comment: transcript.keepalives += 1
            case .tooLarge:
                let limit = ChatProbe.maximumEventBytes
                decide(.failure(.protocolError, "an event of the stream is over \(limit) bytes"))
                return
            }
        }
        guard bytes.count > room, !transcript.isOver else { return }
        isFull = true
        guard transcript.finished == nil else { return }
        decide(.failure(.bodyTooLarge, "the stream is over \(Self.maximumBodyBytes) bytes"))
    }

    /// Reads what only the end completes.
    private mutating func finish(_ end: ChatEnd, at now: MonotonicInstant) {
        guard finding == nil, !transcript.isOver, let event = parser.end() else { return }
        switch end {
        // A token that its event did not complete in time is too late.
        case .timedOut, .totalTimedOut: if transcript.finished == nil { return }
        case .complete, .ended, .broken: break
        }
        transcript.takeUnfinished(event, isBroken: end != .ended, at: now)
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    var trimmedASCII: String {
        var rest = Substring(self)
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest.drop { $0 == " " || $0 == "\t" })
    }
}
