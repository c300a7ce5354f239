import Dispatch
import FailoverCore
import FailoverWire
import NIOConcurrencyHelpers

/// What the thread of the history does: opens, writes, removes, and begins again where something went wrong.
struct HistoryWork {
    private let file: HistoryFile
    private let surroundings: HistoryKeeper.Surroundings
    private var writer: HistoryWriter?
    /// It had one before.
    private var wasOpen = false
    private var pause: Duration
    /// The last one that was reported; `nil` while all is well.
    private var trouble: String?
    private var watches: [String: BurnWatch] = [:]
    /// Losses that were not told yet.
    private var owed = HistoryLosses()
    /// What is too old was removed after the last minute.
    private var isPruned = true

    /// Without work the thread looks at its orders this often.
    private static let longestSleep = Duration.seconds(60)
    /// A disk that stays broken is tried this many first pauses apart: each minute, as a minute is what it is late by anyway.
    private static let longestPauses = 12

    init(_ file: HistoryFile, surroundings: HistoryKeeper.Surroundings) {
        self.file = file
        self.surroundings = surroundings
        pause = surroundings.pause
    }

    /// What is to be written in one turn; it stays in the state until it is.
    fileprivate struct Batch {
        let minutes: [HistoryMinute]
        let minutesBefore: Int
        let events: [EventDocument]
        let facts: HistoryFacts?
        let isClosed: Bool
        /// Why somebody who read the file could not use it.
        let objection: String?

        var isEmpty: Bool { minutes.isEmpty && events.isEmpty && facts == nil && objection == nil }
    }

    mutating func run(_ state: NIOLockedValueBox<HistoryKeeper.State>, wakeUp: DispatchSemaphore) {
        while true {
            let batch = state.withLockedValue { state in
                Batch(
                    minutes: state.minutes,
                    minutesBefore: state.minutesBefore,
                    events: state.events,
                    facts: state.hasNewFacts ? state.facts : nil,
                    isClosed: state.isClosed,
                    objection: state.objection
                )
            }
            let isDone = batch.isEmpty && writer?.isInPlace == true || turn(batch, state)
            if state.withLockedValue({ $0.isClosed }), !isDone || batch.isClosed {
                writer?.close()
                return
            }
            if isDone {
                // Some of what was signalled may be done already; a turn for nothing costs nothing.
                _ = wakeUp.wait(timeout: .now() + Self.longestSleep.inSeconds)
            } else {
                // Not woken by each event: the disk needs its time.
                let until = DispatchTime.now() + pause.inSeconds
                while wakeUp.wait(timeout: until) == .success, !state.withLockedValue({ $0.isClosed }) {}
                pause = min(pause * 2, surroundings.pause * Self.longestPauses)
            }
        }
    }

    /// - Returns: Whether all of it is written.
    private mutating func turn(_ batch: Batch, _ state: NIOLockedValueBox<HistoryKeeper.State>) -> Bool {
        do throws(HistoryError) {
            if let objection = batch.objection {
                state.withLockedValue { $0.objection = nil }
                throw .unusable(objection)
            }
            try open(state)
            guard var open = writer else { return false }
            try open.write(batch.minutes, events: batch.events, facts: batch.facts)
            writer = open
            owed += state.withLockedValue { $0.finish(batch) }
            if !batch.minutes.isEmpty || !isPruned {
                isPruned = false
                let settings = state.withLockedValue { $0.settings }
                try open.prune(settings, now: Int(surroundings.now().wall.secondsSince1970))
                try look(state)
                isPruned = true
            }
            recover()
            return true
        } catch {
            fail(error, state)
            return false
        }
    }

    // MARK: - The file

    private mutating func open(_ state: NIOLockedValueBox<HistoryKeeper.State>) throws(HistoryError) {
        if let writer, !writer.isInPlace {
            writer.close()
            self.writer = nil
            surroundings.report(
                true,
                "the history \(file.path) was removed or replaced while it was used: it is begun anew"
            )
        }
        guard writer == nil else { return }
        do throws(HistoryError) {
            writer = try HistoryWriter(file)
        } catch {
            guard case .unusable(let reason) = error else { throw error }
            try setAside(because: reason)
            writer = try HistoryWriter(file)
        }
        // A new one lacks what was told before, and one that was not written for a while what was told meanwhile.
        if var open = writer, open.isNew || !wasOpen {
            let past = surroundings.past(open.isNew)
            if !wasOpen { goOn(after: past) }
            try open.write([], events: past, facts: state.withLockedValue { $0.facts })
            writer = open
        }
        wasOpen = true
    }

    private func setAside(because reason: String) throws(HistoryError) {
        guard let kept = file.setAside() else {
            throw .failing("\(file.path) cannot be used (\(reason)), nor be set aside")
        }
        surroundings.report(
            true,
            "the history \(file.path) cannot be used (\(reason)), it was kept as \(kept): it is begun anew"
        )
    }

    private mutating func fail(_ error: HistoryError, _ state: NIOLockedValueBox<HistoryKeeper.State>) {
        writer?.close()
        writer = nil
        if case .unusable(let reason) = error {
            do throws(HistoryError) {
                try setAside(because: reason)
                pause = surroundings.pause
                return
            } catch { tell(error, state) }
        } else {
            tell(error, state)
        }
    }

    private mutating func tell(_ error: HistoryError, _ state: NIOLockedValueBox<HistoryKeeper.State>) {
        let text = "the history is not written: \(error)"
        state.withLockedValue { $0.trouble = text }
        guard trouble != text else { return }
        trouble = text
        surroundings.report(
            true,
            "\(text); decisions do not need it, and the last minutes are kept until it works again"
        )
    }

    private mutating func recover() {
        defer { owed = HistoryLosses() }
        pause = surroundings.pause
        if trouble != nil {
            trouble = nil
            surroundings.report(false, "the history is written again")
        }
        if !owed.isEmpty { surroundings.report(true, "the history has lost \(owed.description)") }
    }

    // MARK: - Budgets

    /// What the daemon before this one told of budgets is not told again.
    private mutating func goOn(after past: [EventDocument]) {
        for event in past where event.event == EventKind.errorBudget.rawValue {
            guard let route = event.route else { continue }
            watches[route] = BurnWatch(isBurning: event.reason.code != ReasonCode.clear.rawValue)
        }
    }

    /// Tells of routes that spend their budget too fast.
    private mutating func look(_ state: NIOLockedValueBox<HistoryKeeper.State>) throws(HistoryError) {
        let facts = state.withLockedValue { $0.facts }
        let clock = surroundings.now()
        let reader = try HistoryReader(file)
        defer { reader.close() }
        var recent: [BurnWindow: [RouteName: RouteSums]] = [:]
        for window in BurnWindow.allCases where window != .threeDays {
            // Whole minutes, or the first of them would be missing.
            let now = Int(clock.wall.secondsSince1970) / 60 * 60
            recent[window] = try reader.routes(since: now - Int(window.length.inSeconds), now: now)
        }
        for route in facts.routes {
            let name = RouteName(rawValue: route.name)
            let budget = ErrorBudget(
                objective: route.objective,
                period: .seconds(route.periodDays * 86_400),
                sums: BudgetSums(),
                recent: recent.compactMapValues { $0[name].map { BudgetSums($0.asRouted) } }
            )
            guard let news = watches[route.name, default: BurnWatch()].look(budget) else { continue }
            surroundings.tell(name, Reason(news, of: budget))
        }
        let known = Set(facts.routes.map(\.name))
        watches = watches.filter { known.contains($0.key) }
    }
}

extension HistoryKeeper.State {
    /// What was handed over is in the database.
    ///
    /// - Returns: What was lost since the last time.
    fileprivate mutating func finish(_ batch: HistoryWork.Batch) -> HistoryLosses {
        // What found no room while it was written was lost in name only.
        let lostInName = max(0, minutesBefore - batch.minutesBefore)
        let written = max(0, batch.minutes.count - lostInName)
        lost.minutes -= min(lostInName, batch.minutes.count)
        minutes.removeFirst(written)
        minutesBefore += written
        let ids = Set(batch.events.map(\.id))
        events.removeAll { ids.contains($0.id) }
        if batch.facts == facts { hasNewFacts = false }
        commits += 1
        trouble = nil
        defer { lost = HistoryLosses() }
        return lost
    }
}

extension Reason {
    init(_ news: BurnWatch.News, of budget: ErrorBudget) {
        let objective = "\((budget.objective * 100).shortest) %"
        switch news {
        case .began(let alarm):
            let bad = Int((budget.recent[alarm.long]?.badTime ?? .zero).inSeconds.rounded())
            let rate = ((budget.certainBurn(alarm.long) * 10).rounded() / 10).shortest
            self.init(
                .budgetBurning,
                "\(bad) s of the last \(alarm.long.rawValue) were bad as routed, \(rate) times what \(objective) allows, "
                    + "and it goes on"
            )
        case .ended(let alarm):
            self.init(
                .clear,
                "the last \(alarm.short.rawValue) kept \(objective) as routed, after the error budget was spent too fast"
            )
        }
    }
}

extension Double {
    /// Without zeros at its end.
    fileprivate var shortest: String {
        let rounded = (self * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
