/// Instants at which something must be looked at again, earliest first: a binary heap.
struct DeadlineQueue<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: MonotonicInstant
        let order: UInt64
        let item: Item

        static func < (left: Entry, right: Entry) -> Bool {
            left.at == right.at ? left.order < right.order : left.at < right.at
        }
    }

    private var heap: [Entry] = []
    private var inserted: UInt64 = 0

    var next: MonotonicInstant? { heap.first?.at }
    var count: Int { heap.count }

    mutating func insert(_ item: Item, at instant: MonotonicInstant) {
        inserted += 1
        let entry = Entry(at: instant, order: inserted, item: item)
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry < heap[parent] else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    /// The earliest item that is due at `now`; items of one instant come in the order of their insertion.
    mutating func pop(dueAt now: MonotonicInstant) -> Item? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.item }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < last else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = last
        return first.item
    }

    /// Forgets items; the order of the others stays.
    mutating func removeAll(where isObsolete: (Item) -> Bool) {
        // A sorted array is a heap.
        heap = heap.filter { !isObsolete($0.item) }.sorted { $0 < $1 }
    }
}
