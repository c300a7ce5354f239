import FailoverCore
import FailoverProbes
import FailoverWire
import NIOConcurrencyHelpers

/// Counts what the metrics tell beside the state: every probe, every event, and how the daemon's own threads fare.
///
/// Each part has a lock of its own, which is held briefly whoever asks.
final class DaemonMeter: ProbeListener, Sendable {
    private struct Turns {
        var lag = TimeHistogram()
        var length = TimeHistogram()
    }

    private struct Publications {
        var times = TimeHistogram()
        var failed: UInt64 = 0
        var events: [String: UInt64] = [:]
        var moves: [String: [String: UInt64]] = [:]
        var verdictChanges: [String: UInt64] = [:]
        var objectives: [String: Double] = [:]
    }

    private struct Requests {
        /// By status; the API has about fifteen.
        var answers: [Int: UInt64] = [:]
        var refusedConnections: UInt64 = 0
    }

    private let tally: NIOLockedValueBox<ProbeTally>
    private let turns = NIOLockedValueBox(Turns())
    private let publications = NIOLockedValueBox(Publications())
    private let requests = NIOLockedValueBox(Requests())

    /// Probes that are copied while whoever counts waits: 100 kB, some 20 µs.
    private static let copied = 256

    init(_ configuration: Configuration) {
        tally = NIOLockedValueBox(ProbeTally())
        apply(configuration)
    }

    /// Goes on with what there still is, and forgets the rest.
    func apply(_ configuration: Configuration) {
        // Outside of the lock: with thousands of probes it takes a while.
        let plan = ProbeTally.Plan(configuration)
        tally.withLockedValue { $0.apply(plan) }
        publications.withLockedValue { publications in
            let before = publications
            publications.moves = [:]
            publications.objectives = [:]
            for route in configuration.routes {
                let name = route.name.rawValue
                let usual: [EventKind] = route.shares.isEmpty ? [.failover, .failback] : [.weights]
                let zeros = Dictionary(uniqueKeysWithValues: usual.map { ($0.rawValue, UInt64(0)) })
                publications.moves[name] = zeros.merging(before.moves[name] ?? [:]) { $1 }
                publications.objectives[name] = route.availability.ratio.value
            }
            publications.verdictChanges = [:]
            for endpoint in configuration.endpoints {
                let name = endpoint.name.rawValue
                publications.verdictChanges[name] = before.verdictChanges[name] ?? 0
            }
        }
    }

    // MARK: - Counting

    func hear(_ events: [ProbeEvent], at now: MonotonicInstant) {
        tally.withLockedValue { tally in
            for event in events {
                switch event {
                case .finished(let observation): tally.count(observation)
                case .skipped(let key, let count): tally.count(skipped: count, of: key)
                case .started, .waiting, .overdue, .spent: continue
                }
            }
        }
    }

    /// A turn of the engine that began `lag` after it was due, and took `length`.
    func noteTurn(lag: Duration, length: Duration) {
        turns.withLockedValue { turns in
            turns.lag.add(lag)
            turns.length.add(length)
        }
    }

    /// What is published by now: whose results routes meet.
    func noteRoutes(_ routes: [RouteSnapshot]) { tally.withLockedValue { $0.follow(routes) } }

    /// A state was published, `time` after its snapshot was taken.
    func notePublication(after time: Duration, hasFailed: Bool) {
        publications.withLockedValue { publications in
            publications.times.add(time)
            if hasFailed { publications.failed += 1 }
        }
    }

    func note(_ event: Event) {
        publications.withLockedValue { publications in
            let kind = event.kind.rawValue
            publications.events[kind, default: 0] += 1
            if event.kind == .verdict, let endpoint = event.endpoint?.rawValue {
                // Only of endpoints that there are: nothing here grows with time.
                publications.verdictChanges[endpoint]? += 1
            }
            guard let route = event.route?.rawValue, event.from != nil, event.to != nil, event.from != event.to,
                !event.dryRun
            else { return }
            publications.moves[route]?[kind, default: 0] += 1
        }
    }

    func noteAnswer(status: Int) { requests.withLockedValue { $0.answers[status, default: 0] += 1 } }

    func noteRefusedConnection() { requests.withLockedValue { $0.refusedConnections += 1 } }

    // MARK: - Reading

    /// What this has counted; queues and the process are for others to add.
    var figures: DaemonFigures {
        var figures = DaemonFigures()
        figures.routes = tally.withLockedValue { $0.routes }
        turns.withLockedValue { turns in
            figures.engineLag = turns.lag
            figures.engineTurn = turns.length
        }
        publications.withLockedValue { publications in
            figures.publication = publications.times
            figures.failedPublications = publications.failed
            figures.events = publications.events
            figures.moves = publications.moves
            figures.verdictChanges = publications.verdictChanges
            figures.objectives = publications.objectives
        }
        requests.withLockedValue { requests in
            figures.answers = requests.answers
            figures.refusedConnections = requests.refusedConnections
        }
        return figures
    }

    /// A copy of what was counted of all probes.
    ///
    /// Each probe's figures fit together; those of different ones are of moments that lie a little apart.
    func probes() -> ProbeTally.Figures {
        // A reload in between starts it anew; there are not three in a row.
        for _ in 0..<3 {
            if let figures = copy() { return figures }
        }
        return tally.withLockedValue { $0.copy(0..<$0.probes) }
    }

    /// `nil` if the configuration changed meanwhile.
    private func copy() -> ProbeTally.Figures? {
        var figures = ProbeTally.Figures()
        let (version, probes) = tally.withLockedValue { ($0.version, $0.probes) }
        for start in stride(from: 0, to: probes, by: Self.copied) {
            let part = tally.withLockedValue { tally in
                tally.version == version ? tally.copy(start..<start + Self.copied) : nil
            }
            guard let part else { return nil }
            figures.append(part)
        }
        return figures
    }
}
