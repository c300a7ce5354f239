extension StateDocument {
    /// One route of the state file.
    package struct Route: Codable, Hashable, Sendable {
        /// `active-standby`, `weighted` or `lowest-latency`.
        package var policy: String
        /// Never empty; of a weighted route the endpoint with the largest weight.
        package var active: String
        /// Sums to 100.
        package var weights: [String: Int]
        /// `preferred`, `failover`, `fail_open`, `held` or `pinned`.
        package var mode: String
        /// The generation at which this route last changed.
        package var generation: UInt64
        package var since: WallTime
        package var reason: ReasonDocument
        /// Endpoints that may carry traffic, best first.
        package var order: [String]
        package var provisional: Bool
        package var dryRun: Bool
        package var wouldBeActive: String
        /// In order of preference.
        package var endpoints: [String]
        /// An operator wants it on this endpoint; absent unless one does.
        package var pinned: Pin?
        /// Of a weighted route, by owner; absent for an active-standby one.
        package var shares: [String: Share]?
        /// What the weights would be; absent unless a weighted route only observes.
        package var wouldBeWeights: [String: Int]?
        /// Of a lowest-latency route; absent for any other.
        package var speed: Speed?

        private enum CodingKeys: String, CodingKey {
            case policy, shares, speed, active, weights, mode, generation, since, reason, order, provisional, endpoints,
                pinned
            case dryRun = "dry_run"
            case wouldBeActive = "would_be_active"
            case wouldBeWeights = "would_be_weights"
        }

        package init(
            policy: String = "active-standby",
            active: String,
            weights: [String: Int],
            mode: String,
            generation: UInt64,
            since: WallTime,
            reason: ReasonDocument,
            order: [String],
            provisional: Bool,
            dryRun: Bool,
            wouldBeActive: String,
            endpoints: [String],
            pinned: Pin? = nil,
            shares: [String: Share]? = nil,
            wouldBeWeights: [String: Int]? = nil,
            speed: Speed? = nil
        ) {
            self.policy = policy
            self.active = active
            self.weights = weights
            self.mode = mode
            self.generation = generation
            self.since = since
            self.reason = reason
            self.order = order
            self.provisional = provisional
            self.dryRun = dryRun
            self.wouldBeActive = wouldBeActive
            self.endpoints = endpoints
            self.pinned = pinned
            self.shares = shares
            self.wouldBeWeights = wouldBeWeights
            self.speed = speed
        }
    }

    /// One endpoint of the state file.
    package struct Endpoint: Codable, Hashable, Sendable {
        package var region: String
        @ExplicitNull package var provider: String?
        /// Without user info and query.
        package var url: String
        package var attributes: [String: ScalarDocument]
        /// `unknown`, `healthy`, `degraded` or `unhealthy`.
        package var verdict: String
        package var reason: ReasonDocument
        package var since: WallTime
        /// What the verdict rests on: `deep` (the application was asked what users ask), `shallow` (a connection was opened,
        /// or an LLM was asked for less than users ask), `none`.
        package var tier: String
        @ExplicitNull package var pinned: Intent?
        @ExplicitNull package var drained: Intent?
        /// Absent where no drain is to come.
        package var drainScheduled: ScheduledDrain?
        package var byVantage: [String: String]
        package var indicators: [String: Indicator]
        /// By probe; only those that had a connection.
        @BlankWhenMissing package var connections: [String: Connection]
        /// By probe; absent, never empty, where no chat was begun to be answered.
        package var chat: [String: Chat]?
        /// Absent where nothing is spent.
        package var spend: Spend?
        /// By applications, about their own requests; absent where nothing is reported.
        package var reported: Reported?

        private enum CodingKeys: String, CodingKey {
            case region, provider, url, attributes, verdict, reason, since, tier, pinned, drained, indicators,
                connections, chat, spend, reported
            case byVantage = "by_vantage"
            case drainScheduled = "drain_scheduled"
        }

        package init(
            region: String,
            provider: String?,
            url: String,
            attributes: [String: ScalarDocument],
            verdict: String,
            reason: ReasonDocument,
            since: WallTime,
            tier: String,
            pinned: Intent? = nil,
            drained: Intent? = nil,
            drainScheduled: ScheduledDrain? = nil,
            byVantage: [String: String],
            indicators: [String: Indicator],
            connections: [String: Connection] = [:],
            chat: [String: Chat]? = nil,
            spend: Spend? = nil,
            reported: Reported? = nil
        ) {
            self.region = region
            _provider = ExplicitNull(wrappedValue: provider)
            self.url = url
            self.attributes = attributes
            self.verdict = verdict
            self.reason = reason
            self.since = since
            self.tier = tier
            _pinned = ExplicitNull(wrappedValue: pinned)
            _drained = ExplicitNull(wrappedValue: drained)
            self.drainScheduled = drainScheduled
            self.byVantage = byVantage
            self.indicators = indicators
            _connections = BlankWhenMissing(wrappedValue: connections)
            self.chat = chat
            self.spend = spend
            self.reported = reported
        }
    }

    /// One indicator of an endpoint: the window's figures, and the evidence that decides.
    package enum Indicator: Codable, Hashable, Sendable {
        /// How many were bad: of the probes, or for `quality` of the complete answers.
        case availability(Availability)
        /// How long it took, and how often too long: the whole answer, or for `ttft` its first token.
        case latency(Latency)

        package struct Availability: Codable, Hashable, Sendable {
            /// Least share of good probes, or answers, 0...1.
            package var objective: Double
            package var samples: Int
            package var bad: Int
            package var void: Int
            /// 0...1; `null` without samples.
            @ExplicitNull package var errorRate: Double?
            package var evidence: Double
            package var threshold: Double

            private enum CodingKeys: String, CodingKey {
                case objective, samples, bad, void, evidence, threshold
                case errorRate = "error_rate"
            }

            package init(
                objective: Double,
                samples: Int,
                bad: Int,
                void: Int,
                errorRate: Double?,
                evidence: Double,
                threshold: Double
            ) {
                self.objective = objective
                self.samples = samples
                self.bad = bad
                self.void = void
                _errorRate = ExplicitNull(wrappedValue: errorRate)
                self.evidence = evidence
                self.threshold = threshold
            }
        }

        package struct Latency: Codable, Hashable, Sendable {
            /// The p99 limit in milliseconds; `null` where slowness does not count.
            @ExplicitNull package var objective: Double?
            package var samples: Int
            package var bad: Int
            package var void: Int
            /// Milliseconds, nearest rank; `null` only without samples.
            @ExplicitNull package var p50: Double?
            @ExplicitNull package var p90: Double?
            /// Under 100 samples this is the maximum: read it with `samples`.
            @ExplicitNull package var p99: Double?
            /// A timed-out probe is among the samples, counted at its limit.
            package var censored: Bool
            package var evidence: Double
            package var threshold: Double

            private enum CodingKeys: String, CodingKey {
                case objective, samples, bad, void, censored, evidence, threshold
                case p50 = "p50_ms"
                case p90 = "p90_ms"
                case p99 = "p99_ms"
            }

            package init(
                objective: Double?,
                samples: Int,
                bad: Int,
                void: Int,
                p50: Double?,
                p90: Double?,
                p99: Double?,
                censored: Bool,
                evidence: Double,
                threshold: Double
            ) {
                _objective = ExplicitNull(wrappedValue: objective)
                self.samples = samples
                self.bad = bad
                self.void = void
                _p50 = ExplicitNull(wrappedValue: p50)
                _p90 = ExplicitNull(wrappedValue: p90)
                _p99 = ExplicitNull(wrappedValue: p99)
                self.censored = censored
                self.evidence = evidence
                self.threshold = threshold
            }
        }

        private enum Discriminator: String, CodingKey { case censored }

        package init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Discriminator.self)
            self =
                keys.contains(.censored)
                ? .latency(try Latency(from: decoder)) : .availability(try Availability(from: decoder))
        }

        package func encode(to encoder: any Encoder) throws {
            switch self {
            case .availability(let indicator): try indicator.encode(to: encoder)
            case .latency(let indicator): try indicator.encode(to: encoder)
            }
        }
    }
}
