import FailoverCore

// Feeds arbitrary bytes to the reader of chats: whole, and split into pieces. Both must come to the same conclusion.
//
// The first byte of the input chooses the head and the question, the second the sizes of the pieces, the third the end.

/// Reads one input whole and in pieces, and stops the process if they differ or say what cannot be.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 3 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let body = UnsafeRawBufferPointer(rebasing: input[3...])
    let choice = Choice(head: input[0], end: input[2])
    let whole = choice.conclusion(of: body) { $0 }
    var seed = UInt32(input[1])
    let split = choice.conclusion(of: body) { left in
        seed = seed &* 1_664_525 &+ 1_013_904_223
        return min(left, 1 + Int(seed >> 24) % (1 + Int(input[1]) % 32))
    }
    precondition(whole == split, "whole: \(String(describing: whole)), split: \(String(describing: split))")
    choice.check(whole)
    check(field: String(decoding: body.prefix(64), as: UTF8.self))
    return 0
}

/// What comes before and after the body.
private struct Choice {
    let mode: ChatProbe.Mode
    let head: ChatHead
    let end: ChatEnd

    private static let sent = MonotonicInstant.seconds(1)
    private static let statuses = [200, 200, 200, 200, 200, 429, 400, 503]
    private static let types = ["text/event-stream", "application/json", "", "text/event-stream; charset=utf-8"]
    private static let ends: [ChatEnd] = [.ended, .broken("reset"), .timedOut, .totalTimedOut]
    private static let probe = ChatProbe(
        http: HTTPProbe(address: HostPort(host: "llm.test", port: 80)),
        model: "m",
        quality: QualityExpectation(text: [.contains("OK"), .json(pointer: "/a", equals: .null)], model: "m*")
    )
    private static let matcher = try? BodyMatcher(probe.quality.text)

    init(head: UInt8, end: UInt8) {
        mode = head & 0xc0 == 0xc0 ? .models : .chat
        self.head = ChatHead(
            status: Self.statuses[Int(head & 7)],
            fields: [("content-type", Self.types[Int(head >> 3 & 3)]), ("retry-after", "7")]
        )
        self.end = Self.ends[Int(end & 3)]
    }

    /// Reads a body; `size` gives the size of the next piece, from the number of bytes that are left.
    ///
    /// `nil` if the probe's expectations cannot be evaluated.
    func conclusion(of body: UnsafeRawBufferPointer, size: (Int) -> Int) -> ChatConclusion? {
        guard let matcher = Self.matcher else { return nil }
        var answer = ChatAnswer(
            Self.probe,
            asking: mode,
            matcher: matcher,
            timeouts: ProbeTimeouts(),
            sent: Self.sent
        )
        answer.receive(head, at: Self.sent + .milliseconds(100))
        var start = 0
        while start < body.count, !answer.isComplete {
            let next = start + size(body.count - start)
            let piece = UnsafeRawBufferPointer(rebasing: body[start..<next])
            answer.receive(piece, at: Self.sent + .milliseconds(200))
            start = next
        }
        precondition(answer.deadline > Self.sent)
        let end = answer.isComplete ? .complete : end
        return answer.conclude(end, at: Self.sent + .milliseconds(300), wallSeconds: 1_795_334_400)
    }

    /// What holds for every answer.
    func check(_ conclusion: ChatConclusion?) {
        guard let conclusion else { preconditionFailure("the probe's expectations cannot be evaluated") }
        let detail = conclusion.detail ?? ""
        precondition(detail.unicodeScalars.count <= 200 && !detail.contains { $0.isNewline }, detail)
        precondition(conclusion.ttft.map { $0 > .zero } ?? true)
        precondition(conclusion.latency.map { $0 > .zero } ?? true)
        let anomalies = conclusion.report?.anomalies ?? []
        precondition(Set(anomalies).count == anomalies.count)
        let isTimeout = if case .failure(_, isTimeout: true) = conclusion.outcome { true } else { false }
        let figures = conclusion.report?.figures ?? ChatReport.Figures()
        precondition(conclusion.ttft == nil || isTimeout || figures.tokenEvents > 0, "timed without a token")
        precondition(isTimeout || conclusion.latency == nil || conclusion.outcome == .success)
        precondition(mode == .chat || conclusion.bill == .nothing)
    }
}

/// Whatever a server asks for, the wait has bounds.
private func check(field text: String) {
    for name in RetryAfter.wantedFields {
        let delay = RetryAfter.delay(in: [(name, text)], wallSeconds: 1_795_334_400) ?? .zero
        precondition(delay >= .zero && delay <= RetryAfter.maximum, text)
    }
}
