/// A value that few owners have, kept apart: for all others it weighs one word.
struct Rare<Value: Sendable>: Sendable {
    /// At most one.
    private var storage: [Value]

    init(_ value: Value? = nil) {
        storage = []
        self.value = value
    }

    var isEmpty: Bool { storage.isEmpty }

    var value: Value? {
        get { storage.first }
        set { storage = newValue.map { [$0] } ?? [] }
    }

    /// Looks at it without a copy; `nil` if there is none.
    func read<Result>(_ body: (Value) -> Result) -> Result? {
        storage.isEmpty ? nil : body(storage[0])
    }

    /// Changes it in its place; `nil` if there is none.
    @discardableResult
    mutating func change<Result>(_ body: (inout Value) -> Result) -> Result? {
        storage.isEmpty ? nil : body(&storage[0])
    }
}

extension Rare: Equatable where Value: Equatable {}
extension Rare: Hashable where Value: Hashable {}
