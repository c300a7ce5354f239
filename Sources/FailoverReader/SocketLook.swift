import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Asks failoverd's control socket for its state: one short question over plain HTTP.
enum SocketLook {
    /// For each wait for the socket: the daemon answers in milliseconds, or is in trouble.
    static let patienceMilliseconds = 250
    /// As of a state file.
    static let largestAnswer = FileLook.largestFile

    private static let question =
        "GET /v1/status HTTP/1.1\r\nHost: failoverd\r\nAccept: application/json\r\nConnection: close\r\n\r\n"

    /// The state document; `nil` if there was no whole answer in time.
    static func look(at path: String) -> Data? {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 0, tv_usec: patienceMilliseconds * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size) == 0,
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size) == 0,
            connected(descriptor, to: path),
            sent(Array(question.utf8), over: descriptor)
        else { return nil }
        return body(of: received(from: descriptor))
    }

    private static func connected(_ descriptor: CInt, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // With the zero at its end.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private static func sent(_ bytes: [UInt8], over descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// All until the daemon closes, or as much as there was.
    private static func received(from descriptor: CInt) -> Data {
        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let clock = ContinuousClock()
        // One that sends a byte now and then holds nobody up either.
        let deadline = clock.now + .milliseconds(4 * patienceMilliseconds)
        while answer.count <= largestAnswer, clock.now < deadline {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer.append(contentsOf: buffer[..<count])
        }
        return answer
    }

    /// What follows the head of a 200; `nil` unless all of it is there.
    static func body(of answer: Data) -> Data? {
        guard let end = answer.firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        guard lines.first?.split(separator: " ").dropFirst().first == "200" else { return nil }
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.first == "content-length", parts.count == 2 else { continue }
            let body = answer[end.upperBound...]
            let length = parts[1].drop(while: { $0 == " " })
            return Int(length) == body.count ? Data(body) : nil
        }
        return nil
    }
}
