import Foundation

/// A directory of its own for a test, with a path short enough for sockets.
package struct TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/failoverd-test.XXXXXX".utf8CString)
        guard let name = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap(mkdtemp) }) else {
            throw CommandError(text: "no temporary directory: errno \(errno)")
        }
        path = String(cString: name)
    }

    /// The path of a file in it.
    package func path(_ name: String) -> String { path + "/" + name }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Calls `body` with a directory that is removed afterwards.
package func withTemporaryDirectory<Result>(
    _ body: (TemporaryDirectory) async throws -> Result
) async throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    return try await body(directory)
}
