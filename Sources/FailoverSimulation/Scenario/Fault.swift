package import FailoverCore

/// What is wrong with one endpoint.
package enum EndpointFault: Hashable, Sendable {
    /// Connections are refused.
    case crash
    /// Nothing answers: every attempt ends at a limit.
    case blackhole
    /// This share of answers is an error, at once.
    case errors(Ratio)
    /// This share of answers takes so long; an objective is passed if it is shorter.
    case slow(Duration, share: Ratio)
    /// Our rate is limited; `nil` if the answer does not say for how long to ask nothing.
    case throttled(retryAfter: Duration?)
    /// Our own request is refused.
    case misconfigured
    /// Refuses connections for `bad`, answers for `good`, and again.
    case flaps(bad: Duration, good: Duration)
}

/// What is wrong with the place that probes.
package enum ObserverFault: Hashable, Sendable {
    /// This share of attempts, to whichever endpoint, is never answered.
    case loss(Ratio)
    /// The machine knows that it has no network.
    case offline
    /// Names take so long.
    case slowResolver(Duration)
}

/// How the disk of the state directory answers.
package enum DiskState: Hashable, Sendable {
    case answers(after: Duration)
    /// Says at once that it cannot.
    case fails
    /// Says nothing until it is well again.
    case hangs

    package static let well = DiskState.answers(after: .milliseconds(4))
    var isWell: Bool { if case .answers(let time) = self { time < .seconds(1) } else { false } }
}

/// What happens in a world at one instant.
package enum Change: Hashable, Sendable {
    /// Takes the place of the endpoint's fault.
    case fault(EndpointName, EndpointFault)
    case heal(EndpointName)
    /// Takes the place of the observer's fault; `nil` heals.
    case observer(ObserverFault?)
    case disk(DiskState)
    /// Stray errors, slow answers and short blips of endpoints that are well.
    case noise(Bool)
    /// How long answers of the endpoint take while it is well; `nil` for what all take.
    case pace(EndpointName, LatencyPace?)
    /// The daemon stands still for so long, as with SIGSTOP or a machine that is suspended.
    case stall(Duration)
    /// The daemon is killed and comes back after so long.
    case kill(downFor: Duration)
    /// As `kill`, and the state file is gone, which lives in memory.
    case reboot(downFor: Duration)
    /// The clock on the wall is set; the monotonic one is not concerned.
    case stepWallClock(Duration)
    /// An operator orders it, for so long.
    case order(OperatorCommand.Order, for: Duration)
    /// An index of the scenario's configurations.
    case reload(Int)
}

/// One entry of a scenario's script.
package struct ScenarioEntry: Hashable, Sendable {
    /// Since the beginning.
    package let at: Duration
    package let change: Change
    /// A sentence for people; `nil` for the standard one.
    package let text: String?

    package init(at: Duration, change: Change, text: String? = nil) {
        self.at = at
        self.change = change
        self.text = text
    }
}

/// A world and what happens to it.
package struct Scenario: Hashable, Sendable {
    package let seed: UInt64
    /// The first one is in force at the start; at least one.
    package let configurations: [Configuration]
    package let duration: Duration
    /// By time; entries of one instant happen in this order.
    package let entries: [ScenarioEntry]
    /// One kill in so many actions of the engine, on average; `nil` for none.
    package let killEvery: Int?
    /// The daemon is killed right after each published move.
    package let killsAfterMoves: Bool
    /// Stray errors and slow answers from the beginning.
    package let isNoisy: Bool

    /// Entries are put in order of time.
    package init(
        seed: UInt64,
        configurations: [Configuration],
        duration: Duration,
        entries: [ScenarioEntry],
        killEvery: Int? = nil,
        killsAfterMoves: Bool = false,
        isNoisy: Bool = true
    ) {
        precondition(!configurations.isEmpty, "a world has a configuration")
        self.seed = seed
        self.configurations = configurations
        self.duration = duration
        self.entries = entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
        self.killEvery = killEvery
        self.killsAfterMoves = killsAfterMoves
        self.isNoisy = isNoisy
    }
}
