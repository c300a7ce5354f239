import FailoverCore

extension ProbeAttempt {
    /// What an attempt came to.
    struct Ending {
        var outcome: Outcome
        let latency: Duration?
        let ttft: Duration?
        var report: ChatReport?
        var retryAfter: Duration?
        var detail: String?

        init(
            _ outcome: Outcome,
            latency: Duration? = nil,
            ttft: Duration? = nil,
            report: ChatReport? = nil,
            retryAfter: Duration? = nil,
            detail: String? = nil
        ) {
            self.outcome = outcome
            self.latency = latency
            self.ttft = ttft
            self.report = report
            self.retryAfter = retryAfter
            self.detail = detail
        }

        init(_ failure: ProbeFailure, latency: Duration?) {
            self.init(failure.outcome, latency: latency, detail: failure.detail)
        }

        /// `outcome`: that of the conclusion, seen in the light of earlier attempts.
        init(_ conclusion: ChatConclusion, outcome: Outcome) {
            self.init(
                outcome,
                latency: conclusion.latency,
                ttft: conclusion.ttft,
                report: conclusion.report,
                retryAfter: conclusion.retryAfter,
                detail: conclusion.detail
            )
        }

        /// Our own process stood still: nothing that was measured means anything.
        static let stalled = Ending(
            .inconclusive(.localStalled),
            detail: "the daemon stood still before or while the attempt was under way"
        )

        /// Takes out of all text from the server what it should not say.
        mutating func redact(_ redaction: Redaction) {
            detail = detail.map(redaction.redacted)
            guard let report else { return }
            let texts = [report.finish, report.model, report.fingerprint, report.poorQuality?.text]
            guard texts.contains(where: { $0.map { redaction.redacted($0) != $0 } ?? false }) else { return }
            self.report = ChatReport(
                figures: report.figures,
                finish: report.finish.map(redaction.redacted),
                usage: report.usage,
                model: report.model.map(redaction.redacted),
                fingerprint: report.fingerprint.map(redaction.redacted),
                anomalies: report.anomalies,
                poorQuality: report.poorQuality.map { Reason($0.code, redaction.redacted($0.text)) }
            )
        }

        var isInconclusive: Bool { if case .inconclusive = outcome { true } else { false } }
    }
}
