package import FailoverCore

/// What one step of the daemon made visible: one input, one look at the deadlines, a start.
///
/// The invariants are judged by these and by nothing else, so that a faulty history can be made by hand.
package struct Step: Sendable {
    /// What the step was.
    package enum Cause: Sendable, Equatable {
        /// The first process of a world.
        case started
        /// A process after another one.
        case restarted(Restart)
        case reloaded
        case tick
        case input
        /// The first step after the process stood still.
        case resumed
    }

    /// What a new process found.
    package struct Restart: Sendable, Equatable {
        /// Nothing that lived in memory is left, the state file included.
        package var isReboot: Bool
        /// The disk held a decision that had not been published: it was about to be.
        package var hadPendingMove: Bool
        /// The disk held the last memory that was ordered, and the wall clock went on as ever.
        package var isMemoryComplete: Bool

        package init(isReboot: Bool = false, hadPendingMove: Bool = false, isMemoryComplete: Bool = true) {
            self.isReboot = isReboot
            self.hadPendingMove = hadPendingMove
            self.isMemoryComplete = isMemoryComplete
        }
    }

    /// One endpoint as published.
    package struct Judged: Sendable, Equatable {
        package var name: EndpointName
        package var verdict: Verdict
        package var reason: ReasonCode

        package init(_ name: EndpointName, _ verdict: Verdict, _ reason: ReasonCode = .withinObjectives) {
            self.name = name
            self.verdict = verdict
            self.reason = reason
        }

        package var isWell: Bool { verdict == .healthy || verdict == .degraded }
    }

    package var at: MonotonicInstant
    package var cause: Cause
    /// In force after the step.
    package var configuration: Configuration
    package var generation: UInt64
    package var isPersisted: Bool
    /// The generation on the simulated disk; `nil` before the first write.
    package var durableGeneration: UInt64?
    /// Whether the step ordered a publication.
    package var isPublished: Bool
    /// In the engine's order.
    package var routes: [RouteSnapshot]
    /// In configuration order, as last published.
    package var endpoints: [Judged]
    /// Told by this step, in order.
    package var events: [Event]
    package var nextDeadline: MonotonicInstant?
    /// Since when nothing at all has been wrong in the world; `nil` while something is.
    package var calmSince: MonotonicInstant?
    /// As last published.
    package var intents: [OperatorIntent] = []
    /// As last published.
    package var vantage = VantageState.clear

    package init(
        at: MonotonicInstant,
        cause: Cause,
        configuration: Configuration,
        generation: UInt64,
        isPersisted: Bool = true,
        durableGeneration: UInt64? = nil,
        isPublished: Bool = false,
        routes: [RouteSnapshot],
        endpoints: [Judged],
        events: [Event] = [],
        nextDeadline: MonotonicInstant? = nil,
        calmSince: MonotonicInstant? = nil
    ) {
        self.at = at
        self.cause = cause
        self.configuration = configuration
        self.generation = generation
        self.isPersisted = isPersisted
        self.durableGeneration = durableGeneration
        self.isPublished = isPublished
        self.routes = routes
        self.endpoints = endpoints
        self.events = events
        self.nextDeadline = nextDeadline
        self.calmSince = calmSince
    }

    /// What readers are told: the publisher asks the disk itself before it says so.
    var isDurable: Bool { isPersisted && (durableGeneration ?? 0) >= generation }

    func judged(_ name: EndpointName) -> Judged? { endpoints.first { $0.name == name } }

    func route(_ name: RouteName) -> RouteSnapshot? { routes.first { $0.name == name } }

    /// Whether the route may still have that endpoint active: a new configuration may have taken it away.
    func allows(_ endpoint: EndpointName, in name: RouteName) -> Bool {
        configuration.routes.contains { $0.name == name && $0.endpoints.contains(endpoint) }
    }

    /// Automatic moves that were made, not merely wished.
    var moves: [Event] { events.filter { $0.isAutomaticMove && !$0.dryRun } }
}
