/// Hands the results of overlapping attempts on in the order of their starts.
///
/// The evidence rule reads "the second bad one in a row" out of that order, so a quick answer waits for a slow one that
/// began before it; the wait ends at the slow one's timeout.
struct StartOrder<Result: Sendable>: Sendable {
    private var entries: [(attempt: AttemptID, result: Result?)] = []

    /// More than can be under way at once, confirmations included; beyond it the oldest is given up as void.
    static var capacity: Int { 8 }

    /// - Returns: Results that became free because an older attempt had to be given up.
    mutating func begin(_ attempt: AttemptID) -> [Result] {
        entries.append((attempt, nil))
        guard entries.count > Self.capacity else { return [] }
        entries.removeFirst()
        return release()
    }

    /// Whether the attempt has begun and has no result yet.
    func isPending(_ attempt: AttemptID) -> Bool {
        entries.contains { $0.attempt == attempt && $0.result == nil }
    }

    /// - Returns: The results that are now in order, oldest first. A second result of an attempt is ignored.
    mutating func complete(_ attempt: AttemptID, with result: Result) -> [Result] {
        guard let index = entries.firstIndex(where: { $0.attempt == attempt && $0.result == nil }) else { return [] }
        entries[index].result = result
        return release()
    }

    private mutating func release() -> [Result] {
        var released: [Result] = []
        while let first = entries.first, let result = first.result {
            released.append(result)
            entries.removeFirst()
        }
        return released
    }
}
