/// How the probing itself fares: what it did in the last minute, and what hampers it.
///
/// Trouble begins when one reason of ours kept at least three attempts, and one in twenty of those that were due in the
/// last ten seconds, from saying anything. It ends when for ten seconds none has kept one in a hundred: a begin that is
/// harder to reach than the end does not flap. Our own configuration and cancelled attempts are counted, but are no
/// trouble of the machine.
struct ProbingHealth: Sendable {
    /// What hampers the probing.
    private struct Trouble: Sendable {
        /// An index of `causes`.
        var cause: Int
        /// When the present cause was told.
        var told: MonotonicInstant
        let since: MonotonicInstant
        /// When it was last bad enough to go on.
        var last: MonotonicInstant
    }

    /// What is counted of some span.
    private struct Counts {
        var finished = 0
        var skipped = 0
        /// In the order of `causes`, then the others.
        var local = Array(repeating: 0, count: codes.count)
    }

    /// Reasons that are trouble, with what is said of them.
    private static let causes: [(code: ReasonCode, text: String)] = [
        (.localDescriptors, "no file descriptor left"),
        (.localMemory, "not enough memory"),
        (.localPorts, "no local port left"),
        (.localNetwork, "our own network does not carry them"),
        (.localResolver, "our resolver does not answer"),
        (.localProxy, "our proxy cannot be used"),
        (.localStalled, "the probing stood still"),
    ]
    private static let codes = causes.map(\.code) + [.localCancelled, .localConfiguration]

    private static let minute = 60
    private static let shortSpan = 10
    private static let endsAfter = Duration.seconds(shortSpan)
    private static let least = 3
    private static let beginShare = 0.05
    private static let endShare = 0.01

    /// For each second of the last minute, by the second modulo 60: finished, skipped, and each of `codes`.
    private var buckets = Array(repeating: UInt32(0), count: minute * width)
    private var seconds = Array(repeating: Int64.min, count: minute)
    private var trouble: Trouble?

    private static let width = 2 + codes.count

    /// When to call `advance`; `nil` while nothing hampers it.
    var nextDeadline: MonotonicInstant? { trouble.map { $0.last + Self.endsAfter } }

    mutating func skip(_ count: Int, at now: MonotonicInstant) {
        buckets[bucket(at: now) + 1] += UInt32(clamping: min(count, 1_000_000))
    }

    /// Counts one attempt that ended.
    ///
    /// - Returns: What to tell, if trouble began or changed.
    mutating func finish(_ outcome: Outcome, at now: MonotonicInstant) -> Reason? {
        let bucket = bucket(at: now)
        buckets[bucket] += 1
        guard case .inconclusive(let code) = outcome, let index = Self.codes.firstIndex(of: code) else { return nil }
        buckets[bucket + 2 + index] += 1
        guard Self.causes.indices.contains(index) else { return nil }
        return judge(at: now)
    }

    /// - Returns: What to tell, if trouble ended.
    mutating func advance(to now: MonotonicInstant) -> Reason? {
        guard let trouble, now - trouble.last >= Self.endsAfter else { return nil }
        self.trouble = nil
        return Reason(.clear, "probes run freely again: for \(Self.shortSpan) s hardly any could not")
    }

    func snapshot(at now: MonotonicInstant) -> ProbingSnapshot {
        let counts = counts(Self.minute, at: now)
        let local = zip(Self.codes, counts.local).filter { $0.1 > 0 }
            .map { ProbingSnapshot.LocalCount(code: $0.0, count: $0.1) }
        return ProbingSnapshot(
            finished: counts.finished,
            skipped: counts.skipped,
            local: local.sorted { ($1.count, $0.code.rawValue) < ($0.count, $1.code.rawValue) },
            trouble: trouble.map { trouble in
                let recent = self.counts(Self.shortSpan, at: now)
                return ProbingSnapshot.Trouble(reason: Self.reason(trouble.cause, recent), since: trouble.since)
            }
        )
    }

    private mutating func judge(at now: MonotonicInstant) -> Reason? {
        let recent = counts(Self.shortSpan, at: now)
        let due = Double(recent.finished + recent.skipped)
        // The first of equals, so that the same counts always name the same cause.
        let leading = Self.causes.indices.max { (recent.local[$0], -$0) < (recent.local[$1], -$1) } ?? 0
        let count = recent.local[leading]
        let isBad = count >= Self.least && Double(count) >= Self.beginShare * due
        guard var trouble else {
            guard isBad else { return nil }
            self.trouble = Trouble(cause: leading, told: now, since: now, last: now)
            return Self.reason(leading, recent)
        }
        if Double(count) >= Self.endShare * due { trouble.last = now }
        defer { self.trouble = trouble }
        // Two causes that lead in turn are told at most once in the span.
        guard isBad, leading != trouble.cause, now - trouble.told >= Self.endsAfter else { return nil }
        trouble.cause = leading
        trouble.told = now
        return Self.reason(leading, recent)
    }

    private static func reason(_ cause: Int, _ recent: Counts) -> Reason {
        let due = recent.finished + recent.skipped
        let (code, text) = causes[cause]
        return Reason(
            code,
            "\(recent.local[cause].grouped) of \(due.grouped) probes in the last \(shortSpan) s could not run: \(text)"
                + " (\(code))"
        )
    }

    private func counts(_ span: Int, at now: MonotonicInstant) -> Counts {
        let last = Self.second(of: now)
        var counts = Counts()
        for second in (last - Int64(span) + 1)...last {
            let position = Self.position(of: second)
            guard seconds[position] == second else { continue }
            counts.finished += Int(buckets[position * Self.width])
            counts.skipped += Int(buckets[position * Self.width + 1])
            for index in counts.local.indices {
                counts.local[index] += Int(buckets[position * Self.width + 2 + index])
            }
        }
        return counts
    }

    /// The first number of the present second's bucket.
    private mutating func bucket(at now: MonotonicInstant) -> Int {
        let second = Self.second(of: now)
        let position = Self.position(of: second)
        if seconds[position] != second {
            seconds[position] = second
            for index in 0..<Self.width { buckets[position * Self.width + index] = 0 }
        }
        return position * Self.width
    }

    private static func second(of instant: MonotonicInstant) -> Int64 {
        let nanoseconds = instant.nanoseconds
        return nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
    }

    private static func position(of second: Int64) -> Int {
        let rest = Int(second % Int64(minute))
        return rest < 0 ? rest + minute : rest
    }
}
