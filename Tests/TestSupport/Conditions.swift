/// A condition that did not come true in time.
package struct ConditionError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Waits until `isTrue`, looking again every few milliseconds; for what another process does and tells nobody.
package func condition(
    _ name: String,
    within limit: Duration = .seconds(30),
    _ isTrue: @Sendable () throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try !isTrue() {
        guard clock.now < deadline else { throw ConditionError(description: "not within \(limit): \(name)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
