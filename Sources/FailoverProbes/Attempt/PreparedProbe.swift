import FailoverCore

/// One probe's configuration in the form that attempts use, and what they leave to each other.
///
/// Made once; used on one loop only.
final class PreparedProbe {
    let configuration: ProbeConfiguration
    /// Where connections go to: the endpoint, or the proxy in front of it.
    let target: HostPort
    /// `nil` for a name.
    let literal: IPAddress?
    let source: IPAddress?
    /// `nil` for probes that send nothing.
    let http: HTTPPlan?
    let tls: TLSWish?
    /// Why this probe can never run, `nil` for most.
    let defect: String?
    /// A body is being matched on another thread.
    ///
    /// Another one has to do without: an expression that backtracks for ever would otherwise take thread after thread.
    var isMatching = false

    private var order = AddressOrder()
    private var kept: KeptConnection?
    /// Attempts since the last one with a fresh connection, that one included.
    private var attemptsSinceFresh = 0
    /// How the last attempt that connected did so; without TLS.
    private(set) var lastPlan: ConnectPlan?
    private var facts = FactsCache()

    init(_ configuration: ProbeConfiguration) {
        self.configuration = configuration
        let connection = configuration.connection
        let address = configuration.request.address
        target = connection.proxy?.address ?? address
        literal = IPAddress(target.host)
        source = connection.sourceAddress.flatMap { IPAddress($0) }
        tls = TLSWish(configuration.request)
        do throws(ProbeDefect) {
            let plan = try Self.httpPlan(configuration)
            (http, defect) = (plan, nil)
        } catch {
            (http, defect) = (nil, error.detail)
        }
    }

    var usesProxy: Bool { configuration.connection.proxy != nil }

    deinit { kept?.close() }

    private static func httpPlan(_ configuration: ProbeConfiguration) throws(ProbeDefect) -> HTTPPlan? {
        guard case .http(let probe) = configuration.request else { return nil }
        return try HTTPPlan(probe, keepsConnection: configuration.connection.use != .fresh)
    }

    /// The request for a tunnel, which is a secret.
    ///
    /// `nil` without a proxy.
    private func tunnel(_ credentials: ProxyCredentials) throws(ProbeDefect) -> [UInt8]? {
        guard let proxy = configuration.connection.proxy else { return nil }
        let authorization: String? =
            if let file = proxy.credentialFile { try credentials.authorization(file) } else { nil }
        do throws(ProxyRequestError) {
            return try ProxyTunnel.request(to: configuration.request.address, authorization: authorization)
        } catch {
            throw ProbeDefect(detail: error.description)
        }
    }

    // MARK: Connecting

    /// How to connect to `addresses`, which need not be of one family.
    func plan(
        for addresses: [IPAddress],
        resources: ProbeResources,
        at now: MonotonicInstant
    ) throws(ProbeDefect) -> ConnectPlan {
        let arranged = order.arranged(addresses, source: source, at: now)
        guard !arranged.isEmpty else {
            throw ProbeDefect(detail: "\(target.host) has no address of the family of source_address")
        }
        return ConnectPlan(
            addresses: arranged,
            port: target.port,
            source: source,
            tunnel: try tunnel(resources.proxyCredentials),
            tls: try tls.map { wish throws(ProbeDefect) in
                ConnectPlan.TLS(
                    context: try resources.tlsContexts.context(for: wish.key).get(),
                    serverName: wish.serverName
                )
            },
            failedFamily: order.failedFamily
        )
    }

    /// Notes which address answered.
    func connected(_ connection: Connection, at now: MonotonicInstant) {
        guard let address = connection.address else { return }
        order.won(by: address.family, over: connection.lostFamily, at: now)
        guard configuration.connection.tripwire else { return }
        lastPlan = ConnectPlan(addresses: [address], port: target.port, source: source, tunnel: connection.plan.tunnel)
    }

    // MARK: Kept connections

    /// The connection that an earlier attempt left; `nil` if there is none or a fresh one is due.
    func takeKept() -> KeptConnection? {
        guard case .reuse(let freshEvery) = configuration.connection.use else { return nil }
        guard let kept, attemptsSinceFresh < freshEvery else {
            kept?.close()
            kept = nil
            attemptsSinceFresh = 1
            return nil
        }
        self.kept = nil
        attemptsSinceFresh += 1
        return kept
    }

    /// Leaves a connection to the next attempt; `false` if it is not wanted.
    func keep(_ connection: Connection, _ exchange: HTTPExchange) -> Bool {
        guard case .reuse = configuration.connection.use, kept == nil else { return false }
        kept = KeptConnection(connection, exchange, probe: self)
        return true
    }

    /// Closes what is kept, or forgets it after it ended by itself.
    func dropKept() {
        kept?.close()
        kept = nil
    }

    // MARK: Facts

    /// The way that an attempt took; `nil` if it did not connect.
    func facts(
        of connection: Connection,
        isReused: Bool,
        http: SpokenHTTP?,
        wallSeconds: () -> Int,
        at now: MonotonicInstant
    ) -> ConnectionFacts? {
        facts.facts(
            of: connection,
            port: target.port,
            isReused: isReused,
            http: http,
            wallSeconds: wallSeconds,
            at: now
        )
    }
}

/// What a probe wants of TLS.
struct TLSWish: Hashable, Sendable {
    let key: TLSContextKey
    /// Sent, and to be found in the certificate.
    let serverName: String

    /// `nil` without TLS.
    init?(_ request: ProbeRequest) {
        guard let key = TLSContextKey(request) else { return nil }
        self.key = key
        serverName = request.tls?.serverName ?? request.address.host
    }
}
