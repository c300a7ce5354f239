package import FailoverCore
import Glibc

/// Whom a file belongs to, in the numbers of this machine.
package struct FileOwnerID: Hashable, Sendable {
    let user: uid_t
    /// `nil` to leave the group as it is.
    let group: gid_t?

    /// Looks the names up now: a user may have been made since the configuration was read.
    ///
    /// Throws with the `path` that the owner is for.
    package init(_ owner: FileOwner, for path: String) throws(FileError) {
        func refusal(_ what: String) -> FileError {
            FileError(path: path, operation: .setOwner, errno: ENOENT, detail: "there is no \(what)")
        }
        guard let user = uid_t(owner.user) ?? Self.user(owner.user) else { throw refusal("user \(owner.user)") }
        self.user = user
        guard let name = owner.group else {
            group = nil
            return
        }
        guard let group = gid_t(name) ?? Self.group(name) else { throw refusal("group \(name)") }
        self.group = group
    }

    /// Room for one entry of the user database, in bytes.
    private static let room = 65_536

    private static func user(_ name: String) -> uid_t? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: room)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    private static func group(_ name: String) -> gid_t? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: room)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
