import CLinux
import FailoverCore
import NIOConcurrencyHelpers

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the callers of a resolver and its thread share: the cache, those who wait, and the work to do.
final class NameLookUps: Sendable {
    typealias Completion = @Sendable (Result<ResolvedName, LookupFailure>) -> Void

    /// A name to ask for.
    struct Work: Sendable {
        let host: String
        let query: UInt64
    }

    /// Those who may wait at the same time: more than attempts can be in flight.
    static let maximumWaiters = 65536

    private struct Waiter {
        let number: UInt64
        let completion: Completion
    }

    private struct Shared {
        var cache: NameCache
        /// At most ``maximumWaiters`` in all.
        var waiters: [String: [Waiter]] = [:]
        var waiting = 0
        var lastTicket: UInt64 = 0
        /// At most one for each query that the cache permits.
        var work: [Work] = []
        var isShutDown = false
    }

    /// Wakes the thread.
    let wakeUp: CInt
    private let shared: NIOLockedValueBox<Shared>

    init(cache: NameCache) throws(NameResolverError) {
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        guard wakeUp >= 0 else { throw NameResolverError(description: "eventfd: \(String(cString: strerror(errno)))") }
        shared = NIOLockedValueBox(Shared(cache: cache))
    }

    deinit { close(wakeUp) }

    func lookUp(
        _ host: String,
        at now: MonotonicInstant,
        completion: @escaping Completion
    ) -> NameResolver.Answer {
        let (answer, isWork) = shared.withLockedValue { shared -> (NameResolver.Answer, Bool) in
            guard !shared.isShutDown else { return (.refused, false) }
            let lookUp = shared.cache.lookUp(host, at: now)
            if let query = lookUp.query { shared.work.append(Work(host: host, query: query)) }
            let isWork = lookUp.query != nil
            switch lookUp.answer {
            case .known(let name): return (.known(name), isWork)
            case .failed(let failure): return (.failed(failure), isWork)
            case .full: return (.refused, isWork)
            case .wait:
                guard shared.waiting < Self.maximumWaiters else { return (.refused, isWork) }
                shared.waiting += 1
                shared.lastTicket += 1
                let waiter = Waiter(number: shared.lastTicket, completion: completion)
                shared.waiters[host, default: []].append(waiter)
                return (.pending(NameResolver.Ticket(host: host, number: waiter.number)), isWork)
            }
        }
        if isWork { wake() }
        return answer
    }

    func forget(_ ticket: NameResolver.Ticket) {
        shared.withLockedValue { shared in
            let waiters = shared.waiters[ticket.host] ?? []
            guard let place = waiters.firstIndex(where: { $0.number == ticket.number }) else { return }
            shared.waiters[ticket.host]?.remove(at: place)
            shared.waiting -= 1
        }
    }

    func shutDown() {
        shared.withLockedValue { shared in
            shared.isShutDown = true
            shared.waiters = [:]
            shared.waiting = 0
            shared.work = []
        }
        wake()
    }

    /// The names to ask for since the last call; `nil` after the end.
    func takeWork(at now: MonotonicInstant) -> [Work]? {
        shared.withLockedValue { shared in
            guard !shared.isShutDown else { return nil }
            shared.cache.sweep(at: now)
            defer { shared.work = [] }
            return shared.work
        }
    }

    /// Hands the outcome of a query to the cache and to those who wait for the name, on this thread.
    func finish(_ work: Work, _ outcome: NameOutcome, isFinal: Bool, at now: MonotonicInstant) {
        let (result, waiters) = shared.withLockedValue { shared -> (Result<ResolvedName, LookupFailure>?, [Waiter]) in
            let result = shared.cache.record(outcome, for: work.host, query: work.query, isFinal: isFinal, at: now)
            guard result != nil else { return (nil, []) }
            let waiters = shared.waiters.removeValue(forKey: work.host) ?? []
            shared.waiting -= waiters.count
            return (result, waiters)
        }
        guard let result else { return }
        for waiter in waiters { waiter.completion(result) }
    }

    private func wake() {
        // A full counter would be fine too: the thread is awake then.
        _ = eventfd_write(wakeUp, 1)
    }
}
