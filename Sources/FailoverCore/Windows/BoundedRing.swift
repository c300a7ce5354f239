/// A first-in, first-out ring that never holds more than its capacity; appending to a full one gives the oldest back.
struct BoundedRing<Element: Sendable>: Sendable {
    let capacity: Int
    private var storage: [Element] = []
    private var head = 0

    /// - Parameter capacity: At least 1. Memory grows with use, not with the capacity.
    init(capacity: Int) {
        precondition(capacity > 0, "a ring of nothing holds nothing")
        self.capacity = capacity
    }

    var count: Int { storage.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : storage[head] }

    /// Oldest first.
    var elements: ArraySlice<Element> { storage[head...] }

    /// - Returns: The element that had to make room, if the ring was full.
    @discardableResult
    mutating func append(_ element: Element) -> Element? {
        let evicted = count == capacity ? popFirst() : nil
        storage.append(element)
        return evicted
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        head += 1
        // Moving the rest once per half keeps both ends amortised constant.
        if head > 32, head * 2 > storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        head = 0
    }
}

extension BoundedRing: Equatable where Element: Equatable {
    static func == (left: BoundedRing, right: BoundedRing) -> Bool { left.elements == right.elements }
}
