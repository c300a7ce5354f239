import FailoverCore

/// Makes weighted routes; draws of its own, so that the rest of a world stays as it is.
struct RandomShares {
    private var random: SplitMix64
    /// Routes of this world's weighted kind, if it has one.
    let isOn: Bool
    private let hasCanary: Bool
    private let hasChains: Bool

    init(seed: UInt64) {
        random = SplitMix64(seed: seed ^ 0x5A4E_5000_70A2_5001)
        isOn = Double.random(in: 0..<1, using: &random) < 0.3
        hasCanary = Bool.random(using: &random)
        hasChains = Double.random(in: 0..<1, using: &random) < 0.4
    }

    /// Shares over most of the members; the last of them may be a canary.
    mutating func shares(over members: [EndpointName]) -> [ShareConfiguration] {
        let owners = Array(members.prefix(max(1, Int.random(in: members.count - 1...members.count, using: &random))))
        let canary = hasCanary && owners.count > 1 ? owners.last : nil
        var left = 100
        return owners.enumerated().map { position, owner in
            let isLast = position == owners.count - 1
            let weight = isLast ? left : Int.random(in: 1...(left - (owners.count - 1 - position)), using: &random)
            left -= weight
            var others = owners.filter { $0 != owner && $0 != canary }
            if hasChains {
                // Also canaries, and those without a share.
                others = members.filter { $0 != owner }.shuffled(using: &random)
            }
            return ShareConfiguration(weight: weight, chain: [owner] + others, isCanary: owner == canary)
        }
    }
}
