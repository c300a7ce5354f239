import FailoverCore
import FailoverHistory
import FailoverWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How large a history becomes and what it costs: `failoverbench history [--endpoints N] [--days N | --minutes N] --directory DIR`.
///
/// Made-up probes every five seconds go the whole way but the network: counted, written, summed up and pruned. Two snapshots a minute are
/// taken, so that those that end a minute are told beside those that do not.
struct HistoryRun {
    private static let usage = "usage: failoverbench history [--endpoints N] [--days N | --minutes N] --directory DIR"
    /// In half a minute.
    private static let rounds = 6
    /// 2026-11-22T00:00:00Z.
    private static let start = 1_795_305_600

    private var endpoints = 100
    private var minutes = 30 * 1440
    private var directory = ""
    private var configurations: [EndpointConfiguration] = []

    /// - Returns: The exit status.
    static func run(_ arguments: [String]) -> Int32 {
        var run = HistoryRun()
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return refuse() }
            switch (name, Int(value)) {
            case ("--endpoints", let number?) where (1...100_000).contains(number): run.endpoints = number
            case ("--days", let number?) where (1...36_500).contains(number): run.minutes = number * 1440
            case ("--minutes", let number?) where (1...1_000_000).contains(number): run.minutes = number
            case ("--directory", _): run.directory = value
            default: return refuse()
            }
        }
        guard !run.directory.isEmpty else { return refuse() }
        run.configurations = (0..<run.endpoints).map(run.configuration)
        do throws(HistoryError) {
            print("\(run.endpoints.grouped) endpoints, a probe of each every 5 s, \(run.minutes.grouped) minutes")
            run.measureMemory()
            try run.write()
            return 0
        } catch {
            print("failoverbench: \(run.directory)/history.sqlite: \(error)")
            return 1
        }
    }

    private static func refuse() -> Int32 {
        print(usage)
        return 64
    }

    // MARK: - Memory

    /// What is kept on the engine's side; what is handed in is made before and does not count.
    private func measureMemory() {
        var random = SplitMix64(seed: 2)
        let snapshot = snapshot(half: 0)
        let observations = (0..<(2 * Self.rounds)).flatMap { _ in
            (0..<endpoints).map { observation(of: $0, &random) }
        }
        var tally = HistoryTally()
        var waiting: [HistoryMinute] = []
        let before = Memory.resident
        func live(_ minutes: Range<Int>, _ keep: ([HistoryMinute]) -> Void) {
            for minute in minutes {
                for observation in observations { tally.hear(observation) }
                keep(tally.take(snapshot, at: reading(half: 2 * minute)))
            }
        }
        _ = tally.take(snapshot, at: reading(half: 0))
        live(1..<4) { _ in }
        for observation in observations { tally.hear(observation) }
        let steady = Memory.resident
        live(4..<14) { waiting += $0 }
        // Nothing of what was handed in may be given back before it is measured.
        let held = withExtendedLifetime((observations, snapshot, tally)) { Memory.resident }
        let first = max(0, steady - before) / endpoints
        let each = max(0, held - steady) / max(1, waiting.count) / endpoints
        print("memory: \(first.grouped) bytes an endpoint, and \(each.grouped) for each minute that waits for the disk")
    }

    // MARK: - Time and room

    private struct Costs {
        var hearing = Duration.zero
        /// Of snapshots inside a minute, and of those that end one.
        var inside: [Duration] = []
        var ending: [Duration] = []
        var writing: [Duration] = []
    }

    private func write() throws(HistoryError) {
        let file = HistoryFile(stateDirectory: directory)
        var writer = try HistoryWriter(file)
        var tally = HistoryTally()
        var random = SplitMix64(seed: 1)
        var costs = Costs()
        _ = tally.take(snapshot(half: 0), at: reading(half: 0))
        for half in 1...(2 * minutes) {
            for _ in 0..<Self.rounds { costs.hearing += hear(&tally, &random) }
            let snapshot = snapshot(half: half)
            var finished: [HistoryMinute] = []
            let taking = Self.measure { finished = tally.take(snapshot, at: reading(half: half)) }
            guard !finished.isEmpty else {
                costs.inside.append(taking)
                continue
            }
            costs.ending.append(taking)
            let begun = Self.spent
            try writer.write(finished)
            try writer.prune(HistoryConfiguration(), now: Self.start + half * 30)
            costs.writing.append(Self.spent - begun)
        }
        let size = try writer.size()
        writer.close()
        report(costs, size: size)
    }

    /// A probe of each endpoint, in turns as results come, and as hot as they are then.
    private func hear(_ tally: inout HistoryTally, _ random: inout SplitMix64) -> Duration {
        var spent = Duration.zero
        for first in stride(from: 0, to: endpoints, by: Self.batch) {
            let batch = (first..<min(endpoints, first + Self.batch)).map { observation(of: $0, &random) }
            spent += Self.measure { for observation in batch { tally.hear(observation) } }
        }
        return spent
    }

    private static let batch = 100

    /// What the thread has had of a processor: what others take meanwhile is no cost of ours.
    private static var spent: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    private static func measure(_ body: () -> Void) -> Duration {
        let begun = spent
        body()
        return spent - begun
    }

    private func report(_ costs: Costs, size: Int) {
        let probes = endpoints * 2 * minutes * Self.rounds
        let each = (Double(costs.hearing.nanoseconds) / Double(probes)).formatted(decimals: 0)
        print("the engine's thread: \(each) ns a latency")
        let (inside, ending) = (Self.spread(costs.inside), Self.spread(costs.ending))
        print("the engine's thread: \(inside) a snapshot, \(ending) at the end of a minute")
        print("the writing thread: \(Self.spread(costs.writing)) a minute")
        print("the database: \((Double(size) / 1_048_576).formatted(decimals: 1)) MiB")
    }

    /// The median and the longest.
    private static func spread(_ times: [Duration]) -> String {
        let sorted = times.sorted()
        guard let longest = sorted.last else { return "-" }
        let median = sorted[sorted.count / 2].inMilliseconds.formatted(decimals: 2)
        return "\(median) ms (at most \(longest.inMilliseconds.formatted(decimals: 2)))"
    }

    // MARK: - The world

    private func reading(half: Int) -> ClockReading {
        ClockReading(
            monotonic: .seconds(Double(half * 30)),
            wall: WallTime(secondsSince1970: Double(Self.start + half * 30))
        )
    }

    private func name(_ endpoint: Int) -> EndpointName { EndpointName(rawValue: "endpoint-\(endpoint)") }

    private func configuration(_ endpoint: Int) -> EndpointConfiguration {
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "localhost", port: 1))),
            latencyObjective: .seconds(1)
        )
        return EndpointConfiguration(name: name(endpoint), region: "r", publicURL: "", probes: [probe])
    }

    /// Around 100 ms, with a tail.
    private func observation(of endpoint: Int, _ random: inout SplitMix64) -> Observation {
        let spread = Double.random(in: 0..<1, using: &random)
        return Observation(
            key: ProbeKey(endpoint: configurations[endpoint].name),
            attempt: AttemptID(1),
            start: .seconds(0),
            end: .seconds(1),
            outcome: .success,
            latency: .microseconds(Int64(80_000 + 20_000 * (endpoint % 10)) + Int64(40_000 * spread / (1.05 - spread)))
        )
    }

    private func snapshot(half: Int) -> Snapshot {
        let judged = SampleCounts(samples: half * Self.rounds, bad: half / 2000, void: 0)
        let answered = SampleCounts(samples: judged.samples - judged.bad, bad: half / 1000, void: 0)
        let indicators = [
            IndicatorSnapshot(
                name: IndicatorName(probe: .default, kind: .availability),
                window: .availability(objective: Ratio(0.999), counts: judged),
                evidence: 0,
                threshold: 1,
                totals: judged
            ),
            IndicatorSnapshot(
                name: IndicatorName(probe: .default, kind: .latency),
                window: .latency(objective: .seconds(1), counts: answered, percentiles: nil),
                evidence: 0,
                threshold: 1,
                totals: answered
            ),
        ]
        let route = RouteSnapshot(
            name: "web",
            active: name(0),
            mode: .preferred,
            generation: 1,
            since: .seconds(0),
            reason: Reason("started", "started"),
            order: [name(0)],
            provisional: false,
            dryRun: false,
            wouldBeActive: name(0),
            endpoints: [name(0)]
        )
        return Snapshot(
            generation: 1,
            persisted: true,
            routes: [route],
            endpoints: configurations.map { configuration in
                EndpointSnapshot(
                    configuration: configuration,
                    verdict: .healthy,
                    reason: Reason("ok", "ok"),
                    since: .seconds(0),
                    // Each its own, as the engine makes them.
                    indicators: indicators.map(\.self)
                )
            }
        )
    }
}
