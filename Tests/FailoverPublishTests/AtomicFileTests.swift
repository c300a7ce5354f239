import FailoverPublish
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    @Test func aFileIsWholeAndReadableWhateverTheUmask() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("state.json")
            // The umask belongs to the process, so it is set in one of its own.
            await #expect(processExitsWith: .success) { [path = path as String] in
                umask(0o077)
                try AtomicFile.write(Array("one".utf8), to: path)
                try AtomicFile.write(Array("two".utf8), to: path, durability: .durable)
            }
            #expect(try text(at: path) == "two")
            #expect(try mode(of: path) == 0o644)
            #expect(try names(at: directory.path) == ["state.json"])
        }
    }

    @Test(arguments: [
        ("", "cannot use \"\": the path names no file"),
        ("/run/", "cannot use /run/: the path names no file"),
        ("/run/../etc/passwd", "cannot use /run/../etc/passwd: the path holds \"..\"; give it without"),
        ("/run/a\u{0}b", "cannot use /run/a\u{0}b: the path holds a NUL byte"),
        (
            "/nowhere/at/all/state.json",
            "cannot open /nowhere/at/all/state.json: No such file or directory (ENOENT)"
        ),
        ("/proc/state.json", "cannot create /proc/state.json: No such file or directory (ENOENT)"),
    ])
    func aPathThatCannotBeWrittenIsRefused(path: String, expected: String) throws {
        let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
        #expect(error?.description == expected)
    }

    @Test func aNameThatLeavesNoRoomForATemporaryOneIsRefused() throws {
        let path = "/tmp/" + String(repeating: "n", count: 201)
        let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
        #expect(
            error
                == FileError(
                    path: path,
                    operation: .use,
                    errno: ENAMETOOLONG,
                    detail: "the name is longer than 200 bytes"
                )
        )
    }

    @Test func aLinkInTheWayIsReplacedAndNotFollowed() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("precious", to: directory.path("victim"))
            symlink(directory.path("victim"), directory.path("state.json"))
            try AtomicFile.write(Array("new".utf8), to: directory.path("state.json"))
            #expect(try text(at: directory.path("victim")) == "precious")
            #expect(try text(at: directory.path("state.json")) == "new")
        }
    }

    @Test func aDirectoryInTheWayIsAnErrorAndLeavesNothingBehind() async throws {
        try await withTemporaryDirectory { directory async throws in
            mkdir(directory.path("state.json"), 0o755)
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: directory.path("state.json")) }
            #expect(error == FileError(path: directory.path("state.json"), operation: .replace, errno: EISDIR))
            #expect(try names(at: directory.path) == ["state.json"])
        }
    }

    @Test(.enabled(if: canMount, "mounting needs root"))
    func aFullDiskKeepsTheOldFileAndHeals() async throws {
        try await withTemporaryDisk("size=64k") { directory async throws in
            let path = directory.path("state.json")
            try AtomicFile.write(Array("old".utf8), to: path)
            let big = [UInt8](repeating: 0x20, count: 128 * 1024)
            let error = #expect(throws: FileError.self) { try AtomicFile.write(big, to: path) }
            #expect(error == FileError(path: path, operation: .write, errno: ENOSPC))
            #expect(error?.description == "cannot write \(path): No space left on device (ENOSPC)")
            #expect(try text(at: path) == "old")
            #expect(try names(at: directory.path) == ["state.json"])
            try await condition("room again") {
                do throws(FileError) { try AtomicFile.write(Array("new".utf8), to: path) } catch {
                    guard error.errno == ENOSPC else { throw error }
                    return false
                }
                return true
            }
            #expect(try text(at: path) == "new")
        }
    }

    @Test(.enabled(if: canMount, "mounting needs root"))
    func aReadOnlyDiskIsAnError() async throws {
        try await withTemporaryDisk("ro") { directory async throws in
            let path = directory.path("state.json")
            #expect(throws: FileError(path: path, operation: .create, errno: EROFS)) {
                try AtomicFile.write([1], to: path)
            }
        }
    }

    @Test func aFileThatMayNotGrowKeepsTheOldOne() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("state.json")
            try AtomicFile.write(Array("old".utf8), to: path)
            await #expect(processExitsWith: .success) { [path = path as String] in
                var limit = rlimit(rlim_cur: 1_000, rlim_max: 1_000)
                setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
                signal(SIGXFSZ, SIG_IGN)
                #expect(throws: FileError(path: path, operation: .write, errno: EFBIG)) {
                    try AtomicFile.write([UInt8](repeating: 0, count: 2_000), to: path)
                }
            }
            #expect(try text(at: path) == "old")
            #expect(try names(at: directory.path) == ["state.json"])
        }
    }

    @Test func aDirectoryWithoutWritePermissionIsAnError() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("state.json")
            try write("old", to: path)
            chmod(directory.path, 0o555)
            await #expect(processExitsWith: .success) { [path = path as String] in
                // Root may write anywhere.
                if geteuid() == 0 { try #require(setuid(65_534) == 0) }
                #expect(throws: FileError(path: path, operation: .create, errno: EACCES)) {
                    try AtomicFile.write([1], to: path)
                }
            }
            chmod(directory.path, 0o755)
            #expect(try text(at: path) == "old")
        }
    }

    @Test func leftoversOfACrashAreRemovedAndNothingElse() async throws {
        try await withTemporaryDirectory { directory async throws in
            let strangers = [
                ".other.json.failoverd-12.1.tmp", ".state.json.failoverd-.tmp", ".state.json.failoverd-x.1.tmp",
                ".state.json.swp", "state.json", "state.json.tmp",
            ]
            for name in strangers + [".state.json.failoverd-12.1.tmp", ".state.json.failoverd-345.67.tmp"] {
                try write("x", to: directory.path(name))
            }
            #expect(try AtomicFile.removeLeftovers(of: directory.path("state.json")) == 2)
            #expect(try names(at: directory.path) == strangers.sorted())
        }
    }

    @Test func aPlantedTemporaryNameIsNotFollowed() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("precious", to: directory.path("victim"))
            let path = directory.path("state.json")
            await #expect(processExitsWith: .success) { [path = path as String] in
                let start = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
                for number in 1...3 {
                    symlink("\(start)/victim", "\(start)/.state.json.failoverd-\(getpid()).\(number).tmp")
                }
                for _ in 1...3 { try AtomicFile.write([0x31], to: path) }
            }
            #expect(try text(at: directory.path("victim")) == "precious")
            #expect(try names(at: directory.path) == ["state.json", "victim"])
        }
    }
}
