import FailoverCore

/// What one sample costs the windows and the evidence.
struct WindowBenchmarks {
    let benchmark: Benchmark

    private static let samples = 200_000

    func rows() -> [Row] {
        [latencyRecord(), latencyQuery(), errorRecord(), evidence(goodOnly: true), evidence(goodOnly: false)]
    }

    /// Between 20 and 60 ms, and every twentieth three times as long.
    static func latency(_ random: inout SplitMix64) -> Duration {
        let base = Int.random(in: 20_000...60_000, using: &random)
        return .microseconds(Int.random(in: 0..<20, using: &random) == 0 ? base * 3 : base)
    }

    /// A quarter of an hour at one probe a second.
    private func full(_ random: inout SplitMix64) -> LatencyWindow {
        var window = LatencyWindow()
        for second in 0..<900 {
            window.record(Self.latency(&random), isCensored: false, isSlow: false, at: .seconds(Double(second)))
        }
        return window
    }

    private func latencyRecord() -> Row {
        var random = SplitMix64(seed: 1)
        let latencies = (0..<Self.samples).map { _ in Self.latency(&random) }
        return benchmark.measure("latency window, record, 900 samples", operations: Self.samples) {
            full(&random)
        } body: { window in
            for index in 0..<Self.samples {
                let now = MonotonicInstant(nanoseconds: Int64(900 + index) * 1_000_000_000)
                window.record(latencies[index], isCensored: false, isSlow: false, at: now)
            }
        }
    }

    /// A query after every sample, as a snapshot every second asks it.
    private func latencyQuery() -> Row {
        var random = SplitMix64(seed: 2)
        let latencies = (0..<Self.samples).map { _ in Self.latency(&random) }
        return benchmark.measure("latency window, record and percentiles, 900 samples", operations: Self.samples) {
            full(&random)
        } body: { window in
            for index in 0..<Self.samples {
                let now = MonotonicInstant(nanoseconds: Int64(900 + index) * 1_000_000_000)
                window.record(latencies[index], isCensored: false, isSlow: false, at: now)
                keep(window.percentiles(at: now))
            }
        }
    }

    private func errorRecord() -> Row {
        benchmark.measure("error window, record and counts, 60 samples", operations: Self.samples) {
            ErrorWindow()
        } body: { window in
            for index in 0..<Self.samples {
                let now = MonotonicInstant(nanoseconds: Int64(index) * 1_000_000_000)
                window.record(index.isMultiple(of: 100) ? .bad : .good, at: now)
                keep(window.counts(at: now))
            }
        }
    }

    private func evidence(goodOnly: Bool) -> Row {
        let probe = EngineBenchmarks.probe
        let name = goodOnly ? "evidence, good sample" : "evidence, 1 % bad samples"
        return benchmark.measure(name, operations: Self.samples) {
            RuleConfiguration.evidence(.balanced).detector(for: probe, availability: Ratio(0.999), probes: 1)
        } body: { detector in
            for index in 0..<Self.samples {
                let start = MonotonicInstant(nanoseconds: Int64(index) * 1_000_000_000)
                let isBad = !goodOnly && index.isMultiple(of: 100)
                let sample = JudgedSample(start: start, isBad: isBad, finding: isBad ? .connectRefused : .ok)
                detector.recordAvailability(sample)
                detector.recordLatency(sample)
            }
        }
    }
}
