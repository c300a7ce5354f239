import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Synchronization
import Testing

@testable import FailoverControl

/// A slow, huge, malformed or stalled client is refused, and nobody else notices.
@Suite struct ControlBoundsTests {
    private func othersAreServed(_ running: Running) async throws {
        #expect(try await running.client.get("/healthz").status == 200)
    }

    /// Status line and problem of an answer as it came over the wire.
    private func problem(_ answer: String) throws -> (line: String, problem: ProblemDocument) {
        let parts = answer.components(separatedBy: "\r\n\r\n")
        let body = parts.dropFirst().joined()
        return (
            String(answer.prefix { $0 != "\r\n" }), try Wire.decode(ProblemDocument.self, from: Data(body.utf8))
        )
    }

    enum HugeHead: CaseIterable {
        case field, endlessField, path, manyFields

        var bytes: String {
            let start = "GET /v1/status HTTP/1.1\r\nHost: x\r\n"
            return switch self {
            case .field: "\(start)X-Large: \(String(repeating: "x", count: 20_000))\r\n\r\n"
            case .endlessField: "\(start)X-Endless: \(String(repeating: "x", count: 17_000))"
            case .path: "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n"
            case .manyFields: start + String(repeating: "X-Many: 1234567890\r\n", count: 900)
            }
        }
    }

    @Test(arguments: HugeHead.allCases)
    func hugeHeadIsRefused(head: HugeHead) async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(head.bytes)
            try await othersAreServed(running)
            let (line, problem) = try problem(await connection.readToEnd())
            #expect(line.hasPrefix("HTTP/1.1 431"))
            #expect(problem.detail == "the request line and its headers may have 16384 bytes")
        }
    }

    @Test(arguments: [
        "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
    ])
    func hugeBodyIsRefusedBeforeItIsSent(request: String) async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(request)
            let (line, problem) = try problem(await connection.readToEnd())
            #expect(line == "HTTP/1.1 413 Content Too Large" || line.hasPrefix("HTTP/1.1 413 "))
            #expect(problem.detail == "a body may have 65536 bytes")
            #expect(running.source.script.withLockedValue { $0.reloadedBy } == [])
            try await othersAreServed(running)
        }
    }

    @Test(arguments: [
        "\u{1}\u{2}\u{3} nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n", "SSH-2.0-x\r\n",
    ])
    func malformedRequestIsRefused(request: String) async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(request)
            let (line, problem) = try problem(await connection.readToEnd())
            #expect(line == "HTTP/1.1 400 Bad Request")
            #expect(problem.title == "Not an HTTP request")
            try await othersAreServed(running)
        }
    }

    @Test(arguments: ["", "GET /v1/sta", "POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"])
    func slowRequestIsRefused(request: String) async throws {
        try await withServer(limits: ControlLimits(requestTime: .milliseconds(100))) { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(request)
            let (line, problem) = try problem(await connection.readToEnd())
            #expect(line == "HTTP/1.1 408 Request Timeout")
            #expect(problem.detail == "a request must arrive whole within 0.1 s")
        }
    }

    @Test func bodyThatNeverComesEndsTheConnection() async throws {
        try await withServer(limits: ControlLimits(requestTime: .seconds(5))) { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
            #expect(await connection.readToEnd().hasSuffix("\r\n\r\nok\n"))
        }
    }

    @Test func idleConnectionIsClosed() async throws {
        try await withServer(limits: ControlLimits(idleTime: .milliseconds(100))) { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await connection.readToEnd().hasSuffix("\r\n\r\nok\n"))
        }
    }

    @Test func clientThatDoesNotReadIsClosed() async throws {
        let source = ScriptedSource()
        // Larger than what the kernel takes for a client that does not read.
        source.script.withLockedValue { $0.state.instance.version = String(repeating: "x", count: 8 * 1024 * 1024) }
        try await withServer(source: source, limits: ControlLimits(stallTime: .milliseconds(100))) {
            (running) async throws in
            let stalled = try RawConnection(path: running.path)
            stalled.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
            try await othersAreServed(running)
            #expect(try await eventually { stalled.isClosedByPeer })
            #expect(await stalled.readToEnd().count < 8 * 1024 * 1024)
        }
    }

    @Test func stalledFollowerDisturbsNobody() async throws {
        try await withServer(limits: ControlLimits(stallTime: .milliseconds(200))) { (running) async throws in
            let stalled = try RawConnection(path: running.path)
            stalled.send("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await eventually { running.source.feed.followers == 1 })
            for number in 0..<5000 as Range<UInt64> {
                running.source.feed.publish(Samples.event(number))
                if number.isMultiple(of: 100) { await Task.yield() }
            }
            try await othersAreServed(running)
            #expect(try await eventually { running.source.feed.followers == 0 })
        }
    }

    @Test func oneConnectionTooManyIsToldSoAndCounted() async throws {
        try await withServer(limits: ControlLimits(connections: 2)) { (running) async throws in
            let first = try RawConnection(path: running.path)
            let second = try RawConnection(path: running.path)
            for connection in [first, second] {
                connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(await connection.read(until: "ok\n").hasSuffix("ok\n"))
            }
            let third = try RawConnection(path: running.path)
            let (line, problem) = try problem(await third.readToEnd())
            #expect(line == "HTTP/1.1 503 Service Unavailable")
            #expect(problem.detail == "2 connections are open, which is the limit; try again soon")
            #expect(running.server.refusedConnections == 1)
            // Those that are in stay in, and a place that becomes free is free.
            first.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await first.readToEnd().hasSuffix("ok\n"))
            #expect(try await eventually { try await running.client.get("/healthz").status == 200 })
        }
    }

    @Test func manyClientsAtOnceAreAllAnswered() async throws {
        try await withServer { (running) async throws in
            let client = running.client
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<100 { tasks.addTask { try await client.get("/v1/status").status } }
                return try await tasks.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 100])
        }
    }
}
