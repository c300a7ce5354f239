@testable import FailoverCore

extension World {
    /// What becomes of one attempt.
    struct Meeting {
        let outcome: Outcome
        let length: Duration
        var latency: Duration?
        var ttft: Duration?
        var chat: ChatReport?
        var tier = EvidenceTier.deep
        var retryAfter: Duration?
    }
}

extension World.Behaviour {
    /// `nil` if the end of the attempt is never told.
    func meets(_ probe: ProbeConfiguration) -> World.Meeting? {
        let isChat = if case .chat = probe.request { true } else { false }
        let silence = isChat ? probe.timeouts.ttft : probe.timeouts.total
        switch self {
        case .answers(let latency) where latency < probe.timeouts.total:
            return World.Meeting(
                outcome: .success,
                length: latency,
                latency: latency,
                ttft: isChat ? min(latency, .milliseconds(20)) : nil,
                chat: isChat ? ChatReport(model: "m") : nil,
                tier: probe.tier
            )
        case .answers, .hangs:
            return World.Meeting(
                outcome: .failure(isChat ? .ttftTimeout : .totalTimeout, isTimeout: true),
                length: silence,
                latency: silence,
                ttft: isChat ? silence : nil,
                tier: probe.tier
            )
        case .streams(let ttft, let length):
            let report = ChatReport(model: "m", anomalies: ttft == nil ? [.reasoningOnly] : [])
            return World.Meeting(
                outcome: .success,
                length: length,
                latency: length,
                ttft: ttft,
                chat: report,
                tier: probe.tier
            )
        case .answersPoorly:
            let report = ChatReport(poorQuality: Reason(.quality, "no OK in it"))
            return World.Meeting(
                outcome: .success,
                length: .milliseconds(50),
                latency: .milliseconds(50),
                ttft: .milliseconds(20),
                chat: report,
                tier: probe.tier
            )
        case .isAskedCheaply(let isUp):
            let outcome = isUp ? Outcome.success : .failure(.connectRefused, isTimeout: false)
            return World.Meeting(
                outcome: outcome,
                length: .milliseconds(10),
                latency: isUp ? .milliseconds(10) : nil,
                tier: .shallow
            )
        case .isRefusedCheaply:
            return World.Meeting(outcome: .misconfigured(.request), length: .milliseconds(10), tier: .shallow)
        case .isHeld(let wait):
            return World.Meeting(outcome: .throttled(.http(429)), length: .milliseconds(10), retryAfter: wait)
        case .ends(let outcome):
            return World.Meeting(outcome: outcome, length: .milliseconds(10), tier: probe.tier)
        case .fails:
            return World.Meeting(
                outcome: .failure(.connectRefused, isTimeout: false),
                length: .milliseconds(1),
                tier: probe.tier
            )
        case .throttled: return World.Meeting(outcome: .throttled(.http(429)), length: .milliseconds(10))
        case .misconfigured: return World.Meeting(outcome: .misconfigured(.http(401)), length: .milliseconds(10))
        case .inconclusive: return World.Meeting(outcome: .inconclusive(.localNetwork), length: .milliseconds(10))
        case .isForgotten: return nil
        }
    }
}
