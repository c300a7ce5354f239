import Histogram
import Testing

@testable import FailoverHistory

@Suite struct LatencyHistogramTests {
    private static let values: [UInt32] = [
        0, 1, 127, 128, 255, 256, 257, 258, 511, 512, 515, 999, 1_000, 4_095, 4_096, 12_345, 300_000, 15_000_000,
        .max / 2, .max / 2 + 1, .max - 1, .max,
    ]

    /// The buckets are those of the package, so that merging its way and ours is the same.
    @Test(arguments: values) func bucketsAreThoseOfAnHdrHistogramWithTwoDigits(value: UInt32) {
        let histogram = Histogram<UInt32>(
            lowestDiscernibleValue: 1,
            highestTrackableValue: UInt64(UInt32.max),
            numberOfSignificantValueDigits: .two
        )
        let lowest = LatencyBuckets.lowest(of: LatencyBuckets.index(of: value))
        #expect(lowest == histogram.lowestEquivalentForValue(UInt64(value)))
    }

    @Test func bucketsRiseAndFitTwoBytes() {
        let indices = Self.values.map(LatencyBuckets.index)
        #expect(indices == indices.sorted())
        #expect(LatencyBuckets.last == 3_327)
        #expect(
            (0...LatencyBuckets.last).allSatisfy {
                LatencyBuckets.index(of: UInt32(LatencyBuckets.lowest(of: $0))) == $0
            }
        )
    }

    @Test func whatWasEncodedReadsBack() {
        var histogram = LatencyHistogram()
        for value in Self.values { histogram.record(LatencyBuckets.index(of: value), count: 1 + Int(value % 1000)) }
        var again = LatencyHistogram()
        again.add(encoded: histogram.encoded)
        #expect(again.encoded == histogram.encoded)
        #expect(LatencyHistogram().encoded == [])
    }

    @Test func mergedHistogramsAreThatOfAllSamples() {
        var (first, second, whole) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value in 1...2_000 {
            let bucket = LatencyBuckets.index(of: UInt32(value * 500))
            if value % 3 == 0 { first.record(bucket) } else { second.record(bucket) }
            whole.record(bucket)
        }
        first.add(encoded: second.encoded)
        #expect(first.encoded == whole.encoded)
        #expect(first.percentile(50) == whole.percentile(50))
        // 500 ms and 990 ms, and no bucket is wider than 0.8 %.
        #expect(abs((whole.percentile(50) ?? 0) - 500) < 4)
        #expect(abs((whole.percentile(99) ?? 0) - 990) < 8)
        #expect(LatencyHistogram().percentile(99) == nil)
    }

    @Test(arguments: [[0xff], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [5], [0x7f, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]])
    func damagedBytesAreReadAsFarAsTheyGo(bytes: [UInt8]) {
        var histogram = LatencyHistogram()
        histogram.add(encoded: bytes)
        #expect(histogram.encoded == (bytes.first == 0x7f ? [0x7f, 1] : []))
    }
}
