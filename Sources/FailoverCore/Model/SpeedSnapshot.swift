/// How fast the endpoints of a lowest-latency route are, as published.
package struct SpeedSnapshot: Hashable, Sendable {
    package let figure: SpeedFigure
    package let configuration: SpeedConfiguration
    /// In configuration order.
    package let paces: [Pace]
    /// Who has been faster than the active endpoint by the margins, and would get the route first; `nil` if nobody.
    package let challenger: Challenger?

    package struct Pace: Hashable, Sendable {
        package let endpoint: EndpointName
        /// `nil` without an answer within the window.
        package let median: Duration?
        /// Good answers within the window that are in the median.
        package let samples: Int

        package init(endpoint: EndpointName, median: Duration?, samples: Int) {
            self.endpoint = endpoint
            self.median = median
            self.samples = samples
        }
    }

    package struct Challenger: Hashable, Sendable {
        package let endpoint: EndpointName
        /// Since when it has been faster without a break.
        package let since: MonotonicInstant
        /// When the route moves to it if it stays so; `nil` if nothing moves by itself here.
        package let due: MonotonicInstant?

        package init(endpoint: EndpointName, since: MonotonicInstant, due: MonotonicInstant?) {
            self.endpoint = endpoint
            self.since = since
            self.due = due
        }
    }

    package init(figure: SpeedFigure, configuration: SpeedConfiguration, paces: [Pace], challenger: Challenger?) {
        self.figure = figure
        self.configuration = configuration
        self.paces = paces
        self.challenger = challenger
    }
}

extension RouteSnapshot {
    /// `nil` for all but lowest-latency routes.
    package var speed: SpeedSnapshot? {
        guard case .lowestLatency(let speed) = policy else { return nil }
        return speed
    }
}
