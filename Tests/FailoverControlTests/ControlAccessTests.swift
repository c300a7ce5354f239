import Glibc
import Testing

@testable import FailoverControl

@Suite struct ControlAccessTests {
    @Test(
        arguments: [
            (0, 0, [], 500, true), (990, 990, [], 500, true), (1000, 1000, [], 500, false),
            (1000, 1000, [4, 500], 500, true),
            (1000, 500, [], 500, true), (1000, 1000, [4, 500], nil, false), (0, 0, [], nil, true),
        ] as [(UInt32, UInt32, [UInt32], UInt32?, Bool)]
    )
    func changingNeedsRootTheDaemonOrTheAdminGroup(
        uid: UInt32,
        gid: UInt32,
        groups: [UInt32],
        adminGID: UInt32?,
        expected: Bool
    ) {
        let access = ControlAccess(daemonUID: 990, adminGroup: "failoverd-admin", adminGID: adminGID)
        #expect(access.mayChange(PeerCredentials(uid: uid, gid: gid, groups: groups)) == expected)
    }

    @Test func refusalSaysWhatIsNeeded() {
        let peer = PeerCredentials(uid: 1000, gid: 1000, groups: [])
        #expect(
            ControlAccess(daemonUID: 990, adminGroup: "failoverd-admin", adminGID: 500).refusal(of: peer)
                == "changing needs root, the daemon's own user (uid 990) or membership of the group failoverd-admin; "
                + "you are uid 1000"
        )
        #expect(
            ControlAccess(daemonUID: 0, adminGroup: "failoverd-admin", adminGID: nil).refusal(of: peer)
                == "changing needs root, the daemon's own user (uid 0) or membership of the group failoverd-admin, "
                + "which does not exist on this machine; you are uid 1000"
        )
    }

    @Test func kernelTellsWhoIsAtTheOtherEnd() throws {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = Int(getgroups(CInt(groups.count), &groups))
        let peer = try PeerCredentials(descriptor: pair[0])
        #expect(peer == PeerCredentials(uid: geteuid(), gid: getegid(), groups: Array(groups[..<count])))
    }

    @Test func accountsAreFoundBothWays() {
        #expect(Accounts.gid(ofGroup: "root") == 0)
        #expect(Accounts.name(ofGroup: 0) == "root")
        #expect(Accounts.name(ofUser: 0) == "root")
        #expect(Accounts.gid(ofGroup: "no-such-group-failoverd") == nil)
        #expect(Accounts.name(ofUser: 3_999_999_999) == nil)
    }
}
