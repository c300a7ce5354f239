import Histogram

/// How long answers took: counts by bucket, which merge without loss.
///
/// Some 13 kB while it is open; on disk a few bytes for each bucket that is not empty.
package struct LatencyHistogram: Sendable {
    private var counts = Histogram<UInt32>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: UInt64(UInt32.max),
        numberOfSignificantValueDigits: .two
    )

    package init() {}

    package var isEmpty: Bool { counts.totalCount == 0 }

    package mutating func record(_ bucket: UInt16, count: Int = 1) {
        // As its largest value, so that no percentile is told too low. The counter of a bucket is never full: at 10,000 a
        // second 2^32 take five days.
        _ = counts.record(LatencyBuckets.lowest(of: bucket + 1) - 1, count: UInt32(clamping: count))
    }

    package mutating func reset() { counts.reset() }

    /// In milliseconds, nearest rank; `nil` if it is empty.
    ///
    /// `percent` is 0...100.
    package func percentile(_ percent: Double) -> Double? {
        guard !isEmpty else { return nil }
        return Double(counts.valueAtPercentile(percent)) / 1000
    }
}

// MARK: - On disk

extension LatencyHistogram {
    /// For each bucket that is not empty, in rising order: its distance from the one before, and its count, each as a number of
    /// seven bits a byte.
    ///
    /// Empty for no latency at all.
    package var encoded: [UInt8] {
        var writer = BucketWriter()
        for value in counts.recordedValues() {
            writer.append(LatencyBuckets.index(of: UInt32(clamping: value.value)), count: Int(value.count))
        }
        return writer.bytes
    }

    /// Adds what was encoded; from bytes that are damaged, what can be read of them.
    package mutating func add(encoded bytes: some Sequence<UInt8>) {
        var iterator = bytes.makeIterator()
        var bucket = 0
        while let distance = Self.number(&iterator), let count = Self.number(&iterator) {
            bucket += distance
            guard bucket <= Int(LatencyBuckets.last) else { return }
            record(UInt16(bucket), count: count)
        }
    }

    private static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> Int? {
        var number = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = bytes.next() else { return nil }
            number |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return number }
        }
        return nil
    }
}

/// Writes counts of rising buckets as bytes.
struct BucketWriter {
    private(set) var bytes: [UInt8] = []
    private var last = 0

    mutating func append(_ bucket: UInt16, count: Int) {
        write(Int(bucket) - last)
        write(count)
        last = Int(bucket)
    }

    private mutating func write(_ number: Int) {
        var rest = number
        while rest > 0x7f {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
