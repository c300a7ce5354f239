import NIOConcurrencyHelpers

/// Values that threads leave for a test, in order.
final class Collected<Value: Sendable>: Sendable {
    private let values = NIOLockedValueBox<[Value]>([])

    var all: [Value] { values.withLockedValue { $0 } }
    func append(_ value: Value) { values.withLockedValue { $0.append(value) } }
}
