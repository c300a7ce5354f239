import CLinux
import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The thread of a resolver: sends queries, waits for answers and time, and hands over what they come to.
final class NameLoop {
    /// Once one family is there, what the other gets to come too: lost questions must not hold up a probe.
    ///
    /// Four times the delay of RFC 8305, since it is spent only once in a time to live.
    static let familyDelay = Duration.milliseconds(200)
    /// The least time between two looks at the configuration file.
    static let configurationInterval = Duration.seconds(5)
    /// Queries of which an answer may still come, whether somebody waits or not.
    static let maximumQueries = 8192

    /// Names that are asked for in one burst, of two questions each, and the time between two bursts.
    ///
    /// The system's buffers hold about 250 datagrams; what does not fit is lost and costs a second.
    static let burst = 64
    static let burstInterval = Duration.milliseconds(10)

    private struct Running {
        let work: NameLookUps.Work
        var query: NameQuery
        /// When those who wait are told; `nil` once they were.
        var deadline: MonotonicInstant?
        /// Whether one family has been handed over as the answer.
        var isAnswered = false
    }

    private let options: NameResolverOptions
    private let lookUps: NameLookUps
    private let clock: @Sendable () -> MonotonicInstant
    private var channel: Result<CaresChannel, NameResolverError>
    private var configuration: FileSignature?
    private var lastLook: MonotonicInstant
    /// By the query's number; at most ``maximumQueries``.
    private var running: [UInt64: Running] = [:]
    /// Queries that have not been sent yet, first come first served; each is one of ``running``.
    private var unsent: ArraySlice<UInt64> = []
    private var nextBurst: MonotonicInstant
    /// No deadline of ``running`` is earlier.
    private var nextDeadline: MonotonicInstant?

    init(options: NameResolverOptions, lookUps: NameLookUps, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.options = options
        self.lookUps = lookUps
        self.clock = clock
        lastLook = clock()
        nextBurst = lastLook
        configuration = FileSignature(path: options.configurationPath)
        channel = Result { () throws(NameResolverError) in try CaresChannel(options) }
    }

    /// Returns after the resolver was shut down.
    func run() {
        while let work = lookUps.takeWork(at: clock()) {
            if !work.isEmpty { followConfiguration() }
            for work in work { begin(work) }
            sendBurst()
            takeReplies()
            tellWaiters()
            wait()
        }
    }

    private func begin(_ work: NameLookUps.Work) {
        let now = clock()
        if running[work.query] != nil {
            setDeadline(of: work.query, now + options.patience)
            return
        }
        guard running.count < Self.maximumQueries else {
            lookUps.finish(work, .failure(.overflow), isFinal: true, at: now)
            return
        }
        switch channel {
        case .failure(let error):
            lookUps.finish(work, .failure(.resolver(error.description)), isFinal: true, at: now)
        case .success(let channel):
            if let outcome = literal(work.host) ?? channel.hostsAnswer(for: work.host) {
                lookUps.finish(work, outcome, isFinal: true, at: now)
                return
            }
            running[work.query] = Running(work: work, query: NameQuery(host: work.host, search: channel.search))
            setDeadline(of: work.query, now + options.patience)
            unsent.append(work.query)
        }
    }

    private func sendBurst() {
        guard case .success(let channel) = channel, !unsent.isEmpty, clock() >= nextBurst else { return }
        for number in unsent.prefix(Self.burst) {
            guard let state = running[number] else { continue }
            channel.ask(state.query.current, query: number)
        }
        unsent = unsent.dropFirst(Self.burst)
        // A slice keeps the room of what it has lost.
        if unsent.isEmpty { unsent = [] }
        nextBurst = clock() + Self.burstInterval
    }

    private func literal(_ host: String) -> NameOutcome? {
        IPAddress(host).map { .addresses([$0], timeToLive: Int(NameCache.maximumTimeToLive.components.seconds)) }
    }

    private func takeReplies() {
        guard case .success(let channel) = channel else { return }
        var replies = channel.takeReplies()
        while !replies.isEmpty {
            for reply in replies { receive(reply, channel) }
            // A question may be answered while it is asked, for instance when there is no way to any server.
            replies = channel.takeReplies()
        }
    }

    private func receive(_ reply: CaresChannel.Reply, _ channel: CaresChannel) {
        guard var query = running[reply.query]?.query else { return }
        let step = query.receive(reply.answer, for: reply.family, isSilence: reply.isSilence)
        running[reply.query]?.query = query
        switch step {
        case .ask(let name): channel.ask(name, query: reply.query)
        case .finished(let outcome):
            guard let ended = running.removeValue(forKey: reply.query) else { return }
            lookUps.finish(ended.work, outcome, isFinal: true, at: clock())
        case .wait:
            guard let state = running[reply.query], !state.isAnswered, state.query.partial != nil else { return }
            let end = clock() + Self.familyDelay
            setDeadline(of: reply.query, state.deadline.map { min($0, end) } ?? end)
        }
    }

    private func setDeadline(of query: UInt64, _ deadline: MonotonicInstant) {
        running[query]?.deadline = deadline
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }

    /// Hands over what there is for each query whose time is up; the query itself goes on.
    private func tellWaiters() {
        let now = clock()
        guard let nextDeadline, nextDeadline <= now else { return }
        for (number, state) in running {
            guard let deadline = state.deadline, deadline <= now else { continue }
            running[number]?.deadline = nil
            if let partial = state.query.partial {
                running[number]?.isAnswered = true
                lookUps.finish(state.work, partial, isFinal: true, at: now)
            } else {
                let failure = LookupFailure.resolver("no name server answered in time")
                lookUps.finish(state.work, .failure(failure), isFinal: false, at: now)
            }
        }
        self.nextDeadline = running.values.compactMap(\.deadline).min()
    }

    /// Sleeps until there is work, an answer, or something to do about time.
    private func wait() {
        var sockets = [pollfd(fd: lookUps.wakeUp, events: Int16(POLLIN), revents: 0)]
        var limit: Duration?
        if case .success(let channel) = channel {
            sockets += channel.sockets.map { pollfd(fd: $0.key, events: $0.value, revents: 0) }
            limit = channel.wait
        }
        for time in [nextDeadline, unsent.isEmpty ? nil : nextBurst] {
            guard let time else { continue }
            let wait = time - clock()
            limit = min(limit ?? wait, wait)
        }
        // Rounded up: waking too early would mean doing so again and again.
        let milliseconds = limit.map { CInt(clamping: max(0, ($0.nanoseconds + 999_999) / 1_000_000)) } ?? -1
        poll(&sockets, nfds_t(sockets.count), milliseconds)
        if sockets[0].revents != 0 {
            var count = eventfd_t()
            eventfd_read(lookUps.wakeUp, &count)
        }
        if case .success(let channel) = channel, !running.isEmpty { channel.process(sockets.dropFirst()) }
    }

    /// Opens the name servers anew when the file that names them has changed, and asks the new ones what is open.
    private func followConfiguration() {
        let now = clock()
        guard now >= lastLook + Self.configurationInterval else { return }
        lastLook = now
        let found = FileSignature(path: options.configurationPath)
        if case .success = channel, found == configuration { return }
        // A new set that cannot be opened leaves the old one in use, and is tried again.
        guard let opened = try? CaresChannel(options) else { return }
        configuration = found
        channel = .success(opened)
        running = running.filter { !$0.value.isAnswered }
        for (number, state) in running {
            running[number]?.query = NameQuery(host: state.work.host, search: opened.search)
        }
        unsent = running.keys.sorted()[...]
    }
}

/// What tells one version of a file from the next.
struct FileSignature: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// `nil` if there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}
