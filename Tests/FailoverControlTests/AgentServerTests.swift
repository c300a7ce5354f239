import FailoverControl
import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

/// The server that HAProxy asks, over real sockets.
@Suite struct AgentServerTests {
    /// What is published, when, and what was said.
    private final class World: Sendable {
        let published = NIOLockedValueBox<PublishedState?>(nil)
        let now = NIOLockedValueBox(MonotonicInstant.seconds(100))
        let warnings = NIOLockedValueBox<[String]>([])

        func publish(_ active: String, generation: UInt64, at seconds: Double = 100) {
            let names: [EndpointName] = ["us", "eu"]
            let route = RouteSnapshot(
                name: "chat",
                active: EndpointName(rawValue: active),
                mode: .preferred,
                generation: generation,
                since: .seconds(0),
                reason: Reason("configured", "as configured"),
                order: names,
                provisional: false,
                dryRun: false,
                wouldBeActive: EndpointName(rawValue: active),
                endpoints: names
            )
            let state = PublishedState(
                Snapshot(generation: generation, persisted: true, routes: [route], endpoints: []),
                sequence: generation,
                persisted: true,
                at: ClockReading(monotonic: .seconds(seconds), wall: Samples.preferred.writtenAt),
                publisher: Publisher(
                    instance: Samples.preferred.instance,
                    vantage: "test",
                    startedAt: Samples.preferred.writtenAt,
                    validFor: .seconds(30)
                )
            )
            published.withLockedValue { $0 = state }
        }

        var desk: AgentDesk {
            AgentDesk(
                published: { self.published.withLockedValue { $0 } },
                now: { self.now.withLockedValue { $0 } },
                warn: { line in self.warnings.withLockedValue { $0.append(line) } }
            )
        }
    }

    /// A port that is free a moment before it is used.
    private static func freePort() throws -> Int {
        let socket = try Client(port: nil)
        return try socket.localPort()
    }

    private func withAgent(
        _ world: World,
        limits: AgentServer.Limits = .init(),
        _ body: (Int, AgentDesk) async throws -> Void
    ) async throws {
        let desk = world.desk
        let port = try Self.freePort()
        let (states, signal) = AsyncStream.makeStream(of: String?.self)
        let server = AgentServer(listen: HostPort(host: "127.0.0.1", port: port), desk: desk, limits: limits) {
            signal.yield($0)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await server.run() }
            for await state in states where state == nil { break }
            try await body(port, desk)
            tasks.cancelAll()
        }
        #expect(desk.metrics.text.contains("failoverd_haproxy_agent_listening 0\n"))
    }

    /// As HAProxy asks: a connection, a line, an answer, closed.
    private func ask(_ line: String, _ port: Int) async throws -> String {
        let client = try Client(port: port)
        client.send(line)
        return await client.read(until: "\n")
    }

    private func check(_ line: String, gets answer: String, _ port: Int) async throws {
        let given = try await ask(line, port)
        #expect(given == answer, "\(line)")
    }

    private func check(_ line: String, getsAtLast answer: String, _ port: Int) async throws {
        let isGiven = try await eventually { try await ask(line, port) == answer }
        #expect(isGiven, "\(line)")
    }

    @Test func theOldEndpointDrainsAfterTheNewOneIsReady() async throws {
        let world = World()
        try await withAgent(world) { port, desk in
            try await check("chat/us\n", gets: "\n", port)
            world.publish("us", generation: 1)
            try await check("chat/us\n", gets: "ready 100%\n", port)
            // The answer has arrived when the other side has closed.
            try await check("chat/eu\r\n", getsAtLast: "drain\n", port)
            world.publish("eu", generation: 2)
            try await check("chat/us\n", gets: "\n", port)
            try await check("chat/eu\n", gets: "ready 25600%\n", port)
            try await check("chat/us\n", getsAtLast: "drain\n", port)
            #expect(desk.counts.stale == 1)
        }
        #expect(world.warnings.withLockedValue { $0 } == [])
    }

    @Test func whatHasExpiredMovesNothing() async throws {
        let world = World()
        world.publish("us", generation: 1)
        try await withAgent(world) { port, desk in
            try await check("chat/us\n", gets: "ready 100%\n", port)
            world.now.withLockedValue { $0 = .seconds(130) }
            try await check("chat/us\n", gets: "\n", port)
            try await check("chat/eu\n", gets: "\n", port)
            world.now.withLockedValue { $0 = .seconds(129.999) }
            try await check("chat/us\n", gets: "ready 100%\n", port)
            #expect(desk.counts.stale == 2)
        }
    }

    @Test func whatIsUnknownMovesNothingAndIsSaidOnceAMinute() async throws {
        let world = World()
        world.publish("us", generation: 1)
        try await withAgent(world) { port, desk in
            try await check("chat/sa\n", gets: "\n", port)
            try await check("mail/us\n", gets: "\n", port)
            try await check("\u{1b}[2J secret\n", gets: "\n", port)
            world.now.withLockedValue { $0 = .seconds(159.999) }
            world.publish("us", generation: 1, at: 159)
            try await check("chat/sa\n", gets: "\n", port)
            world.now.withLockedValue { $0 = .seconds(160) }
            try await check("GET / HTTP/1.1\r\n\r\n", gets: "\n", port)
            #expect(desk.counts.unknown == 5)
        }
        let place = "haproxy_agent: HAProxy at 127.0.0.1 asks about \"chat/sa\", which is no route and endpoint here"
        #expect(
            world.warnings.withLockedValue { $0 } == [
                "\(place); its server stays as it is",
                "haproxy_agent: a line from 127.0.0.1 is no ROUTE/ENDPOINT, its server stays as it is; 3 more since the"
                    + " last message",
            ]
        )
    }

    @Test func whoIsSilentOrTalksTooMuchIsSentAway() async throws {
        var limits = AgentServer.Limits()
        limits.patience = .milliseconds(50)
        try await withAgent(World(), limits: limits) { port, desk in
            let silent = try Client(port: port)
            #expect(await silent.read(until: "\n") == "")
            // Somebody forgot the end of the line.
            try await check("chat/us", gets: "", port)
            try await check(String(repeating: "x", count: 1_000), gets: "", port)
            #expect(desk.counts.refused == 3)
        }
    }

    @Test(.timeLimit(.minutes(2))) func oneConnectionTooManyIsClosed() async throws {
        var limits = AgentServer.Limits()
        limits.connections = 2
        limits.patience = .seconds(3_600)
        try await withAgent(World(), limits: limits) { port, desk in
            // Which of them is let in depends on the loops that they land on.
            var open = try (0..<3).map { _ in try Client(port: port) }
            let isOneRefused = try await eventually { desk.counts.refused == 1 }
            #expect(isOneRefused && open.count == 3)
            open.removeAll()
            try await check("chat/us\n", getsAtLast: "\n", port)
        }
    }

    @Test func anAddressThatIsTakenIsTriedAgain() async throws {
        let port = try Self.freePort()
        let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: port).get()
        let (states, signal) = AsyncStream.makeStream(of: String?.self)
        var limits = AgentServer.Limits()
        limits.retry = .milliseconds(10)
        let desk = World().desk
        let server = AgentServer(listen: HostPort(host: "127.0.0.1", port: port), desk: desk, limits: limits) {
            signal.yield($0)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await server.run() }
            var isTold = states.makeAsyncIterator()
            let first = await isTold.next() ?? nil
            #expect(first?.contains("Address already in use") == true)
            try await other.close().get()
            while let state = await isTold.next(), state != nil {}
            #expect(desk.metrics.text.contains("failoverd_haproxy_agent_listening 1\n"))
            tasks.cancelAll()
        }
    }
}

/// A TCP client that blocks threads of its own.
private final class Client: Sendable {
    private let descriptor: CInt

    /// Connected to a loopback port, or bound to a free one.
    init(port: Int?) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port ?? 0)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
                let length = socklen_t(MemoryLayout<sockaddr_in>.size)
                return port == nil ? bind(descriptor, $0, length) : connect(descriptor, $0, length)
            }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    func localPort() throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// Reads until `text` was seen or the other side closed, off the threads of tasks.
    func read(until text: String) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var seen: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 256)
                while !String(decoding: seen, as: UTF8.self).contains(text) {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    seen += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: seen, as: UTF8.self))
            }
        }
    }
}
