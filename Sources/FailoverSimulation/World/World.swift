package import FailoverCore

/// A deterministic world: one daemon, its network, its disk and its clocks, on virtual time.
///
/// The daemon's loop and its probes are played as the daemon has them: starts on a grid with jitter, at most two attempts
/// under way, reports in batches, deadlines in steps of 100 ms, a disk with a thread of its own, and a state file that a new
/// process reads too. The engine is the real one, unless a test puts a broken one in its place. Nothing but the scenario
/// decides what happens: the same one gives the same bytes.
package struct World<Decision: Decider>: Sendable {
    /// What is going to happen.
    enum Happening: Sendable {
        case start(track: Int, turn: UInt64)
        case end(track: Int, AttemptID)
        case overdue(track: Int, AttemptID, IndicatorKind)
        case nameFound(track: Int, AttemptID)
        case reports(batch: UInt64)
        case disk(turn: Int)
        case entry(Int)
        case boot(turn: UInt64)
    }

    /// One attempt under way.
    struct Attempt: Sendable {
        let id: AttemptID
        let source: ProbeSource
        let start: MonotonicInstant
        let meeting: Network.Meeting
        /// The process stood still meanwhile: it says nothing.
        var isVoid: Bool
        /// Where the report of the start waits; `nil` once other reports speak of it, or with another attempt beside it.
        var place: (batch: UInt64, index: Int)?
    }

    /// One probe of one endpoint.
    struct Track: Sendable {
        let key: ProbeKey
        let probe: ProbeConfiguration
        /// An index of the network's endpoints.
        let endpoint: Int
        var timetable: Timetable
        /// Starts of an older turn are void.
        var turn: UInt64
        /// At most two.
        var attempts: [Attempt] = []
    }

    /// What readers see, and a new process too.
    struct StateFile: Sendable {
        let generation: UInt64
        let routes: [RouteSnapshot]
        let wallOffset: Duration
    }

    package let scenario: Scenario
    package internal(set) var now = MonotonicInstant(nanoseconds: 0)
    package internal(set) var configuration: Configuration
    package internal(set) var invariants = Invariants()
    /// Of all that went in and came out.
    package internal(set) var digest = Digest()
    package internal(set) var tally = WorldTally()
    /// The latest ones; all of them if the world keeps them.
    package internal(set) var timeline: [TimelineLine] = []

    /// Of the present process, or of the last one while there is none.
    ///
    /// No optional: looking into one copies all of it, and this is done with every step.
    var engine: Decision
    var isRunning = false
    var network: Network
    var disk = SimulatedDisk()
    var stateFile: StateFile?
    /// How far the wall clock is ahead of the monotonic one.
    var wallOffset = Duration.zero
    var agenda = Agenda<Happening>()
    /// In configuration order.
    var tracks: [Track] = []
    var random: SplitMix64
    var attempts: UInt64 = 0
    var turns: UInt64 = 0
    /// Reports that wait to be handed over, and when that happens.
    var reports: [Input] = []
    var reportsDue: MonotonicInstant?
    var batch: UInt64 = 0
    /// When the loop last turned.
    var lastTurn = MonotonicInstant(nanoseconds: 0)
    /// When all of the last step was shown.
    var looked = MonotonicInstant(nanoseconds: 0)
    /// The process stands still.
    var stalledUntil: MonotonicInstant?
    /// Since when the pause lasted that the engine has not been told of.
    var stoodStillSince: MonotonicInstant?
    var calmSince: MonotonicInstant?
    var isResuming = false
    /// What the last step showed.
    var step: Step
    var shown: [RouteSnapshot] = []
    /// When the last process ended, all that it had ordered was on disk.
    var wasSettled = true
    private let keepsTimeline: Bool
    let watch: (@Sendable (Step) -> Void)?

    /// Names of all endpoints of all configurations, in the order of the network.
    let names: [EndpointName]

    /// Deadlines are looked at in steps of this length, as in the daemon's loop.
    static var grain: Duration { .milliseconds(100) }
    /// The state file is rewritten at least so often.
    static var rewriteInterval: Duration { .seconds(5) }
    /// Lines kept for the report of a failure.
    private static var lastLines: Int { 40 }

    /// A world before its first instant.
    ///
    /// - Parameters:
    ///   - scenario: What happens in it.
    ///   - keepsTimeline: Whether all lines are kept, rather than the last ones.
    ///   - watch: Called with each step.
    package init(_ scenario: Scenario, keepsTimeline: Bool = false, watch: (@Sendable (Step) -> Void)? = nil) {
        self.scenario = scenario
        self.keepsTimeline = keepsTimeline
        self.watch = watch
        configuration = scenario.configurations[0]
        var names: [EndpointName] = []
        for endpoint in scenario.configurations.flatMap(\.endpoints) where !names.contains(endpoint.name) {
            names.append(endpoint.name)
        }
        self.names = names
        random = SplitMix64(seed: scenario.seed)
        engine = Decision(configuration: configuration, memory: nil, at: now)
        network = Network(endpoints: names.count, isNoisy: scenario.isNoisy, seed: random.next())
        step = Step(
            at: now,
            cause: .started,
            configuration: configuration,
            generation: 0,
            routes: [],
            endpoints: []
        )
        for index in scenario.entries.indices {
            agenda.insert(.entry(index), at: now + scenario.entries[index].at)
        }
        boot(cause: .started)
    }

    /// Runs the whole scenario.
    package mutating func run() { run(until: MonotonicInstant(nanoseconds: 0) + scenario.duration) }

    /// Runs up to an instant.
    package mutating func run(until end: MonotonicInstant) {
        while let next = nextInstant, next <= end {
            now = max(now, next)
            if let due = agenda.next, due <= now, let happening = agenda.popFirst() {
                happen(happening)
            } else {
                turn([])
            }
        }
        now = max(now, end)
    }

    /// The routes as they are now; none while there is no process.
    package var routes: [RouteSnapshot] {
        guard isRunning else { return [] }
        return configuration.routes.compactMap { engine.route(named: $0.name, at: now) }
    }

    package var violations: [Violation] { invariants.violations }

    // MARK: - The loop

    /// When the loop turns without a report: at the engine's deadline, but in steps.
    private var nextTurn: MonotonicInstant? {
        guard isRunning, let deadline = engine.nextDeadline else { return nil }
        return max(deadline, lastTurn + Self.grain, stalledUntil.map { $0 + Self.grain } ?? deadline)
    }

    private var nextInstant: MonotonicInstant? {
        guard let turn = nextTurn else { return agenda.next }
        return min(agenda.next ?? turn, turn)
    }

    private mutating func happen(_ happening: Happening) {
        if let stalledUntil {
            if now < stalledUntil, happening.isOfProcess { return agenda.insert(happening, at: stalledUntil) }
            if now >= stalledUntil { resume() }
        }
        switch happening {
        case .start(let track, let turn): startIsDue(track, turn: turn)
        case .end(let track, let attempt): end(track, attempt)
        case .overdue(let track, let attempt, let kind): becomeOverdue(track, attempt, kind)
        case .nameFound(let track, let attempt): nameFound(track, attempt)
        case .reports(let batch):
            if batch == self.batch { handOver() }
        case .disk(let turn):
            if turn == disk.turn { finishWriting() }
        case .entry(let index):
            if let stalledUntil, case .reload = scenario.entries[index].change {
                // A signal waits for a process that stands still.
                return agenda.insert(happening, at: stalledUntil)
            }
            change(scenario.entries[index])
        case .boot(let turn):
            if turn == turns { boot(cause: nil) }
        }
    }

    /// One turn of the daemon's loop: all inputs, then time, then the orders.
    mutating func turn(_ inputs: [Input]) {
        guard isRunning else { return }
        if let stalledUntil, now >= stalledUntil { resume() }
        lastTurn = now
        var actions: [Action] = []
        // Before anything that was found in the queue, as the daemon's loop does it.
        if let stoodStillSince { feed(.stalled(since: stoodStillSince), cause: .input, &actions) }
        stoodStillSince = nil
        for input in inputs { feed(input, cause: .input, &actions) }
        feed(.tick, cause: .tick, &actions)
        perform(actions)
    }

    // MARK: - What is kept

    mutating func record(_ line: TimelineLine) {
        digest.add(line.text)
        timeline.append(line)
        if !keepsTimeline, timeline.count >= Self.lastLines * 2 { timeline.removeFirst(Self.lastLines) }
    }
}

/// What a world has seen, in numbers.
package struct WorldTally: Hashable, Sendable {
    package internal(set) var inputs = 0
    /// Inputs that ordered nothing, between two rewrites of the state file.
    package internal(set) var quiet = 0
    package internal(set) var probes = 0
    package internal(set) var moves = 0
    package internal(set) var restarts = 0
    package internal(set) var reloads = 0
    /// Restarts that were tried on the side, after each published move.
    package internal(set) var rehearsals = 0

    package init() {}

    package static func + (left: WorldTally, right: WorldTally) -> WorldTally {
        var sum = left
        sum.inputs += right.inputs
        sum.quiet += right.quiet
        sum.probes += right.probes
        sum.moves += right.moves
        sum.restarts += right.restarts
        sum.reloads += right.reloads
        sum.rehearsals += right.rehearsals
        return sum
    }
}

extension World.Happening {
    /// Whether the process does it, which may stand still; the world goes on.
    fileprivate var isOfProcess: Bool {
        switch self {
        case .start, .end, .overdue, .nameFound, .reports, .disk: true
        case .entry, .boot: false
        }
    }
}
