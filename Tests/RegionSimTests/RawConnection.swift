import Dispatch
import Foundation
import Glibc
import RegionSim

/// A TCP connection that hides nothing: what arrived, and how it ended.
struct RawConnection: Sendable {
    private let descriptor: CInt

    /// How reading ended.
    enum Ending: Hashable {
        /// What was waited for has arrived.
        case arrived
        case closed
        case reset
        /// Nothing more came, and the connection is still open.
        case silent
    }

    struct SocketError: Error, Hashable {
        let code: CInt
        static let refused = SocketError(code: ECONNREFUSED)
    }

    static func open(_ port: Int?) async throws -> RawConnection {
        try await blocking {
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port ?? 0).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else {
                let code = errno
                _ = Glibc.close(descriptor)
                throw SocketError(code: code)
            }
            return RawConnection(descriptor: descriptor)
        }
    }

    func close() { _ = Glibc.close(descriptor) }

    func send(_ text: String) async throws {
        try await Self.blocking {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.send(
                        descriptor,
                        buffer.baseAddress?.advanced(by: sent),
                        buffer.count - sent,
                        CInt(MSG_NOSIGNAL)
                    )
                }
                guard count > 0 else { throw SocketError(code: errno) }
                sent += count
            }
        }
    }

    /// Reads until the peer ends the connection, or until `condition` holds for the text so far.
    ///
    /// With `isSilentAfterwards`, sees that nothing follows once the condition holds.
    func read(
        isSilentAfterwards: Bool = false,
        until condition: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> (text: String, ending: Ending) {
        try await Self.blocking {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let isMet = condition(text)
                if isMet, !isSilentAfterwards { return (text, .arrived) }
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                // A silence is believed after a while; anything else must come within the limit of a hung test.
                guard poll(&waiting, 1, isMet ? 150 : 20_000) > 0 else {
                    if isMet { return (text, .silent) }
                    throw SocketError(code: ETIMEDOUT)
                }
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count == 0 { return (text, .closed) }
                if count < 0 {
                    guard errno == ECONNRESET else { throw SocketError(code: errno) }
                    return (text, .reset)
                }
                text += String(decoding: buffer.prefix(count), as: UTF8.self)
            }
        }
    }

    /// Sockets block, and the threads of the tests should not.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// One HTTP answer, taken apart.
struct Reply: Hashable {
    let status: Int
    let headers: [String: String]
    let body: String

    init?(_ text: String) {
        guard let split = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<split.lowerBound].components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let fields = lines.dropFirst().map { $0.components(separatedBy: ": ") }
        self.status = status
        headers = Dictionary(fields.map { ($0[0], $0.dropFirst().joined(separator: ": ")) }) { first, _ in first }
        let rest = String(text[split.upperBound...])
        body = headers["transfer-encoding"] == "chunked" ? Self.joinChunks(rest) : rest
    }

    /// Chunk by chunk; every body here is ASCII, so characters are bytes.
    private static func joinChunks(_ text: String) -> String {
        var rest = text[...]
        var body = ""
        while let lineEnd = rest.range(of: "\r\n"), let length = Int(rest[..<lineEnd.lowerBound], radix: 16), length > 0
        {
            // "\r\n" is one Character, hence the detour over UTF-8.
            let bytes = rest[lineEnd.upperBound...].utf8
            body += String(decoding: bytes.prefix(length), as: UTF8.self)
            rest = Substring(bytes.dropFirst(length + 2))
        }
        return body
    }
}

extension RawConnection {
    /// The text of a request.
    static func request(_ method: String, _ path: String, body: String = "", isLast: Bool = true) -> String {
        "\(method) \(path) HTTP/1.1\r\nhost: sim\r\ncontent-length: \(body.utf8.count)\r\n"
            + (isLast ? "connection: close\r\n" : "") + "\r\n" + body
    }

    /// One request on a connection of its own, whatever becomes of it.
    static func exchange(
        _ port: Int?,
        _ method: String,
        _ path: String,
        body: String = "",
        isSilentAfterwards: Bool = false,
        until condition: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> (text: String, ending: Ending) {
        let connection = try await open(port)
        defer { connection.close() }
        try await connection.send(request(method, path, body: body))
        return try await connection.read(isSilentAfterwards: isSilentAfterwards, until: condition)
    }

    /// One request on a connection of its own, and its answer.
    static func reply(_ port: Int?, _ method: String, _ path: String, body: String = "") async throws -> Reply? {
        Reply(try await exchange(port, method, path, body: body).text)
    }
}

/// Waits until `condition` holds; gives up after ten seconds.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// Regions on free ports for the time of one test.
func withRegions(
    _ regions: [RegionConfiguration] = [RegionConfiguration(name: "us-east")],
    seed: UInt64 = 7,
    timeScale: Double = 1,
    observer: RegionSimulator.Observer? = nil,
    _ body: (RegionSimulator, [String: Int]) async throws -> Void
) async throws {
    let simulator = RegionSimulator(regions: regions, seed: seed, timeScale: timeScale, observer: observer)
    let ports = try await simulator.start()
    do {
        try await body(simulator, ports)
    } catch {
        await simulator.stop()
        throw error
    }
    await simulator.stop()
}
