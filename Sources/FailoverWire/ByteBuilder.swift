/// Collects bytes, most of them a few at a time.
///
/// They go through a page of memory of its own: adding one to an array costs ten times as much.
struct ByteBuilder: ~Copyable {
    private var whole: [UInt8] = []
    // Allocated by the initializer, freed by the deinitializer, and seen by nobody else: there is no copy of this value.
    private let page: UnsafeMutablePointer<UInt8>
    private var count = 0

    private static let pageSize = 4096

    /// `capacity` is how many bytes are expected, to save the copies of an array that grows.
    init(capacity: Int) {
        whole.reserveCapacity(capacity)
        page = .allocate(capacity: Self.pageSize)
    }

    deinit { page.deallocate() }

    mutating func finish() -> [UInt8] {
        flush()
        return whole
    }

    /// The last few that were added, at most 80.
    var end: [UInt8] { Array((whole.suffix(80) + UnsafeBufferPointer(start: page, count: count)).suffix(80)) }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == Self.pageSize { flush() }
        page[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.count > Self.pageSize - count {
            flush()
            // What fills a page by itself needs none.
            if bytes.count > Self.pageSize { return whole.append(contentsOf: bytes) }
        }
        guard let start = bytes.baseAddress else { return }
        (page + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    private mutating func flush() {
        whole.append(contentsOf: UnsafeBufferPointer(start: page, count: count))
        count = 0
    }

    // MARK: Numbers

    /// The digits of a number.
    mutating func append(decimal value: UInt64) {
        if value >= 10 { append(decimal: value / 10) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// A number of six decimals, without those at the end that say nothing.
    mutating func append(millionths: UInt64) {
        append(decimal: millionths / 1_000_000)
        var rest = millionths % 1_000_000
        guard rest > 0 else { return }
        append(UInt8(ascii: "."))
        var place: UInt64 = 100_000
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / place))
            rest %= place
            place /= 10
        }
    }

    /// A number with leading zeros.
    mutating func append(_ number: Int, digits: Int) {
        if digits > 1 { append(number / 10, digits: digits - 1) }
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
