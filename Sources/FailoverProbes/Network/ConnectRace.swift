import FailoverCore
import NIOSSL

/// Where a connection goes to, and through what.
struct ConnectPlan {
    struct TLS {
        let context: NIOSSLContext
        /// Sent, and to be found in the certificate: a name or a literal address.
        let serverName: String
    }

    /// To be tried in this order; at least one.
    let addresses: [IPAddress]
    let port: Int
    /// An address of this machine to speak from.
    let source: IPAddress?
    /// What to send to a proxy first, which is a secret.
    ///
    /// `nil` without a proxy.
    var tunnel: [UInt8]?
    /// `nil` without TLS.
    var tls: TLS?
    /// A family that was tried first before and did not answer; it now comes second.
    var failedFamily: AddressFamily?
}

/// Connects to several addresses of one endpoint, a little after each other, until one answers.
///
/// Source: RFC 8305 ("Happy Eyeballs"), section 5.
struct ConnectRace {
    /// A try that is under way.
    private struct Try {
        /// Its place among all that were started.
        let number: Int
        let address: IPAddress
        let socket: Socket
    }

    /// The address that answered.
    struct Winner {
        let socket: Socket
        let address: IPAddress
        /// A family that was tried earlier in this race and did not answer; `nil` for none.
        let lostFamily: AddressFamily?
    }

    private let plan: ConnectPlan
    private var next = 0
    private var first: Try?
    /// Beside the first one; empty with a single address, so that the usual check needs no array.
    private var others: [Try] = []
    /// The family of a try that failed, other than for reasons of our own.
    private var refused: AddressFamily?
    /// What an endpoint said first.
    private var answer: ProbeFailure?
    /// Why an address could not even be asked, the latest reason.
    private var ownFailure: ProbeFailure?

    init(_ plan: ConnectPlan) { self.plan = plan }

    /// Whether an address is left to try.
    var hasNext: Bool { next < plan.addresses.count }
    var isTrying: Bool { first != nil || !others.isEmpty }
    /// Another address would need what this machine has run out of, too.
    var isExhausted: Bool { ownFailure?.isExhaustion == true }

    /// Why there is no connection.
    ///
    /// What an endpoint said outranks that another address could not be asked, unless it was only said by a family that
    /// does not answer anyway, or this machine has run out of something: then nobody knows what the others would have said.
    var failure: ProbeFailure? { ownTrouble ?? answer ?? ownFailure }

    /// The reason, if it is our own that there is no connection.
    var ownTrouble: ProbeFailure? {
        guard let ownFailure else { return nil }
        let isOnlyDeadFamily = refused != nil && refused == plan.failedFamily
        return answer == nil && !isTrying || isExhausted || ownFailure.outcome.reason == .localPorts || isOnlyDeadFamily
            ? ownFailure : nil
    }

    /// Begins with the next address; on failure with the one after it, and so on.
    mutating func startNext(on loop: ProbeLoop, for owner: any SocketOwner) {
        while hasNext {
            let address = plan.addresses[next]
            next += 1
            do throws(SystemError) {
                let descriptor = try Socket.open(to: address, port: plan.port, from: plan.source)
                let socket = try loop.watch(descriptor, for: owner)
                let started = Try(number: next, address: address, socket: socket)
                if first == nil { first = started } else { others.append(started) }
                return
            } catch {
                note(ProbeFailure(connecting: error, to: address, port: plan.port), of: address)
                if isExhausted { return }
            }
        }
    }

    /// The outcome of a try whose socket has become ready; `nil` if it goes on or failed.
    mutating func ready(_ socket: Socket, _ readiness: Readiness, on loop: ProbeLoop) -> Winner? {
        guard let winner = started(socket) else { return nil }
        let address = winner.address
        if readiness.isBroken, let error = socket.pendingError(.handshake) {
            drop(socket, on: loop)
            note(ProbeFailure(connecting: error, to: address, port: plan.port), of: address)
            return nil
        }
        guard readiness.isWritable else { return nil }
        guard !mayMeetItself(address) || !socket.isConnectedToItself else {
            drop(socket, on: loop)
            let shown = HostPort(host: address.description, port: plan.port)
            note(.endpoint(.connectRefused, "\(shown): met only ourselves"), of: address)
            return nil
        }
        let lostFamily = lostFamily(to: winner)
        forEachTry { if $0.socket != socket { loop.close($0.socket) } }
        first = nil
        others = []
        return Winner(socket: socket, address: address, lostFamily: lostFamily)
    }

    /// Gives up all tries.
    mutating func cancel(on loop: ProbeLoop) {
        forEachTry { loop.close($0.socket) }
        first = nil
        others = []
    }

    /// Only what began before the winner had its chance.
    private func lostFamily(to winner: Try) -> AddressFamily? {
        if let refused, refused != winner.address.family { return refused }
        var lost: AddressFamily?
        forEachTry { other in
            if other.number < winner.number, other.address.family != winner.address.family {
                lost = other.address.family
            }
        }
        return lost
    }

    private mutating func note(_ failure: ProbeFailure, of address: IPAddress) {
        if failure.isLocal {
            ownFailure = failure
        } else {
            refused = address.family
            if answer == nil { answer = failure }
        }
    }

    /// Only a port of this machine that the system may choose for the other end.
    private func mayMeetItself(_ address: IPAddress) -> Bool {
        plan.port >= EphemeralPorts.first && address.isLoopback
    }

    private func started(_ socket: Socket) -> Try? {
        if let first, first.socket == socket { return first }
        return others.first { $0.socket == socket }
    }

    private mutating func drop(_ socket: Socket, on loop: ProbeLoop) {
        loop.close(socket)
        if first?.socket == socket { first = nil }
        others.removeAll { $0.socket == socket }
    }

    private func forEachTry(_ body: (Try) -> Void) {
        if let first { body(first) }
        for other in others { body(other) }
    }
}

/// The ports that the system chooses for outgoing connections.
enum EphemeralPorts {
    /// The lowest of them; 1024 if the system does not say.
    static let first: Int = {
        guard let bytes = try? FilePrefix.read("/proc/sys/net/ipv4/ip_local_port_range", count: 64) else { return 1024 }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
            ?? 1024
    }()
}
