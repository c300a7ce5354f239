package import FailoverCore
import NIOConcurrencyHelpers
package import NIOCore
import Synchronization

/// What the probes report, in the order of each event loop.
package enum ProbeEvent: Hashable, Sendable {
    /// An attempt begins. Its `finished` follows, always and once.
    case started(AttemptStart)
    /// From now on the attempt waits for our own machine (its resolver, a look at the body), or no longer does.
    case waiting(ProbeKey, AttemptID, onUs: Bool)
    case finished(Observation)
    /// Planned starts that will never happen: missed in a stall, or overdue with too many attempts in flight.
    case skipped(ProbeKey, count: Int)
}

/// Probes all endpoints on schedule, spread over the event loops of a group.
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

    private struct Loop: Sendable {
        let eventLoop: any EventLoop
        let scheduler: NIOLoopBoundBox<ProbeScheduler>
    }

    private let loops: [Loop]
    private let resources: ProbeResources
    private let placement = NIOLockedValueBox(Placement())

    /// - Parameters:
    ///   - group: Its loops do the work; the group must outlive ``shutdown()``.
    ///   - clock: Read on event loops.
    ///   - seed: Sets phases and jitter.
    ///   - sink: Called on event loops, from several at the same time; must be quick and must not block.
    package init(
        group: any EventLoopGroup,
        clock: @escaping @Sendable () -> MonotonicInstant,
        seed: UInt64,
        sink: @escaping @Sendable (ProbeEvent) -> Void
    ) {
        let resources = ProbeResources()
        let attempts = AttemptCounter()
        self.resources = resources
        loops = group.makeIterator().map { eventLoop in
            let scheduler = ProbeScheduler(
                eventLoop: eventLoop,
                clock: clock,
                seed: seed,
                resources: resources,
                nextAttempt: { attempts.next() },
                sink: sink
            )
            return Loop(
                eventLoop: eventLoop,
                scheduler: NIOLoopBoundBox.makeBoxSendingValue(scheduler, eventLoop: eventLoop)
            )
        }
    }

    /// Makes `endpoints` the probed ones: starts new probes, stops others, and leaves unchanged ones on their grid.
    ///
    /// A changed probe starts anew. Attempts of stopped probes finish as cancelled. Reads certificate files, also for
    /// unchanged probes, so it must not be called on an event loop.
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
            for (loop, probes) in zip(loops, placed) {
                loop.eventLoop.execute { loop.scheduler.value.apply(probes) }
            }
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
        for loop in loops {
            // Fails only when the loop is gone, and nothing is called on it then.
            try? await loop.eventLoop.submit { loop.scheduler.value.shutdown() }.get()
        }
        resources.shutdown()
    }

    /// Runs one attempt of one probe at once, without a schedule; for people who ask.
    ///
    /// Cancelling the task ends the attempt as inconclusive.
    package static func probeOnce(
        _ probe: ProbeConfiguration,
        of endpoint: EndpointName,
        group: any EventLoopGroup,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) async -> Observation {
        let eventLoop = group.any()
        let resources = ProbeResources()
        resources.reload([probe])
        let runner = NIOLoopBoundBox.makeBoxSendingValue(
            ProbeRunner(eventLoop: eventLoop, clock: clock, resources: resources),
            eventLoop: eventLoop
        )
        defer { resources.shutdown() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                eventLoop.execute {
                    let key = ProbeKey(endpoint: endpoint, probe: probe.name)
                    let start = AttemptStart(key: key, attempt: AttemptID(0), start: clock())
                    runner.value.run(start, probe: PreparedProbe(probe)) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            eventLoop.execute { runner.value.shutdown() }
        }
    }

    /// The wanted probes of each loop.
    ///
    /// New ones go to the loop with the fewest.
    private func place(
        _ wanted: [(key: ProbeKey, probe: ProbeConfiguration)],
        in placement: inout Placement
    ) -> [[ProbeKey: ProbeConfiguration]] {
        var placed = Array(repeating: [ProbeKey: ProbeConfiguration](), count: loops.count)
        for (key, probe) in wanted {
            if let loop = placement.loops[key] { placed[loop][key] = probe }
        }
        for (key, probe) in wanted where placement.loops[key] == nil {
            guard let loop = placed.indices.min(by: { placed[$0].count < placed[$1].count }) else { continue }
            placed[loop][key] = probe
            placement.loops[key] = loop
        }
        placement.loops = placement.loops.filter { placed[$0.value][$0.key] != nil }
        return placed
    }

    private func onLoop(of key: ProbeKey, _ body: @escaping @Sendable (ProbeScheduler) -> Void) {
        placement.withLockedValue { placement in
            guard !placement.isShutDown, let index = placement.loops[key] else { return }
            let loop = loops[index]
            loop.eventLoop.execute { body(loop.scheduler.value) }
        }
    }
}

/// Attempt numbers, unique across loops.
private final class AttemptCounter: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> AttemptID { AttemptID(last.wrappingAdd(1, ordering: .relaxed).newValue) }
}
