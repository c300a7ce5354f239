import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A real HTTP server on a free port that answers as it is told, one connection a request, and keeps what it was sent.
final class HookServer: Sendable {
    enum Answer: Sendable {
        case status(Int, headers: String = "")
        /// Answers only when the server ends.
        case silence
        /// Closes without a word.
        case nothing
    }

    struct Request: Sendable {
        let head: String
        let body: String
        func header(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
        }
    }

    private struct State {
        var answers: [Answer]
        var requests: [Request] = []
        var open: [Int32] = []
        var isEnded = false
    }

    let port: UInt16
    private let listener: Int32
    private let state: NIOLockedValueBox<State>

    /// Gives `answers` in turn, and 200 from then on.
    init(_ answers: [Answer] = []) throws {
        state = NIOLockedValueBox(State(answers: answers))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileWriteUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    var url: String { "http://127.0.0.1:\(port)/hook/s3cret" }
    var requests: [Request] { state.withLockedValue { $0.requests } }

    func end() {
        let open = state.withLockedValue { state in
            state.isEnded = true
            defer { state.open = [] }
            return state.open
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { close(descriptor) }
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            Thread.detachNewThread { [self] in answer(connection) }
        }
    }

    private func answer(_ connection: Int32) {
        guard let request = Self.read(connection) else {
            close(connection)
            return
        }
        let answer: Answer = state.withLockedValue { state in
            state.requests.append(request)
            return state.answers.isEmpty ? .status(200) : state.answers.removeFirst()
        }
        switch answer {
        case .status(let status, let headers):
            let text = "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: 2\r\nConnection: close\r\n\r\nok"
            _ = text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            close(connection)
        case .nothing: close(connection)
        case .silence:
            let isEnded = state.withLockedValue { state in
                if !state.isEnded { state.open.append(connection) }
                return state.isEnded
            }
            if isEnded { close(connection) }
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let request = Request(head: String(text[..<end.lowerBound]), body: String(text[end.upperBound...]))
                let length = request.header("content-length").flatMap { Int($0) } ?? 0
                if request.body.utf8.count >= length { return request }
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }
}
