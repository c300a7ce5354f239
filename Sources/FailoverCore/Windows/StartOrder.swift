/// Hands the results of overlapping attempts on in the order of their starts.
///
/// The evidence rule reads "the second bad one in a row" out of that order, so a quick answer waits for a slow one that
/// began before it; the wait ends at the slow one's timeout. After each change, `readyHead` is what is next in order.
struct StartOrder<Result: Sendable>: Sendable {
    private var entries: [(attempt: AttemptID, result: Result?, known: MonotonicInstant?)] = []

    /// More than can be under way at once, confirmations included, and than usually wait for a witness; beyond it the oldest
    /// is given up as void.
    static var capacity: Int { 24 }

    /// - Returns: Whether an older attempt had to be given up.
    @discardableResult
    mutating func begin(_ attempt: AttemptID) -> Bool {
        entries.append((attempt, nil, nil))
        guard entries.count > Self.capacity else { return false }
        entries.removeFirst()
        return true
    }

    /// Whether the attempt has begun and has no result yet.
    func isPending(_ attempt: AttemptID) -> Bool {
        entries.contains { $0.attempt == attempt && $0.result == nil }
    }

    /// A second result of an attempt is ignored.
    mutating func complete(_ attempt: AttemptID, with result: Result) {
        guard let index = entries.firstIndex(where: { $0.attempt == attempt && $0.result == nil }) else { return }
        entries[index].result = result
    }

    /// Puts another result in the place of one that is not handed on yet.
    ///
    /// - Returns: Whether there was one.
    mutating func replace(_ attempt: AttemptID, with result: Result) -> Bool {
        guard let index = entries.firstIndex(where: { $0.attempt == attempt && $0.result != nil }) else { return false }
        entries[index].result = result
        return true
    }

    // MARK: - What is next in order

    /// Whether the oldest attempt has a result.
    var isHeadReady: Bool { !entries.isEmpty && entries[0].result != nil }

    /// The oldest result, if nothing that began before it is under way, and since when it is known to wait.
    var readyHead: (result: Result, known: MonotonicInstant?)? {
        guard let first = entries.first, let result = first.result else { return nil }
        return (result, first.known)
    }

    mutating func dropHead() { entries.removeFirst() }

    /// Notes since when results wait, where that is not noted yet.
    mutating func noteKnown(at now: MonotonicInstant) {
        for index in entries.indices where entries[index].result != nil && entries[index].known == nil {
            entries[index].known = now
        }
    }

    /// Since when the oldest result waits.
    var waitsSince: MonotonicInstant? { readyHead?.known }
}
