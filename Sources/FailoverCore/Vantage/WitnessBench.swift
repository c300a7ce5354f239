/// Who can show that our own network works: for each source, an endpoint or an anchor, its good probes in a row and the end
/// of the newest.
///
/// A bad probe of an endpoint counts only if another source is clean: its last five finished probes were all good, and the
/// newest of them ended no earlier than the bad one began.
struct WitnessBench: Sendable {
    /// One source.
    private struct Source: Sendable {
        let interval: Duration
        /// At most `needed`: more makes no difference.
        var goodInARow = 0
        /// The end of the first of them.
        var since: MonotonicInstant?
        var newestGood: MonotonicInstant?
        /// The end of the newest bad one.
        var newestBad: MonotonicInstant?

        /// Five that came faster than planned, because it was asked or is under suspicion, show less than five intervals do.
        var isClean: Bool {
            guard goodInARow >= WitnessBench.needed, let since, let newestGood else { return false }
            return newestGood - since >= interval * WitnessBench.neededHalfIntervals / 2
        }
    }

    private struct Clean: Sendable {
        let source: Int
        let end: MonotonicInstant
        /// The end of its newest bad probe.
        let bad: MonotonicInstant?
    }

    /// Good finished probes in a row that make a clean witness.
    static let needed = 5
    /// Half intervals that they span at least: four intervals less what jitter takes.
    static let neededHalfIntervals = 7

    /// Endpoints in configuration order, then anchors.
    private var sources: [Source]
    /// The clean one with the newest good probe.
    private var first: Clean?
    /// The next one after it, because none witnesses for itself.
    private var second: Clean?
    /// One of the two is no longer clean, and others may stand behind it.
    private var isOutdated = false
    /// The end of the newest good probe of any source, clean or not.
    private(set) var newestGood: MonotonicInstant?
    /// The two shortest intervals and whose the shortest is.
    private var shortest: (source: Int, interval: Duration)?
    private var nextShortest: Duration?

    /// Sources by their intervals, none with a result.
    init(intervals: [Duration]) {
        sources = intervals.map { Source(interval: $0) }
        for (source, interval) in intervals.enumerated() {
            if let best = shortest, best.interval <= interval {
                nextShortest = min(nextShortest ?? interval, interval)
            } else {
                nextShortest = shortest?.interval ?? nextShortest
                shortest = (source, interval)
            }
        }
    }

    /// Whether there is anybody to witness for another.
    var isOn: Bool { sources.count > 1 }
    var count: Int { sources.count }

    /// Takes a finished probe that says something.
    ///
    /// - Returns: Whether it makes or keeps the source a clean witness.
    @discardableResult
    mutating func record(isGood: Bool, by source: Int, end: MonotonicInstant) -> Bool {
        guard isGood else {
            sources[source].goodInARow = 0
            sources[source].since = nil
            sources[source].newestBad = max(sources[source].newestBad ?? end, end)
            if source == first?.source || source == second?.source { isOutdated = true }
            return false
        }
        if sources[source].goodInARow < Self.needed { sources[source].goodInARow += 1 }
        if sources[source].since == nil { sources[source].since = end }
        let newest = max(sources[source].newestGood ?? end, end)
        sources[source].newestGood = newest
        newestGood = max(newestGood ?? end, end)
        guard sources[source].isClean else { return false }
        if !isOutdated { enter(Clean(source: source, end: newest, bad: sources[source].newestBad)) }
        return true
    }

    /// The end of the newest good probe of a clean witness for `source`; `nil` without one.
    mutating func newestCleanEnd(for source: Int) -> MonotonicInstant? {
        let shown = witnesses(for: source)
        return (shown.first ?? shown.second)?.end
    }

    /// What the two newest clean witnesses for `source` show.
    mutating func witnesses(for source: Int) -> Witnesses {
        if isOutdated { renew() }
        func shown(_ clean: Clean?) -> Witnesses.Shown? {
            guard let clean, clean.source != source else { return nil }
            return Witnesses.Shown(end: clean.end, bad: clean.bad)
        }
        return Witnesses(first: shown(first), second: shown(second))
    }

    /// A clean source other than `source`, the one with the newest good probe.
    mutating func cleanest(for source: Int) -> Int? {
        if isOutdated { renew() }
        return first?.source == source ? second?.source : first?.source
    }

    func isClean(_ source: Int) -> Bool { sources[source].isClean }

    /// At most ``needed``.
    func goodInARow(of source: Int) -> Int { sources[source].goodInARow }

    /// What a source shows; `nil` unless it is clean.
    func shown(by source: Int) -> Witnesses.Shown? {
        guard sources[source].isClean, let end = sources[source].newestGood else { return nil }
        return Witnesses.Shown(end: end, bad: sources[source].newestBad)
    }

    /// The shortest interval of those that can witness for `source`; `nil` if nobody can.
    func shortestInterval(for source: Int) -> Duration? {
        shortest?.source == source ? nextShortest : shortest?.interval
    }

    /// Goes on with what a source of an earlier bench showed.
    mutating func adopt(_ source: Int, from old: WitnessBench, _ before: Int) {
        let known = old.sources[before]
        sources[source].goodInARow = known.goodInARow
        sources[source].newestGood = known.newestGood
        sources[source].since = known.since
        sources[source].newestBad = known.newestBad
        if let good = known.newestGood { newestGood = max(newestGood ?? good, good) }
        isOutdated = true
    }

    // MARK: - The two newest

    private mutating func enter(_ clean: Clean) {
        if let first, first.source != clean.source {
            guard clean.end >= first.end else {
                if second.map({ $0.source == clean.source || clean.end >= $0.end }) ?? true { second = clean }
                return
            }
            second = first
        }
        first = clean
    }

    private mutating func renew() {
        first = nil
        second = nil
        isOutdated = false
        for (index, source) in sources.enumerated() where source.isClean {
            if let end = source.newestGood { enter(Clean(source: index, end: end, bad: source.newestBad)) }
        }
    }
}
