import FailoverCore
import FailoverThreads

/// One event loop, seen from its own thread: sockets, timers and the work of others.
///
/// Written on epoll itself rather than on a general event loop, because a check is so little work that channels,
/// futures and a task for each timer would be most of its cost; docs/architecture.md has the figures.
final class ProbeLoop {
    /// A pause of the thread that is longer than this makes what was measured meanwhile worthless, and what began that late doubtful.
    ///
    /// Longer than any wait for a turn on a healthy machine, shorter than a sensible limit of a phase.
    static let longestPause = Duration.milliseconds(500)

    let clock: @Sendable () -> MonotonicInstant
    /// Reaches this loop from other threads.
    let mailbox: LoopMailbox
    /// Scratch memory for reading; nothing stays in it.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// For protocols that the libraries speak.
    let sessions: SessionLoop
    /// Whose probes run here.
    ///
    /// Let go when the loop stops.
    var worker: ProbeWorker?
    private var poller: Poller
    private var timers: TimerWheel<any TimerTarget>
    private var isStopped = false
    /// The last step of the turn.
    private var last: MonotonicInstant
    /// Rises each time that the thread stood still; what began before a rise was measured by a stopped watch.
    private(set) var pauses: UInt64 = 0
    /// The next turn comes at the latest then, although no timer is due.
    var latestTurn: MonotonicInstant?
    /// Called at the end of each turn.
    var turnEnded: (MonotonicInstant) -> Void = { _ in }

    init(mailbox: LoopMailbox, clocks: ProbeClocks) {
        clock = clocks.monotonic
        self.mailbox = mailbox
        sessions = SessionLoop(wallSeconds: clocks.wallSeconds)
        poller = Poller(mailbox)
        last = clocks.monotonic()
        timers = TimerWheel(at: clocks.monotonic())
        readBuffer = .allocate(byteCount: 64 * 1024, alignment: 16)
    }

    deinit { readBuffer.deallocate() }

    /// Starts a thread with a loop and its worker.
    ///
    /// - Throws: When the system gives no thread.
    static func start(
        name: String,
        mailbox: LoopMailbox,
        clocks: ProbeClocks,
        makeWorker: @escaping @Sendable (ProbeLoop) -> ProbeWorker
    ) throws(ThreadError) {
        try DetachedThread.start(name: name) {
            let loop = ProbeLoop(mailbox: mailbox, clocks: clocks)
            loop.worker = makeWorker(loop)
            loop.run()
        }
    }

    /// Sockets that are open.
    var socketCount: Int { poller.count }

    /// Runs until ``stop()``.
    func run() {
        var now = clock()
        while !isStopped {
            let timeout = wait(at: now)
            let count = poller.wait(milliseconds: timeout)
            let woken = clock()
            if timeout >= 0, woken - now > .milliseconds(Int64(timeout)) + Self.longestPause { pauses += 1 }
            last = woken
            for index in 0..<count {
                guard let event = poller.take(index) else { continue }
                event.owner.socketReady(event.socket, event.readiness, at: step())
            }
            mailbox.drain(on: self)
            fireTimers(at: step())
            now = step()
            turnEnded(now)
        }
        turnEnded = { _ in }
        worker = nil
    }

    func stop() { isStopped = true }

    /// The time now; notices when the thread stood still since the step before, so that what is read or fired late is
    /// known to be.
    private func step() -> MonotonicInstant {
        let now = clock()
        if now - last > Self.longestPause { pauses += 1 }
        last = now
        return now
    }

    // MARK: Timers

    /// Wakes `target` at `due` or up to one slot later, even when `due` has passed.
    func schedule(_ target: any TimerTarget, due: MonotonicInstant, at now: MonotonicInstant) -> TimerToken {
        timers.insert(target, due: due, at: now)
    }

    func cancel(_ timer: TimerToken) { timers.cancel(timer) }

    private func fireTimers(at now: MonotonicInstant) {
        while let target = timers.popDue(at: now) { target.timerFired(at: now) }
    }

    /// How long to wait for sockets, in whole milliseconds and never too short.
    private func wait(at now: MonotonicInstant) -> CInt {
        guard let timer = timers.nextWakeUp ?? latestTurn else { return -1 }
        let wakeUp = min(timer, latestTurn ?? timer)
        let nanoseconds = (wakeUp - now).nanoseconds
        guard nanoseconds > 0 else { return 0 }
        return CInt(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    // MARK: Sockets

    /// Watches a descriptor, which is closed if that fails.
    func watch(_ descriptor: CInt, for owner: any SocketOwner) throws(SystemError) -> Socket {
        do throws(SystemError) {
            return Socket(descriptor: descriptor, token: try poller.add(descriptor, owner: owner))
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
    }

    func close(_ socket: Socket) {
        poller.remove(socket.token)
        closeDescriptor(socket.descriptor)
    }
}

/// Something that a timer wakes.
protocol TimerTarget: AnyObject {
    /// `now` is never before the due instant.
    func timerFired(at now: MonotonicInstant)
}
