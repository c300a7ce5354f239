import FailoverCore
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One TCP connection to an endpoint, through a proxy and with TLS where that is wanted.
///
/// Only for use on its loop.
final class Connection: SocketOwner, TimerTarget {
    enum Phase {
        /// Can transition to: tunnelling, securing, open, closed.
        case connecting(ConnectRace)
        /// Can transition to: securing, open, closed.
        case tunnelling(ProxyTunnel)
        /// Can transition to: open, closed.
        case securing
        /// Can transition to: closed.
        case open
        case closed
    }

    private unowned let loop: ProbeLoop
    let plan: ConnectPlan
    /// Let go when the connection closes.
    var user: (any ConnectionUser)?
    var phase: Phase
    private(set) var socket: Socket?
    /// Starts the next address of the race.
    private var stagger: TimerToken?
    /// Written but not yet taken by the system.
    private var pending: [UInt8] = []
    private(set) var tls: TLSSession?
    private(set) var address: IPAddress?
    /// A family that was tried before the one that answered, and did not answer.
    private(set) var lostFamily: AddressFamily?
    /// When something was last given to the system to be sent; `nil` before that.
    var lastWrite: MonotonicInstant?

    init(_ plan: ConnectPlan, loop: ProbeLoop, user: any ConnectionUser) {
        self.loop = loop
        self.plan = plan
        self.user = user
        phase = .connecting(ConnectRace(plan))
    }

    deinit { close() }

    /// A family that does not answer, as this or an earlier attempt found out.
    var failedFamily: AddressFamily? {
        lostFamily ?? (plan.failedFamily == address?.family ? nil : plan.failedFamily)
    }

    /// Why it is our own machine's doing that it does not come about; `nil` if it is not.
    var ownTrouble: ProbeFailure? { if case .connecting(let race) = phase { race.ownTrouble } else { nil } }

    var isOpen: Bool { if case .open = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    // MARK: Connecting

    /// Tries the first address.
    ///
    /// Failures are told before this returns.
    func start(at now: MonotonicInstant) {
        tryNext(at: now)
    }

    func timerFired(at now: MonotonicInstant) {
        stagger = nil
        tryNext(at: now)
    }

    private func tryNext(at now: MonotonicInstant) {
        guard case .connecting(var race) = phase else { return }
        race.startNext(on: loop, for: self)
        phase = .connecting(race)
        if race.hasNext, !race.isExhausted {
            if stagger == nil { stagger = loop.schedule(self, due: now + AddressOrder.stagger, at: now) }
        } else if !race.isTrying {
            fail(.connecting(race.failure ?? .local(.localResolver, "no usable address")), at: now)
        }
    }

    private func connecting(
        _ race: consuming ConnectRace,
        _ socket: Socket,
        _ readiness: Readiness,
        at now: MonotonicInstant
    ) {
        var race = race
        let winner = race.ready(socket, readiness, on: loop)
        guard let winner else {
            phase = .connecting(race)
            // The next address need not wait for one that has failed.
            if !race.isTrying { tryNext(at: now) }
            return
        }
        cancelStagger()
        self.socket = winner.socket
        address = winner.address
        lostFamily = winner.lostFamily
        if let tunnel = plan.tunnel {
            phase = .tunnelling(ProxyTunnel())
            user?.connectionTunnels(self, at: now)
            _ = tunnel.withUnsafeBytes { write($0, at: now) }
        } else {
            opened(at: now)
        }
        if readiness.isReadable { socketReady(socket, readiness, at: now) }
    }

    /// The way to the endpoint is free.
    private func opened(at now: MonotonicInstant) {
        guard let wanted = plan.tls else {
            phase = .open
            user?.connectionOpened(self, at: now)
            return
        }
        socket?.disableDelay()
        phase = .securing
        let session = TLSSession(context: wanted.context, serverName: wanted.serverName, loop: loop.sessions)
        tls = session
        user?.connectionOpened(self, at: now)
        session.start()
        carryTLS(session, at: now)
    }

    private func cancelStagger() {
        if let stagger { loop.cancel(stagger) }
        stagger = nil
    }

    // MARK: Bytes

    func socketReady(_ socket: Socket, _ readiness: Readiness, at now: MonotonicInstant) {
        if case .connecting(let race) = phase { return connecting(race, socket, readiness, at: now) }
        if readiness.isWritable { flush(at: now) }
        if readiness.isReadable { receive(untilEnd: readiness.isEnding, at: now) }
    }

    /// Sends bytes; ``ConnectionUser/connectionFlushed(_:at:)`` follows, possibly before this returns.
    func send(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        guard isOpen, !bytes.isEmpty else { return }
        guard let tls else {
            if write(bytes, at: now) { user?.connectionFlushed(self, at: now) }
            return
        }
        tls.send(loop.sessions.allocator.buffer(bytes: bytes))
        carryTLS(tls, at: now)
        if isOpen, !tls.hasOutput { user?.connectionFlushed(self, at: now) }
    }

    /// Whether the system has taken everything.
    private func write(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) -> Bool {
        guard let socket else { return false }
        guard pending.isEmpty else {
            pending.append(contentsOf: bytes)
            return false
        }
        lastWrite = now
        do throws(SystemError) {
            let written = try socket.write(bytes)
            guard written < bytes.count else { return true }
            pending.append(contentsOf: bytes[written...])
        } catch {
            fail(.broken(error), at: now)
        }
        return false
    }

    /// There is room again.
    private func flush(at now: MonotonicInstant) {
        if let tls {
            guard tls.hasOutput else { return }
            carryTLS(tls, at: now)
            if isOpen, !tls.hasOutput { user?.connectionFlushed(self, at: now) }
        } else if !pending.isEmpty {
            let bytes = pending
            pending = []
            if bytes.withUnsafeBytes({ write($0, at: now) }), isOpen { user?.connectionFlushed(self, at: now) }
        }
    }

    private func receive(untilEnd: Bool, at now: MonotonicInstant) {
        while let socket, !isClosed {
            let count: Int?
            do throws(SystemError) {
                count = try socket.read(into: loop.readBuffer)
            } catch {
                return fail(.broken(error), at: now)
            }
            guard let count else { return }
            guard count > 0 else { return ended(at: now) }
            received(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]), at: now)
            // Less than was asked for: nothing is left, and more will be told as a new event. An end that was told already
            // has to be found now.
            guard untilEnd || count == loop.readBuffer.count else { return }
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant) {
        if case .tunnelling(let tunnel) = phase {
            tunnelling(tunnel, bytes, at: now)
        } else if let tls {
            tls.receive(bytes)
            carryTLS(tls, at: now)
        } else {
            user?.connection(self, received: bytes, at: now)
        }
    }

    private func tunnelling(_ tunnel: consuming ProxyTunnel, _ bytes: UnsafeRawBufferPointer, at now: MonotonicInstant)
    {
        var rest = bytes
        do throws(ProxyFailure) {
            let progress = try tunnel.next(&rest)
            phase = .tunnelling(tunnel)
            guard progress == .established else { return }
            opened(at: now)
            if !rest.isEmpty, !isClosed { received(rest, at: now) }
        } catch {
            fail(.tunnelling(ProbeFailure(error)), at: now)
        }
    }

    // MARK: End

    func ended(at now: MonotonicInstant) {
        if case .tunnelling(var tunnel) = phase {
            do throws(ProxyFailure) {
                try tunnel.inputEnded()
            } catch {
                return fail(.tunnelling(ProbeFailure(error)), at: now)
            }
        }
        let user = user
        close()
        user?.connectionEnded(self, at: now)
    }

    func fail(_ failure: ConnectionFailure, at now: MonotonicInstant) {
        var failure = failure
        if case .tunnelling = phase, case .broken(let error) = failure {
            failure = .tunnelling(.local(.localProxy, "the proxy: \(error)"))
        }
        let user = user
        close()
        user?.connection(self, failed: failure, at: now)
    }

    /// Closes it without telling anybody.
    func close() {
        if case .connecting(var race) = phase { race.cancel(on: loop) }
        phase = .closed
        cancelStagger()
        pending = []
        if let socket {
            // Say goodbye, but wait for nothing: the descriptor is wanted back.
            if let tls {
                tls.close()
                try? tls.withOutput { try socket.write($0) }
            }
            loop.close(socket)
        }
        socket = nil
        user = nil
    }
}
