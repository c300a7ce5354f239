/// How requests of users ended, as an application reports it.
package enum ReportOutcome: String, Hashable, Sendable, CaseIterable {
    case success, failure, throttled, misconfigured, inconclusive

    /// Where it stands among all cases.
    var place: Int {
        switch self {
        case .success: 0
        case .failure: 1
        case .throttled: 2
        case .misconfigured: 3
        case .inconclusive: 4
        }
    }

    /// Only a failure is bad, as with probes; what says nothing about the endpoint is void.
    var mark: ErrorWindow.Mark {
        switch self {
        case .success: .good
        case .failure: .bad
        case .throttled, .misconfigured, .inconclusive: .void
        }
    }
}

/// What an application reports about some of its requests to one endpoint.
package struct Report: Hashable, Sendable {
    package let endpoint: EndpointName
    package let outcome: ReportOutcome
    /// Why it was no success; `nil` if nobody said.
    package let kind: ReasonCode?
    /// To the end of the answer, or the time waited; `nil` if nobody said.
    package let latency: Duration?
    /// To the first token; `nil` if there was none, or nobody said.
    package let ttft: Duration?
    /// Requests that this stands for; at least 1.
    package let count: Int
    /// It ended within the last minute, and so belongs into windows; an older one is only counted.
    package let isRecent: Bool

    package init(
        endpoint: EndpointName,
        outcome: ReportOutcome,
        kind: ReasonCode? = nil,
        latency: Duration? = nil,
        ttft: Duration? = nil,
        count: Int = 1,
        isRecent: Bool = true
    ) {
        self.endpoint = endpoint
        self.outcome = outcome
        self.kind = kind
        self.latency = latency
        self.ttft = ttft
        self.count = count
        self.isRecent = isRecent
    }

    /// Nothing came for as long as somebody waited: the true latency is longer.
    var isTimeout: Bool { outcome == .failure && kind.map { $0.rawValue.hasSuffix("timeout") } ?? false }
}

/// The tokens that one worker has under way, by endpoint.
package struct WorkerReport: Hashable, Sendable {
    /// Tells one worker from another.
    package let worker: String
    /// In the order in which they were told; each endpoint once.
    package let tokens: [Tokens]

    package struct Tokens: Hashable, Sendable {
        package let endpoint: EndpointName
        package let count: UInt64

        package init(endpoint: EndpointName, count: UInt64) {
            self.endpoint = endpoint
            self.count = count
        }
    }

    package init(worker: String, tokens: [Tokens]) {
        self.worker = worker
        self.tokens = tokens
    }
}

/// Why a batch of reports was refused; nothing of it counts then.
package enum ReportRefusal: Error, Hashable, Sendable {
    /// Where it stands among the reports, or `nil` for one of the tokens under way.
    case unknownEndpoint(EndpointName, index: Int?)
    /// More than may come in a second; there is room again after so long.
    case tooFast(retryAfter: Duration)
    case tooManyWorkers(limit: Int)
    case tooManyEndpoints(limit: Int)
}

/// What applications have reported about one endpoint, as it is shown.
package struct ReportStanding: Hashable, Sendable {
    package let endpoint: EndpointName
    /// Of the last minute.
    package let counts: SampleCounts
    /// Of the last quarter of an hour; `nil` without a sample.
    package let latency: Percentiles?
    /// The same to the first token.
    package let ttft: Percentiles?
    /// When the first report came.
    package let since: MonotonicInstant
    /// When the newest came.
    package let lastAt: MonotonicInstant
    /// The sum over the workers that have told it lately; `nil` if none has.
    package let tokensInFlight: UInt64?
    /// Those workers.
    package let workers: Int
}

/// What was counted of one endpoint since the start.
package struct ReportTotals: Hashable, Sendable {
    package let endpoint: EndpointName
    /// Requests, in the order of `ReportOutcome.allCases`.
    package let requests: [UInt64]
    package let latency: ReportHistogram
    package let ttft: ReportHistogram
    package let tokensInFlight: UInt64?
}

/// Requests of refused batches since the start, by what was too much.
package struct ReportRefusals: Hashable, Sendable {
    package var tooFast: UInt64 = 0
    package var tooManyWorkers: UInt64 = 0
    package var tooManyEndpoints: UInt64 = 0

    package init() {}
}

/// Counts of durations below fixed bounds, for ever.
package struct ReportHistogram: Hashable, Sendable {
    /// Seconds; from a quick first token to the longest answers.
    package static let bounds: [Double] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// One for each bound, not summed up, and one for what is beyond the last.
    package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    /// In seconds.
    package private(set) var sum = 0.0

    mutating func add(_ duration: Duration, count: Int) {
        let seconds = duration.inSeconds
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] &+= UInt64(count)
        sum += seconds * Double(count)
    }
}
