import NIOConcurrencyHelpers

/// Counts the connections that are open, and those that were refused for being too many.
final class ConnectionSlots: Sendable {
    private struct Counts {
        var taken = 0
        var refused: UInt64 = 0
    }

    private let maximum: Int
    private let counts = NIOLockedValueBox(Counts())
    private let onRefusal: @Sendable () -> Void

    /// `onRefusal` is called for each connection that is one too many.
    init(maximum: Int, onRefusal: @escaping @Sendable () -> Void = {}) {
        self.maximum = maximum
        self.onRefusal = onRefusal
    }

    var refused: UInt64 { counts.withLockedValue { $0.refused } }

    /// `false` when all are taken.
    func take() -> Bool {
        let isTaken = counts.withLockedValue { counts in
            guard counts.taken < maximum else {
                counts.refused += 1
                return false
            }
            counts.taken += 1
            return true
        }
        if !isTaken { onRefusal() }
        return isTaken
    }

    /// Waits until all are free, but not for longer than `limit`.
    func allFree(within limit: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while counts.withLockedValue({ $0.taken > 0 }), clock.now < end {
            // Only at the end of a server, which nobody waits for: a step is shorter than anybody notices.
            try? await clock.sleep(for: .milliseconds(5))
        }
    }

    func giveBack() { counts.withLockedValue { $0.taken -= 1 } }
}
