import FailoverCore

/// When which question is due, so that looking on costs the daemon and this machine next to nothing.
struct WatchSchedule: Sendable {
    private enum State: Hashable {
        case due(MonotonicInstant)
        /// The question is on its way; asked again at once if something has happened meanwhile.
        case asked(at: MonotonicInstant, again: Bool)

        func isDue(at now: MonotonicInstant) -> Bool {
            switch self {
            case .due(let due): due <= now
            // Its answer was lost on the way: every question has an answer by then.
            case .asked(let at, _): now - at > WatchSchedule.longestWait
            }
        }

        func isOnItsWay(at now: MonotonicInstant) -> Bool {
            if case .asked = self { !isDue(at: now) } else { false }
        }
    }

    private var state = State.due(MonotonicInstant(nanoseconds: .min / 2))
    private var explanations: [String: State] = [:]
    private var series: [String: State] = [:]

    /// The daemon renews its figures as often.
    static let stateInterval = Duration.seconds(1)
    static let seriesInterval = Duration.seconds(15)
    /// Where there is no history.
    static let withoutHistory = Duration.seconds(60)
    /// A state of thousands of endpoints may take long to read: at most this part of the time is spent on it.
    private static let restFactor = 19
    private static let mostAtOnce = 4
    private static let longestWait = Duration.seconds(30)

    mutating func asksState(at now: MonotonicInstant) -> Bool {
        guard state.isDue(at: now) else { return false }
        state = .asked(at: now, again: false)
        return true
    }

    mutating func stateAnswered(took: Duration, at now: MonotonicInstant) {
        let rest = max(Self.stateInterval, took * Self.restFactor)
        if case .asked(_, again: true) = state { state = .due(now) } else { state = .due(now + rest) }
    }

    /// Something has happened: the figures are stale.
    mutating func hurry() {
        switch state {
        case .due: state = .due(MonotonicInstant(nanoseconds: .min / 2))
        case .asked(let at, _): state = .asked(at: at, again: true)
        }
    }

    mutating func asksExplanations(of routes: [String], at now: MonotonicInstant) -> [String] {
        Self.pick(routes, from: &explanations, at: now)
    }

    mutating func explanationAnswered(_ route: String, at now: MonotonicInstant) {
        explanations[route] = .due(now + Self.stateInterval)
    }

    mutating func asksSeries(of endpoints: [String], at now: MonotonicInstant) -> [String] {
        Self.pick(endpoints, from: &series, at: now)
    }

    mutating func seriesAnswered(_ endpoint: String, isThere: Bool, at now: MonotonicInstant) {
        series[endpoint] = .due(now + (isThere ? Self.seriesInterval : Self.withoutHistory))
    }

    /// The first that are due, which are then on their way.
    private static func pick(
        _ names: [String],
        from states: inout [String: State],
        at now: MonotonicInstant
    ) -> [String] {
        let onTheirWay = states.values.count { $0.isOnItsWay(at: now) }
        let due = names.filter { states[$0]?.isDue(at: now) ?? true }
        let picked = Array(due.prefix(max(0, mostAtOnce - onTheirWay)))
        for name in picked { states[name] = .asked(at: now, again: false) }
        return picked
    }
}
