import FailoverCore

/// From what arrived to what it means.
extension ChatAnswer {
    /// What the status of a refusal means, with what its body says.
    var refusal: ChatFinding {
        let status = head?.status ?? 0
        let complaint = ServerComplaint(text: document)
        var outcome = complaint.outcome(ofStatus: status)
        // Where no model is asked for, only the path can be missing.
        if mode != .chat, status == 404 { outcome = .misconfigured(.request) }
        let line = complaint.line(redaction)
        return ChatFinding(
            outcome,
            "status \(status), expected 200" + (line.isEmpty ? "" : "; the server says: \(line)")
        )
    }

    mutating func conclusion(of end: ChatEnd, at now: MonotonicInstant, wallSeconds: Int) -> ChatConclusion {
        let found = finding ?? judged(end, at: now)
        let waited = max(now - sent, .nanoseconds(1))
        var outcome = found.outcome
        var detail = found.detail.map { redaction.line($0) }
        var fault: Reason?
        if mode == .chat, outcome == .success {
            fault = ChatQuality.fault(of: transcript, expecting: probe.quality, matcher: matcher, redaction)
            detail = fault?.text
            if fault != nil, probe.quality.failsEndpoint { outcome = .failure(.quality, isTimeout: false) }
        }
        var ttft = firstToken.map { max($0 - sent, .nanoseconds(1)) }
        var latency: Duration?
        switch found.outcome {
        case .success: latency = max((transcript.finished ?? transcript.terminated ?? now) - sent, .nanoseconds(1))
        case .failure(_, isTimeout: true):
            latency = waited
            if mode == .chat { ttft = ttft ?? waited }
        case .failure, .throttled, .misconfigured, .inconclusive: latency = nil
        }
        return ChatConclusion(
            outcome: outcome,
            detail: detail,
            ttft: ttft,
            latency: latency,
            report: report(isGood: found.outcome == .success, fault: fault),
            retryAfter: retryAfter(outcome, wallSeconds: wallSeconds),
            bill: bill(end)
        )
    }

    private func retryAfter(_ outcome: Outcome, wallSeconds: Int) -> Duration? {
        guard case .throttled = outcome, let head else { return nil }
        return RetryAfter.delay(in: head.fields, wallSeconds: wallSeconds)
    }

    private mutating func judged(_ end: ChatEnd, at now: MonotonicInstant) -> ChatFinding {
        guard let head else { return unanswered(end) }
        guard (200...299).contains(head.status) else { return refusal }
        guard mode == .chat else { return modelsFinding(end) }
        return isWhole ? wholeFinding(end, at: now) : streamFinding(end)
    }

    private func unanswered(_ end: ChatEnd) -> ChatFinding {
        switch end {
        case .complete, .ended: .failure(.responseEmpty, "the connection closed without an answer")
        case .broken(let detail): .failure(.responseReset, detail)
        case .timedOut where mode == .chat: noToken
        case .timedOut: .timeout(.responseTimeout, "no answer within \(timeouts.firstByte.inSeconds) s")
        case .totalTimedOut where mode == .chat: noTokenAtAll
        case .totalTimedOut: .timeout(.totalTimeout, "no answer in all the time that an attempt has")
        }
    }

    private var noToken: ChatFinding {
        let kept = transcript.keepalives == 0 ? "" : ", but \(transcript.keepalives) comments"
        return .timeout(.ttftTimeout, "no token within \(timeouts.ttft.inSeconds) s\(kept)")
    }

    private var noTokenAtAll: ChatFinding { .timeout(.ttftTimeout, "no token in all the time that an attempt has") }

    // MARK: - A stream

    private func streamFinding(_ end: ChatEnd) -> ChatFinding {
        if let complaint = transcript.complaint { return inBand(complaint) }
        if let finish = transcript.finish { return finished(finish) }
        let bad = transcript.badEvents == 0 ? "" : ", after \(transcript.badEvents) events that are not JSON objects"
        let code: ReasonCode = transcript.badEvents == 0 ? .empty : .protocolError
        if transcript.terminated != nil {
            guard transcript.channels.isEmpty else { return answered }
            return .failure(code, "the stream ended without a token\(bad)")
        }
        switch end {
        case .timedOut where firstToken == nil: return noToken
        case .timedOut: return .timeout(.stalled, "no further token within \(timeouts.idle.inSeconds) s, \(soFar)")
        case .totalTimedOut where firstToken == nil:
            return noTokenAtAll
        case .totalTimedOut: return .timeout(.slow, "not finished in all the time that an attempt has, \(soFar)")
        case .complete, .ended, .broken: break
        }
        guard transcript.badEvents == 0 else {
            return .failure(.protocolError, "the stream broke off\(bad)")
        }
        if end == .ended || end == .complete, transcript.events == 0 {
            return .failure(.empty, "the stream ended without an event")
        }
        let broken = if case .broken(let detail) = end { ": \(detail)" } else { "" }
        return .failure(.truncated, "the stream broke off, \(soFar)\(broken)")
    }

    private var soFar: String { "\(transcript.tokenEvents) events with tokens so far" }

    private func inBand(_ complaint: ServerComplaint) -> ChatFinding {
        let phase = isWhole ? "" : firstToken == nil ? " before the first token" : " after the first token"
        let words = complaint.line(redaction)
        let line = words.isEmpty ? "" : "; the server says: \(words)"
        return ChatFinding(complaint.outcomeInBand, "an error inside the answer\(phase)\(line)")
    }

    /// The model said why it stopped.
    private func finished(_ finish: String) -> ChatFinding {
        if finish == "content_filter" { return ChatFinding(.inconclusive(.filtered), "a filter ended the answer") }
        guard transcript.channels.isEmpty else { return answered }
        if finish != "stop", let usage = transcript.usage, usage.completion > 0 { return ChatFinding(.success) }
        guard transcript.badEvents == 0 else {
            return .failure(.protocolError, "finished (\(finish)) without a token, \(transcript.badEvents) bad events")
        }
        return .failure(.empty, "finished (\(finish)) without a token")
    }

    /// Tokens came, and then a proper end.
    private var answered: ChatFinding {
        transcript.channels == .refusal
            ? ChatFinding(.inconclusive(.filtered), "the model refused to answer") : ChatFinding(.success)
    }

    // MARK: - One document

    private mutating func wholeFinding(_ end: ChatEnd, at now: MonotonicInstant) -> ChatFinding {
        switch end {
        case .broken(let detail): return .failure(.truncated, "the answer broke off: \(detail)")
        case .timedOut: return noToken
        case .totalTimedOut: return noTokenAtAll
        case .complete, .ended: break
        }
        guard let chunk = ChatChunk(document: document) else {
            return .failure(.protocolError, "the answer is not JSON")
        }
        take(whole: chunk, at: now)
        if let complaint = chunk.complaint { return inBand(complaint) }
        guard chunk.hasChoices else { return .failure(.protocolError, "the answer has no choices") }
        if let finish = chunk.finish { return finished(finish) }
        return chunk.channels.isEmpty ? .failure(.empty, "the answer has no token") : answered
    }
}

// MARK: - Report and bill

extension ChatAnswer {
    private func report(isGood: Bool, fault: Reason?) -> ChatReport? {
        guard mode == .chat, let head, (200...299).contains(head.status), bodyBytes > 0 else { return nil }
        var figures = ChatReport.Figures()
        figures.firstContent = transcript.firstContent.map { max($0 - sent, .nanoseconds(1)) }
        figures.longestGap = transcript.longestGap
        if let first = firstToken, let last = transcript.lastToken, last > first, let usage = transcript.usage,
            usage.completion >= Self.minimumTokensForPace
        {
            figures.timePerToken = (last - first) / (usage.completion - 1)
        }
        figures.tokenEvents = transcript.tokenEvents
        figures.keepalives = transcript.keepalives
        return ChatReport(
            figures: figures,
            finish: transcript.finish.map { redaction.line($0, limit: Self.maximumFinishLength) },
            usage: transcript.usage,
            model: transcript.model.map { redaction.line($0, limit: Self.maximumNameLength) },
            fingerprint: transcript.fingerprint.map { redaction.line($0, limit: Self.maximumNameLength) },
            anomalies: anomalies(head, isGood: isGood),
            poorQuality: fault
        )
    }

    // Of what is shown, in characters.
    private static let maximumFinishLength = 64
    private static let maximumNameLength = 128
    /// Fewer tokens have no pace.
    private static let minimumTokensForPace = 4
    /// An answer with more than so many times the tokens that it may have leaks reasoning.
    private static let leakFactor = 4

    private func anomalies(_ head: ChatHead, isGood: Bool) -> [ChatAnomaly] {
        let isPlainFinish = transcript.finish == nil || transcript.finish == "stop" || transcript.finish == "length"
        let used = transcript.usage?.completion ?? 0
        let found: [(ChatAnomaly, Bool)] = [
            (.contentType, isMislabelled),
            (.notStreamed, isGood && isWhole),
            (.cached, (transcript.usage?.cached ?? 0) > 0 || head.isCached),
            (.badEvent, transcript.badEvents > 0),
            (.unfinishedEvent, transcript.hasUnfinishedEvent),
            (.unusualFinish, isGood && !isPlainFinish),
            (.noFinishReason, isGood && transcript.finish == nil),
            (.noTerminator, isGood && !isWhole && transcript.terminated == nil),
            (.reasoningOnly, isGood && transcript.channels.isEmpty),
            (.reasoningLeak, used > Self.leakFactor * probe.maximumTokens),
        ]
        return found.filter(\.1).map(\.0)
    }

    private func bill(_ end: ChatEnd) -> SpendBill {
        guard mode == .chat else { return .nothing }
        if let usage = transcript.usage { return .used(usage) }
        // It was asked, and may have worked on an answer that it never began.
        guard let head else { return .unknown }
        guard (200...299).contains(head.status) else { return .nothing }
        // Refused before the model began.
        if transcript.complaint != nil, transcript.channels.isEmpty { return .nothing }
        if bodyBytes > 0 || head.encoding != nil { return .unknown }
        return end == .timedOut || end == .totalTimedOut ? .unknown : .nothing
    }
}

extension ChatHead {
    /// A cache in front of the model says that it answered.
    fileprivate var isCached: Bool {
        func says(_ name: String, _ word: String) -> Bool { value(name)?.lowercased().contains(word) ?? false }
        return says("x-cache", "hit") || says("cf-cache-status", "hit") || says("x-portkey-cache-status", "hit")
            || value("x-litellm-cache-key").map { !$0.trimmedASCII.isEmpty } ?? false
            || value("age").flatMap { Int($0.trimmedASCII) } ?? 0 > 0
    }
}
