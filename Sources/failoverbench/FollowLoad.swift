import FailoverReader
import FailoverThreads
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An application that follows failoverd with FailoverReader, and tells of each of its requests in a line.
///
/// It is one of the consumers of `bench/consumers`; bench/harness/consumers/load.py says what it writes.
final class FollowLoad: Sendable {
    private let reader: RouteReader
    private let rate: Double
    private let began = MonotonicTime.now
    private let next = Atomic(0)

    /// At 200 requests a second each of them may take a third of a second before any is late.
    private static let workers = 64

    init(reader: RouteReader, rate: Double) {
        self.reader = reader
        self.rate = rate
    }

    /// - Parameter arguments: The state file, the route, the rate, and the endpoints of an order of one's own as `NAME=URL`.
    /// - Returns: The exit status, if it cannot run.
    static func run(_ arguments: [String]) -> CInt {
        guard arguments.count > 3, let rate = Double(arguments[2]), rate > 0 else {
            print("usage: failoverbench follow STATE_FILE ROUTE RATE NAME=URL...")
            return 64
        }
        let order = arguments.dropFirst(3).compactMap { pair -> Endpoint? in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 ? Endpoint(parts[0], url: parts[1]) : nil
        }
        let reader = RouteReader(arguments[1], order: order, source: .stateFile(arguments[0]))
        do throws(ThreadError) {
            try FollowLoad(reader: reader, rate: rate).run()
        } catch {
            print("failoverbench: \(error)")
            return 71
        }
    }

    /// Runs until the process is ended.
    private func run() throws(ThreadError) -> Never {
        for index in 1..<Self.workers { try DetachedThread.start(name: "load-\(index)") { [self] in work() } }
        work()
    }

    private func work() -> Never {
        while true {
            let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
            MonotonicTime.sleep(until: began + Int64(Double(number) / rate * 1e9))
            let started = MonotonicTime.now
            let outcome = ask()
            let line = "\(started) \(MonotonicTime.now) \(outcome)\n"
            // One call a line, so that lines of several threads do not mix.
            _ = Array(line.utf8).withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
        }
    }

    /// The region that answered: the first of the order that did.
    private func ask() -> String {
        var trouble = "!no_endpoint"
        for endpoint in reader.decision.picked() {
            let answer = PlainRequest(url: endpoint.url)?.answer()
            if let region = answer?.region, answer?.status == 200 { return region }
            trouble = answer.map { "!http_\($0.status)" } ?? "!no_answer"
        }
        return trouble
    }
}

/// Nanoseconds of CLOCK_MONOTONIC.
enum MonotonicTime {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func sleep(until end: Int64) {
        var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, CInt(TIMER_ABSTIME), &time, nil) == EINTR {}
    }
}

/// One chat over plain HTTP, on a connection of its own.
struct PlainRequest {
    private let port: UInt16
    private let path: String

    struct Answer {
        let status: Int
        let region: String?
    }

    /// `nil` unless it is a URL such as `http://127.0.0.1:18101/v1`.
    init?(url: String) {
        let prefix = "http://127.0.0.1:"
        guard url.hasPrefix(prefix) else { return nil }
        let rest = url.dropFirst(prefix.count)
        guard let port = UInt16(rest.prefix { $0 != "/" }) else { return nil }
        self.port = port
        path = rest.drop { $0 != "/" } + "/chat/completions"
    }

    private static let body =
        #"{"model":"sim-small","messages":[{"role":"user","content":"Reply with OK."}],"max_tokens":4}"#

    /// `nil` if there was none within 5 s.
    func answer() -> Answer? {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connected(descriptor) else { return nil }
        let request =
            "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(Self.body.utf8.count)\r\nConnection: close\r\n\r\n" + Self.body
        let bytes = Array(request.utf8)
        let sent = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        guard sent == bytes.count else { return nil }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while received.count < 65536 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return Self.parsed(String(decoding: received, as: UTF8.self))
    }

    private func connected(_ descriptor: CInt) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// A whole answer: its head, and something behind it.
    private static func parsed(_ text: String) -> Answer? {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(of: ""), end < lines.count - 1,
            let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        let header = "x-region: "
        return Answer(
            status: status,
            region: lines[..<end].first { $0.hasPrefix(header) }.map { String($0.dropFirst(header.count)) }
        )
    }
}
