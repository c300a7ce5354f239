import FailoverCore

/// The last outcomes, and how many of them are bad.
struct OutcomeWindow: Sendable {
    private let size: Int
    private var ring: [Bool] = []
    private var next = 0
    private(set) var bad = 0

    init(size: Int) { self.size = size }

    var count: Int { ring.count }

    mutating func add(_ isBad: Bool) {
        if isBad { bad += 1 }
        guard ring.count == size else { return ring.append(isBad) }
        if ring[next] { bad -= 1 }
        ring[next] = isBad
        next = next + 1 == size ? 0 : next + 1
    }

    mutating func removeAll() { self = OutcomeWindow(size: size) }
}

/// `bad` of the last `of`, for errors and for everything bad apart; good probes in a row acquit and empty both.
package struct IndicatorWindowsRule: DecisionRule {
    private let leastErrors: Int
    private let leastBad: Int
    private let rise: Int
    private var errors: OutcomeWindow
    private var all: OutcomeWindow
    private var goodInARow = 0
    private var isDown = false

    package init(errors: (bad: Int, of: Int), all: (bad: Int, of: Int), rise: Int) {
        leastErrors = errors.bad
        leastBad = all.bad
        self.rise = rise
        self.errors = OutcomeWindow(size: errors.of)
        self.all = OutcomeWindow(size: all.of)
    }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        goodInARow = probe.isBad ? 0 : goodInARow + 1
        errors.add(probe.isError)
        all.add(probe.isBad)
        if !isDown {
            isDown = errors.bad >= leastErrors || all.bad >= leastBad
        } else if goodInARow >= rise {
            isDown = false
            goodInARow = 0
            errors.removeAll()
            all.removeAll()
        }
        return isDown
    }
}

/// resilience4j's circuit breaker: opens at a share of bad ones among the last calls, and asks again after a minute.
///
/// Open for 60 s, then half open for ten calls: half of them bad open it again. All the while it counts as down.
package struct BreakerRule: DecisionRule {
    private let percent: Int
    private let minimum: Int
    private var calls: OutcomeWindow
    private var mode = Mode.closed

    private enum Mode: Sendable {
        case closed
        case open(until: MonotonicInstant)
        case halfOpen(OutcomeWindow)
    }

    private static let wait = Duration.seconds(60)
    private static let trials = 10

    package init(percent: Int, of size: Int, minimum: Int) {
        self.percent = percent
        self.minimum = minimum
        calls = OutcomeWindow(size: size)
    }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        switch mode {
        case .closed: takeClosed(probe)
        case .open(let until) where probe.start < until: true
        case .open: takeTrial(probe, OutcomeWindow(size: Self.trials))
        case .halfOpen(let trial): takeTrial(probe, trial)
        }
    }

    private mutating func takeClosed(_ probe: DecisionProbe) -> Bool {
        calls.add(probe.isBad)
        guard calls.count >= minimum, calls.bad * 100 >= percent * calls.count else { return false }
        mode = .open(until: probe.start + Self.wait)
        return true
    }

    private mutating func takeTrial(_ probe: DecisionProbe, _ before: OutcomeWindow) -> Bool {
        var trial = before
        trial.add(probe.isBad)
        guard trial.count == Self.trials else {
            mode = .halfOpen(trial)
            return true
        }
        calls.removeAll()
        let isBad = trial.bad * 100 >= percent * trial.count
        mode = isBad ? .open(until: probe.start + Self.wait) : .closed
        return isBad
    }
}

/// The p99 of a minute above its objective: of twelve samples the p99 is the maximum, so one bad one is enough.
package struct PercentileRule: DecisionRule {
    private var window = OutcomeWindow(size: 12)

    package init() {}

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        window.add(probe.isBad)
        return window.bad > 0
    }
}

/// The burn rate that pages: above 14.4 in the last five minutes and in the last hour.
///
/// Errors against 0.1 %, everything bad against 1 %. Started cold, a window holds what there is. Source: the SRE workbook,
/// chapter 5.
package struct BurnRateRule: DecisionRule {
    private var errors = Pair()
    private var all = Pair()

    /// Five minutes and an hour of probes every 5 s.
    private struct Pair: Sendable {
        var short = OutcomeWindow(size: 60)
        var long = OutcomeWindow(size: 720)

        mutating func add(_ isBad: Bool) {
            short.add(isBad)
            long.add(isBad)
        }

        func burns(beyond share: Double) -> Bool {
            Double(short.bad) > share * Double(short.count) && Double(long.bad) > share * Double(long.count)
        }
    }

    private static let rate = 14.4

    package init() {}

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        errors.add(probe.isError)
        all.add(probe.isBad)
        return errors.burns(beyond: Self.rate * 0.001) || all.burns(beyond: Self.rate * 0.01)
    }
}
