import FailoverCore
import FailoverWire

/// What counting for the metrics costs with every probe, and what telling them costs.
struct MetricBenchmarks {
    let benchmark: Benchmark

    func rows() -> [Row] {
        let endpoints = 10_000
        let configuration = Drive.configuration(endpoints: endpoints)
        let plan = ProbeTally.Plan(configuration)
        let resident = Memory.resident
        var tally = ProbeTally()
        tally.apply(plan)
        let observations = Self.observations(of: configuration)
        for observation in observations { tally.count(observation) }
        var rows = [
            Row(
                name: "metrics, resident per probe",
                operations: endpoints,
                value: Double(Memory.resident - resident) / Double(endpoints),
                unit: .bytes
            ),
            Row(
                name: "metrics, counters of a probe",
                operations: 1,
                value: Double(ProbeTally.bytesPerProbe),
                unit: .bytes
            ),
        ]
        rows.append(
            benchmark.measure("metrics, one result of 10000 probes", operations: 10 * endpoints) {
                tally
            } body: { tally in
                for _ in 0..<10 { for observation in observations { tally.count(observation) } }
            }
        )
        rows.append(
            benchmark.measure("metrics, copy of 256 probes", operations: 1) {
                tally
            } body: { tally in
                keep(tally.copy(0..<256))
            }
        )
        for detail in MetricsDetail.allCases {
            var bytes = 0
            rows.append(
                benchmark.measure("metrics, text of 10000 probes, histograms=\(detail.rawValue)", operations: 1) {
                    tally
                } body: { tally in
                    bytes = ProbeMetrics(tally.copy(0..<endpoints), detail, .openMetrics).reduce(0) { $0 + $1.count }
                }
            )
            rows.append(
                Row(
                    name: "metrics, size of 10000 probes, histograms=\(detail.rawValue)",
                    operations: 1,
                    value: Double(bytes),
                    unit: .bytes
                )
            )
        }
        return rows + state()
    }

    /// The part of the metrics that comes from the state.
    private func state() -> [Row] {
        var drive = Drive(endpoints: 10_000, traffic: .oneInHundredBad)
        drive.run(seconds: 5)
        let state = PublishedState(
            drive.engine.snapshot(at: drive.now),
            sequence: 1,
            persisted: true,
            at: ClockReading(monotonic: drive.now, wall: WallTime(secondsSince1970: 1_800_000_000)),
            publisher: Publisher(
                instance: StateDocument.Instance(id: "0", version: "0", configHash: "0"),
                vantage: "here",
                startedAt: WallTime(secondsSince1970: 1_800_000_000),
                validFor: .seconds(30)
            )
        )
        var bytes = 0
        let time = benchmark.measure("metrics, text of the state of 10000 endpoints", operations: 1) {
            state
        } body: { state in
            bytes = MetricsText(state).parts(.openMetrics).reduce(0) { $0 + $1.utf8.count }
        }
        let size = Row(
            name: "metrics, size of the state of 10000 endpoints",
            operations: 1,
            value: Double(bytes),
            unit: .bytes
        )
        return [time, size]
    }

    /// As of an endpoint that speaks TLS.
    private static func observations(of configuration: Configuration) -> [Observation] {
        configuration.endpoints.enumerated().map { index, endpoint in
            let latency = Duration.milliseconds(20 + index % 200)
            return Observation(
                key: ProbeKey(endpoint: endpoint.name),
                attempt: AttemptID(UInt64(index)),
                start: .seconds(1),
                end: .seconds(2),
                outcome: index % 100 == 0 ? .failure(.http(503), isTimeout: false) : .success,
                latency: latency,
                phases: PhaseTimings(
                    resolved: .milliseconds(1),
                    connected: .milliseconds(3),
                    secured: .milliseconds(8),
                    requestWritten: .milliseconds(8),
                    firstByte: latency,
                    lastByte: latency
                )
            )
        }
    }
}
