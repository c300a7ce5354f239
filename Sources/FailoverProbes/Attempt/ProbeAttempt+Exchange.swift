import FailoverCore

/// From a connection that stands to the answer.
extension ProbeAttempt: ConnectionUser {
    /// From now on it is the endpoint's time: the proxy has had its own.
    func connectionTunnels(_ connection: Connection, at now: MonotonicInstant) {
        guard case .connecting = phase else { return }
        enter(.connecting, limit: timeouts.connect, at: now)
    }

    func connectionOpened(_ connection: Connection, at now: MonotonicInstant) {
        guard case .connecting = phase else { return }
        timings.connected = now - start.start
        probe.connected(connection, at: now)
        guard !connection.isSecuring else { return enter(.securing, limit: timeouts.tls, at: now) }
        beginExchange(at: now)
    }

    func connectionSecured(_ connection: Connection, at now: MonotonicInstant) {
        guard case .securing = phase else { return }
        timings.secured = now - start.start
        beginExchange(at: now)
    }

    func connectionFlushed(_ connection: Connection, at now: MonotonicInstant) {
        guard case .requesting = phase else { return }
        if let chat {
            chat.wrote(at: now)
            guard exchange?.isRequestWritten == true else { return }
            chat.asked(at: now)
            timings.requestWritten = now - start.start
            return enterReading(.awaiting, of: chat, at: now)
        }
        timings.requestWritten = now - start.start
        enter(.awaiting, limit: timeouts.firstByte, at: now)
    }

    func connection(
        _ connection: Connection,
        received bytes: UnsafeRawBufferPointer,
        at now: MonotonicInstant
    ) {
        guard isExchanging else { return receivedAside(bytes, on: connection, at: now) }
        if let chat, case .requesting = phase, let instant = connection.lastWrite { chat.wrote(at: instant) }
        guard let progress = exchange?.receive(bytes, at: now) else { return }
        if timings.firstByte == nil, exchange?.hasAnswerBegun == true {
            timings.firstByte = now - start.start
            if chat == nil { enter(.reading, limit: nil, at: now) }
        }
        if let chat, chat.hasHead { enterReading(.reading, of: chat, at: now) }
        // An answer that is complete counts, whatever becomes of what the connection still has to say.
        if exchange?.spoken == .http2, case .goesOn = progress { return send(isFirst: false, on: connection, at: now) }
        conclude(progress, at: now)
    }

    func connectionEnded(_ connection: Connection, at now: MonotonicInstant) {
        guard !hasEnded, !isMatching else { return }
        if startsAgain(at: now) { return }
        guard isSecuring else {
            guard let progress = exchange?.inputEnded(at: now) else { return end(.answerEnded, at: now) }
            return conclude(progress, at: now)
        }
        end(.endpoint(.tlsHandshake, "the connection closed during the TLS handshake"), at: now)
    }

    func connection(_ connection: Connection, failed failure: ConnectionFailure, at now: MonotonicInstant) {
        guard !hasEnded, !isMatching else { return }
        switch failure {
        case .connecting(let failure): end(probe.usesProxy ? failure.asProxys : failure, at: now)
        case .tunnelling(let failure): end(failure, at: now)
        case .tls(let failure):
            if startsAgain(at: now) { return }
            breaksOff(ProbeFailure(failure), at: now)
        case .broken(let error):
            if startsAgain(at: now) { return }
            breaksOff(ProbeFailure(broken: error, isSecuring: isSecuring), at: now)
        }
    }

    /// The connection is gone: a chat whose answer has begun judges by what there was, unless it is our own doing.
    private func breaksOff(_ failure: ProbeFailure, at now: MonotonicInstant) {
        guard let chat, chat.hasHead, !failure.isLocal else { return end(failure, at: now) }
        conclude(.told(.broken(failure.detail)), at: now)
    }

    /// What arrives while the body is being matched may concern the connection, and no longer the answer.
    private func receivedAside(_ bytes: UnsafeRawBufferPointer, on connection: Connection, at now: MonotonicInstant) {
        guard isMatching else { return }
        guard exchange?.receiveIdle(bytes) == true else { return connection.close() }
        send(isFirst: false, on: connection, at: now)
    }

    private var isSecuring: Bool { if case .securing = phase { true } else { false } }
    /// The answer is there already: what becomes of the connection no longer matters.
    private var isMatching: Bool { if case .matching = phase { true } else { false } }

    private var isExchanging: Bool {
        switch phase {
        case .requesting, .awaiting, .reading: exchange != nil
        case .resolving, .connecting, .securing, .matching, .ended: false
        }
    }

    /// A chat was asked, and its answer is awaited or being read.
    var isReadingChat: Bool { chat?.deadline != nil && isExchanging }

    /// Sends the request, or is content where there is none.
    func beginExchange(at now: MonotonicInstant) {
        guard let plan = chat?.request ?? probe.http, let connection else { return succeeded(at: now) }
        if exchange == nil {
            switch HTTPExchange.make(for: plan, on: connection, sessions: worker.loop.sessions) {
            case .success(let made): exchange = made
            case .failure(let failure): return end(failure, at: now)
            }
        }
        enter(.requesting, limit: timeouts.firstByte, at: now)
        // What is sent may be answered, and the attempt ended, before this returns.
        chat?.wrote(at: now)
        exchange?.begin(chat)
        send(isFirst: true, on: connection, at: now)
    }

    private func send(isFirst: Bool, on connection: Connection, at now: MonotonicInstant) {
        // Held here, because sending may end the attempt and with it the exchange.
        guard var exchange else { return }
        exchange.carryOutput(isFirst: isFirst) { connection.send($0, at: now) }
    }

    /// A kept connection that the server closed before it saw the request says nothing: the attempt goes on with a fresh
    /// one, as every client would (RFC 9110, section 9.2.2, and RFC 9112, section 9.3.1).
    ///
    /// A question that costs tokens is asked again only if the server cannot have seen all of it or, with `isUnprocessed`,
    /// says that it did not look.
    private func startsAgain(isUnprocessed: Bool = false, at now: MonotonicInstant) -> Bool {
        guard isReused, timings.firstByte == nil, isUnprocessed || chat?.mayCost != true else { return false }
        isReused = false
        connection?.close()
        connection = nil
        exchange = nil
        chat?.startAgain()
        timings = PhaseTimings()
        locate(at: now)
        return true
    }

    // MARK: Conclusion

    func conclude(_ progress: HTTPExchange.Progress, at now: MonotonicInstant) {
        guard !hasEnded else { return }
        switch progress {
        case .goesOn: break
        case .failed(let failure): end(failure, at: now)
        case .unprocessed(let failure):
            if startsAgain(isUnprocessed: true, at: now) { return }
            chat?.startAgain()
            end(failure, at: now)
        case .answered(let body): answered(body: body, at: now)
        case .told(let ending): told(ending, at: now)
        }
    }

    /// The answer is complete and its status is expected; `body` is empty unless something is expected of it.
    private func answered(body: [UInt8], at now: MonotonicInstant) {
        timings.lastByte = now - start.start
        guard let matcher = probe.http?.matcher, !matcher.isEmpty else { return succeeded(at: now) }
        guard matcher.isSlow(byteCount: body.count) else { return matched(matcher.mismatch(in: body), at: now) }
        lookElsewhere(
            at: now,
            { matcher.mismatch(in: body) },
            then: { attempt, mismatch in attempt.matched(mismatch, at: now) }
        )
    }

    /// Lets another thread look at the body, and goes on with what it has found, unless that takes too long.
    func lookElsewhere<Found: Sendable>(
        at now: MonotonicInstant,
        _ look: @escaping @Sendable () -> Found,
        then: @escaping @Sendable (ProbeAttempt, Found) -> Void
    ) {
        guard !probe.isMatching else {
            return end(.local(.localConfiguration, "an earlier body is still being matched"), at: now)
        }
        waits(onUs: true, at: now)
        enterWaiting(.matching, limit: Self.matchingLimit, at: now)
        worker.expectAnswer(for: self)
        let id = start.attempt
        let mailbox = worker.loop.mailbox
        let key = start.key
        probe.isMatching = worker.resources.matching.submit {
            let found = look()
            mailbox.post { loop in
                loop.worker?.matchingEnded(of: key)
                if let attempt = loop.worker?.attempt(id) { then(attempt, found) }
            }
        }
        if !probe.isMatching { end(.local(.localConfiguration, "too many bodies wait to be matched"), at: now) }
    }

    private func matched(_ mismatch: String?, at now: MonotonicInstant) {
        if let mismatch {
            end(.endpoint(.bodyMismatch, mismatch), at: now)
        } else {
            succeeded(at: now)
        }
    }
}
