/// Good, bad and void probes of the trailing minute.
///
/// Counts over a fixed window rather than a decaying average: a burst of failures reaches the same rate however it was
/// spread.
package struct ErrorWindow: Sendable {
    /// How a probe counts here.
    package enum Mark: UInt32, Sendable, Equatable {
        case good, bad
        /// Shown, never judged.
        case void
    }

    private var marks: SampleRing
    private var bad = 0
    private var void = 0
    /// Samples that were pushed out before their time because the window was full.
    package private(set) var overflow = 0
    /// Of all samples since the window was made, whatever has left it since; never falls.
    package private(set) var totals = SampleCounts(samples: 0, bad: 0, void: 0)

    /// - Parameters:
    ///   - length: 60 s unless told otherwise: 12 samples at the default interval.
    ///   - capacity: 4,096 samples: a minute at 60 probes a second.
    package init(length: Duration = .seconds(60), capacity: Int = 4096) {
        marks = SampleRing(length: length, capacity: capacity, hasValues: false)
    }

    package var length: Duration { marks.length }

    package mutating func record(_ mark: Mark, at now: MonotonicInstant) {
        expire(at: now)
        count(mark.rawValue, 1)
        totals.add(mark)
        if let evicted = marks.append(SampleRing.Sample(mark: mark.rawValue, value: 0), at: now) {
            count(evicted.mark, -1)
            overflow += 1
        }
    }

    package mutating func counts(at now: MonotonicInstant) -> SampleCounts {
        expire(at: now)
        return SampleCounts(samples: marks.count - void, bad: bad, void: void)
    }

    private mutating func expire(at now: MonotonicInstant) {
        while let expired = marks.popExpired(at: now) { count(expired.mark, -1) }
    }

    private mutating func count(_ mark: UInt32, _ amount: Int) {
        if mark == Mark.bad.rawValue { bad += amount }
        if mark == Mark.void.rawValue { void += amount }
    }
}

extension SampleCounts {
    fileprivate mutating func add(_ mark: ErrorWindow.Mark) {
        switch mark {
        case .good: samples += 1
        case .bad:
            samples += 1
            bad += 1
        case .void: void += 1
        }
    }
}
