import FailoverCore

/// The comparison of decision rules: false failovers on healthy noise, delays to faults, flapping, and losses of the observer.
///
/// The same seed gives the same figures, in whatever order and on however many threads its jobs are played.
package struct DecisionBench: Sendable {
    /// Healthy probes of each noise.
    package let probes: Int
    /// Runs of each fault, pattern and loss.
    package let runs: Int
    package let seed: UInt64
    package let contestants: [Contestant]

    /// Between probes.
    package static let interval = Duration.seconds(5)
    /// Healthy probes before a fault begins: an hour, and a little.
    package static let healthyBefore = 760
    /// Shares of probes that the observer loses.
    package static let losses = [1, 0.85, 0.5]
    /// Contestants that one job plays on one noise.
    private static let group = 5
    /// Probes drawn at once, to be judged by rule after rule.
    private static let block = 8192

    package init(probes: Int, runs: Int, seed: UInt64, contestants: [Contestant] = Contestant.all) {
        self.probes = probes
        self.runs = runs
        self.seed = seed
        self.contestants = contestants
    }

    /// A part of the work that depends on no other.
    package enum Job: Sendable, Equatable {
        /// An index of `NoiseModel.all`, and contestants.
        case healthy(noise: Int, Range<Int>)
        /// An index of `GrayFault.all`.
        case delay(fault: Int)
        case flap(FlapPattern)
        /// An index of `losses`.
        case observer(loss: Int, isWitnessed: Bool)
    }

    /// What a job found, for each of its contestants.
    package enum Part: Sendable, Equatable {
        case healthy([HealthyCounts])
        case delay([DelayFigures])
        case flap([FlapCounts])
        /// Runs with a needless move.
        case observer([Int])
    }

    /// All of the work, the longest first.
    package var jobs: [Job] {
        let healthy = NoiseModel.all.indices.flatMap { noise in
            stride(from: 0, to: contestants.count, by: Self.group).map { first in
                Job.healthy(noise: noise, first..<min(first + Self.group, contestants.count))
            }
        }
        let observers = Self.losses.indices.flatMap { loss in
            [false, true].map { Job.observer(loss: loss, isWitnessed: $0) }
        }
        return healthy + GrayFault.all.indices.map { Job.delay(fault: $0) }
            + FlapPattern.allCases.map { Job.flap($0) } + observers
    }

    package func play(_ job: Job) -> Part {
        switch job {
        case .healthy(let noise, let range): .healthy(playHealthy(noise, range))
        case .delay(let fault): .delay(playDelays(fault))
        case .flap(let pattern): .flap(playFlaps(pattern))
        case .observer(let loss, let isWitnessed): .observer(playLoss(loss, isWitnessed))
        }
    }

    // MARK: - Kinds of jobs

    private func playHealthy(_ index: Int, _ range: Range<Int>) -> [HealthyCounts] {
        var noise = ProbeNoise(NoiseModel.all[index], seed: SplitMix64(seed, part: 0x4EA1 + UInt64(index)))
        var healthy = contestants[range].map { $0.contest.healthy() }
        var left = probes
        while left > 0 {
            let block = (0..<min(left, Self.block)).map { _ in noise.next() }
            for contestant in healthy.indices { healthy[contestant].take(block) }
            left -= block.count
        }
        return healthy.map(\.counts)
    }

    private func playDelays(_ index: Int) -> [DelayFigures] {
        let fault = GrayFault.all[index]
        let part = 0xDE1A_0000 + UInt64(index) * 2
        var delays = contestants.map { _ in [Int?]() }
        for run in 0..<runs {
            var noise = ProbeNoise(.bursty, seed: SplitMix64(seed, part: part, run: run))
            var probes = (0..<Self.healthyBefore).map { _ in noise.next() }
            var faulty = FaultyProbes(fault, on: .bursty, seed: SplitMix64(seed, part: part + 1, run: run))
            probes += (0..<fault.horizon).map { _ in faulty.next(&noise) }
            for (contestant, played) in contestants.enumerated() {
                delays[contestant].append(played.contest.delay(in: probes, after: Self.healthyBefore))
            }
        }
        return delays.map { DelayFigures($0, horizon: fault.horizon) }
    }

    private func playFlaps(_ pattern: FlapPattern) -> [FlapCounts] {
        var counts = contestants.map { _ in FlapCounts() }
        for run in 0..<runs {
            var noise = ProbeNoise(.bursty, seed: SplitMix64(seed, part: 0xF1A9_0000, run: run))
            var random = SplitMix64(seed, part: 0xF1A9_0001, run: run)
            var probes = (0..<Self.healthyBefore).map { _ in noise.next() }
            let isFaulty = (0..<pattern.probes).map { pattern.isBad(at: $0, &random) }
            for isBad in isFaulty {
                let healthy = noise.next()
                let isError = healthy.isError || isBad
                probes.append(DecisionProbe(start: healthy.start, isError: isError, isSlow: healthy.isSlow))
            }
            for (contestant, played) in contestants.enumerated() {
                let one = played.contest.flap(probes, isFaulty: isFaulty, isEvidence: played.isEvidence)
                counts[contestant] = counts[contestant] + one
            }
        }
        return counts
    }

    private func playLoss(_ loss: Int, _ isWitnessed: Bool) -> [Int] {
        var moved = contestants.map { _ in 0 }
        for run in 0..<runs {
            let world = ObserverLossWorld(share: Self.losses[loss], seed: seed, run: run)
            for (contestant, played) in contestants.enumerated() {
                let moves = played.contest.moves(in: world, isWitnessed: isWitnessed, isEvidence: played.isEvidence)
                if moves { moved[contestant] += 1 }
            }
        }
        return moved
    }
}
