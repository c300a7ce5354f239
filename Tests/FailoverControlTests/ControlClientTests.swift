import FailoverWire
import Foundation
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import FailoverControl

@Suite struct ControlClientTests {
    /// Answers every connection with the same bytes, whatever it asks, then closes if told to.
    private func withFalseDaemon(
        answer: String,
        closes: Bool = true,
        _ body: (String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await server.executeThenClose { connections in
                        for try await connection in connections {
                            try? await connection.executeThenClose { inbound, outbound in
                                var requests = inbound.makeAsyncIterator()
                                _ = try await requests.next()
                                try await outbound.write(ByteBuffer(string: answer))
                                if !closes { while try await requests.next() != nil {} }
                            }
                        }
                    }
                }
                try await body(path)
                tasks.cancelAll()
                _ = await tasks.nextResult()
            }
        }
    }

    @Test func nobodyThereIsSaidInPlainWords() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/s"
            let error = ControlClientError.noDaemon(path: path)
            await #expect(throws: error) { try await ControlClient(socketPath: path).get("/healthz") }
            // A dead socket is no daemon either.
            close(try ListeningSocket.bind(path: path, mode: 0o600, group: nil).descriptor)
            await #expect(throws: error) { try await ControlClient(socketPath: path).get("/healthz") }
            #expect(error.description == "no daemon answers on \(path): is failoverd running?")
        }
    }

    @Test func tooLongPathIsSaid() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 200)
        await #expect(throws: ControlClientError.pathTooLong(path: path)) {
            try await ControlClient(socketPath: path).get("/healthz")
        }
    }

    @Test func silenceIsATimeout() async throws {
        try await withFalseDaemon(answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", closes: false) { path in
            let client = ControlClient(socketPath: path, timeout: .milliseconds(100))
            await #expect(throws: ControlClientError.timeout(path: path, limit: .milliseconds(100))) {
                try await client.get("/healthz")
            }
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 200 OK\r\nConte"])
    func answerThatIsCutOffIsNoAnswer(answer: String) async throws {
        try await withFalseDaemon(answer: answer) { path in
            await #expect(throws: ControlClientError.closed(path: path)) {
                try await ControlClient(socketPath: path).get("/healthz")
            }
        }
    }

    @Test func answerThatIsNotHTTPIsMalformed() async throws {
        try await withFalseDaemon(answer: "SSH-2.0-OpenSSH_9.2\r\n") { path in
            let error = await #expect(throws: ControlClientError.self) {
                try await ControlClient(socketPath: path).get("/healthz")
            }
            #expect(error?.exitCode == .protocolError)
        }
    }

    @Test func answerWithoutAProblemDocumentIsMalformed() async throws {
        try await withFalseDaemon(answer: "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n") { path in
            await #expect(throws: ControlClientError.malformed("status 502 without a problem document")) {
                try await ControlClient(socketPath: path).status()
            }
        }
    }

    @Test(
        arguments: [
            (.noDaemon(path: "/s"), "no daemon answers on /s: is failoverd running?", .unavailable),
            (
                .permissionDenied(path: "/s", group: "failoverd"),
                "no permission to use /s: you need to be root or a member of the group failoverd", .noPermission
            ),
            (
                .permissionDenied(path: "/s", group: nil),
                "no permission to use /s: you need to be root or a member of the socket's group", .noPermission
            ),
            (.timeout(path: "/s", limit: .seconds(5)), "no answer from /s within 5 s", .unavailable),
            (.closed(path: "/s"), "the daemon on /s closed the connection before it had answered", .unavailable),
            (.answerTooLarge(limit: 33_554_432), "the answer is larger than 32 MiB", .protocolError),
            (
                .refused(ProblemDocument(title: "", status: 404, detail: "there is no route x", allowed: ["a", "b"])),
                "there is no route x; there is: a, b", .usage
            ),
            (
                .refused(
                    ProblemDocument(title: "", status: 422, detail: "nothing was changed", errors: ["one", "two"])
                ),
                "nothing was changed\n  one\n  two", .configuration
            ),
            (.refused(ProblemDocument(title: "", status: 403, detail: "no")), "no", .noPermission),
            (.refused(ProblemDocument(title: "", status: 503, detail: "full")), "full", .unavailable),
        ] as [(ControlClientError, String, FailoverControl.ExitStatus)]
    )
    func errorsHavePlainWordsAndAnExitCode(error: ControlClientError, text: String, code: FailoverControl.ExitStatus) {
        #expect(error.description == text)
        #expect(error.exitCode == code)
    }

    @Test func waitingEndsWhenTheConditionHolds() throws {
        let first = try #require(RouteDocument(name: "chat", in: Samples.preferred))
        let moved = try #require(RouteDocument(name: "chat", in: Samples.failedOver))
        var provisional = first
        provisional.route.provisional = true
        let conditions: [WaitCondition] = [.judged, .active(endpoint: "eu-west"), .mode("preferred"), .change]
        #expect(conditions.map { $0.isMet(by: first, first: first) } == [true, false, true, false])
        #expect(conditions.map { $0.isMet(by: moved, first: first) } == [true, true, false, true])
        #expect(conditions.map { $0.isMet(by: provisional, first: first) } == [false, false, true, false])
    }
}
