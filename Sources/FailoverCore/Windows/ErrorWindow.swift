/// Good, bad and void probes of the trailing minute.
///
/// Counts over a fixed window rather than a decaying average: a burst of failures reaches the same rate however it was
/// spread.
package struct ErrorWindow: Sendable {
    /// How a probe counts here.
    package enum Mark: Sendable, Equatable {
        case good, bad
        /// Shown, never judged.
        case void
    }

    package let length: Duration
    private var marks: BoundedRing<(at: MonotonicInstant, mark: Mark)>
    private var good = 0
    private var bad = 0
    private var void = 0
    /// Samples that were pushed out before their time because the window was full.
    package private(set) var overflow = 0

    /// - Parameters:
    ///   - length: 60 s unless told otherwise: 12 samples at the default interval.
    ///   - capacity: 4,096 samples: a minute at 60 probes a second.
    package init(length: Duration = .seconds(60), capacity: Int = 4096) {
        self.length = length
        marks = BoundedRing(capacity: capacity)
    }

    package mutating func record(_ mark: Mark, at now: MonotonicInstant) {
        expire(at: now)
        add(mark, 1)
        if let evicted = marks.append((now, mark)) {
            add(evicted.mark, -1)
            overflow += 1
        }
    }

    package mutating func counts(at now: MonotonicInstant) -> SampleCounts {
        expire(at: now)
        return SampleCounts(samples: good + bad, bad: bad, void: void)
    }

    private mutating func expire(at now: MonotonicInstant) {
        while let first = marks.first, now - first.at >= length {
            add(first.mark, -1)
            _ = marks.popFirst()
        }
    }

    private mutating func add(_ mark: Mark, _ amount: Int) {
        switch mark {
        case .good: good += amount
        case .bad: bad += amount
        case .void: void += amount
        }
    }
}
