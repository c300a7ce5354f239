import Foundation
import Glibc
import Testing

@testable import FailoverControl

@Suite struct ListeningSocketTests {
    private func mode(of path: String) throws -> UInt32 {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    @Test(arguments: [0o660, 0o600, 0o666] as [UInt32])
    func modeIsExactlyAsAsked(expected: UInt32) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let socket = try ListeningSocket.bind(path: path, mode: expected, group: nil)
            defer { close(socket.descriptor) }
            #expect(try mode(of: path) == expected)
            // Bound, but nobody gets in before it listens.
            #expect(throws: POSIXError(.ECONNREFUSED)) { try RawConnection(path: path) }
            socket.unlinkIfOurs()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func groupIsGivenIfWeMay() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let socket = try ListeningSocket.bind(path: path, mode: 0o660, group: geteuid() == 0 ? 12 : getegid())
            defer { close(socket.descriptor) }
            var status = stat()
            try #require(lstat(path, &status) == 0)
            #expect(status.st_gid == (geteuid() == 0 ? 12 : getegid()))
        }
    }

    @Test func longestPathFitsAndOneMoreByteIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            let longest = directory + "/" + String(repeating: "x", count: 107 - directory.utf8.count - 1)
            let socket = try ListeningSocket.bind(path: longest, mode: 0o600, group: nil)
            close(socket.descriptor)
            #expect(throws: SocketPathError.tooLong(path: longest + "x", bytes: 108)) {
                try ListeningSocket.bind(path: longest + "x", mode: 0o600, group: nil)
            }
        }
    }

    @Test func deadSocketIsReplaced() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            close(try ListeningSocket.bind(path: path, mode: 0o600, group: nil).descriptor)
            let second = try ListeningSocket.bind(path: path, mode: 0o660, group: nil)
            defer { close(second.descriptor) }
            #expect(try mode(of: path) == 0o660)
        }
    }

    @Test func livingDaemonIsLeftAlone() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let living = try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
            defer { close(living.descriptor) }
            try #require(listen(living.descriptor, 1) == 0)
            #expect(throws: SocketPathError.livingDaemon(path: path)) {
                try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func fileThatIsNoSocketIsLeftAlone() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            try "precious".write(toFile: path, atomically: true, encoding: .utf8)
            let link = directory + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            for place in [path, link, directory] {
                #expect(throws: SocketPathError.notASocket(path: place)) {
                    try ListeningSocket.bind(path: place, mode: 0o600, group: nil)
                }
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func missingDirectoryIsSaid() async throws {
        try await withTemporaryDirectory { directory in
            #expect(throws: SocketPathError.noDirectory(path: directory + "/none/s")) {
                try ListeningSocket.bind(path: directory + "/none/s", mode: 0o600, group: nil)
            }
        }
    }

    @Test func successorsSocketIsNotRemoved() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let first = try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
            // Still open, as while a daemon stops: until then the kernel does not give its identity to another file.
            defer { close(first.descriptor) }
            let second = try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
            defer { close(second.descriptor) }
            first.unlinkIfOurs()
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(
        arguments: [
            (.tooLong(path: "/x", bytes: 108), "socket path is too long: /x has 108 bytes, at most 107 are allowed"),
            (
                .livingDaemon(path: "/x"),
                "socket /x belongs to a living daemon: stop it first, or choose another path"
            ),
            (
                .notASocket(path: "/x"),
                "/x exists and is not a socket: it was left alone; remove it, or choose another path"
            ),
            (.noDirectory(path: "/x/y"), "the directory of socket /x/y does not exist"),
            (.system(call: "bind", path: "/x", code: EACCES), "cannot bind socket /x: Permission denied"),
        ] as [(SocketPathError, String)]
    )
    func errorsSayWhatToDo(error: SocketPathError, text: String) {
        #expect(error.description == text)
    }
}
