import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the workers of all loops share: names, certificates, and threads for work that takes long.
final class ProbeResources: Sendable {
    /// Descriptors that are left to everything but probes: files that are published, the control socket and its clients,
    /// name servers, and the runtime itself.
    private static let reservedDescriptors = 40
    /// Even with hardly any descriptors a few probes run.
    private static let leastSockets = 8

    let resolver: any AddressSource
    let tlsContexts = TLSContexts()
    /// Evaluates bodies.
    ///
    /// Two threads: one body takes milliseconds, and an expression that never ends must not stop all.
    let matching = BlockingPool(threads: 2, capacity: 256)
    /// Connections that each of the loops may have open.
    let maximumSockets: Int

    init(resolver: any AddressSource, loops: Int) {
        self.resolver = resolver
        var limit = rlimit()
        let known = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let descriptors = known ? Int(clamping: limit.rlim_cur) : 1024
        maximumSockets = max(Self.leastSockets, (descriptors - Self.reservedDescriptors) / max(1, loops))
    }

    /// Makes all TLS contexts anew from their files.
    ///
    /// Not for loops.
    func reload(_ probes: some Sequence<ProbeConfiguration>) {
        tlsContexts.reload(Set(probes.compactMap { TLSContextKey($0.request) }))
    }

    /// Stops the threads without waiting for calls that hang.
    func shutdown() {
        resolver.shutdown()
        matching.shutdown()
    }
}
