package import FailoverCore

extension StateDocument {
    /// What the last judged chat of one probe that the server began to answer found out beside its times.
    ///
    /// It may have hung or broken off.
    package struct Chat: Codable, Hashable, Sendable {
        /// The model and the build that say they answered; `null` where the server does not say.
        @ExplicitNull package var model: String?
        @ExplicitNull package var fingerprint: String?
        /// Why the model stopped, as it said; `null` if it did not.
        @ExplicitNull package var finish: String?
        /// After the first token; `null` without a count of at least four tokens.
        @ExplicitNull package var tokensPerSecond: Double?
        /// Milliseconds, the longest wait between two token events; `null` with fewer than two.
        @ExplicitNull package var longestGap: Double?
        /// Milliseconds from the request to the first text of the answer itself; `null` if there was none.
        @ExplicitNull package var firstContent: Double?
        /// `null` if the server counted nothing.
        @ExplicitNull package var usage: Usage?
        /// In the order found, each once; mostly empty.
        package var anomalies: [String]
        /// Comments that kept the connection alive.
        package var keepalives: Int
        /// What made a complete answer a poor one; `null` if nothing did.
        @ExplicitNull package var poorQuality: ReasonDocument?

        private enum CodingKeys: String, CodingKey {
            case model, fingerprint, finish, usage, anomalies, keepalives
            case tokensPerSecond = "tokens_per_second"
            case longestGap = "gap_max_ms"
            case firstContent = "ttfc_ms"
            case poorQuality = "poor_quality"
        }

        package init(_ report: ChatReport) {
            _model = ExplicitNull(wrappedValue: report.model)
            _fingerprint = ExplicitNull(wrappedValue: report.fingerprint)
            _finish = ExplicitNull(wrappedValue: report.finish)
            _tokensPerSecond = ExplicitNull(wrappedValue: report.figures.tokensPerSecond?.roundedForReaders)
            _longestGap = ExplicitNull(wrappedValue: report.figures.longestGap?.inMilliseconds.roundedForReaders)
            _firstContent = ExplicitNull(wrappedValue: report.figures.firstContent?.inMilliseconds.roundedForReaders)
            _usage = ExplicitNull(wrappedValue: report.usage.map(Usage.init))
            anomalies = report.anomalies.map(\.rawValue)
            keepalives = report.figures.keepalives
            _poorQuality = ExplicitNull(wrappedValue: report.poorQuality.map(ReasonDocument.init))
        }
    }

    /// Tokens of one answer, as the server counted them.
    package struct Usage: Codable, Hashable, Sendable {
        package var prompt: Int
        package var completion: Int
        /// Part of `completion` that nobody sees; `null` where the server does not say.
        @ExplicitNull package var reasoning: Int?
        /// Part of `prompt` that a cache knew; `null` where the server does not say.
        @ExplicitNull package var cached: Int?

        init(_ usage: TokenUsage) {
            prompt = usage.prompt
            completion = usage.completion
            _reasoning = ExplicitNull(wrappedValue: usage.reasoning)
            _cached = ExplicitNull(wrappedValue: usage.cached)
        }
    }
}

extension ChatReport.Figures {
    /// `nil` without a time for a token, and where all came at once.
    fileprivate var tokensPerSecond: Double? {
        guard let timePerToken, timePerToken > .zero else { return nil }
        return 1 / timePerToken.inSeconds
    }
}

extension StateDocument.Chat: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("anomalies", anomalies)
            writer.field("fingerprint", fingerprint)
            writer.field("finish", finish)
            writer.field("gap_max_ms", longestGap)
            writer.field("keepalives", keepalives)
            writer.field("model", model)
            writer.field("poor_quality", poorQuality)
            writer.field("tokens_per_second", tokensPerSecond)
            writer.field("ttfc_ms", firstContent)
            writer.field("usage", usage)
        }
    }
}

extension StateDocument.Usage: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("cached", cached)
            writer.field("completion", completion)
            writer.field("prompt", prompt)
            writer.field("reasoning", reasoning)
        }
    }
}
