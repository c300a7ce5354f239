package import FailoverCore

/// A scenario that was played, with all that happened.
package struct ScenarioRun: Sendable {
    /// By time.
    package let lines: [TimelineLine]
    /// The first ones, in order.
    package let violations: [Violation]
    package let tally: WorldTally
    package let digest: Digest
    /// As they are at the end.
    package let routes: [RouteSnapshot]

    /// Plays a scenario; one that breaks an invariant ends soon after it.
    ///
    /// - Parameters:
    ///   - scenario: What is played.
    ///   - isReplayed: Whether it is played twice, to see that the same seed gives the same bytes.
    /// - Returns: What happened.
    package static func play(_ scenario: Scenario, isReplayed: Bool = false) -> ScenarioRun {
        var world = World<Engine>(scenario, keepsTimeline: true)
        world.runUntilBroken()
        if isReplayed {
            var again = World<Engine>(scenario)
            again.runUntilBroken()
            if let found = RandomRun.difference(of: world.digest, and: again.digest) {
                world.invariants.note(.sameSeedSameBytes, [found], at: world.now)
            }
        }
        return ScenarioRun(
            lines: world.timeline,
            violations: world.violations,
            tally: world.tally,
            digest: world.digest,
            routes: world.routes
        )
    }

    /// The timeline and its end for people, in lines of at most `width` characters, names aside.
    package func text(width: Int) -> String {
        let end = lines.map { $0.text(width: width) } + ["", summary]
        return (end + violations.map(\.description)).joined(separator: "\n")
    }

    /// One line.
    package var summary: String {
        let actives = routes.map { "\($0.name) on \($0.active) (\($0.mode.rawValue))" }.joined(separator: ", ")
        let end = violations.isEmpty ? "no invariant was broken" : "INVARIANTS WERE BROKEN"
        return
            "\(tally.probes.counted("probe")), \(tally.moves.counted("move")); \(actives.isEmpty ? "no daemon" : actives); \(end)"
    }
}

/// The last line of a played scenario, for machines.
package struct ScenarioSummary: Hashable, Sendable, Encodable {
    /// What is told of it.
    package struct Figures: Hashable, Sendable, Encodable {
        package let seed: UInt64
        package let probes: Int
        package let moves: Int
        package let restarts: Int
        /// Of all that happened: equal where everything was.
        package let digest: String
        /// Broken invariants, in order; none if all held.
        package let violations: [String]
    }

    package let summary: Figures

    package init(_ run: ScenarioRun, of scenario: Scenario) {
        summary = Figures(
            seed: scenario.seed,
            probes: run.tally.probes,
            moves: run.tally.moves,
            restarts: run.tally.restarts,
            digest: run.digest.description,
            violations: run.violations.map(\.description)
        )
    }
}
