/// What the evidence about a chat has beyond that about any other probe.
struct ChatCharts: Sendable {
    /// `nil` without an objective for first tokens.
    var ttft: EvidenceChart?
    /// Errors of either tier, where successes of either count as good; `nil` until something cheaper stood in for a chat.
    ///
    /// Till then it would be the chart of the chats alone. It takes the chats' failures too, so that an outage which both see
    /// is found as early as ever. The chart of the chats takes nothing shallow: what chats proved, only chats undo.
    private(set) var either: EvidenceChart?
    /// The way back from failures that only something shallow saw; `nil` as long.
    private(set) var proof: RecoveryProof?

    init(ttft: EvidenceChart?) { self.ttft = ttft }

    /// The highest of their sums.
    var evidence: Double { max(ttft?.evidence ?? 0, either?.evidence ?? 0) }
    var isHardDown: Bool { ttft?.isHardDown == true || either?.isHardDown == true }
    /// Every chart is calm: something may be learned.
    func isCalm(below fullness: Double) -> Bool {
        [ttft, either].allSatisfy { $0.map { !$0.isLastBad && $0.fullness < fullness } ?? true }
    }

    /// Takes a shallow sample for errors; `deep` is the chart of the chats.
    mutating func recordShallow(_ sample: JudgedSample, deep: EvidenceChart) {
        if either == nil { either = deep }
        recordDeep(sample)
    }

    /// Takes a chat's sample for errors, which the chart of the chats takes too.
    mutating func recordDeep(_ sample: JudgedSample) {
        either?.record(isBad: sample.isBad, finding: sample.finding, start: sample.start)
    }

    /// Takes a whole probe; `deep` is the proof by chats, which has not taken it yet.
    mutating func recordWhole(_ sample: JudgedSample, deep: RecoveryProof) {
        if sample.isShallow, proof == nil { proof = deep }
        proof?.record(isBad: sample.isBad)
    }

    mutating func beginProof() { proof?.reset() }

    mutating func learn(at now: MonotonicInstant) {
        ttft?.learn(at: now)
        either?.learn(at: now)
    }

    mutating func unlearn() {
        ttft?.unlearn()
        either?.unlearn()
    }

    mutating func acquit() {
        ttft?.reset()
        either?.reset()
        proof?.secure()
    }
}
