package import FailoverCore
package import NIOCore
import NIOSSL

/// What the runners of all loops share: names, certificates, and threads for work that takes long.
package final class ProbeResources: Sendable {
    let resolver: NameResolver
    let tlsContexts = TLSContexts()
    /// Evaluates bodies.
    ///
    /// Two threads: one body takes milliseconds, and an expression that never ends must not stop all.
    let matching = BlockingPool(threads: 2, capacity: 256)

    package convenience init() { self.init(resolver: NameResolver()) }

    init(resolver: NameResolver) { self.resolver = resolver }

    /// Makes all TLS contexts anew from their files.
    ///
    /// Not for event loops.
    package func reload(_ probes: some Sequence<ProbeConfiguration>) {
        var settings: Set<TLSSettings> = []
        for probe in probes {
            if case .http(let http) = probe.request, let tls = http.tls { settings.insert(tls) }
        }
        tlsContexts.reload(settings)
    }

    /// Stops the threads without waiting for calls that hang.
    package func shutdown() {
        resolver.shutdown()
        matching.shutdown()
    }
}

/// Runs the attempts of one event loop.
///
/// Only for use on that loop.
///
/// Each attempt is one connection and one sample: nothing is retried, and each completion is called exactly once.
package final class ProbeRunner {
    let eventLoop: any EventLoop
    let clock: @Sendable () -> MonotonicInstant
    let resources: ProbeResources
    let timers: LoopTimers
    /// In no order; bounded by the schedules, two for each probe.
    private var attempts: [ObjectIdentifier: ProbeAttempt] = [:]
    private var isShutDown = false

    package init(
        eventLoop: any EventLoop,
        clock: @escaping @Sendable () -> MonotonicInstant,
        resources: ProbeResources
    ) {
        self.eventLoop = eventLoop
        self.clock = clock
        self.resources = resources
        timers = LoopTimers(eventLoop: eventLoop, clock: clock)
    }

    /// Attempts under way.
    package var inFlight: Int { attempts.count }

    /// Starts one attempt.
    ///
    /// Both closures are called on the event loop, possibly before this returns: `waiting` when the attempt begins to wait
    /// for our own machine and when it no longer does, `completion` once.
    package func run(
        _ start: AttemptStart,
        probe: PreparedProbe,
        waiting: @escaping (_ onUs: Bool) -> Void = { _ in },
        completion: @escaping (Observation) -> Void
    ) {
        let attempt = ProbeAttempt(start, probe: probe, runner: self, waiting: waiting, completion: completion)
        guard !isShutDown else { return attempt.cancel() }
        attempts[ObjectIdentifier(attempt)] = attempt
        attempt.begin()
    }

    /// Ends all attempts that `isIncluded` names; each completes as inconclusive before this returns.
    package func cancel(where isIncluded: (AttemptStart) -> Bool) {
        for attempt in Array(attempts.values) where isIncluded(attempt.start) { attempt.cancel() }
    }

    /// Ends all attempts; later ones end at once, as cancelled.
    package func shutdown() {
        isShutDown = true
        cancel { _ in true }
        timers.shutdown()
    }

    func attemptEnded(_ attempt: ProbeAttempt) { attempts[ObjectIdentifier(attempt)] = nil }
}
