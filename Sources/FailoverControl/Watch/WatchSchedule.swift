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
    /// No series is asked for before: the daemon is busy with those of others.
    private var seriesRestEnds = MonotonicInstant(nanoseconds: .min / 2)

    /// What came of the question for a series.
    enum SeriesAnswer: Hashable {
        case there
        /// Others ask about the past.
        case busy
        /// There is no history, or none of this endpoint.
        case nothing
    }

    /// The daemon renews its figures as often.
    static let stateInterval = Duration.seconds(1)
    static let seriesInterval = Duration.seconds(15)
    /// Where there is no history.
    static let withoutHistory = Duration.seconds(60)
    static let busyRest = Duration.seconds(2)
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
        let onTheirWay = explanations.values.count { $0.isOnItsWay(at: now) }
        let due = routes.filter { explanations[$0]?.isDue(at: now) ?? true }
        // The first that are due.
        let picked = Array(due.prefix(max(0, Self.mostAtOnce - onTheirWay)))
        for name in picked { explanations[name] = .asked(at: now, again: false) }
        return picked
    }

    mutating func explanationAnswered(_ route: String, at now: MonotonicInstant) {
        explanations[route] = .due(now + Self.stateInterval)
    }

    /// One at a time, the one that has waited longest: each costs the daemon a look at its disk.
    mutating func asksSeries(of endpoints: [String], at now: MonotonicInstant) -> String? {
        guard now >= seriesRestEnds, !series.values.contains(where: { $0.isOnItsWay(at: now) }) else { return nil }
        let due = endpoints.filter { series[$0]?.isDue(at: now) ?? true }
        guard let picked = due.min(by: { dueTime($0) < dueTime($1) }) else { return nil }
        series[picked] = .asked(at: now, again: false)
        return picked
    }

    private func dueTime(_ endpoint: String) -> MonotonicInstant {
        switch series[endpoint] {
        case .due(let due): due
        case .asked(let at, _): at + Self.longestWait
        case nil: MonotonicInstant(nanoseconds: .min / 2)
        }
    }

    mutating func seriesAnswered(_ endpoint: String, _ answer: SeriesAnswer, at now: MonotonicInstant) {
        switch answer {
        case .there: series[endpoint] = .due(now + Self.seriesInterval)
        case .nothing: series[endpoint] = .due(now + Self.withoutHistory)
        case .busy:
            series[endpoint] = .due(now)
            seriesRestEnds = now + Self.busyRest
        }
    }
}
