package import FailoverCore
import RealModule

extension SplitMix64 {
    /// A generator for one part of a run: what is drawn for one part changes nothing in another.
    package init(_ seed: UInt64, part: UInt64, run: Int = 0) {
        var mixer = SplitMix64(seed: seed ^ (part &* 0xD1B5_4A32_D192_ED03))
        let mixed = mixer.next()
        mixer = SplitMix64(seed: mixed ^ UInt64(truncatingIfNeeded: run))
        self.init(seed: mixer.next())
    }

    /// 53 bits of chance in 0..<1, without the detours of the general way: hundreds of millions are drawn.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Standard normal numbers, by the method of Box and Muller (1958).
struct NormalSource: Sendable {
    private var spare: Double?

    mutating func next(_ random: inout SplitMix64) -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * Double.log(1 - random.unit())).squareRoot()
        let angle = 2 * Double.pi * random.unit()
        spare = radius * Double.sin(angle)
        return radius * Double.cos(angle)
    }

    /// What a standard normal number stays below with this chance, which is above 0 and below 1.
    static func quantile(_ chance: Double) -> Double {
        var (low, high) = (-10.0, 10.0)
        // Far more halvings than a number has bits; used once a run.
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if 0.5 * Double.erfc(-middle / 2.0.squareRoot()) < chance { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
