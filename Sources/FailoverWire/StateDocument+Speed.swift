package import FailoverCore

extension StateDocument {
    /// How fast the endpoints of a lowest-latency route are.
    package struct Speed: Codable, Hashable, Sendable {
        /// `ttft` or `latency`: to the first token, or to the whole answer.
        package var figure: String
        /// The least part of the active endpoint's time by which another one has to be faster; 0...1.
        package var margin: Double
        /// The least time by which it has to be faster, in milliseconds.
        package var minMargin: Double
        /// The time over which medians are taken, in seconds.
        package var window: Double
        /// By name.
        package var endpoints: [String: Pace]
        /// Who has been faster than the active endpoint by the margins; `null` if nobody.
        @ExplicitNull package var challenger: Challenger?

        private enum CodingKeys: String, CodingKey {
            case figure, margin, endpoints, challenger
            case minMargin = "min_margin_ms"
            case window = "window_seconds"
        }

        package struct Pace: Codable, Hashable, Sendable {
            /// Of the good answers within the window; `null` without one.
            @ExplicitNull package var median: Double?
            package var samples: Int

            private enum CodingKeys: String, CodingKey {
                case samples
                case median = "median_ms"
            }
        }

        package struct Challenger: Codable, Hashable, Sendable {
            package var endpoint: String
            package var since: WallTime
            /// When the route moves there if that stays so; `null` if it does not move by itself.
            @ExplicitNull package var due: WallTime?
        }
    }
}

extension StateDocument.Speed {
    package init(_ speed: SpeedSnapshot, at clock: ClockReading) {
        self.init(
            figure: speed.figure.rawValue,
            margin: speed.configuration.margin.value.roundedForReaders,
            minMargin: speed.configuration.minimumMargin.inMilliseconds.roundedForReaders,
            window: speed.configuration.window.inSeconds.roundedForReaders,
            endpoints: Dictionary(
                uniqueKeysWithValues: speed.paces.map { pace in
                    let median = pace.median?.inMilliseconds.roundedForReaders
                    return (pace.endpoint.rawValue, Pace(median: median, samples: pace.samples))
                }
            ),
            challenger: speed.challenger.map { challenger in
                Challenger(
                    endpoint: challenger.endpoint.rawValue,
                    since: clock.wallTime(of: challenger.since),
                    due: challenger.due.map(clock.wallTime(of:))
                )
            }
        )
    }
}

extension StateDocument.Speed: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("challenger", challenger)
            writer.field("endpoints", endpoints)
            writer.field("figure", figure)
            writer.field("margin", margin)
            writer.field("min_margin_ms", minMargin)
            writer.field("window_seconds", window)
        }
    }
}

extension StateDocument.Speed.Pace: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("median_ms", median)
            writer.field("samples", samples)
        }
    }
}

extension StateDocument.Speed.Challenger: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("due", due)
            writer.field("endpoint", endpoint)
            writer.field("since", since)
        }
    }
}

// MARK: - Memory

extension MemoryDocument {
    /// Moves for speed of one route that still count, after decay.
    package struct SpeedMoves: Codable, Hashable, Sendable {
        package var count: Double
        /// As of when they are counted.
        package var at: WallTime
    }
}

extension MemoryDocument.SpeedMoves {
    init(_ moves: FailoverCore.SpeedMoves, at clock: ClockReading) {
        self.init(count: moves.count.roundedForReaders, at: clock.wallTime(of: moves.at))
    }

    /// A damaged file may say anything.
    func moves(at clock: ClockReading) -> FailoverCore.SpeedMoves {
        FailoverCore.SpeedMoves(count: count.isFinite ? min(max(0, count), 64) : 0, at: clock.instant(of: at))
    }
}

extension MemoryDocument.SpeedMoves: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("at", at)
            writer.field("count", count)
        }
    }
}
