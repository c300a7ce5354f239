import FailoverCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the workers of all loops share: names, certificates, and threads for work that takes long.
final class ProbeResources: Sendable {
    /// Descriptors that are left to everything but probes: files that are published, the control socket and its 128
    /// clients, name servers, and the runtime itself.
    private static let reservedDescriptors = 200
    /// The same where there are few descriptors.
    private static let leastReserved = 40
    /// Even with hardly any descriptors a few probes run.
    private static let leastSockets = 8

    let resolver: any AddressSource
    let tlsContexts = TLSContexts()
    let credentials: CredentialStore
    /// Allows chats to spend; `nil` allows everything.
    let spendGate: (any SpendGate)?
    /// Evaluates bodies.
    ///
    /// Two threads: one body takes milliseconds, and an expression that never ends must not stop all.
    let matching = BlockingPool(threads: 2, capacity: 256)
    /// Connections that all loops together may have open.
    private let maximumSockets: Int
    /// Loops that have probes.
    private let loopsInUse = Atomic(1)

    /// `credentialsDirectory` is where systemd left credentials; `nil` if it did not.
    init(
        resolver: any AddressSource,
        credentialsDirectory: String? = nil,
        spendGate: (any SpendGate)? = nil
    ) {
        self.resolver = resolver
        credentials = CredentialStore(directory: credentialsDirectory)
        self.spendGate = spendGate
        var limit = rlimit()
        let known = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let descriptors = known ? Int(clamping: limit.rlim_cur) : 1024
        let reserved = max(Self.leastReserved, min(Self.reservedDescriptors, descriptors / 4))
        maximumSockets = max(Self.leastSockets, descriptors - reserved)
    }

    /// Connections that each of the loops in use may have open.
    var socketsPerLoop: Int { max(Self.leastSockets, maximumSockets / loopsInUse.load(ordering: .relaxed)) }

    func useLoops(_ count: Int) { loopsInUse.store(max(1, count), ordering: .relaxed) }

    /// Makes all TLS contexts anew, and reads all credentials again.
    ///
    /// Reads files: not for loops.
    func reload(_ probes: some Sequence<ProbeConfiguration>) {
        tlsContexts.reload(Set(probes.compactMap { TLSContextKey($0.request) }))
        credentials.reload(Set(probes.flatMap(\.credentials)))
    }

    /// Stops the threads without waiting for calls that hang.
    func shutdown() {
        resolver.shutdown()
        matching.shutdown()
    }
}
