import FailoverCore
import FailoverHistory
import FailoverWire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How large a history becomes and what it costs: `failoverbench history [--endpoints N] [--days N] [--directory DIR]`.
///
/// Made-up probes every five seconds go the whole way but the network: counted, written, summed up and pruned.
struct HistoryRun {
    private static let usage = "usage: failoverbench history [--endpoints N] [--days N] --directory DIR"
    private static let probesPerMinute = 12
    /// 2026-11-22T00:00:00Z.
    private static let start = 1_795_305_600

    private var endpoints = 100
    private var days = 30
    private var directory = ""

    /// - Returns: The exit status.
    static func run(_ arguments: [String]) -> Int32 {
        var run = HistoryRun()
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return refuse() }
            switch (name, Int(value)) {
            case ("--endpoints", let number?) where (1...100_000).contains(number): run.endpoints = number
            case ("--days", let number?) where (1...36_500).contains(number): run.days = number
            case ("--directory", _): run.directory = value
            default: return refuse()
            }
        }
        guard !run.directory.isEmpty else { return refuse() }
        do throws(HistoryError) {
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

    private struct Costs {
        var heard = 0
        var hearing = Duration.zero
        var taken = 0
        var taking = Duration.zero
        var writing = Duration.zero
    }

    private func write() throws(HistoryError) {
        let file = HistoryFile(stateDirectory: directory)
        var writer = try HistoryWriter(file)
        var tally = HistoryTally()
        var random = SplitMix64(seed: 1)
        var costs = Costs()
        let clock = ContinuousClock()
        let before = Memory.resident
        _ = tally.take(snapshot(minute: 0), at: reading(minute: 0))
        print("bytes an endpoint in memory, about: \((Memory.resident - before) / endpoints)")
        for minute in 1...(days * 1440) {
            let observations = (0..<endpoints).flatMap { endpoint in
                (0..<Self.probesPerMinute).map { _ in observation(of: endpoint, &random) }
            }
            costs.hearing += clock.measure { for observation in observations { tally.hear(observation) } }
            costs.heard += observations.count
            let snapshot = snapshot(minute: minute)
            var finished: [HistoryMinute] = []
            costs.taking += clock.measure { finished = tally.take(snapshot, at: reading(minute: minute)) }
            costs.taken += endpoints
            let begun = clock.now
            try writer.write(finished)
            try writer.prune(HistoryConfiguration(), now: Self.start + minute * 60)
            costs.writing += clock.now - begun
        }
        let size = try writer.size()
        writer.close()
        report(costs, size: size)
    }

    private func report(_ costs: Costs, size: Int) {
        let minutes = days * 1440
        func nanoseconds(_ time: Duration, _ count: Int) -> String {
            (Double(time.nanoseconds) / Double(max(1, count))).formatted(decimals: 0)
        }
        print("a latency on the engine's thread: \(nanoseconds(costs.hearing, costs.heard)) ns")
        print("an endpoint of a snapshot on the engine's thread: \(nanoseconds(costs.taking, costs.taken)) ns")
        let writing = (costs.writing.inMilliseconds / Double(minutes)).formatted(decimals: 2)
        print("a minute on the writing thread: \(writing) ms")
        let mebibytes = (Double(size) / 1_048_576).formatted(decimals: 1)
        print("database of \(endpoints.grouped) endpoints over \(days) days: \(mebibytes) MiB")
    }

    private func reading(minute: Int) -> ClockReading {
        ClockReading(
            monotonic: .seconds(Double(minute * 60)),
            wall: WallTime(secondsSince1970: Double(Self.start + minute * 60))
        )
    }

    private func name(_ endpoint: Int) -> EndpointName { EndpointName(rawValue: "endpoint-\(endpoint)") }

    /// Around 100 ms, with a tail.
    private func observation(of endpoint: Int, _ random: inout SplitMix64) -> Observation {
        let spread = Double.random(in: 0..<1, using: &random)
        return Observation(
            key: ProbeKey(endpoint: name(endpoint)),
            attempt: AttemptID(1),
            start: .seconds(0),
            end: .seconds(1),
            outcome: .success,
            latency: .microseconds(Int64(80_000 + 20_000 * (endpoint % 10)) + Int64(40_000 * spread / (1.05 - spread)))
        )
    }

    private func snapshot(minute: Int) -> Snapshot {
        let totals = SampleCounts(samples: minute * Self.probesPerMinute, bad: minute / 1000, void: 0)
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "localhost", port: 1))),
            latencyObjective: .seconds(1)
        )
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
        let indicator = IndicatorSnapshot(
            name: IndicatorName(probe: .default, kind: .availability),
            window: .availability(objective: Ratio(0.999), counts: totals),
            evidence: 0,
            threshold: 1,
            totals: totals
        )
        return Snapshot(
            generation: 1,
            persisted: true,
            routes: [route],
            endpoints: (0..<endpoints).map {
                EndpointSnapshot(
                    configuration: EndpointConfiguration(name: name($0), region: "r", publicURL: "", probes: [probe]),
                    verdict: .healthy,
                    reason: Reason("ok", "ok"),
                    since: .seconds(0),
                    indicators: [indicator]
                )
            }
        )
    }
}
