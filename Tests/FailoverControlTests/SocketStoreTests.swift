import Foundation
import Glibc
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// Keeps descriptors as a service manager does.
private final class Keeper: Sendable {
    private let entries = NIOLockedValueBox<[SocketStore.Entry]>([])

    var kept: [SocketStore.Entry] { entries.withLockedValue { $0 } }

    /// What a new process gets: copies of everything.
    func store() -> SocketStore {
        SocketStore(
            inherited: kept.map { SocketStore.Entry(name: $0.name, descriptor: dup($0.descriptor)) },
            keep: { entry in
                self.entries.withLockedValue { $0.append(.init(name: entry.name, descriptor: dup(entry.descriptor))) }
                return true
            },
            forget: { name in self.drop { $0.name == name } }
        )
    }

    func drop(_ isMeant: (SocketStore.Entry) -> Bool = { _ in true }) {
        entries.withLockedValue { entries in
            for entry in entries where isMeant(entry) { close(entry.descriptor) }
            entries.removeAll(where: isMeant)
        }
    }
}

private func server(at path: String, store: SocketStore, listening: @escaping @Sendable () -> Void) -> ControlServer {
    ControlServer(
        socketPath: path,
        mode: 0o660,
        group: nil,
        adminGroup: "no-such-group-failoverd",
        store: store,
        source: ScriptedSource(),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        onListening: { listening() }
    )
}

private let question = "GET /v1/routes/chat/active HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/// Runs a server while `body` works, and until it has ended well.
private func serving(at path: String, _ store: SocketStore, _ body: () async throws -> Void) async throws {
    let (listening, signal) = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await server(at: path, store: store) { signal.finish() }.run() }
        for await _ in listening {}
        try await body()
        tasks.cancelAll()
        try await tasks.waitForAll()
    }
}

@Suite struct SocketStoreTests {
    @Test func whoeverComesBetweenTwoDaemonsIsAnsweredByTheSecond() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let keeper = Keeper()
            defer { keeper.drop() }
            try await serving(at: path, keeper.store()) {}
            #expect(keeper.kept.count == 1)
            // Nobody serves, and nobody is refused.
            let waiting = try RawConnection(path: path)
            waiting.send(question)
            try await serving(at: path, keeper.store()) {
                #expect(await waiting.readToEnd().hasSuffix("us-east\n"))
            }
            #expect(keeper.kept.count == 1, "the second one uses what the first has left")
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func whoeverHasConnectedBeforeTheEndIsAnswered() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let keeper = Keeper()
            defer { keeper.drop() }
            var early: [RawConnection] = []
            try await serving(at: path, keeper.store()) {
                for _ in 0..<32 {
                    let connection = try RawConnection(path: path)
                    connection.send(question)
                    early.append(connection)
                }
            }
            // Some were let in by the first, and the rest waits in the socket.
            try await serving(at: path, keeper.store()) {
                for connection in early {
                    let answer = await connection.readToEnd()
                    #expect(answer.hasSuffix("us-east\n"), "\(answer)")
                }
            }
        }
    }

    @Test(arguments: ["another path", "another file", "no file", "another name"])
    func whatLeadsNowhereIsClosedAndForgotten(difference: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let keeper = Keeper()
            defer { keeper.drop() }
            try await serving(at: path, keeper.store()) {}
            let wanted = difference == "another path" ? directory + "/t" : path
            switch difference {
            case "another file":
                try FileManager.default.removeItem(atPath: path)
                // Takes the place that the kernel may have given back.
                try "".write(toFile: directory + "/taken", atomically: false, encoding: .utf8)
                let other = try ListeningSocket.bind(path: path, mode: 0o600, group: nil)
                close(other.descriptor)
            case "no file": try FileManager.default.removeItem(atPath: path)
            case "another name":
                let entry = try #require(keeper.kept.first)
                let store = SocketStore(
                    inherited: [.init(name: "control-0-0", descriptor: dup(entry.descriptor))],
                    keep: { _ in false },
                    forget: { _ in }
                )
                #expect(store.take(path: path, mode: 0o660, group: nil) == nil)
                return
            default: break
            }
            try await serving(at: wanted, keeper.store()) {
                let connection = try RawConnection(path: wanted)
                connection.send(question)
                #expect(await connection.readToEnd().hasSuffix("us-east\n"))
            }
            #expect(keeper.kept.count == 1, "the dead one is gone, and the new one is kept")
        }
    }

    @Test func modeIsAsTheSuccessorWantsIt() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let keeper = Keeper()
            defer { keeper.drop() }
            try await serving(at: path, keeper.store()) {}
            chmod(path, 0o777)
            let socket = try #require(keeper.store().take(path: path, mode: 0o660, group: nil))
            defer { close(socket.descriptor) }
            var status = stat()
            try #require(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o660)
        }
    }
}
