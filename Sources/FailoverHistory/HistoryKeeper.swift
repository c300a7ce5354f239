import Dispatch
package import FailoverCore
package import FailoverThreads
package import FailoverWire
import NIOConcurrencyHelpers

/// Keeps the past: takes what happens without ever waiting, writes it on a thread of its own, and answers on others.
///
/// Nothing waits for it and nothing rests on it. While the disk fails, the last minutes are kept in memory; what finds no room is counted,
/// and told once it works again.
package final class HistoryKeeper: Sendable {
    /// What it needs of the world.
    package struct Surroundings: Sendable {
        let now: @Sendable () -> ClockReading
        /// What was told before, oldest first: all that is kept elsewhere for a new database; may wait for the disk.
        let past: @Sendable (_ isNew: Bool) -> [EventDocument]
        /// That a route spends its error budget too fast, or no longer does.
        let tell: @Sendable (RouteName, Reason) -> Void
        /// A line for the journal; `isTrouble` if somebody should look.
        let report: @Sendable (_ isTrouble: Bool, _ text: String) -> Void
        /// After the first failure; it doubles up to a minute.
        let pause: Duration

        package init(
            now: @escaping @Sendable () -> ClockReading,
            past: @escaping @Sendable (_ isNew: Bool) -> [EventDocument],
            tell: @escaping @Sendable (RouteName, Reason) -> Void,
            report: @escaping @Sendable (_ isTrouble: Bool, _ text: String) -> Void,
            pause: Duration = .seconds(5)
        ) {
            self.now = now
            self.past = past
            self.tell = tell
            self.report = report
            self.pause = pause
        }
    }

    struct State: Sendable {
        var tally = HistoryTally()
        /// Oldest first.
        var minutes: [HistoryMinute] = []
        /// How many were written or lost before the first of them.
        var minutesBefore = 0
        var events: [EventDocument] = []
        var facts: HistoryFacts
        var settings: HistoryConfiguration
        var hasNewFacts = true
        var lost = HistoryLosses()
        /// Rises when something that was in memory is in the database.
        var commits = 0
        /// What is wrong, in a sentence; `nil` while nothing is.
        var trouble: String?
        var readers = 0
        /// Why a reader could not use the file, which is set aside then; `nil` while all could.
        var objection: String?
        var isClosed = false
    }

    /// Minutes that wait for a disk that fails or hangs; of 10,000 endpoints one takes 2.2 MB at a probe every five seconds.
    static let maximumMinutes = 10
    /// Events that wait.
    static let maximumEvents = 1_000
    /// Each may read the whole database.
    private static let maximumReaders = 2

    private let state: NIOLockedValueBox<State>
    private let wakeUp = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)
    private let file: HistoryFile
    private let surroundings: Surroundings

    /// Begins at once.
    ///
    /// - Throws: When the system gives no thread.
    package init(
        _ file: HistoryFile,
        settings: HistoryConfiguration,
        facts: HistoryFacts,
        surroundings: Surroundings
    ) throws(ThreadError) {
        self.file = file
        self.surroundings = surroundings
        let state = NIOLockedValueBox(State(facts: facts, settings: settings))
        self.state = state
        let (wakeUp, end) = (wakeUp, end)
        try DetachedThread.start(name: "history-writer") {
            var work = HistoryWork(file, surroundings: surroundings)
            work.run(state, wakeUp: wakeUp)
            end.signal()
        }
    }

    // MARK: - What happens

    /// Takes the results of probes; for the engine's thread.
    package func hear(_ tell: (inout HistoryTally) -> Void) { state.withLockedValue { tell(&$0.tally) } }

    /// Takes what is published; for the engine's thread.
    package func take(_ snapshot: Snapshot, at clock: ClockReading) {
        let hasEnded = state.withLockedValue { state in
            let minutes = state.tally.take(snapshot, at: clock)
            for minute in minutes { state.add(minute) }
            return !minutes.isEmpty
        }
        if hasEnded { wakeUp.signal() }
    }

    /// Takes an event that is worth remembering.
    package func append(_ event: EventDocument) {
        state.withLockedValue { $0.add(event) }
        wakeUp.signal()
    }

    /// What questions are answered by from now on, after a reload.
    package func update(_ facts: HistoryFacts, settings: HistoryConfiguration) {
        state.withLockedValue { state in
            state.facts = facts
            state.settings = settings
            state.hasNewFacts = true
        }
        wakeUp.signal()
    }

    /// Writes what there is, for a bounded time.
    ///
    /// - Returns: Whether all was written, or given up.
    package func close(within limit: Duration) async -> Bool {
        state.withLockedValue { state in
            if let minute = state.tally.close() { state.add(minute) }
            state.isClosed = true
        }
        wakeUp.signal()
        return await withCheckedContinuation { continuation in
            // A thread of the pool may wait for the disk here; a task must not, and cancelling one would cut the wait short.
            DispatchQueue.global().async { [end] in
                continuation.resume(returning: end.wait(timeout: .now() + limit.inSeconds) == .success)
            }
        }
    }

    // MARK: - Questions

    /// What is wrong with it, in a sentence; `nil` while nothing is.
    package var trouble: String? { state.withLockedValue { $0.trouble } }

    /// Answers on a thread of its own, because the disk may hang.
    package func answer(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal> {
        guard await takeReader() else { return .failure(.busy) }
        return await withCheckedContinuation { continuation in
            do throws(ThreadError) {
                try DetachedThread.start(name: "history") { [self] in
                    let answer = read(question)
                    state.withLockedValue { $0.readers -= 1 }
                    continuation.resume(returning: answer)
                }
            } catch {
                state.withLockedValue { $0.readers -= 1 }
                continuation.resume(returning: .failure(.unavailable("there is no thread to read with: \(error)")))
            }
        }
    }

    /// Waits for its turn for two seconds: after a move all who look ask at once, and an answer takes milliseconds.
    private func takeReader() async -> Bool {
        for _ in 0..<200 {
            let isFree = state.withLockedValue { state in
                guard state.readers < Self.maximumReaders else { return false }
                state.readers += 1
                return true
            }
            if isFree { return true }
            // Throws when whoever asked has gone.
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return false }
        }
        return false
    }

    /// A minute that moves from memory into the database while it is read is counted once: then it is read again.
    private func read(_ question: HistoryQuestion) -> Result<HistoryAnswer, HistoryRefusal> {
        for _ in 0..<Self.attempts {
            let before = state.withLockedValue { $0.unwritten(for: question) }
            let answer = read(question, before)
            if state.withLockedValue({ $0.commits }) == before.commits { return answer }
        }
        return .failure(.busy)
    }

    /// It is written once a minute, unless there are many events.
    private static let attempts = 5

    private func read(_ question: HistoryQuestion, _ memory: Memory) -> Result<HistoryAnswer, HistoryRefusal> {
        do throws(HistoryError) {
            let reader = try HistoryReader(file, unwritten: memory.minutes)
            defer { reader.close() }
            let answers = HistoryAnswers(
                reader,
                facts: memory.facts,
                at: surroundings.now().wall,
                trouble: memory.trouble
            )
            return try answers.answer(question)
        } catch {
            if case .unusable(let why) = error {
                state.withLockedValue { $0.objection = why }
                wakeUp.signal()
            }
            return .failure(.unavailable(memory.trouble ?? "the history cannot be read: \(error)"))
        }
    }

    /// What the database does not have yet.
    fileprivate struct Memory {
        let minutes: [HistoryMinute]
        let facts: HistoryFacts
        let commits: Int
        let trouble: String?
    }
}

/// What found no room.
struct HistoryLosses: Hashable, Sendable {
    var minutes = 0
    var events = 0
    var latencies = 0

    var isEmpty: Bool { self == HistoryLosses() }

    static func += (left: inout HistoryLosses, right: HistoryLosses) {
        left.minutes += right.minutes
        left.events += right.events
        left.latencies += right.latencies
    }

    /// As the end of a sentence.
    var description: String {
        let parts = [(minutes, "minute"), (events, "transition"), (latencies, "latency sample")].filter { $0.0 > 0 }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}

extension HistoryKeeper.State {
    mutating func add(_ minute: HistoryMinute) {
        lost.latencies += minute.lostSamples
        minutes.append(minute)
        guard minutes.count > HistoryKeeper.maximumMinutes else { return }
        minutes.removeFirst()
        minutesBefore += 1
        lost.minutes += 1
    }

    mutating func add(_ event: EventDocument) {
        events.append(event)
        guard events.count > HistoryKeeper.maximumEvents else { return }
        events.removeFirst()
        lost.events += 1
    }

    fileprivate func unwritten(for question: HistoryQuestion) -> HistoryKeeper.Memory {
        let present: HistoryMinute?
        switch question {
        case .series(let endpoint, _, _, _): present = tally.present(of: EndpointName(rawValue: endpoint))
        case .budgets, .report: present = tally.present
        }
        return HistoryKeeper.Memory(
            minutes: minutes + (present.map { [$0] } ?? []),
            facts: facts,
            commits: commits,
            trouble: trouble
        )
    }
}
