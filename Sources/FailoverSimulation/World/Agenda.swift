import FailoverCore

/// What is going to happen in a world, earliest first; what is due at one instant comes in the order of insertion.
struct Agenda<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Int64
        let order: UInt64
        let item: Item

        func isBefore(_ other: Entry) -> Bool { at == other.at ? order < other.order : at < other.at }
    }

    /// A binary heap.
    private var heap: [Entry] = []
    private var inserted: UInt64 = 0

    var next: MonotonicInstant? { heap.first.map { MonotonicInstant(nanoseconds: $0.at) } }

    mutating func insert(_ item: Item, at instant: MonotonicInstant) {
        inserted += 1
        let entry = Entry(at: instant.nanoseconds, order: inserted, item: item)
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    mutating func popFirst() -> Item? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first.item }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(last) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = last
        return first.item
    }
}
