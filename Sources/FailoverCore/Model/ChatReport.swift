/// What one question to an LLM found out beside its outcome.
///
/// Times count from the request fully written. Shared and never changed, so that handing it on costs nothing.
package final class ChatReport: Hashable, Sendable {
    /// Where a figure would be made up, it is absent.
    package struct Figures: Hashable, Sendable {
        /// First text of the answer itself, after any reasoning.
        package var firstContent: Duration?
        /// The largest gap between two token events.
        package var longestGap: Duration?
        /// Mean time of a token after the first; only with usage and at least four tokens.
        package var timePerToken: Duration?
        /// Events with tokens; several tokens may share one.
        package var tokenEvents = 0
        /// Comments that keep the connection alive.
        package var keepalives = 0

        package init() {}
    }

    package let figures: Figures
    /// Why the model stopped, as it said, at most 64 characters.
    package let finish: String?
    package let usage: TokenUsage?
    /// The model that says it answered, at most 128 characters.
    package let model: String?
    /// The build that says it answered, at most 128 characters.
    package let fingerprint: String?
    /// In the order found, each once.
    package let anomalies: [ChatAnomaly]
    /// What made a complete answer a poor one; `nil` if nothing did.
    package let poorQuality: Reason?

    package init(
        figures: Figures = Figures(),
        finish: String? = nil,
        usage: TokenUsage? = nil,
        model: String? = nil,
        fingerprint: String? = nil,
        anomalies: [ChatAnomaly] = [],
        poorQuality: Reason? = nil
    ) {
        self.figures = figures
        self.finish = finish
        self.usage = usage
        self.model = model
        self.fingerprint = fingerprint
        self.anomalies = anomalies
        self.poorQuality = poorQuality
    }

    package static func == (left: ChatReport, right: ChatReport) -> Bool {
        left === right
            || (left.figures == right.figures && left.finish == right.finish && left.usage == right.usage
                && left.model == right.model && left.fingerprint == right.fingerprint
                && left.anomalies == right.anomalies && left.poorQuality == right.poorQuality)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(figures)
        hasher.combine(usage)
    }
}

/// Tokens of one answer, as the server counts them.
package struct TokenUsage: Hashable, Sendable {
    package let prompt: Int
    package let completion: Int
    /// Part of `completion` that nobody sees; `nil` if the server does not say.
    package let reasoning: Int?
    /// Part of `prompt` that a cache knew; `nil` if the server does not say.
    package let cached: Int?

    package init(prompt: Int, completion: Int, reasoning: Int? = nil, cached: Int? = nil) {
        self.prompt = prompt
        self.completion = completion
        self.reasoning = reasoning
        self.cached = cached
    }
}

/// Something odd about an answer that counts as good all the same.
package enum ChatAnomaly: String, Hashable, Sendable, CaseIterable {
    /// It stopped for a reason that a text answer should not have, such as `tool_calls`.
    case unusualFinish = "unusual_finish"
    /// The stream ended properly, but the model never said why it stopped.
    case noFinishReason = "no_finish_reason"
    /// The stream's end was not announced.
    case noTerminator = "no_terminator"
    /// The last event was not ended by an empty line.
    case unfinishedEvent = "unfinished_event"
    /// An event was not JSON.
    case badEvent = "bad_event"
    /// All tokens were spent on reasoning that is not shown.
    case reasoningOnly = "reasoning_only"
    /// The answer came whole instead of streamed.
    case notStreamed = "not_streamed"
    /// A cache answered, or part of the prompt was known to one.
    case cached
    /// More tokens were used than the probe allowed for.
    case reasoningLeak = "reasoning_leak"
    /// The answer is of another content type than asked for.
    case contentType = "content_type"
}
