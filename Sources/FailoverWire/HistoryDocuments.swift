/// The answer of `GET /v1/history/series`: what an endpoint's probes found, by the minute or by the hour.
package struct SeriesDocument: Codable, Hashable, Sendable {
    package var endpoint: String
    /// `nil` where all probes of the endpoint are merged.
    package var probe: String?
    /// 60 or 3,600.
    package var stepSeconds: Int
    package var objectives: Objectives
    /// Oldest first; steps without samples are absent.
    ///
    /// The newest one may not be over.
    package var points: [Point]
    /// What is wrong with the history, in a sentence; absent while nothing is.
    package var trouble: String?

    package init(
        endpoint: String,
        probe: String?,
        stepSeconds: Int,
        objectives: Objectives,
        points: [Point],
        trouble: String? = nil
    ) {
        self.endpoint = endpoint
        self.probe = probe
        self.stepSeconds = stepSeconds
        self.objectives = objectives
        self.points = points
        self.trouble = trouble
    }

    private enum CodingKeys: String, CodingKey {
        case endpoint, probe, objectives, points, trouble
        case stepSeconds = "step_seconds"
    }

    /// What the endpoint is held to; times are absent where they do not count.
    package struct Objectives: Codable, Hashable, Sendable {
        /// The least share of good probes.
        package var availability: Double
        package var latencyP99Milliseconds: Double?
        package var ttftP99Milliseconds: Double?

        package init(availability: Double, latencyP99Milliseconds: Double? = nil, ttftP99Milliseconds: Double? = nil) {
            self.availability = availability
            self.latencyP99Milliseconds = latencyP99Milliseconds
            self.ttftP99Milliseconds = ttftP99Milliseconds
        }

        private enum CodingKeys: String, CodingKey {
            case availability
            case latencyP99Milliseconds = "latency_p99_ms"
            case ttftP99Milliseconds = "ttft_p99_ms"
        }
    }

    /// One step.
    package struct Point: Codable, Hashable, Sendable {
        /// When the step began.
        package var at: WallTime
        /// Probes that were judged.
        package var samples: Int
        /// Those of them that failed.
        package var bad: Int
        /// Those that were answered later than the objective.
        package var slow: Int
        /// Probes that said nothing about the endpoint.
        package var void: Int
        @ExplicitNull package var p50Milliseconds: Double?
        @ExplicitNull package var p99Milliseconds: Double?
        @ExplicitNull package var ttftP50Milliseconds: Double?
        @ExplicitNull package var ttftP99Milliseconds: Double?

        package init(
            at: WallTime,
            samples: Int,
            bad: Int,
            slow: Int,
            void: Int,
            p50Milliseconds: Double? = nil,
            p99Milliseconds: Double? = nil,
            ttftP50Milliseconds: Double? = nil,
            ttftP99Milliseconds: Double? = nil
        ) {
            self.at = at
            self.samples = samples
            self.bad = bad
            self.slow = slow
            self.void = void
            _p50Milliseconds = ExplicitNull(wrappedValue: p50Milliseconds)
            _p99Milliseconds = ExplicitNull(wrappedValue: p99Milliseconds)
            _ttftP50Milliseconds = ExplicitNull(wrappedValue: ttftP50Milliseconds)
            _ttftP99Milliseconds = ExplicitNull(wrappedValue: ttftP99Milliseconds)
        }

        private enum CodingKeys: String, CodingKey {
            case at, samples, bad, slow, void
            case p50Milliseconds = "p50_ms"
            case p99Milliseconds = "p99_ms"
            case ttftP50Milliseconds = "ttft_p50_ms"
            case ttftP99Milliseconds = "ttft_p99_ms"
        }
    }
}

/// One error budget over one period.
package struct BudgetDocument: Codable, Hashable, Sendable {
    /// The least share of good time.
    package var objective: Double
    /// Probes that were judged; of a weighted route by its weights, rounded.
    package var samples: Int
    package var bad: Int
    /// The share of the known time that was bad; `nil` if nothing is known.
    ///
    /// By time and not by probes, because probes hurry while something is suspicious.
    @ExplicitNull package var ratio: Double?
    /// The share of the budget that is left, negative once it is overdrawn; `nil` if nothing is known.
    @ExplicitNull package var budgetLeft: Double?
    /// How many times faster than sustainable the budget was spent, by window; those of which nothing is known are absent.
    package var burn: [String: Double]
    /// When it is used up if all goes on as it does, or the present if it is; absent if it lasts.
    package var exhaustedAt: WallTime?
    /// Time of which something is known.
    package var coveredSeconds: Int

    package init(
        objective: Double,
        samples: Int,
        bad: Int,
        ratio: Double?,
        budgetLeft: Double?,
        burn: [String: Double],
        exhaustedAt: WallTime?,
        coveredSeconds: Int
    ) {
        self.objective = objective
        self.samples = samples
        self.bad = bad
        _ratio = ExplicitNull(wrappedValue: ratio)
        _budgetLeft = ExplicitNull(wrappedValue: budgetLeft)
        self.burn = burn
        self.exhaustedAt = exhaustedAt
        self.coveredSeconds = coveredSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case objective, samples, bad, ratio, burn
        case budgetLeft = "budget_left"
        case exhaustedAt = "exhausted_at"
        case coveredSeconds = "covered_seconds"
    }
}

/// The answer of `GET /v1/budgets`.
package struct BudgetsDocument: Codable, Hashable, Sendable {
    package var at: WallTime
    /// The period, up to `at`.
    package var days: Int
    package var routes: [String: Route]
    package var endpoints: [String: Endpoint]
    /// What is wrong with the history, in a sentence; absent while nothing is.
    package var trouble: String?

    package init(
        at: WallTime,
        days: Int,
        routes: [String: Route],
        endpoints: [String: Endpoint],
        trouble: String? = nil
    ) {
        self.at = at
        self.days = days
        self.routes = routes
        self.endpoints = endpoints
        self.trouble = trouble
    }

    /// A route's budget twice: with its failovers, and as it would have been without any.
    package struct Route: Codable, Hashable, Sendable {
        package var objective: Double
        /// What clients saw that followed the decision.
        package var asRouted: BudgetDocument
        /// What they would have seen on the preferred endpoint all the time, or by the configured weights.
        package var withoutFailover: BudgetDocument

        package init(objective: Double, asRouted: BudgetDocument, withoutFailover: BudgetDocument) {
            self.objective = objective
            self.asRouted = asRouted
            self.withoutFailover = withoutFailover
        }

        private enum CodingKeys: String, CodingKey {
            case objective
            case asRouted = "as_routed"
            case withoutFailover = "without_failover"
        }
    }

    /// An endpoint's budgets; those without an objective are absent.
    package struct Endpoint: Codable, Hashable, Sendable {
        package var availability: BudgetDocument
        /// Of the answers, those that came later than the objective are bad; 1 % may.
        package var latency: BudgetDocument?
        /// The same for first tokens.
        package var ttft: BudgetDocument?

        package init(availability: BudgetDocument, latency: BudgetDocument? = nil, ttft: BudgetDocument? = nil) {
            self.availability = availability
            self.latency = latency
            self.ttft = ttft
        }
    }
}
