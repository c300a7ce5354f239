import Foundation
import Testing

@testable import FailoverReader

@Suite("What a socket answers")
struct SocketLookTests {
    static let answers: [(String, String?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "{}"),
        ("HTTP/1.1 200 OK\r\nX: y\r\ncontent-length:2\r\n\r\n{}", "{}"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", nil),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", nil),
        ("HTTP/1.1 200 OK\r\n\r\n{}", nil),
        ("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}", nil),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", nil),
        ("SSH-2.0-OpenSSH\r\n\r\n", nil),
        ("", nil),
    ]

    @Test(arguments: answers)
    func onlyAWholeGoodAnswerCounts(_ answer: String, _ body: String?) {
        #expect(SocketLook.body(of: Data(answer.utf8)) == body.map { Data($0.utf8) })
    }

    @Test func nobodyThereIsNoAnswer() {
        #expect(SocketLook.look(at: "/nonexistent/failoverd.sock") == nil)
        #expect(SocketLook.look(at: String(repeating: "x", count: 200)) == nil)
    }
}
