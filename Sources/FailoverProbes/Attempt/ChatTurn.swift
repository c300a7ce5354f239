import FailoverCore

/// One question to an LLM as one attempt asks it, and what has come back.
///
/// Only for use on one loop.
final class ChatTurn {
    private enum Answer {
        /// The request is not fully written, and nothing came back. Can transition to: reading.
        case none
        /// Can transition to: none (the question is asked again on another connection), over.
        case reading(ChatAnswer)
        case over
    }

    let plan: ChatPlan
    /// What is asked: the chat itself, or what takes its place.
    let tier: EvidenceTier
    /// What was set aside for the question; to be settled once, when the attempt has ended.
    let reservation: SpendReservation?
    /// What this attempt sends beside what all do; nothing before ``prepare(_:)``.
    private(set) var message = AttemptMessage(fields: [], body: nil)
    /// What became of the reservation, once the attempt has ended.
    private(set) var bill = SpendBill.nothing
    /// The last moment at which something of the request was written.
    private(set) var lastWrite = MonotonicInstant(nanoseconds: 0)
    /// What nothing that is told may hold; with the credential after ``prepare(_:)``.
    private(set) var redaction: Redaction
    private let nonce: String
    private let requestID: String
    private var answer = Answer.none
    /// Objectives that have not passed, earliest first.
    private var ahead: [(kind: IndicatorKind, due: MonotonicInstant)] = []

    /// Asks what the grant allows.
    init(_ plan: ChatPlan, grant: SpendGrant, using random: inout some RandomNumberGenerator) {
        self.plan = plan
        redaction = plan.redaction
        switch grant {
        case .deep(let reservation) where plan.deep != nil: (tier, self.reservation) = (.deep, reservation)
        case .deep(let reservation): (tier, self.reservation) = (.shallow, reservation)
        case .shallow, .later: (tier, reservation) = (.shallow, nil)
        }
        nonce = Self.text(of: Self.alphabet, count: ChatRequestBody.nonceLength, using: &random)
        requestID = "fd-" + Self.text(of: Self.alphabet.prefix(16), count: Self.requestIDDigits, using: &random)
    }

    /// The hexadecimal digits come first.
    private static let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz".utf8.map { $0 }[...]
    /// As many as a UUID has.
    private static let requestIDDigits = 32

    private static func text(
        of alphabet: ArraySlice<UInt8>,
        count: Int,
        using random: inout some RandomNumberGenerator
    ) -> String {
        let bytes = (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The request that the message completes.
    var request: HTTPPlan { tier == .deep ? plan.deep ?? plan.cheap : plan.cheap }
    private var mode: ChatProbe.Mode { tier == .deep ? .chat : plan.cheapMode }

    /// Makes the message.
    ///
    /// - Throws: What is wrong with the credential, without its value.
    func prepare(_ credentials: CredentialStore) throws(ProbeDefect) {
        let secret: Secret? =
            if let credential = plan.probe.credential { try credentials.secret(.key(credential)) } else { nil }
        redaction = plan.redaction.adding(secret)
        message = plan.message(nonce: nonce, requestID: requestID, tier: tier, secret: secret)
    }

    // MARK: Clocks

    /// Something of the request was written.
    func wrote(at now: MonotonicInstant) { lastWrite = now }

    /// The request was fully written, or is being answered before it is: times count from `instant`.
    func asked(at instant: MonotonicInstant) {
        guard case .none = answer else { return }
        var answer = ChatAnswer(
            plan.probe,
            asking: mode,
            matcher: plan.matcher,
            timeouts: plan.timeouts,
            sent: instant
        )
        answer.redaction = redaction
        self.answer = .reading(answer)
        guard tier == .deep else { return }
        ahead = plan.objectives.map { ($0.kind, instant + $0.limit) }
    }

    /// The server may work on an answer that costs tokens: asking again would cost them twice.
    var mayCost: Bool {
        if case .reading = answer { tier == .deep } else { false }
    }

    /// Forgets that it was asked: the server did not look at it.
    func startAgain() {
        answer = .none
        ahead = []
    }

    /// When to conclude if nothing else happens; `nil` before it is asked.
    var deadline: MonotonicInstant? {
        if case .reading(let answer) = answer { answer.deadline } else { nil }
    }

    /// When the next objective passes; `nil` if none will.
    var nextObjective: MonotonicInstant? { ahead.first?.due }

    /// The objectives that have passed by `now` without being met; each once.
    func objectivesPassed(at now: MonotonicInstant) -> [IndicatorKind] {
        guard case .reading(let answer) = answer else { return [] }
        let passed = ahead.prefix { $0.due <= now }
        ahead.removeFirst(passed.count)
        return passed.map(\.kind).filter { kind in
            switch kind {
            // Of an answer that comes in one piece the first token is never seen.
            case .ttft: answer.firstToken == nil && !answer.isWhole && answer.transcript.finished == nil
            case .latency: answer.transcript.finished == nil
            case .availability, .quality: false
            }
        }
    }

    // MARK: The answer

    var hasHead: Bool {
        if case .reading(let answer) = answer { answer.head != nil } else { false }
    }

    /// The whole of what is wanted has arrived.
    var isComplete: Bool {
        if case .reading(let answer) = answer { answer.isComplete } else { false }
    }

    func receive(_ head: ChatHead, at now: MonotonicInstant) {
        asked(at: lastWrite)
        change { $0.receive(head, at: now) }
    }

    func receive(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        change { $0.receive(bytes, at: now) }
    }

    /// In place: what has arrived is not copied.
    private func change(_ body: (inout ChatAnswer) -> Void) {
        guard case .reading(var changed) = answer else { return }
        answer = .over
        body(&changed)
        answer = .reading(changed)
    }

    // MARK: Conclusion

    /// Judging may take long enough to hold up a loop.
    var isSlowToJudge: Bool {
        guard case .reading(let answer) = answer else { return false }
        return answer.isSlowToJudge || answer.document.count > Self.quickDocumentBytes
    }

    /// Source: `BodyMatcher.isSlow`, for JSON.
    private static let quickDocumentBytes = 4096

    /// Judges the answer, on any thread; `nil` if there is none to judge.
    func judgement(
        _ end: ChatEnd,
        at now: MonotonicInstant,
        wallSeconds: Int
    ) -> (@Sendable () -> ChatConclusion)? {
        guard case .reading(let last) = answer else { return nil }
        return {
            var answer = last
            return answer.conclude(end, at: now, wallSeconds: wallSeconds)
        }
    }

    /// The attempt has ended with a judgement.
    func end(_ conclusion: ChatConclusion) {
        bill = conclusion.bill
        answer = .over
    }

    /// The attempt has ended without a judgement.
    ///
    /// A server that was asked in full may have generated an answer, whatever became of it.
    func end() {
        guard case .reading = answer else { return }
        bill = tier == .deep ? .unknown : .nothing
        answer = .over
    }
}

extension ChatHead {
    /// The fields that matter of all that an answer has.
    init(status: Int, of fields: [HeaderField]) {
        let wanted = fields.filter { Self.wantedFields.contains($0.name) }
        self.init(status: status, fields: wanted.map { ($0.name, $0.value) })
    }
}
