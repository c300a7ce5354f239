package import FailoverCore

/// How often the observer's own loss moves traffic: three endpoints that are well, seen by one whose attempts are lost for a
/// while.
///
/// Whatever moves then, or later because of it, moves for nothing.
package struct ObserverLossRun: Sendable {
    /// Of all attempts, while it lasts.
    package let share: Ratio
    package let length: Duration
    package private(set) var runs = 0
    /// Runs with at least one automatic move.
    package private(set) var moved = 0
    /// Runs that broke an invariant.
    package private(set) var broken = 0

    /// So long all is well before; enough for verdicts and full runs of good probes.
    private static let before = Duration.seconds(300)
    /// So long it is watched afterwards: the proofs of recovery and the hold-downs fit.
    private static let after = Duration.seconds(600)

    package init(share: Ratio, length: Duration = .seconds(60)) {
        self.share = share
        self.length = length
    }

    /// The world of one run.
    package static func scenario(seed: UInt64, share: Ratio, length: Duration) -> Scenario {
        let probe = ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 80))),
            latencyObjective: .seconds(1)
        )
        let names: [EndpointName] = ["us-east", "eu-west", "ap-southeast"]
        let endpoints = names.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                publicURL: "http://192.0.2.1",
                probes: [probe]
            )
        }
        let configuration = Configuration(
            vantage: "local",
            endpoints: endpoints,
            routes: [RouteConfiguration(name: "main", endpoints: names)],
            outputs: OutputConfiguration()
        )
        return Scenario(
            seed: seed,
            configurations: [configuration],
            duration: before + length + after,
            entries: [
                ScenarioEntry(at: before, change: .observer(.loss(share))),
                ScenarioEntry(at: before + length, change: .observer(nil)),
            ],
            isNoisy: false
        )
    }

    /// Plays one run for each seed.
    package mutating func play(seeds: Range<UInt64>) {
        for seed in seeds {
            var world = World<Engine>(Self.scenario(seed: seed, share: share, length: length))
            world.run()
            runs += 1
            moved += world.tally.moves > 0 ? 1 : 0
            broken += world.violations.isEmpty ? 0 : 1
        }
    }

    /// Takes the runs of another one with the same loss.
    package mutating func add(_ other: ObserverLossRun) {
        runs += other.runs
        moved += other.moved
        broken += other.broken
    }

    /// The 99 % bound of the chance of a needless move: the largest that such a count would still be likely with.
    package var bound: Double {
        guard runs > 0 else { return 1 }
        var mean = Double(moved)
        // In steps far finer than what is printed.
        while PoissonBound.lower(mean: mean, confidence: 0.99) <= moved, mean < Double(runs) { mean += 0.01 }
        return min(1, mean / Double(runs))
    }

    /// One line of a table.
    package var line: String {
        let percent = (share.value * 100).formatted(decimals: 0)
        return
            "\(percent) % of attempts lost for \(length.inSeconds.formatted(decimals: 0)) s: \(moved) of \(runs) runs moved, at most "
            + "\((bound * 100).formatted(decimals: 2)) % with 99 % confidence; \(broken) broke an invariant"
    }
}
