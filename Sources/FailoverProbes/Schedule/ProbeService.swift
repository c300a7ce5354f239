package import FailoverCore
import NIOConcurrencyHelpers
import Synchronization

/// What the probes report, in the order of each loop.
package enum ProbeEvent: Hashable, Sendable {
    /// An attempt begins. Its `finished` follows, always and once.
    ///
    /// Left out if the end is handed over together with it.
    case started(AttemptStart)
    /// From now on the attempt waits for our own machine (its resolver, a look at the body), or no longer does.
    case waiting(ProbeKey, AttemptID, onUs: Bool)
    case finished(Observation)
    /// The attempt has passed an objective of its probe, so that its end cannot be good for that indicator any more.
    ///
    /// Only for chats, and once for each indicator.
    case overdue(ProbeKey, AttemptID, IndicatorKind)
    /// What the probing of an endpoint has spent.
    case spent(SpendReport)
    /// Planned starts that will never happen: missed in a stall, or overdue with too many attempts in flight.
    case skipped(ProbeKey, count: Int)
}

/// Why probing cannot begin, in one line.
package struct ProbeServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// The clocks that probing reads.
package struct ProbeClocks: Sendable {
    package let monotonic: @Sendable () -> MonotonicInstant
    /// Seconds since 1970, for the validity of certificates.
    package let wallSeconds: @Sendable () -> Int

    package init(
        monotonic: @escaping @Sendable () -> MonotonicInstant,
        wallSeconds: @escaping @Sendable () -> Int
    ) {
        self.monotonic = monotonic
        self.wallSeconds = wallSeconds
    }
}

/// Probes all endpoints on schedule, spread over loops with a thread each.
///
/// Probing is callbacks on the loops only: no task, and one timer for each loop however many endpoints there are.
package final class ProbeService: Sendable {
    private struct Placement: Sendable {
        /// The loop of each probe, as an index.
        ///
        /// It keeps its loop as long as it is configured.
        var loops: [ProbeKey: Int] = [:]
        var isShutDown = false
    }

    private let mailboxes: [LoopMailbox]
    private let resources: ProbeResources
    private let placement = NIOLockedValueBox(Placement())

    /// Starts the loops.
    ///
    /// - Parameters:
    ///   - loops: At most this many threads probe; one more is used for each 5,000 plain probes a second.
    ///   - clocks: Read on the loops.
    ///   - seed: Sets phases, jitter, and what makes each question to an LLM a new one.
    ///   - credentialsDirectory: Where systemd left credentials; `nil` if it did not.
    ///   - spendGate: Asked before each question that costs tokens, on the loops' threads; `nil` allows everything.
    ///   - sink: Called on the loops' threads, from several at the same time; must be quick and must not block.
    /// - Throws: When the system gives no thread or no descriptor.
    package init(
        loops: Int,
        clocks: ProbeClocks,
        seed: UInt64,
        credentialsDirectory: String? = nil,
        spendGate: (any SpendGate)? = nil,
        sink: @escaping @Sendable ([ProbeEvent]) -> Void
    ) throws(ProbeServiceError) {
        var mailboxes: [LoopMailbox] = []
        do {
            let resolver = try NameResolver(clock: clocks.monotonic)
            let resources = ProbeResources(
                resolver: resolver,
                credentialsDirectory: credentialsDirectory,
                spendGate: spendGate
            )
            self.resources = resources
            let attempts = AttemptCounter()
            for number in 0..<max(1, loops) {
                let mailbox = try LoopMailbox()
                mailboxes.append(mailbox)
                try ProbeLoop.start(name: "probes-\(number)", mailbox: mailbox, clocks: clocks) { loop in
                    ProbeWorker(
                        loop: loop,
                        resources: resources,
                        seed: seed,
                        nextAttempt: { attempts.next() },
                        sink: sink
                    )
                }
            }
            self.mailboxes = mailboxes
        } catch {
            for mailbox in mailboxes { mailbox.post { $0.stop() } }
            throw ProbeServiceError(description: "probing cannot begin: \(error)")
        }
    }

    /// Makes `endpoints` the probed ones: starts new probes, stops others, and leaves unchanged ones on their grid.
    ///
    /// A changed probe starts anew. Attempts of stopped probes finish as cancelled. Reads certificates and credentials from
    /// their files, also for unchanged probes, so it must not be called on a loop.
    package func apply(_ endpoints: [EndpointConfiguration]) {
        var wanted: [(key: ProbeKey, probe: ProbeConfiguration)] = []
        for endpoint in endpoints {
            for probe in endpoint.probes {
                wanted.append((ProbeKey(endpoint: endpoint.name, probe: probe.name), probe))
            }
        }
        resources.reload(wanted.map(\.probe))
        placement.withLockedValue { placement in
            guard !placement.isShutDown else { return }
            let placed = place(wanted, in: &placement)
            resources.useLoops(placed.count { !$0.isEmpty })
            for (mailbox, probes) in zip(mailboxes, placed) { mailbox.post { $0.worker?.apply(probes) } }
        }
    }

    /// Changes the interval of one probe at once, until the next change; unknown probes are ignored.
    ///
    /// A later ``apply(_:)`` with the same configuration keeps it.
    package func setInterval(_ key: ProbeKey, _ interval: Duration) {
        onLoop(of: key) { $0.setInterval(key, interval) }
    }

    /// Starts one attempt now, beside the schedule; skipped with too many in flight, ignored for unknown probes.
    package func probeNow(_ key: ProbeKey, source: ProbeSource) {
        onLoop(of: key) { $0.probeNow(key, source: source) }
    }

    /// Stops all probing.
    ///
    /// Attempts in flight finish as cancelled, and the sink is not called after this returns.
    package func shutdown() async {
        let isFirst = placement.withLockedValue { placement in
            defer { placement.isShutDown = true }
            return !placement.isShutDown
        }
        guard isFirst else { return }
        for mailbox in mailboxes {
            await withCheckedContinuation { continuation in
                let isPosted = mailbox.post { loop in
                    loop.worker?.shutdown()
                    loop.stop()
                    continuation.resume()
                }
                if !isPosted { continuation.resume() }
            }
            mailbox.close()
        }
        resources.shutdown()
    }

    // MARK: Placement

    /// Checks a second that one loop does before another one is used: waking two threads for what one can do costs more.
    private static let checksPerLoop = 5000.0
    /// The wanted probes of each loop.
    ///
    /// New ones go to the loop with the least to do.
    private func place(
        _ wanted: [(key: ProbeKey, probe: ProbeConfiguration)],
        in placement: inout Placement
    ) -> [[ProbeKey: ProbeConfiguration]] {
        var placed = Array(repeating: [ProbeKey: ProbeConfiguration](), count: mailboxes.count)
        var loads = Array(repeating: 0.0, count: mailboxes.count)
        let total = wanted.reduce(0) { $0 + $1.probe.load }
        let used = min(mailboxes.count, 1 + Int(total / Self.checksPerLoop))
        for (key, probe) in wanted {
            guard let loop = placement.loops[key] else { continue }
            placed[loop][key] = probe
            loads[loop] += probe.load
        }
        for (key, probe) in wanted where placement.loops[key] == nil {
            guard let loop = loads[..<used].indices.min(by: { loads[$0] < loads[$1] }) else { continue }
            placed[loop][key] = probe
            loads[loop] += probe.load
            placement.loops[key] = loop
        }
        placement.loops = placement.loops.filter { placed[$0.value][$0.key] != nil }
        return placed
    }

    private func onLoop(of key: ProbeKey, _ body: @escaping @Sendable (ProbeWorker) -> Void) {
        placement.withLockedValue { placement in
            guard !placement.isShutDown, let index = placement.loops[key] else { return }
            mailboxes[index].post { loop in loop.worker.map(body) }
        }
    }
}

/// Attempt numbers, unique across loops.
private final class AttemptCounter: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> AttemptID { AttemptID(last.wrappingAdd(1, ordering: .relaxed).newValue) }
}

extension ProbeConfiguration {
    /// Plain probes on fresh connections a second that cost as much as this probe.
    ///
    /// Source: `make bench` finds 0.4 of a plain probe on a kept connection, and 5 with a TLS handshake.
    var load: Double {
        let cost: Double
        switch connection.use {
        case .reuse: cost = 0.4
        case .fresh: cost = request.tls == nil ? 1 : 5
        }
        return cost / interval.inSeconds
    }
}
