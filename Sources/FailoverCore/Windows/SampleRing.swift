/// The samples of a trailing span of time, oldest first, in four bytes each, or eight with a value.
///
/// Thousands of windows are kept for a quarter of an hour each, so that the size of a sample is what a daemon weighs.
/// Times are kept in steps of 4 µs: a sample leaves at most that much before or after it is as old as the span, and
/// exactly then if its times are whole steps.
struct SampleRing: Sendable {
    /// What is kept of one sample.
    struct Sample: Sendable, Equatable {
        /// 0...3.
        let mark: UInt32
        /// 0 in a ring without values.
        let value: UInt32
    }

    // Small integers: there are two rings for every probe.
    private let lengthNanoseconds: Int64
    private let lengthSteps: UInt32
    private let capacity: Int32
    private let expected: Int32
    private let hasValues: Bool
    /// For each slot the time in the upper 30 bits and the mark in the lower two; behind all of them the values.
    private var words: [UInt32] = []
    private var slots: Int32 = 0
    private var head: Int32 = 0
    private var filled: Int32 = 0
    private var newest = MonotonicInstant(nanoseconds: .min)

    /// Two spans, between which every age lies, are less than half of what 30 bits tell apart.
    static let longest = Duration.seconds(1000)
    private static let step: Int64 = 4000
    private static let timeMask: UInt32 = (1 << 30) - 1
    private static let smallest: Int32 = 16

    /// - Parameters:
    ///   - length: At most ``longest``.
    ///   - capacity: At least 1.
    ///   - expected: How many samples usually fit into the span: room is made for them at once, when the first few
    ///     have come.
    ///   - hasValues: Whether a sample is more than its mark.
    init(length: Duration, capacity: Int, expected: Int = 0, hasValues: Bool) {
        precondition(capacity > 0, "a ring of nothing holds nothing")
        precondition(length > .zero && length <= Self.longest, "a window is at most \(Self.longest) long")
        self.capacity = Int32(clamping: capacity)
        self.expected = Int32(clamping: min(expected, capacity))
        self.hasValues = hasValues
        lengthNanoseconds = length.nanoseconds
        lengthSteps = UInt32(length.nanoseconds / Self.step)
    }

    var length: Duration { .nanoseconds(lengthNanoseconds) }
    var count: Int { Int(filled) }

    /// - Returns: The sample that had to make room, if the ring was full.
    @discardableResult
    mutating func append(_ sample: Sample, at now: MonotonicInstant) -> Sample? {
        let evicted = filled == capacity ? popFirst() : nil
        if filled == slots { grow() }
        let slot = slot(filled)
        words[slot] = Self.time(of: now) << 2 | sample.mark
        if hasValues { words[Int(slots) + slot] = sample.value }
        filled += 1
        newest = max(newest, now)
        return evicted
    }

    /// The oldest sample, if it is as old as the span; call until there is none.
    mutating func popExpired(at now: MonotonicInstant) -> Sample? {
        guard filled > 0 else { return nil }
        // While the newest is within the span, the oldest is within two.
        if now.nanoseconds &- newest.nanoseconds < lengthNanoseconds {
            let age = (Self.time(of: now) &- words[Int(head)] >> 2) & Self.timeMask
            guard age >= lengthSteps, age <= Self.timeMask / 2 else { return nil }
        }
        return popFirst()
    }

    /// Calls `body` with the values, in no particular order, in one or two pieces.
    @inline(__always)
    func forEachPiece(_ body: (UnsafeBufferPointer<UInt32>) -> Void) {
        guard hasValues, count > 0 else { return }
        words.withUnsafeBufferPointer { words in
            let (slots, head) = (Int(slots), Int(head))
            let values = UnsafeBufferPointer(rebasing: words[slots...])
            let end = head + count
            body(UnsafeBufferPointer(rebasing: values[head..<min(end, slots)]))
            if end > slots { body(UnsafeBufferPointer(rebasing: values[..<(end - slots)])) }
        }
    }

    /// Goes through the values, in no particular order.
    @inline(__always)
    func reduceValues<Result>(_ initial: Result, _ next: (Result, UInt32) -> Result) -> Result {
        var result = initial
        forEachPiece { piece in
            for value in piece { result = next(result, value) }
        }
        return result
    }

    private mutating func popFirst() -> Sample {
        let sample = Sample(mark: words[Int(head)] & 3, value: hasValues ? words[Int(slots + head)] : 0)
        head = head + 1 == slots ? 0 : head + 1
        filled -= 1
        return sample
    }

    private func slot(_ index: Int32) -> Int {
        let slot = head + index
        return Int(slot < slots ? slot : slot - slots)
    }

    /// To what is expected, and from there on by an eighth: spare room is what a window wastes.
    private mutating func grow() {
        let wanted: Int32
        if slots < Self.smallest {
            wanted = Self.smallest
        } else if slots < expected {
            wanted = expected
        } else {
            wanted = slots + max(slots / 8, Self.smallest)
        }
        let grown = min(wanted, capacity)
        var copy: [UInt32] = []
        copy.reserveCapacity(Int(hasValues ? grown * 2 : grown))
        for lane in 0..<(hasValues ? 2 : 1) {
            for index in 0..<filled { copy.append(words[lane * Int(slots) + slot(index)]) }
            for _ in filled..<grown { copy.append(0) }
        }
        words = copy
        slots = grown
        head = 0
    }

    private static func time(of instant: MonotonicInstant) -> UInt32 {
        // Rounded down, also before the origin.
        let steps = instant.nanoseconds / step - (instant.nanoseconds % step < 0 ? 1 : 0)
        return UInt32(truncatingIfNeeded: steps) & timeMask
    }
}
