import FailoverSystemd
import Foundation
import TestSupport
import Testing

/// Environment and low descriptors belong to the process, so each test has one of its own.
@Suite struct DescriptorStoreTests {
    @Test func keepingAndForgettingAreToldByName() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("notify")
            await #expect(processExitsWith: .success) { [path = path as String] in
                let manager = try NotifySocket(at: path)
                #expect(DescriptorStore.keep(manager.descriptor, named: "control-1-2") == .sent)
                #expect(manager.received() == "FDSTORE=1\nFDNAME=control-1-2")
                #expect(DescriptorStore.forget("control\n1") == .sent)
                #expect(manager.received() == "FDSTOREREMOVE=1\nFDNAME=control 1")
            }
        }
    }

    @Test func whatWasKeptIsHandedOverWithItsName() async {
        await #expect(processExitsWith: .success) {
            // The first number that systemd uses; here it may be what this process reports its result on.
            let taken = dup(3)
            defer { if taken >= 0 { dup2(taken, 3) } }
            let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            try #require(socket == 3 || dup2(socket, 3) == 3)
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "1", 1)
            setenv("LISTEN_FDNAMES", "control-1-2", 1)
            #expect(DescriptorStore.inherited() == [.init(name: "control-1-2", descriptor: 3)])
            #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
            // Meant for somebody else.
            setenv("LISTEN_PID", "1", 1)
            #expect(DescriptorStore.inherited() == [])
        }
    }

    @Test func withoutAServiceManagerNothingIsKept() async {
        await #expect(processExitsWith: .success) {
            for name in ["NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
            #expect(DescriptorStore.inherited() == [])
            #expect(DescriptorStore.keep(0, named: "x") == .unsupervised)
            #expect(DescriptorStore.forget("x") == .unsupervised)
        }
    }
}
