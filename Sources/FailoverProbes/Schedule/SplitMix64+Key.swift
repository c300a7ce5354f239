import FailoverCore

extension SplitMix64 {
    /// A generator of its own for each probe, so that adding a probe does not move the others.
    init(seed: UInt64, key: ProbeKey) {
        // FNV-1a, because the standard library's hash differs from process to process.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.description.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        self.init(seed: seed ^ hash)
    }
}
