import FailoverCore

/// Three endpoints that are well, seen by an observer that loses a share of its own probes for a minute.
///
/// Any move is needless. The probes are drawn once, and each rule is played over them.
struct ObserverLossWorld: Sendable {
    /// Of the three endpoints, by round; healthy ones first.
    private let rounds: [[DecisionProbe]]
    /// Whether the probe that confirms a target would be lost, by round and endpoint.
    private let confirmations: [[Bool]]
    private let before: Int

    /// Rounds that the loss lasts, and that the route is watched from its beginning.
    private static let lossy = 12
    private static let watched = 120
    private static let endpoints = 3
    /// Good probes in a row that make a witness, or a target.
    private static let streak = 5

    init(share: Double, seed: UInt64, run: Int, before: Int = DecisionBench.healthyBefore) {
        self.before = before
        var noises = (0..<Self.endpoints).map { endpoint in
            ProbeNoise(.mild, seed: SplitMix64(seed, part: 0x0B5E_0000 + UInt64(endpoint), run: run))
        }
        var random = SplitMix64(seed, part: 0x0B5E_1000, run: run)
        var rounds: [[DecisionProbe]] = []
        var confirmations: [[Bool]] = []
        for round in 0..<(before + Self.watched) {
            let isLossy = (before..<(before + Self.lossy)).contains(round)
            var probes: [DecisionProbe] = []
            for endpoint in noises.indices {
                let healthy = noises[endpoint].next()
                let isLost = isLossy && random.unit() < share
                // A third of the interval apart.
                let delay = Duration.nanoseconds(DecisionBench.interval.nanoseconds / 3 * Int64(endpoint))
                probes.append(
                    DecisionProbe(
                        start: healthy.start + delay,
                        isError: healthy.isError || isLost,
                        isSlow: healthy.isSlow
                    )
                )
            }
            rounds.append(probes)
            confirmations.append(noises.map { _ in isLossy && random.unit() < share })
        }
        self.rounds = rounds
        self.confirmations = confirmations
    }

    /// Whether traffic moves away from the first endpoint at least once.
    ///
    /// With a witness, a bad probe counts only while the last five of another endpoint, this round's included, are good, and
    /// the evidence rule moves only to an endpoint with five good ones in a row and a confirming probe that is answered.
    /// Without, all move to any endpoint that is up.
    func moves<Rule: DecisionRule>(_ fresh: Rule, isWitnessed: Bool, isEvidence: Bool) -> Bool {
        var rules = Array(repeating: fresh, count: Self.endpoints)
        var streaks = Array(repeating: 0, count: Self.endpoints)
        var isDown = Array(repeating: false, count: Self.endpoints)
        for (round, probes) in rounds.enumerated() {
            for (endpoint, probe) in probes.enumerated() {
                streaks[endpoint] = probe.isBad ? 0 : streaks[endpoint] + 1
            }
            for (endpoint, probe) in probes.enumerated() {
                let isSeen = streaks.indices.contains { $0 != endpoint && streaks[$0] >= Self.streak }
                if isWitnessed, probe.isBad, !isSeen { continue }
                isDown[endpoint] = rules[endpoint].take(probe)
            }
            guard round >= before, isDown[0] else { continue }
            let isTarget = (1..<Self.endpoints).contains { endpoint in
                guard !isDown[endpoint] else { return false }
                guard isWitnessed, isEvidence else { return true }
                return streaks[endpoint] >= Self.streak && !confirmations[round][endpoint]
            }
            if isTarget { return true }
        }
        return false
    }
}
