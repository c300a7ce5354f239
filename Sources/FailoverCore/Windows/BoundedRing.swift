/// A first-in, first-out ring that never holds more than its capacity; appending to a full one gives the oldest back.
struct BoundedRing<Element: Sendable>: Sendable {
    let capacity: Int
    /// Full or growing; the oldest is at `head`.
    private var storage: [Element?] = []
    private var head = 0
    private(set) var count = 0

    /// - Parameter capacity: At least 1. Memory grows with use, not with the capacity.
    init(capacity: Int) {
        precondition(capacity > 0, "a ring of nothing holds nothing")
        self.capacity = capacity
    }

    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : storage[head] }

    /// Oldest first.
    var elements: [Element] { (0..<count).compactMap { storage[slot($0)] } }

    /// - Returns: The element that had to make room, if the ring was full.
    @discardableResult
    mutating func append(_ element: Element) -> Element? {
        let evicted = count == capacity ? popFirst() : nil
        if count == storage.count { grow() }
        storage[slot(count)] = element
        count += 1
        return evicted
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        storage[head] = nil
        head = head + 1 == storage.count ? 0 : head + 1
        count -= 1
        return element
    }

    /// Forgets all and gives the memory back.
    mutating func removeAll() {
        storage = []
        head = 0
        count = 0
    }

    private func slot(_ index: Int) -> Int {
        let slot = head + index
        return slot < storage.count ? slot : slot - storage.count
    }

    private mutating func grow() {
        var grown: [Element?] = []
        let size = min(capacity, max(4, storage.count * 2))
        grown.reserveCapacity(size)
        grown += elements
        grown += repeatElement(nil, count: size - grown.count)
        storage = grown
        head = 0
    }
}

extension BoundedRing: Equatable where Element: Equatable {
    static func == (left: BoundedRing, right: BoundedRing) -> Bool { left.elements == right.elements }
}
