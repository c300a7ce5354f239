import FailoverCore
import NIOConcurrencyHelpers
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Why a name did not become addresses.
enum LookupFailure: Error, Hashable, Sendable {
    /// The name does not exist, or has no address.
    case notFound
    /// Our resolver did not do its work, with the system's words for it.
    case resolver(String)
    /// Our process may not open more files.
    case descriptors
    case memory
    /// Too many lookups wait already.
    case overflow
}

/// Names to addresses with the system's resolver, on threads of its own so that a hung resolver never blocks a loop.
///
/// Nothing is cached, but lookups of one name that are in flight at the same time share one call.
final class NameResolver: Sendable {
    typealias Lookup = @Sendable (_ host: String) -> Result<[SocketAddress], LookupFailure>
    typealias Completion = @Sendable (Result<[SocketAddress], LookupFailure>) -> Void

    /// A claim on the result of a lookup.
    struct Ticket: Hashable, Sendable {
        fileprivate let host: String
        fileprivate let number: UInt64
    }

    /// Enough that a handful of names with dead name servers does not hold up the others.
    static let threads = 8
    /// Names that may be looked up or wait for it at the same time.
    static let capacity = 1024
    /// Addresses of one name that are used.
    static let maximumAddresses = 8

    private struct Waiter: Sendable {
        let number: UInt64
        let eventLoop: any EventLoop
        let completion: Completion
    }

    private struct Waiting: Sendable {
        var nextNumber: UInt64 = 0
        /// By name; at most ``capacity`` names, and one waiter for each attempt in flight.
        var lookups: [String: [Waiter]] = [:]
    }

    private let pool: BlockingPool
    private let lookup: Lookup
    private let waiting = NIOLockedValueBox(Waiting())

    init(
        threads: Int = NameResolver.threads,
        capacity: Int = NameResolver.capacity,
        lookup: @escaping Lookup = NameResolver.systemLookup
    ) {
        pool = BlockingPool(threads: threads, capacity: capacity)
        self.lookup = lookup
    }

    /// Looks `host` up and calls `completion` on `eventLoop`; the ports of the addresses are 0.
    ///
    /// Returns `nil` when too many lookups wait; `completion` is not called then.
    func resolve(_ host: String, on eventLoop: any EventLoop, completion: @escaping Completion) -> Ticket? {
        waiting.withLockedValue { waiting in
            waiting.nextNumber += 1
            let ticket = Ticket(host: host, number: waiting.nextNumber)
            let waiter = Waiter(number: ticket.number, eventLoop: eventLoop, completion: completion)
            if waiting.lookups[host] != nil {
                waiting.lookups[host]?.append(waiter)
                return ticket
            }
            guard pool.submit({ [self] in perform(host) }) else { return nil }
            waiting.lookups[host] = [waiter]
            return ticket
        }
    }

    /// Gives up the claim: the completion is not called, unless it is on its way to the loop already.
    func forget(_ ticket: Ticket) {
        waiting.withLockedValue { $0.lookups[ticket.host]?.removeAll { $0.number == ticket.number } }
    }

    func shutdown() { pool.shutdown() }

    private func perform(_ host: String) {
        let result = lookup(host)
        // Handed over under the lock: once a loop has forgotten its tickets, nothing more reaches it.
        waiting.withLockedValue { waiting in
            for waiter in waiting.lookups.removeValue(forKey: host) ?? [] {
                waiter.eventLoop.execute { waiter.completion(result) }
            }
        }
    }
}

extension NameResolver {
    /// `getaddrinfo`, in its order of preference.
    static let systemLookup: Lookup = { host in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(failure(code, errno: errno)) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next, addresses.count < maximumAddresses {
            if let address = socketAddress(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.notFound) : .success(addresses)
    }

    private static func socketAddress(_ entry: addrinfo) -> SocketAddress? {
        guard let pointer = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET: return SocketAddress(pointer.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: return SocketAddress(pointer.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }

    /// The meaning of an error of `getaddrinfo`: only a definite "no such name" is about the name.
    static func failure(_ code: Int32, errno: Int32) -> LookupFailure {
        /// "No address associated with hostname" and "address family for hostname not supported" of glibc, which the
        /// headers hide without extensions.
        let noData: Int32 = -5
        let addressFamily: Int32 = -9
        switch code {
        case EAI_NONAME, noData, addressFamily: return .notFound
        case EAI_MEMORY: return .memory
        case EAI_SYSTEM where errno == EMFILE || errno == ENFILE: return .descriptors
        case EAI_SYSTEM where errno == ENOMEM || errno == ENOBUFS: return .memory
        case EAI_SYSTEM: return .resolver(String(cString: strerror(errno)))
        default: return .resolver(String(cString: gai_strerror(code)))
        }
    }
}
