/// The cheaper questions that stand in for a chat: whether they are worth anything, and whether they lately failed.
///
/// What they say is kept apart from what chats say, because many gateways answer chats and know no list of models.
struct StandInWatch: Sendable {
    /// What is known of the question as such.
    private enum Question: Sendable {
        /// Never answered. Can transition to: `works`, `isRefused`.
        case untried
        /// Refused, and never answered before: it says nothing, which was told. Can transition to: `works`.
        case isRefused
        /// It was answered once, so that a refusal is news.
        case works
    }

    private var question = Question.untried
    /// `nil` while nothing is refused that was answered before.
    private var refusals: MisconfigurationWatch?
    /// Successes of either tier since the last shallow failure; `nil` once there were enough of them.
    private(set) var goodSinceFailure: Int?

    /// Refused though it was answered before, and no chat has got through since: as if chats were refused.
    var isRefused: Bool { refusals?.isRefused ?? false }
    /// No target, as far as the cheaper question says.
    var speaksAgainst: Bool { goodSinceFailure != nil || isRefused }
    /// What the first such refusal said.
    var refusal: Reason? { refusals?.reason }

    // MARK: - Refusals

    /// Takes a refusal of the cheaper question.
    ///
    /// - Parameters:
    ///   - said: The code and the server's words.
    ///   - sharesTrafficCredential: Users' requests carry the same credential.
    ///   - key: Whose question it is.
    ///   - now: When it was told.
    ///   - news: Takes what there is to tell.
    /// - Returns: Whether it counts as a failure of the endpoint; never for a question that was never answered.
    mutating func refuse(
        _ said: (code: ReasonCode, detail: String?),
        sharesTrafficCredential: Bool,
        _ key: ProbeKey,
        at now: MonotonicInstant,
        _ news: inout [EndpointNews]
    ) -> Bool {
        let words = "(\(said.code)\(said.detail.map { ": \($0)" } ?? ""))"
        switch question {
        case .isRefused: return false
        case .untried:
            question = .isRefused
            let text = "\(key.prefix)the question that stands in for chats is refused, so that it says nothing \(words)"
            news.append(EndpointNews(.misconfigured, said.code, text))
            return false
        case .works:
            if refusals == nil {
                let text =
                    "\(key.prefix)the question that stands in for chats is refused, which it was not before \(words)"
                news.append(EndpointNews(.misconfigured, said.code, text))
                refusals = MisconfigurationWatch(
                    reason: Reason(.misconfigured, text),
                    hasWorked: true,
                    sharesTrafficCredential: sharesTrafficCredential,
                    at: now
                )
            }
            return refusals?.refuse(at: now) ?? false
        }
    }

    /// Takes an answer to the cheaper question; `streak` good ones make up for a failure.
    mutating func succeed(streak: Int, _ key: ProbeKey, at now: MonotonicInstant, _ news: inout [EndpointNews]) {
        var isOver = question == .isRefused
        question = .works
        if refusals?.succeed(at: now) == true {
            refusals = nil
            isOver = true
        }
        if isOver {
            let text = "\(key.prefix)the question that stands in for chats is answered"
            news.append(EndpointNews(.misconfigured, .clear, text))
        }
        countGood(streak: streak)
    }

    // MARK: - Chats and failures

    /// A chat was good: whatever the cheaper question was told, users are not refused.
    mutating func passDeep(streak: Int, at now: MonotonicInstant) {
        if isRefused { _ = refusals?.succeed(at: now) }
        countGood(streak: streak)
    }

    /// A probe of either tier failed.
    mutating func interrupt() { refusals?.interrupt() }

    /// The cheaper question failed.
    ///
    /// It makes the endpoint no target until as many successes in a row as a failed chat would ask for, but of either tier:
    /// there may be no tokens for chats until midnight, and only a failed chat needs chats to make up for it. One good answer
    /// would be too few, for an endpoint that is half down gives one soon.
    mutating func fail() { goodSinceFailure = 0 }

    private mutating func countGood(streak: Int) {
        guard let good = goodSinceFailure else { return }
        goodSinceFailure = good + 1 >= streak ? nil : good + 1
    }
}
