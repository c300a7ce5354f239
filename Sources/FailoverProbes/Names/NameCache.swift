import FailoverCore

/// What is known of names: which addresses may be used, for how long, and when to ask again.
///
/// Pure: time is an argument, and asking is the caller's work.
struct NameCache {
    /// An answer is used that long even if its time to live is less or it has none, like one from the hosts file.
    static let minimumTimeToLive = Duration.seconds(1)
    /// An answer is used no longer, so that a changed record is followed within its time to live or a minute.
    static let maximumTimeToLive = Duration.seconds(60)
    /// Good addresses outlive their time by this while the resolver is in trouble or denies the name.
    ///
    /// A resolver that restarts takes seconds; endpoints do not move because of it.
    static let staleness = Duration.seconds(30)
    /// The least time from a failure to the next query.
    static let retryInterval = Duration.seconds(1)
    /// Names that were not asked for so long are dropped.
    static let idleLimit = Duration.seconds(600)
    private static let sweepInterval = Duration.seconds(60)

    enum Answer: Hashable, Sendable {
        case known(ResolvedName)
        /// Asked and failed a moment ago.
        case failed(LookupFailure)
        /// The outcome of a query will tell.
        case wait
        /// Too many names.
        case full
    }

    struct LookUp: Hashable, Sendable {
        let answer: Answer
        /// A query that has to be sent, or waited for anew if it is still on its way.
        var query: UInt64?
    }

    private struct Entry {
        enum Asking {
            case no
            case underway
            /// A failure has been reported for lack of time, while the query goes on.
            case overdue
        }

        var lastAsked: MonotonicInstant
        /// The last good addresses, not stale in themselves.
        var good: ResolvedName?
        /// Of the last query, if it failed.
        var failure: (failure: LookupFailure, at: MonotonicInstant)?
        var asking = Asking.no
        /// The latest query; an outcome of an earlier one is ignored.
        var query: UInt64 = 0

        func stale(at now: MonotonicInstant) -> ResolvedName? {
            guard let good, now < good.expires + NameCache.staleness else { return nil }
            return ResolvedName(addresses: good.addresses, expires: good.expires, isStale: good.expires <= now)
        }
    }

    private let capacity: Int
    private let maximumQueries: Int
    /// At most ``capacity``.
    private var entries: [String: Entry] = [:]
    private var lastQuery: UInt64 = 0
    private var lastSweep: MonotonicInstant?
    /// Names that are asked for now; at most ``maximumQueries``.
    private(set) var queries = 0

    var count: Int { entries.count }

    init(capacity: Int = 65536, maximumQueries: Int = 4096) {
        self.capacity = capacity
        self.maximumQueries = maximumQueries
    }

    mutating func lookUp(_ host: String, at now: MonotonicInstant) -> LookUp {
        guard let index = index(of: host, at: now) else { return LookUp(answer: .full) }
        entries.values[index].lastAsked = now
        let entry = entries.values[index]
        if let good = entry.good, now < good.expires { return LookUp(answer: .known(good)) }
        guard let (failure, failedAt) = entry.failure else { return awaited(index) }
        let isDue = now >= failedAt + Self.retryInterval
        if let stale = entry.stale(at: now) {
            return LookUp(answer: .known(stale), query: isDue ? ask(index) : nil)
        }
        return isDue ? awaited(index) : LookUp(answer: .failed(failure))
    }

    /// Takes in what a query came to.
    ///
    /// - Parameters:
    ///   - outcome: What is known now.
    ///   - host: The name.
    ///   - query: The number that ``lookUp(_:at:)`` gave.
    ///   - isFinal: Whether the query has ended, or goes on although nobody waits for it any more.
    ///   - now: This moment.
    /// - Returns: What those who wait for the name get; `nil` if the outcome comes too late to matter.
    mutating func record(
        _ outcome: NameOutcome,
        for host: String,
        query: UInt64,
        isFinal: Bool,
        at now: MonotonicInstant
    ) -> Result<ResolvedName, LookupFailure>? {
        guard let index = entries.index(forKey: host), entries.values[index].query == query else { return nil }
        switch (outcome, entries.values[index].asking) {
        case (.addresses, _): break
        // The query has ended with the addresses of one family, and the other's answer adds nothing.
        case (.failure, .no): return nil
        case (.failure, .underway), (.failure, .overdue): break
        }
        if isFinal {
            if case .no = entries.values[index].asking {} else { queries -= 1 }
            entries.values[index].asking = .no
        } else {
            entries.values[index].asking = .overdue
        }
        switch outcome {
        case .addresses(let addresses, let seconds):
            let limits = (Self.minimumTimeToLive, Self.maximumTimeToLive)
            let timeToLive = min(max(.seconds(seconds), limits.0), limits.1)
            let good = ResolvedName(addresses: addresses, expires: now + timeToLive, isStale: false)
            entries.values[index].good = good
            entries.values[index].failure = nil
            return .success(good)
        case .failure(let failure):
            entries.values[index].failure = (failure, now)
            return entries.values[index].stale(at: now).map { .success($0) } ?? .failure(failure)
        }
    }

    /// Drops what nobody has asked for, at most once a minute.
    mutating func sweep(at now: MonotonicInstant) {
        if let lastSweep, now < lastSweep + Self.sweepInterval { return }
        drop(at: now)
    }

    private mutating func drop(at now: MonotonicInstant) {
        lastSweep = now
        entries = entries.filter { _, entry in
            if case .no = entry.asking { return now < entry.lastAsked + Self.idleLimit }
            return true
        }
    }

    private mutating func index(of host: String, at now: MonotonicInstant) -> Dictionary<String, Entry>.Index? {
        if let index = entries.index(forKey: host) { return index }
        if entries.count >= capacity { sweep(at: now) }
        guard entries.count < capacity else { return nil }
        entries[host] = Entry(lastAsked: now)
        return entries.index(forKey: host)
    }

    private mutating func awaited(_ index: Dictionary<String, Entry>.Index) -> LookUp {
        if case .underway = entries.values[index].asking { return LookUp(answer: .wait) }
        guard let query = ask(index) else { return LookUp(answer: .full) }
        return LookUp(answer: .wait, query: query)
    }

    /// The number of the query to send; `nil` if one is underway or too many are.
    private mutating func ask(_ index: Dictionary<String, Entry>.Index) -> UInt64? {
        switch entries.values[index].asking {
        case .underway: return nil
        case .overdue: break
        case .no:
            guard queries < maximumQueries else { return nil }
            queries += 1
            lastQuery += 1
            entries.values[index].query = lastQuery
        }
        entries.values[index].asking = .underway
        return entries.values[index].query
    }
}
