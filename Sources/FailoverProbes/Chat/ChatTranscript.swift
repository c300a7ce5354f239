import FailoverCore

/// What the events of one stream have said so far, and when.
struct ChatTranscript: Sendable {
    /// The part of an answer's text that is kept, in bytes.
    ///
    /// Source: what an expression may search, and far more than a probe's answer has.
    static let maximumTextBytes = BodyMatcher.maximumRegexBytes

    /// Events that bring tokens, and comments.
    private(set) var tokenEvents = 0
    var keepalives = 0
    /// Events of any kind, the terminator included.
    private(set) var events = 0
    /// Events that are not JSON objects.
    private(set) var badEvents = 0
    private(set) var channels: ChatChunk.Channels = []
    /// The answer's text, at most ``maximumTextBytes``.
    private(set) var text: [UInt8] = []

    private(set) var firstToken: MonotonicInstant?
    private(set) var firstContent: MonotonicInstant?
    private(set) var lastToken: MonotonicInstant?
    private(set) var longestGap: Duration?

    /// Why the model stopped; `nil` while it goes on.
    private(set) var finish: String?
    /// When it did.
    private(set) var finished: MonotonicInstant?
    /// When the terminator came.
    private(set) var terminated: MonotonicInstant?
    /// The error that ended the stream.
    private(set) var complaint: ServerComplaint?
    /// The last event was not ended by an empty line.
    private(set) var hasUnfinishedEvent = false

    private(set) var usage: TokenUsage?
    private(set) var model: String?
    private(set) var fingerprint: String?

    /// Nothing of interest can follow.
    var isOver: Bool { terminated != nil || complaint != nil }

    /// Takes an event of a stream.
    mutating func take(_ event: EventStreamParser.Event, at now: MonotonicInstant) {
        events += 1
        if Self.isTerminator(event.text) {
            terminated = now
        } else if let chunk = ChatChunk(event) {
            take(chunk)
            if !chunk.channels.isEmpty { tokens(in: chunk, at: now) }
            if finish != nil, finished == nil { finished = now }
        } else if !event.text.isEmpty {
            badEvents += 1
        }
    }

    /// Takes what the end of the stream left of an event.
    ///
    /// - Parameters:
    ///   - event: All that came of it.
    ///   - isBroken: More was to follow, so that a fragment is no surprise.
    ///   - now: When the stream ended.
    mutating func takeUnfinished(_ event: EventStreamParser.Event, isBroken: Bool, at now: MonotonicInstant) {
        if isBroken, !Self.isTerminator(event.text), JSONReader.value(of: event.text) == nil { return }
        hasUnfinishedEvent = true
        take(event, at: now)
    }

    /// Takes a whole answer, whose tokens have no time.
    mutating func take(whole chunk: ChatChunk, at now: MonotonicInstant) {
        take(chunk)
        keep(chunk.content)
        if finish != nil { finished = now }
    }

    private mutating func take(_ chunk: ChatChunk) {
        channels.formUnion(chunk.channels)
        complaint = chunk.complaint
        finish = finish ?? chunk.finish
        usage = chunk.usage ?? usage
        model = chunk.model ?? model
        fingerprint = chunk.fingerprint ?? fingerprint
    }

    private mutating func tokens(in chunk: ChatChunk, at now: MonotonicInstant) {
        tokenEvents += 1
        if let lastToken { longestGap = max(longestGap ?? .zero, now - lastToken) }
        lastToken = now
        firstToken = firstToken ?? now
        guard chunk.channels.contains(.content) else { return }
        firstContent = firstContent ?? now
        keep(chunk.content)
    }

    private mutating func keep(_ content: String) {
        text.append(contentsOf: content.utf8.prefix(Self.maximumTextBytes - text.count))
    }

    private static func isTerminator(_ text: [UInt8]) -> Bool {
        // Longer ones are not looked at byte by byte.
        text.count <= 32 && String(decoding: text, as: UTF8.self).trimmedASCII == "[DONE]"
    }
}
