import Foundation
import Synchronization

/// Stands before a name server and loses or spoils what is asked over UDP.
package final class NameServerRelay: Sendable {
    /// What becomes of a question.
    package enum Fate: Sendable {
        case forwarded
        case lost
        /// Answered with the bytes that the closure makes of the question.
        case answered(@Sendable ([UInt8]) -> [UInt8])
    }

    /// The number of AAAA records in questions.
    package static let ipv6: UInt16 = 28

    private let front: LoopbackSocket
    private let isStopped = Atomic<Bool>(false)

    /// Where to ask, as `ADDRESS:PORT`.
    package var endpoint: String { "127.0.0.1:\(front.port)" }

    /// Starts it; `fate` is given the type of record that is asked for, on the relay's thread.
    package init(to server: NameServer, fate: @escaping @Sendable (_ type: UInt16) -> Fate) throws {
        front = try LoopbackSocket(address: "127.0.0.1", port: 0, type: SOCK_DGRAM)
        let back = try LoopbackSocket(address: "127.0.0.1", port: 0, type: SOCK_DGRAM)
        Thread.detachNewThread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                guard let (question, sender) = front.receive() else { continue }
                switch fate(Self.type(of: question)) {
                case .lost: break
                case .answered(let answer): front.send(answer(question), to: sender)
                case .forwarded:
                    back.send(question, to: LoopbackSocket.name(server.address, server.port))
                    if let (answer, _) = back.receive() { front.send(answer, to: sender) }
                }
            }
            front.close()
            back.close()
        }
    }

    package func stop() { isStopped.store(true, ordering: .relaxed) }

    private static func type(of question: [UInt8]) -> UInt16 {
        var place = 12
        while place < question.count, question[place] != 0 { place += Int(question[place]) + 1 }
        guard place + 2 < question.count else { return 0 }
        return UInt16(question[place + 1]) << 8 | UInt16(question[place + 2])
    }
}

extension LoopbackSocket {
    static func name(_ address: String, _ port: Int) -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        return name
    }

    /// The next datagram and its sender; `nil` if none comes within a moment.
    func receive() -> ([UInt8], sockaddr_in)? {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 50) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        var sender = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &bytes, bytes.count, 0, $0, &length)
            }
        }
        return count < 0 ? nil : (Array(bytes.prefix(count)), sender)
    }

    func send(_ bytes: [UInt8], to receiver: sockaddr_in) {
        _ = withUnsafePointer(to: receiver) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
