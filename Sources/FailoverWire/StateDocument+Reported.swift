package import FailoverCore

extension StateDocument {
    /// What applications report about their own requests to an endpoint; it decides nothing.
    package struct Reported: Codable, Hashable, Sendable {
        /// Judged requests of the last minute.
        package var samples: Int
        /// Failed ones among them.
        package var bad: Int
        /// Requests of the last minute that say nothing about the endpoint.
        package var void: Int
        /// 0...1; `null` without samples.
        @ExplicitNull package var errorRate: Double?
        /// Milliseconds, of the last quarter of an hour; `null` without samples.
        @ExplicitNull package var p50: Double?
        @ExplicitNull package var p99: Double?
        /// The same to the first token.
        @ExplicitNull package var ttftP50: Double?
        @ExplicitNull package var ttftP99: Double?
        /// When the first report of this run came.
        package var since: WallTime
        /// When the newest came.
        package var lastAt: WallTime
        /// The sum over the workers that told theirs lately; absent if none did.
        package var inFlightTokens: UInt64?
        /// Those workers; absent if there are none.
        package var workers: Int?

        private enum CodingKeys: String, CodingKey {
            case samples, bad, void, since, workers
            case errorRate = "error_rate"
            case p50 = "p50_ms"
            case p99 = "p99_ms"
            case ttftP50 = "ttft_p50_ms"
            case ttftP99 = "ttft_p99_ms"
            case lastAt = "last_at"
            case inFlightTokens = "in_flight_tokens"
        }
    }
}

extension StateDocument.Reported {
    package init(_ standing: ReportStanding, at clock: ClockReading) {
        samples = standing.counts.samples
        bad = standing.counts.bad
        void = standing.counts.void
        let rate = Ratio(standing.counts.bad, of: standing.counts.samples)?.value.roundedForReaders
        _errorRate = ExplicitNull(wrappedValue: rate)
        _p50 = ExplicitNull(wrappedValue: standing.latency?.p50.inMilliseconds.roundedForReaders)
        _p99 = ExplicitNull(wrappedValue: standing.latency?.p99.inMilliseconds.roundedForReaders)
        _ttftP50 = ExplicitNull(wrappedValue: standing.ttft?.p50.inMilliseconds.roundedForReaders)
        _ttftP99 = ExplicitNull(wrappedValue: standing.ttft?.p99.inMilliseconds.roundedForReaders)
        since = clock.wallTime(of: standing.since)
        lastAt = clock.wallTime(of: standing.lastAt)
        inFlightTokens = standing.tokensInFlight
        workers = standing.workers == 0 ? nil : standing.workers
    }
}

extension StateDocument.Reported: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("error_rate", errorRate)
            if let inFlightTokens { writer.field("in_flight_tokens", inFlightTokens) }
            writer.field("last_at", lastAt)
            writer.field("p50_ms", p50)
            writer.field("p99_ms", p99)
            writer.field("samples", samples)
            writer.field("since", since)
            writer.field("ttft_p50_ms", ttftP50)
            writer.field("ttft_p99_ms", ttftP99)
            writer.field("void", void)
            if let workers { writer.field("workers", workers) }
        }
    }
}
