import Dispatch
import FailoverCore
import FailoverPublish
import FailoverWire
import NIOConcurrencyHelpers

/// Everything that waits for the disk of the state directory, on a thread of its own: the memory first, then the log of transitions,
/// what was spent, and the baselines.
///
/// The newest memory wins: writing an older one after it would be wrong, and before it would be wasted.
final class DiskWriter: Sendable {
    private struct State {
        var memory: Memory?
        /// Tickets that the memory above answers, oldest first.
        var tickets: [UInt64] = []
        var transitions: [EventDocument] = []
        var lostTransitions: UInt64 = 0
        /// Transitions that were ever lost.
        var dropped: UInt64 = 0
        var spend: SpendMemory?
        var baselines: [EndpointName: [BaselineMemory]]?
        /// Generation of the last memory that reached the disk.
        var durableGeneration: UInt64 = 0
        /// The last attempt failed.
        var isFailing = false
        /// When the turn under way began; `nil` while there is nothing to do.
        var busySince: MonotonicInstant?
        var isClosed = false

        /// Whether waiting for a generation is in vain: the disk fails, or has hung for so long already.
        func isHopeless(after limit: Duration) -> Bool {
            isFailing || busySince.map { SystemClock.now - $0 >= limit } ?? false
        }
    }

    /// What one turn has to write.
    private struct Orders {
        let memory: Memory?
        let tickets: [UInt64]
        let transitions: [EventDocument]
        let lostTransitions: UInt64
        let spend: SpendMemory?
        let baselines: [EndpointName: [BaselineMemory]]?
        let isClosed: Bool
    }

    private final class Shared: Sendable {
        let state = NIOLockedValueBox(State())
        let work = DispatchSemaphore(value: 0)
        /// Signalled after every attempt, for those who wait for a generation.
        let progress = DispatchSemaphore(value: 0)

        func take() -> Orders {
            state.withLockedValue { state in
                defer {
                    state.memory = nil
                    state.tickets = []
                    state.transitions = []
                    state.lostTransitions = 0
                    state.spend = nil
                    state.baselines = nil
                }
                state.busySince = SystemClock.now
                return Orders(
                    memory: state.memory,
                    tickets: state.tickets,
                    transitions: state.transitions,
                    lostTransitions: state.lostTransitions,
                    spend: state.spend,
                    baselines: state.baselines,
                    isClosed: state.isClosed
                )
            }
        }
    }

    /// Transitions that may wait for a slow disk.
    private static let capacity = 1024

    private let shared = Shared()
    private let thread: WorkerThread

    /// Starts the thread; `answer` and `report` are called on it, `answer` for every ticket.
    init(
        store: MemoryStore,
        log: TransitionLog,
        spending: SpendStore,
        learned: BaselineStore,
        answer: @escaping @Sendable (_ ticket: UInt64, _ succeeded: Bool) -> Void,
        report: @escaping @Sendable (JournalPriority, String) -> Void
    ) throws(FileError) {
        let shared = shared
        let complaints = Complaints(report: report)
        thread = try WorkerThread(name: "disk") {
            while true {
                shared.work.wait()
                let orders = shared.take()
                if let memory = orders.memory {
                    let succeeded = complaints.attempt("making the decision durable") { () throws(FileError) in
                        try store.save(memory, clock: SystemClock.reading)
                    }
                    shared.state.withLockedValue { state in
                        if succeeded { state.durableGeneration = memory.generation }
                        state.isFailing = !succeeded
                    }
                    shared.progress.signal()
                    for ticket in orders.tickets { answer(ticket, succeeded) }
                }
                for transition in orders.transitions {
                    _ = complaints.attempt("logging transitions") { () throws(FileError) in
                        try log.append(transition)
                    }
                }
                if orders.lostTransitions > 0 {
                    report(.warning, "\(orders.lostTransitions) transitions were not logged: the disk was too slow")
                }
                if let spend = orders.spend {
                    _ = complaints.attempt("remembering what was spent") { () throws(FileError) in
                        try spending.save(spend, at: SystemClock.reading.wall)
                    }
                }
                if let baselines = orders.baselines {
                    _ = complaints.attempt("remembering the baselines") { () throws(FileError) in
                        try learned.save(baselines, clock: SystemClock.reading)
                    }
                }
                shared.state.withLockedValue { $0.busySince = nil }
                if orders.isClosed { return }
            }
        }
    }

    /// Orders a memory to disk and returns at once.
    func save(_ memory: Memory, ticket: UInt64) {
        shared.state.withLockedValue { state in
            state.memory = memory
            state.tickets.append(ticket)
        }
        shared.work.signal()
    }

    /// Orders a transition to the log and returns at once.
    func append(_ event: EventDocument) {
        shared.state.withLockedValue { state in
            if state.transitions.count >= Self.capacity {
                state.transitions.removeFirst()
                state.lostTransitions += 1
                state.dropped += 1
            }
            state.transitions.append(event)
        }
        shared.work.signal()
    }

    /// Transitions that were lost since the start.
    var dropped: UInt64 { shared.state.withLockedValue { $0.dropped } }

    /// Orders what was spent to disk and returns at once; the newest wins.
    func save(_ spend: SpendMemory) {
        shared.state.withLockedValue { $0.spend = spend }
        shared.work.signal()
    }

    /// Orders the baselines to disk and returns at once; the newest win.
    func save(_ baselines: [EndpointName: [BaselineMemory]]) {
        shared.state.withLockedValue { $0.baselines = baselines }
        shared.work.signal()
    }

    /// Blocks until that generation is on disk, but not for longer than `limit`, and not at all if the disk fails.
    ///
    /// For the publishing thread only.
    ///
    /// - Returns: Whether it is on disk.
    func waitUntilDurable(_ generation: UInt64, limit: Duration) -> Bool {
        let end = SystemClock.now + limit
        while true {
            let (isDurable, isHopeless) = shared.state.withLockedValue { state in
                (state.durableGeneration >= generation, state.isHopeless(after: limit))
            }
            if isDurable || isHopeless { return isDurable }
            let rest = end - SystemClock.now
            guard rest > .zero, shared.progress.wait(timeout: .now() + rest.inSeconds) == .success else { return false }
        }
    }

    /// Writes what is waiting, for a bounded time.
    func close(within limit: Duration) async -> Bool {
        shared.state.withLockedValue { $0.isClosed = true }
        shared.work.signal()
        return await thread.finished(within: limit)
    }
}

/// Says that something began to fail, and that it works again, instead of saying it at every attempt.
final class Complaints: Sendable {
    private let failing = NIOLockedValueBox<[String: String]>([:])
    private let report: @Sendable (JournalPriority, String) -> Void

    init(report: @escaping @Sendable (JournalPriority, String) -> Void) { self.report = report }

    /// - Returns: Whether `work` succeeded.
    func attempt(_ topic: String, _ work: () throws(FileError) -> Void) -> Bool {
        do throws(FileError) {
            try work()
            settle(topic, error: nil)
            return true
        } catch {
            settle(topic, error: "\(error)")
            return false
        }
    }

    /// Tells the topic's state; only a change is reported.
    func settle(_ topic: String, error: String?) {
        let before = failing.withLockedValue { failing in
            defer { failing[topic] = error }
            return failing[topic]
        }
        if let error, error != before { report(.error, "\(topic) fails: \(error)") }
        if error == nil, before != nil { report(.notice, "\(topic) works again") }
    }
}
