import Glibc

/// Who may change something through the socket.
///
/// Reading is left to the socket's mode.
struct ControlAccess: Hashable, Sendable {
    let daemonUID: UInt32
    /// The group whose members may change things.
    let adminGroup: String
    /// `nil` if there is no such group on this machine.
    let adminGID: UInt32?
    /// The group whose members may report what their own requests came to.
    var observerGroup = "failoverd-observers"
    /// `nil` if there is no such group on this machine.
    var observerGID: UInt32?

    func mayChange(_ peer: PeerCredentials) -> Bool {
        if peer.uid == 0 || peer.uid == daemonUID { return true }
        return adminGID.map(peer.isMember(of:)) ?? false
    }

    /// What would be needed, in one sentence.
    func refusal(of peer: PeerCredentials) -> String {
        let absent = adminGID == nil ? ", which does not exist on this machine" : ""
        return "changing needs root, the daemon's own user (uid \(daemonUID)) or membership of the group "
            + "\(adminGroup)\(absent); you are uid \(peer.uid)"
    }
}

/// Names of users and groups, from the system's databases.
///
/// Each call may block on a directory service.
package enum Accounts {
    /// `nil` if there is no such group.
    package static func gid(ofGroup name: String) -> UInt32? {
        withGroup { getgrnam_r(name, $0, $1, $2, $3) }?.gid
    }

    /// `nil` if there is no such group.
    package static func name(ofGroup gid: UInt32) -> String? {
        withGroup { getgrgid_r(gid, $0, $1, $2, $3) }?.name
    }

    /// `nil` for a user without an account.
    package static func name(ofUser uid: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(uid, &entry, start, buffer.count, &found) == 0, found != nil
            else { return nil }
            return entry.pw_name.map { String(cString: $0) }
        }
    }

    private typealias GroupLookup = (
        UnsafeMutablePointer<group>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<group>?>
    ) -> CInt

    private static func withGroup(_ lookup: GroupLookup) -> (gid: UInt32, name: String)? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: bufferBytes) { buffer in
            guard let start = buffer.baseAddress, lookup(&entry, start, buffer.count, &found) == 0, found != nil
            else { return nil }
            return entry.gr_name.map { (entry.gr_gid, String(cString: $0)) }
        }
    }

    /// A group entry lists its members; one with more than this many bytes of them is not found.
    private static let bufferBytes = 256 * 1024
}
