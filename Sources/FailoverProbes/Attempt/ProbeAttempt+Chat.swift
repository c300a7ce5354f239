import FailoverCore

/// The end of a chat's answer.
extension ProbeAttempt {
    /// Judges what has come of the answer, elsewhere if that may take long.
    func told(_ ending: ChatEnd, at now: MonotonicInstant) {
        guard let chat, let judgement = chat.judgement(ending, at: now, wallSeconds: worker.loop.sessions.wallSeconds())
        else { return end(.answerEnded, at: now) }
        if ending == .complete || ending == .ended { timings.lastByte = now - start.start }
        guard chat.isSlowToJudge else { return judged(judgement(), at: now) }
        lookElsewhere(at: now, judgement) { attempt, conclusion in attempt.judged(conclusion, at: now) }
    }

    private func judged(_ conclusion: ChatConclusion, at now: MonotonicInstant) {
        // Whoever still speaks hears that nobody listens; a connection that can be kept has nothing left to say.
        if let connection, connection.isOpen, exchange?.allowsAnother == false {
            // What becomes of it no longer matters.
            connection.user = nil
            exchange?.cancel { connection.send($0, at: now) }
        }
        end(conclusion, at: now)
    }
}
