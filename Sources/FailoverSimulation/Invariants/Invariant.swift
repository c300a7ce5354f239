package import FailoverCore

/// What must hold after every step, whatever happens.
///
/// One case, one value type that checks it, one test that shows it fire. What is added to the engine brings its own: a pin
/// that holds, a drained endpoint that is no target, no move while frozen or while the vantage is not clear, weights that sum
/// to 100.
package enum Invariant: String, Hashable, Sendable, CaseIterable {
    /// Each configured route is published, and has one active endpoint, which is one of its own.
    case oneActive = "one_active"
    /// The generation rises by exactly one for each published change of a route's active endpoint.
    case generationCounts = "generation_counts"
    /// The generation never falls, over restarts too.
    case generationNeverFalls = "generation_never_falls"
    /// Whatever moves a route is told, with where it came from and where it went.
    case movesAreTold = "moves_are_told"
    /// No automatic move into an endpoint that is unhealthy or unknown.
    case targetIsWell = "target_is_well"
    /// No automatic move into an endpoint in its hold-down, unless the active one has tripped.
    case holdDownIsKept = "hold_down_is_kept"
    /// A route that only observes keeps its active endpoint.
    case observingMovesNothing = "observing_moves_nothing"
    /// Where nobody is well traffic stays, and readers are told.
    case nobodyWellStays = "nobody_well_stays"
    /// What is published as persisted is on disk.
    case durableBeforePublished = "durable_before_published"
    /// A restart keeps what was published: the generation and each route's active endpoint.
    case restartKeepsDecisions = "restart_keeps_decisions"
    /// Once nothing is wrong any more, the preferred endpoint is active again within a time that follows from the
    /// configuration.
    case preferredReturns = "preferred_returns"
    /// No automatic move of a pinned route, into a drained endpoint, or while all are frozen.
    case operatorsAreObeyed = "operators_are_obeyed"
    /// No automatic move while the vantage is not clear.
    case vantageMovesNothing = "vantage_moves_nothing"
    /// The weights of a weighted route sum to 100, and lie only on its endpoints.
    case weightsAddUp = "weights_add_up"
    /// A canary that was stopped carries nothing until an operator says otherwise.
    case stoppedCanaryStays = "stopped_canary_stays"
    /// A route moves for speed only to a healthy endpoint that is faster, and after its dwell.
    case speedIsPatient = "speed_is_patient"
    /// A look at the deadlines leaves none of the past.
    case deadlinesPass = "deadlines_pass"
    /// The same seed gives the same bytes.
    case sameSeedSameBytes = "same_seed_same_bytes"
}

/// An invariant that was broken: when, and what was found.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package let invariant: Invariant
    package let at: MonotonicInstant
    package let found: String

    package init(_ invariant: Invariant, at: MonotonicInstant, _ found: String) {
        self.invariant = invariant
        self.at = at
        self.found = found
    }

    package var description: String { "\(ClockText.text(at)) \(invariant.rawValue): \(found)" }
}

/// Checks one invariant step by step.
protocol InvariantCheck: Sendable {
    init()
    /// - Returns: What was found instead; empty if the invariant holds.
    mutating func findings(in step: Step) -> [String]
}

/// All invariants that a history of steps can break.
package struct Invariants: Sendable {
    private var oneActive = OneActive()
    private var generationCounts = GenerationCounts()
    private var generationNeverFalls = GenerationNeverFalls()
    private var movesAreTold = MovesAreTold()
    private var targetIsWell = TargetIsWell()
    private var holdDownIsKept = HoldDownIsKept()
    private var observingMovesNothing = ObservingMovesNothing()
    private var nobodyWellStays = NobodyWellStays()
    private var durableBeforePublished = DurableBeforePublished()
    private var restartKeepsDecisions = RestartKeepsDecisions()
    private var preferredReturns = PreferredReturns()
    private var operatorsAreObeyed = OperatorsAreObeyed()
    private var vantageMovesNothing = VantageMovesNothing()
    private var weightsAddUp = WeightsAddUp()
    private var stoppedCanaryStays = StoppedCanaryStays()
    private var speedIsPatient = SpeedIsPatient()
    private var deadlinesPass = DeadlinesPass()
    private var expansion = Expansion()
    /// The first ones, in order; at most ``kept``.
    package private(set) var violations: [Violation] = []
    /// All of them.
    package private(set) var count = 0

    /// More tell nothing new: what is broken once is broken with every step.
    package static let kept = 20

    package init() {}

    package mutating func check(_ published: Step) {
        note(.weightsAddUp, weightsAddUp.findings(in: published), at: published.at)
        note(.stoppedCanaryStays, stoppedCanaryStays.findings(in: published), at: published.at)
        // Whatever holds of a route holds of each share.
        let step = expansion.expanded(published)
        note(.oneActive, oneActive.findings(in: step), at: step.at)
        note(.generationCounts, generationCounts.findings(in: step), at: step.at)
        note(.generationNeverFalls, generationNeverFalls.findings(in: step), at: step.at)
        note(.movesAreTold, movesAreTold.findings(in: step), at: step.at)
        note(.targetIsWell, targetIsWell.findings(in: step), at: step.at)
        note(.holdDownIsKept, holdDownIsKept.findings(in: step), at: step.at)
        note(.observingMovesNothing, observingMovesNothing.findings(in: step), at: step.at)
        note(.nobodyWellStays, nobodyWellStays.findings(in: step), at: step.at)
        note(.durableBeforePublished, durableBeforePublished.findings(in: step), at: step.at)
        note(.restartKeepsDecisions, restartKeepsDecisions.findings(in: step), at: step.at)
        note(.preferredReturns, preferredReturns.findings(in: step), at: step.at)
        note(.operatorsAreObeyed, operatorsAreObeyed.findings(in: step), at: step.at)
        note(.vantageMovesNothing, vantageMovesNothing.findings(in: step), at: step.at)
        note(.speedIsPatient, speedIsPatient.findings(in: step), at: step.at)
        note(.deadlinesPass, deadlinesPass.findings(in: step), at: step.at)
    }

    /// Notes what was found outside a step.
    package mutating func note(_ invariant: Invariant, _ findings: [String], at instant: MonotonicInstant) {
        guard !findings.isEmpty else { return }
        count += findings.count
        for found in findings where violations.count < Self.kept {
            violations.append(Violation(invariant, at: instant, found))
        }
    }
}
