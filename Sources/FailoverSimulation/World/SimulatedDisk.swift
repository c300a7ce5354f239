import FailoverCore

/// The state directory and its thread: one write at a time, the newest memory wins, every ticket is answered.
struct SimulatedDisk: Sendable {
    /// A memory as it stands in its file: with times of the wall clock, which is `wallOffset` ahead of the monotonic one.
    struct File: Sendable {
        let memory: Memory
        let wallOffset: Duration

        /// With times as instants of a process that starts now; what lies in the future becomes now.
        func memory(wallOffset: Duration, at now: MonotonicInstant) -> Memory {
            let shift = wallOffset - self.wallOffset
            func instant(_ instant: MonotonicInstant) -> MonotonicInstant { min(now, instant - shift) }
            var read = memory
            for index in read.routes.indices {
                read.routes[index].since = instant(read.routes[index].since)
                read.routes[index].moves = read.routes[index].moves.map(instant)
            }
            for index in read.endpoints.indices {
                read.endpoints[index].penaltyAt = instant(read.endpoints[index].penaltyAt)
            }
            // Ends lie in the future.
            read.intents = read.intents.map { intent in
                OperatorIntent(
                    kind: intent.kind,
                    by: intent.by,
                    reason: intent.reason,
                    since: instant(intent.since),
                    from: intent.from - shift,
                    until: intent.until - shift,
                    isBegun: intent.isBegun
                )
            }
            return read
        }
    }

    /// One write under way.
    private struct Write: Sendable {
        let file: File
        let tickets: [UInt64]
        /// As the disk was when it began.
        let state: DiskState
    }

    private(set) var file: File?
    private(set) var state = DiskState.well
    private var waiting: (file: File, tickets: [UInt64])?
    private var write: Write?
    /// Answers of older writes have an older turn.
    private(set) var turn = 0

    /// Whether the last memory that was ordered is on disk.
    var isSettled: Bool { write == nil && waiting == nil && !isFailing }
    /// The last write failed.
    private var isFailing = false

    /// - Returns: How long until the write ends that begins now; `nil` if none begins, or it hangs.
    mutating func save(_ memory: Memory, ticket: UInt64, wallOffset: Duration) -> Duration? {
        let tickets = (waiting?.tickets ?? []) + [ticket]
        waiting = (File(memory: memory, wallOffset: wallOffset), tickets)
        return begin()
    }

    /// - Returns: As `save`: a write that hung goes on when the disk is well again.
    mutating func become(_ state: DiskState) -> Duration? {
        self.state = state
        guard let write, case .hangs = write.state, state != .hangs else { return nil }
        self.write = Write(file: write.file, tickets: write.tickets, state: state)
        return length
    }

    /// Ends the write under way.
    ///
    /// - Returns: The tickets that are answered, how, and how long until the next write ends.
    mutating func finish() -> (tickets: [UInt64], succeeded: Bool, next: Duration?) {
        guard let write else { return ([], true, nil) }
        self.write = nil
        isFailing = write.state == .fails
        if !isFailing { file = write.file }
        return (write.tickets, !isFailing, begin())
    }

    /// The process is gone: a write under way is whole or never was.
    mutating func lose(isWholeIf isWhole: Bool) {
        if let write, isWhole, case .answers = write.state { file = write.file }
        write = nil
        waiting = nil
        isFailing = false
        turn += 1
    }

    private mutating func begin() -> Duration? {
        guard write == nil, let waiting else { return nil }
        self.waiting = nil
        write = Write(file: waiting.file, tickets: waiting.tickets, state: state)
        turn += 1
        return length
    }

    private var length: Duration? {
        switch state {
        case .answers(let time): time
        case .fails: .milliseconds(1)
        case .hangs: nil
        }
    }
}
