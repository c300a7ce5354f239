import Foundation

/// A lock that one process of a user holds at a time, and one task of that process.
package struct MachineLock: Sendable {
    private let descriptor: Int32

    /// Waits until nobody else holds the lock of this name.
    package init(named name: String) async throws {
        descriptor = open("/tmp/\(name)-\(getuid()).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw CommandError(text: "cannot open the lock \(name): errno \(errno)") }
        let descriptor = descriptor
        try await condition("the lock \(name)", within: .seconds(300)) { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
    }

    package func release() { close(descriptor) }
}
