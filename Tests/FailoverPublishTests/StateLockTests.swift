import FailoverPublish
import Foundation
import TestSupport
import Testing

@Suite struct StateLockTests {
    @Test func aSecondProcessIsRefusedAndToldByWhom() async throws {
        try await withTemporaryDirectory { directory async throws in
            let stateFile = directory.path("state.json")
            let lock = try StateLock.forStateFile(stateFile)
            let memory = try StateLock.forStateDirectory(directory.path)
            let holder = getpid()
            await #expect(processExitsWith: .success) {
                [stateFile = stateFile as String, directory = directory.path as String, holder = Int(holder) as Int] in
                let held = #expect(throws: LockError.self) { try StateLock.forStateFile(stateFile) }
                #expect(held == .held(path: stateFile + ".lock", by: Int32(holder)))
                #expect(
                    held?.description
                        == "another failoverd (process \(holder)) holds \(stateFile).lock: "
                        + "two daemons must not publish one decision"
                )
                #expect(throws: LockError.held(path: directory + "/lock", by: Int32(holder))) {
                    try StateLock.forStateDirectory(directory)
                }
            }
            #expect([lock.path, memory.path] == [stateFile + ".lock", directory.path("lock")])
            #expect(try mode(of: lock.path) == 0o600)
        }
    }

    @Test func aReleasedLockCanBeTakenAndItsFileStays() async throws {
        try await withTemporaryDirectory { directory async throws in
            let stateFile = directory.path("state.json")
            for _ in 1...2 {
                let lock = try StateLock.forStateFile(stateFile)
                #expect(throws: LockError.held(path: lock.path, by: getpid())) { try StateLock.forStateFile(stateFile) }
                withExtendedLifetime(lock) {}
            }
            #expect(try text(at: stateFile + ".lock") == "\(getpid())\n")
        }
    }

    @Test func aRefusalLeaksNoDescriptor() async throws {
        try await withTemporaryDirectory { directory async throws in
            let stateFile = directory.path("state.json")
            await #expect(processExitsWith: .success) { [stateFile = stateFile as String] in
                let lock = try StateLock.forStateFile(stateFile)
                var limit = rlimit(rlim_cur: 100, rlim_max: 100)
                setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
                for _ in 1...200 {
                    #expect(throws: LockError.held(path: lock.path, by: getpid())) {
                        try StateLock.forStateFile(stateFile)
                    }
                }
                withExtendedLifetime(lock) {}
            }
        }
    }

    @Test func aLinkInThePlaceOfTheLockIsRefused() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("precious", to: directory.path("victim"))
            symlink(directory.path("victim"), directory.path("state.json.lock"))
            let path = directory.path("state.json.lock")
            #expect(throws: LockError.file(FileError(path: path, operation: .open, errno: ELOOP))) {
                try StateLock.forStateFile(directory.path("state.json"))
            }
            #expect(try text(at: directory.path("victim")) == "precious")
        }
    }

    @Test func aMissingDirectoryIsAnErrorOfTheFile() throws {
        let path = "/nowhere/at/all/state.json.lock"
        #expect(throws: LockError.file(FileError(path: path, operation: .open, errno: ENOENT))) {
            try StateLock.forStateFile("/nowhere/at/all/state.json")
        }
    }
}
