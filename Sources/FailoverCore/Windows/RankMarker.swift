/// Follows the value of one rank in a changing set of samples, exactly.
///
/// It knows the samples next to the rank in rising order, and how many lie below them. A sample that comes or goes shifts
/// the rank by one at most, so that its value stays among them for long; when it has left, they are sought anew, which
/// takes a few looks through all samples and no memory.
struct RankMarker: Sendable {
    /// The first `size` are known, in rising order: no other sample lies between two of them.
    private var known = InlineArray<16, UInt32>(repeating: 0)
    /// Samples below the known ones.
    private var lower: Int32 = 0
    private var size: Int8 = 0
    private let percent: Int8

    private static let room = 16

    init(percent: Int8) { self.percent = percent }

    /// Counts a sample in; `total` are all samples, with this one.
    mutating func add(_ sample: UInt32, total: Int) {
        guard count > 0, sample >= known[0] else {
            below += 1
            return
        }
        guard sample <= known[count - 1] else { return }
        if count == Self.room {
            // Room is made on the side that is farther from the rank.
            if rank(of: total) - below > Self.room / 2 {
                removeKnown(at: 0)
                below += 1
                guard sample >= known[0] else {
                    below += 1
                    return
                }
            } else {
                count -= 1
                guard sample <= known[count - 1] else { return }
            }
        }
        insert(sample)
    }

    mutating func remove(_ sample: UInt32) {
        guard count > 0, sample >= known[0] else {
            below -= 1
            return
        }
        for index in 0..<count where known[index] == sample { return removeKnown(at: index) }
    }

    /// The smallest sample that at least `percent` of all `samples` do not exceed.
    ///
    /// They are those that were added and not removed; at least one.
    mutating func value(in samples: SampleRing) -> UInt32 {
        let rank = rank(of: samples.count)
        if rank <= below || rank > below + count { seek(rank, in: samples) }
        return known[rank - below - 1]
    }

    private var below: Int {
        get { Int(lower) }
        set { lower = Int32(truncatingIfNeeded: newValue) }
    }

    private var count: Int {
        get { Int(size) }
        set { size = Int8(truncatingIfNeeded: newValue) }
    }

    private func rank(of total: Int) -> Int { max(1, (Int(percent) * total + 99) / 100) }

    /// Makes the samples around a rank the known ones.
    private mutating func seek(_ rank: Int, in samples: SampleRing) {
        let first = max(1, rank - Self.room / 2)
        let lowest = sample(of: first, in: samples)
        below = first - 1
        // Of several equal ones some may lie below.
        var skipped = below - samples.reduceValues(0) { $0 &+ ($1 < lowest ? 1 : 0) }
        count = 0
        samples.forEachPiece { piece in
            for sample in piece where sample >= lowest {
                if sample == lowest, skipped > 0 {
                    skipped -= 1
                } else if count < Self.room {
                    insert(sample)
                } else if sample < known[count - 1] {
                    count -= 1
                    insert(sample)
                }
            }
        }
    }

    /// Halves the range of values until one is left.
    private func sample(of rank: Int, in samples: SampleRing) -> UInt32 {
        var low = samples.reduceValues(UInt32.max) { min($0, $1) }
        var high = samples.reduceValues(UInt32.min) { max($0, $1) }
        while low < high {
            let middle = low + (high - low) / 2
            let upTo = samples.reduceValues(0) { $0 &+ ($1 <= middle ? 1 : 0) }
            if upTo >= rank { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func insert(_ sample: UInt32) {
        var index = count
        while index > 0, known[index - 1] > sample {
            known[index] = known[index - 1]
            index -= 1
        }
        known[index] = sample
        count += 1
    }

    private mutating func removeKnown(at index: Int) {
        for position in index..<(count - 1) { known[position] = known[position + 1] }
        count -= 1
    }
}
