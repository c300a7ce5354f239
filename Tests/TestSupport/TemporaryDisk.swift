import Foundation

/// Whether tests may mount a disk of their own.
package let canMount = geteuid() == 0

/// Calls `body` with a small disk in memory, mounted for the time of the call; needs root.
///
/// A process that another test starts at the same moment holds every open file for an instant, so room may come back a little late.
///
/// `options` are those of tmpfs, such as `size=64k` or `ro`.
package func withTemporaryDisk<Result>(
    _ options: String,
    _ body: (TemporaryDirectory) async throws -> Result
) async throws -> Result {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let mount = try run("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory.path])
    guard mount.status == 0 else { throw CommandError(text: "no disk for the test: \(mount.standardError)") }
    defer { umount2(directory.path, Int32(MNT_DETACH)) }
    return try await body(directory)
}
