import FailoverCore

/// The comparison of decision rules: false failovers on healthy noise, delays to faults after an hour and after a long healthy
/// record, flapping, and losses of the observer.
///
/// The same seed gives the same figures, in whatever order and on however many threads its jobs are played.
package struct DecisionBench: Sendable {
    /// Healthy probes of each noise.
    package let probes: Int
    /// Runs of each fault, pattern and loss.
    package let runs: Int
    package let seed: UInt64
    /// Healthy probes of a long record, after which what was learned of the endpoint hardly changes.
    package let record: Int
    package let contestants: [Contestant]

    /// Between probes.
    package static let interval = Duration.seconds(5)
    /// Healthy probes before a fault begins: an hour, and a little.
    package static let healthyBefore = 760
    /// Shares of probes that the observer loses.
    package static let losses = [1, 0.85, 0.5]
    /// 17 days and a little at 5 s.
    package static let longRecord = 300_000
    /// Long records that are drawn, at most.
    ///
    /// Runs that fork from one of them share most of what was learned.
    private static let records = 20
    /// Healthy probes of a record from one fork to the next.
    private static let betweenForks = 5000
    /// Contestants that one job plays on one noise.
    private static let group = 5
    /// Probes drawn at once, to be judged by rule after rule.
    private static let block = 8192

    package init(
        probes: Int,
        runs: Int,
        seed: UInt64,
        record: Int = DecisionBench.longRecord,
        contestants: [Contestant] = Contestant.all
    ) {
        self.probes = probes
        self.runs = runs
        self.seed = seed
        self.record = record
        self.contestants = contestants
    }

    /// Those that are played on held-out noise.
    package var others: [Contestant] { contestants.filter(\.isPlayedOnOtherNoise) }

    /// A part of the work that depends on no other.
    package enum Job: Sendable, Equatable {
        /// An index of `NoiseModel.all`, and contestants.
        case healthy(noise: Int, Range<Int>)
        /// An index of `NoiseModel.heldOut`, and of `others`.
        case otherNoise(noise: Int, Range<Int>)
        /// The number of a long record, and all faults after it.
        case record(Int)
        /// An index of `GrayFault.all`.
        case delay(fault: Int)
        case flap(FlapPattern)
        /// An index of `losses`.
        case observer(loss: Int, isWitnessed: Bool)
    }

    /// What a job found, for each of its contestants.
    package enum Part: Sendable, Equatable {
        case healthy([HealthyCounts])
        /// By fault, contestant and run.
        case record([[[Int?]]])
        case delay([DelayFigures])
        case flap([FlapCounts])
        /// Runs with a needless move.
        case observer([Int])
    }

    /// All of the work, the longest first.
    package var jobs: [Job] {
        func groups(_ count: Int) -> [Range<Int>] {
            stride(from: 0, to: count, by: Self.group).map { $0..<min($0 + Self.group, count) }
        }
        let healthy = NoiseModel.all.indices.flatMap { noise in
            groups(contestants.count).map { Job.healthy(noise: noise, $0) }
        }
        let otherNoise = NoiseModel.heldOut.indices.flatMap { noise in
            groups(others.count).map { Job.otherNoise(noise: noise, $0) }
        }
        let records = (0..<min(Self.records, runs)).map { Job.record($0) }
        let observers = Self.losses.indices.flatMap { loss in
            [false, true].map { Job.observer(loss: loss, isWitnessed: $0) }
        }
        return healthy + otherNoise + records + GrayFault.all.indices.map { Job.delay(fault: $0) }
            + FlapPattern.allCases.map { Job.flap($0) } + observers
    }

    package func play(_ job: Job) -> Part {
        switch job {
        case .healthy(let noise, let range): .healthy(playHealthy(noise, range))
        case .otherNoise(let noise, let range): .healthy(playOtherNoise(noise, range))
        case .record(let record): .record(playRecord(record))
        case .delay(let fault): .delay(playDelays(fault))
        case .flap(let pattern): .flap(playFlaps(pattern))
        case .observer(let loss, let isWitnessed): .observer(playLoss(loss, isWitnessed))
        }
    }

    // MARK: - Kinds of jobs

    private func playHealthy(_ index: Int, _ range: Range<Int>) -> [HealthyCounts] {
        var noise = ProbeNoise(NoiseModel.all[index], seed: SplitMix64(seed, part: 0x4EA1 + UInt64(index)))
        var healthy = contestants[range].map { $0.contest.healthy() }
        play(&noise, probes, to: &healthy)
        return healthy.map(\.counts)
    }

    private func playOtherNoise(_ index: Int, _ range: Range<Int>) -> [HealthyCounts] {
        var noise = ProbeNoise(NoiseModel.heldOut[index], seed: SplitMix64(seed, part: 0x4E1D_0000 + UInt64(index)))
        var healthy = others[range].map { $0.contest.healthy() }
        play(&noise, probes, to: &healthy)
        return healthy.map(\.counts)
    }

    private func play(_ noise: inout ProbeNoise, _ count: Int, to healthy: inout [any HealthyRun]) {
        var left = count
        while left > 0 {
            let block = (0..<min(left, Self.block)).map { _ in noise.next() }
            for contestant in healthy.indices { healthy[contestant].take(block) }
            left -= block.count
        }
    }

    /// Each rule as it stands after a long record, and again further on, put through every fault; the record itself stays healthy.
    private func playRecord(_ index: Int) -> [[[Int?]]] {
        var noise = ProbeNoise(.bursty, seed: SplitMix64(seed, part: 0x4EC0_0000, run: index))
        var standing = contestants.map { $0.contest.healthy() }
        var delays = GrayFault.all.map { _ in contestants.map { _ in [Int?]() } }
        for fork in stride(from: index, to: runs, by: Self.records) {
            play(&noise, fork == index ? record : Self.betweenForks, to: &standing)
            for (number, fault) in GrayFault.all.enumerated() {
                var ahead = noise
                let seed = SplitMix64(seed, part: 0x4EC0_0001 + UInt64(number), run: fork)
                var faulty = FaultyProbes(fault, on: .bursty, seed: seed)
                let probes = (0..<fault.horizon).map { _ in faulty.next(&ahead) }
                for contestant in standing.indices {
                    delays[number][contestant].append(standing[contestant].delay(in: probes))
                }
            }
        }
        return delays
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
