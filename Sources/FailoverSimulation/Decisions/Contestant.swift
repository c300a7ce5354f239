package import FailoverCore

/// A rule in the comparison, under the name that the table gives it.
package struct Contestant: Sendable {
    package let name: String
    /// Comes back by proof and hold-down as this project's routes do; others return as soon as the rule says up.
    package let isEvidence: Bool
    /// Runs of the rule; what is inside of them knows the rule's type, so that no probe takes a detour.
    let contest: any Contest

    package init(_ name: String, _ rule: some DecisionRule, isEvidence: Bool = false) {
        self.name = name
        self.isEvidence = isEvidence
        contest = ContestOf(rule: rule)
    }

    /// Defaults of the peers, tuned ones at about five and at about half a false failover a million, the presets of the first
    /// evidence rule, those of the rule in force, and that at about the first one's rate.
    package static let all = peers + firstPresets + presets + [atFirstRate]

    private static let peers = [
        Contestant("haproxy 3/2", HAProxyRule(fall: 3, rise: 2)),
        Contestant("envoy 5", EnvoyRule(consecutive: 5)),
        Contestant("gdnsd 10/10/20", GdnsdRule(down: 10, ok: 10, up: 20)),
        Contestant("r4j w10", BreakerRule(percent: 50, of: 10, minimum: 10)),
        Contestant("r4j w100", BreakerRule(percent: 50, of: 100, minimum: 100)),
        Contestant("p99 60s", PercentileRule()),
        Contestant("burn 14.4", BurnRateRule()),
        Contestant("consec 6/3", DetectorRule(bad: 6, of: 6, rise: 3)),
        Contestant("7-of-10", DetectorRule(bad: 7, of: 10, rise: 11)),
        Contestant("7-of-40", DetectorRule(bad: 7, of: 40, rise: 11)),
        Contestant("gdnsd 7/10/20", GdnsdRule(down: 7, ok: 10, up: 20)),
        Contestant("5/60e 10/60b", IndicatorWindowsRule(errors: (5, 60), all: (10, 60), rise: 11)),
        Contestant("consec 8/3", DetectorRule(bad: 8, of: 8, rise: 3)),
        Contestant("10-of-60", DetectorRule(bad: 10, of: 60, rise: 11)),
        Contestant("gdnsd 8/10/20", GdnsdRule(down: 8, ok: 10, up: 20)),
        Contestant("8/60e 10/60b", IndicatorWindowsRule(errors: (8, 60), all: (10, 60), rise: 11)),
    ]

    /// The name of a preset of the first evidence rule.
    package static func first(_ preset: Preset) -> String { "first \(preset.rawValue)" }

    private static let firstPresets = Preset.allCases.map { preset in
        let rule = FormerEvidenceRule(.preset(preset), interval: DecisionBench.interval)
        return Contestant(Contestant.first(preset), rule, isEvidence: true)
    }

    private static let presets = Preset.allCases.map { preset in
        let rule = DetectorRule<EvidenceDetector>(.preset(preset), interval: DecisionBench.interval)
        return Contestant(preset.rawValue, rule, isEvidence: true)
    }

    /// `balanced` with a budget that gives about as many false failovers in bursty noise as the first rule had: what it is worth
    /// beside rules that have as many.
    package static let nameAtFirstRate = "balanced 60/y"

    private static let atFirstRate = Contestant(
        nameAtFirstRate,
        DetectorRule<EvidenceDetector>(
            EvidenceParameters.balanced.with(falseFailoversPerYear: 60),
            interval: DecisionBench.interval
        ),
        isEvidence: true
    )

    /// An evidence rule under any of its names.
    static func isOurs(_ name: String) -> Bool {
        all.contains { $0.name == name && $0.isEvidence }
    }

    /// Those that are played on held-out noise too: all evidence rules, and the windows and rows that come near them.
    var isPlayedOnOtherNoise: Bool { isEvidence || Self.near.contains(name) }

    private static let near: Set<String> = ["consec 6/3", "7-of-40", "5/60e 10/60b", "consec 8/3", "8/60e 10/60b"]
}

/// What a rule is put through, one probe after the other.
protocol Contest: Sendable {
    /// A run over healthy probes, as many as it is given.
    func healthy() -> any HealthyRun
    /// After so many healthy ones: the number of the first probe at which it is down, from 1; `nil` if it never is.
    func delay(in probes: [DecisionProbe], after healthy: Int) -> Int?
    func flap(_ probes: [DecisionProbe], isFaulty: [Bool], isEvidence: Bool) -> FlapCounts
    func moves(in world: ObserverLossWorld, isWitnessed: Bool, isEvidence: Bool) -> Bool
}

struct ContestOf<Rule: DecisionRule>: Contest {
    /// Fresh: it has seen no probe.
    let rule: Rule

    func healthy() -> any HealthyRun { HealthyRunOf(rule: rule) }

    func delay(in probes: [DecisionProbe], after healthy: Int) -> Int? {
        var rule = rule
        for index in 0..<healthy { _ = rule.take(probes[index]) }
        for index in healthy..<probes.count where rule.take(probes[index]) { return index - healthy + 1 }
        return nil
    }

    func flap(_ probes: [DecisionProbe], isFaulty: [Bool], isEvidence: Bool) -> FlapCounts {
        var run = FlapRun(rule, isEvidence: isEvidence)
        return run.play(probes, isFaulty: isFaulty)
    }

    func moves(in world: ObserverLossWorld, isWitnessed: Bool, isEvidence: Bool) -> Bool {
        world.moves(rule, isWitnessed: isWitnessed, isEvidence: isEvidence)
    }
}

/// A rule over healthy probes.
protocol HealthyRun: Sendable {
    var counts: HealthyCounts { get }
    mutating func take(_ probes: [DecisionProbe])
    /// Whether and when it would be down, were these the next probes: the number of the first one, from 1.
    func delay(in probes: [DecisionProbe]) -> Int?
}

/// What a rule did while all was well.
package struct HealthyCounts: Sendable, Equatable {
    package var probes = 0
    /// Times that it went down.
    package var trips = 0
    /// Probes after which it was down.
    package var down = 0
}

private struct HealthyRunOf<Rule: DecisionRule>: HealthyRun {
    private var rule: Rule
    private var wasDown = false
    private(set) var counts = HealthyCounts()

    init(rule: Rule) { self.rule = rule }

    mutating func take(_ probes: [DecisionProbe]) {
        for probe in probes {
            let isDown = rule.take(probe)
            if isDown {
                counts.down += 1
                if !wasDown { counts.trips += 1 }
            }
            wasDown = isDown
        }
        counts.probes += probes.count
    }

    func delay(in probes: [DecisionProbe]) -> Int? {
        var rule = rule
        for (index, probe) in probes.enumerated() where rule.take(probe) { return index + 1 }
        return nil
    }
}
