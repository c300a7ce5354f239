import Glibc
import NIOCore

/// Who is at the other end of a Unix socket, as of when it connected.
struct PeerCredentials: Hashable, Sendable {
    let uid: UInt32
    let gid: UInt32
    /// Supplementary groups, in the kernel's order; at most 65,536.
    let groups: [UInt32]

    func isMember(of group: UInt32) -> Bool { gid == group || groups.contains(group) }
}

extension PeerCredentials {
    /// Asks the kernel.
    ///
    /// `nil` for a channel without a descriptor, such as an embedded one.
    static func of(_ channel: any Channel) async throws -> PeerCredentials? {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                try PeerCredentials(descriptor: $0)
            }
        }.get()
    }

    init(descriptor: CInt) throws(IOError) {
        var credentials = UserCredentials()
        var size = socklen_t(MemoryLayout<UserCredentials>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0,
            size == socklen_t(MemoryLayout<UserCredentials>.size)
        else { throw IOError(errnoCode: errno, reason: "getsockopt SO_PEERCRED") }
        uid = credentials.uid
        gid = credentials.gid
        groups = try Self.groups(descriptor: descriptor)
    }

    private static func groups(descriptor: CInt) throws(IOError) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            var size = socklen_t(groups.count * MemoryLayout<gid_t>.stride)
            if getsockopt(descriptor, SOL_SOCKET, peerGroupsOption, &groups, &size) == 0 {
                return Array(groups.prefix(Int(size) / MemoryLayout<gid_t>.stride))
            }
            let code = errno
            // Too small: the kernel says how much it needs. More than NGROUPS_MAX cannot be.
            let needed = Int(size) / MemoryLayout<gid_t>.stride
            guard code == ERANGE, needed > groups.count, needed <= 65_536 else {
                throw IOError(errnoCode: code, reason: "getsockopt SO_PEERGROUPS")
            }
            groups = [gid_t](repeating: 0, count: needed)
        }
    }
}

/// `struct ucred` of `unix(7)`, which the Glibc overlay leaves out: three 32-bit numbers.
private struct UserCredentials {
    var pid: Int32 = 0
    var uid: UInt32 = .max
    var gid: UInt32 = .max
}

/// `SO_PEERGROUPS` of `asm-generic/socket.h`, which all our architectures use; since Linux 4.13.
private let peerGroupsOption: CInt = 59
