import FailoverCore

/// One random world from beginning to end, and what became of it.
package struct RandomRun: Sendable {
    package let seed: UInt64
    package let endpointDays: Double
    package let tally: WorldTally
    package let digest: Digest
    /// The first ones, in order.
    package let violations: [Violation]
    /// What happened last, if something was broken.
    package let lastLines: [TimelineLine]

    /// One world in so many is played twice: the same seed must give the same bytes.
    package static let replayEvery: UInt64 = 20

    /// Plays the world of a seed; `isReplayed` says whether twice.
    ///
    /// It stops at the first broken invariant, so that the last lines tell of that.
    package static func play(seed: UInt64, duration: Duration = .seconds(86_400), isReplayed: Bool? = nil) -> RandomRun
    {
        let scenario = RandomScenario.make(seed: seed, duration: duration)
        var world = World<Engine>(scenario)
        world.runUntilBroken()
        if isReplayed ?? seed.isMultiple(of: replayEvery) {
            var again = World<Engine>(scenario)
            again.runUntilBroken()
            if let found = difference(of: world.digest, and: again.digest) {
                world.invariants.note(.sameSeedSameBytes, [found], at: world.now)
            }
        }
        return RandomRun(
            seed: seed,
            endpointDays: RandomScenario.endpointDays(scenario),
            tally: world.tally,
            digest: world.digest,
            violations: world.violations,
            lastLines: world.violations.isEmpty ? [] : world.timeline
        )
    }

    /// What two runs of one seed must not show; `nil` if they are the same.
    package static func difference(of first: Digest, and second: Digest) -> String? {
        first == second ? nil : "the seed gave \(first), and \(second) the second time"
    }

    /// The command that plays this world again.
    package var command: String { "failoverctl simulate --random --seed \(seed)" }

    /// What to tell of a world in which something was broken.
    package var report: String {
        var lines = ["seed \(seed): \(violations.count == 1 ? "an invariant is" : "invariants are") broken"]
        lines += violations.map { "  \($0)" }
        lines.append("what happened last:")
        lines += lastLines.suffix(20).map { $0.text(width: 118) }
        lines.append("to play it again: \(command)")
        return lines.joined(separator: "\n")
    }
}

extension World {
    /// Runs the whole scenario, but not far beyond the first broken invariant.
    mutating func runUntilBroken() {
        let end = MonotonicInstant(nanoseconds: 0) + scenario.duration
        let slice = Duration.seconds(60)
        while now < end, violations.isEmpty { run(until: min(end, now + slice)) }
    }
}

/// What many random worlds found together.
package struct RandomRuns: Sendable {
    package private(set) var worlds = 0
    package private(set) var endpointDays = 0.0
    package private(set) var tally = WorldTally()
    package private(set) var digest = Digest()
    /// Worlds in which something was broken, in the order of their seeds; at most ``kept``.
    package private(set) var broken: [RandomRun] = []

    /// Nobody reads further.
    package static let kept = 10

    package init() {}

    /// Takes the next world; in the order of the seeds, so that the digest says the same on every machine.
    package mutating func add(_ run: RandomRun) {
        worlds += 1
        endpointDays += run.endpointDays
        tally = tally + run.tally
        digest.add(run.digest.value)
        if !run.violations.isEmpty, broken.count < Self.kept { broken.append(run) }
    }

    /// One line, and the report of each broken world.
    package func report(seed: UInt64) -> String {
        let figures =
            "seed \(seed): \(worlds.counted("world")), \(endpointDays.formatted(decimals: 0)) endpoint-days, "
            + "\(tally.probes.counted("probe")), \(tally.moves.counted("move")), \(tally.restarts.counted("restart")) and "
            + "\(tally.rehearsals) rehearsed, \(tally.reloads.counted("reload")); digest \(digest)"
        guard !broken.isEmpty else { return "\(figures)\nno invariant was broken" }
        return ([figures] + broken.map(\.report)).joined(separator: "\n\n")
    }
}
