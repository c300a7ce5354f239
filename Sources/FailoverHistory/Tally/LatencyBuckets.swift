/// The buckets that latencies are counted in: those of an HdrHistogram with two significant digits, from 1 µs on.
///
/// Up to 255 µs each has its own; above, each power of two is cut into 128, so that no value is off by more than 0.8 %.
/// A bucket fits two bytes, which is what a sample takes until its minute is over.
package enum LatencyBuckets {
    /// Stands for no latency.
    package static let absent = UInt16.max
    /// Of 2^32 - 1 µs, the longest that is told apart: 71 minutes, and no attempt takes as long.
    package static let last = index(of: .max)

    private static let exactBits = 7

    package static func index(of microseconds: UInt32) -> UInt16 {
        let bits = 31 - exactBits - microseconds.leadingZeroBitCount
        let shift = max(0, bits)
        return UInt16(truncatingIfNeeded: shift << exactBits)
            + UInt16(truncatingIfNeeded: microseconds >> UInt32(shift))
    }

    /// The smallest value of a bucket, in microseconds.
    package static func lowest(of index: UInt16) -> UInt64 {
        let exact = 1 << (exactBits + 1)
        guard index >= exact else { return UInt64(index) }
        let shift = (Int(index) >> exactBits) - 1
        return UInt64(Int(index) - (shift << exactBits)) << UInt64(shift)
    }
}
