/// Instants at which something must be looked at again, earliest first: a binary heap.
struct DeadlineQueue<Item: Sendable>: Sendable {
    private var heap: [(at: MonotonicInstant, order: UInt64, item: Item)] = []
    private var inserted: UInt64 = 0

    var next: MonotonicInstant? { heap.first?.at }
    var count: Int { heap.count }

    mutating func insert(_ item: Item, at instant: MonotonicInstant) {
        inserted += 1
        heap.append((instant, inserted, item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isEarlier(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest item that is due at `now`; items of one instant come in the order of their insertion.
    mutating func pop(dueAt now: MonotonicInstant) -> Item? {
        guard let first = heap.first, first.at <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = parent * 2 + 1
            let right = left + 1
            var least = parent
            if left < heap.count, isEarlier(left, least) { least = left }
            if right < heap.count, isEarlier(right, least) { least = right }
            guard least != parent else { return first.item }
            heap.swapAt(least, parent)
            parent = least
        }
    }

    /// Forgets items; the order of the others stays.
    mutating func removeAll(where isObsolete: (Item) -> Bool) {
        // A sorted array is a heap.
        heap = heap.filter { !isObsolete($0.item) }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].order) < (heap[right].at, heap[right].order)
    }
}
