/// When a lowest-latency route goes from one healthy endpoint to a faster one.
package struct SpeedConfiguration: Hashable, Sendable {
    /// The least part of the active endpoint's time by which another one has to be faster.
    package let margin: Ratio
    /// The least time by which it has to be faster; `zero` for none.
    package let minimumMargin: Duration
    /// The figure of an endpoint is the median of its good answers of this time.
    package let window: Duration
    /// How long the other one has to have been faster without a break.
    package let dwell: Duration

    /// Defaults: the medians of two equal endpoints hardly ever differ by 20 % and 20 ms for a quarter of an hour, and a spell of five
    /// minutes lifts a median of ten for less than that; docs/lowest-latency.md has the figures.
    package init(
        margin: Ratio = Ratio(0.2),
        minimumMargin: Duration = .milliseconds(20),
        window: Duration = .seconds(600),
        dwell: Duration = .seconds(900)
    ) {
        self.margin = margin
        self.minimumMargin = minimumMargin
        self.window = window
        self.dwell = dwell
    }

    /// Fewer good answers within the window say nothing of how fast an endpoint is.
    ///
    /// With 20 the median is known to about a quarter of what answers differ by.
    package static let minimumSamples = 20
    /// More than these are not kept.
    ///
    /// Source: from 120 on the median hardly gets better; twice that, so that jitter costs none of 120.
    package static let maximumSamples = 240
    /// More endpoints than these are not compared in one route: all of them are looked at with each answer.
    package static let maximumEndpoints = 100

    /// Whether the one time is so much shorter than the other that it is worth a move.
    package func isFaster(_ candidate: Duration, than other: Duration) -> Bool {
        other - candidate >= max(minimumMargin, .nanoseconds(1))
            && candidate.inSeconds <= other.inSeconds * (1 - margin.value)
    }
}

/// Moves for speed, forgotten by half every twelve hours: each one makes the next wait longer.
package struct SpeedMoves: Hashable, Sendable {
    package var count: Double
    package var at: MonotonicInstant

    package static let none = SpeedMoves(count: 0, at: MonotonicInstant(nanoseconds: 0))

    package init(count: Double, at: MonotonicInstant) {
        self.count = count
        self.at = at
    }
}

/// Which time of a probe its endpoint is measured by.
package enum SpeedFigure: String, Hashable, Sendable, CaseIterable {
    /// To the first token: what waits in front of a chat.
    case ttft
    /// To the whole answer.
    case latency

    package init(_ probe: ProbeConfiguration) {
        if case .chat = probe.request { self = .ttft } else { self = .latency }
    }
}

extension EndpointConfiguration {
    /// The probe that says how fast it is, and whether it is fit to take over: the first one that can prove it well.
    package var leadingProbe: Int { probes.firstIndex { $0.tier == .deep } ?? 0 }
}

extension ReasonCode {
    /// A healthy endpoint has been faster than the active one for long.
    package static let faster: ReasonCode = "faster"
}
