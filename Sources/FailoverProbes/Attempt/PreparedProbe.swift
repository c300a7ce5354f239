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

    /// The request for a tunnel; a secret.
    private let tunnel: [UInt8]?
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
            let request = try Self.tunnel(connection.proxy, to: address)
            (http, tunnel, defect) = (plan, request, nil)
        } catch {
            (http, tunnel, defect) = (nil, nil, error.detail)
        }
    }

    var usesProxy: Bool { tunnel != nil }

    private static func httpPlan(_ configuration: ProbeConfiguration) throws(ProbeDefect) -> HTTPPlan? {
        guard case .http(let probe) = configuration.request else { return nil }
        return try HTTPPlan(probe, keepsConnection: configuration.connection.use != .fresh)
    }

    private static func tunnel(_ proxy: ProxySettings?, to endpoint: HostPort) throws(ProbeDefect) -> [UInt8]? {
        guard let proxy else { return nil }
        let authorization = try ProxyCredential.authorization(proxy.credentialFile)
        do throws(ProxyRequestError) {
            return try ProxyTunnel.request(to: endpoint, authorization: authorization)
        } catch {
            throw ProbeDefect(detail: error.description)
        }
    }

    // MARK: Connecting

    /// How to connect to `addresses`; `nil` if none is of the family of the source address.
    func plan(
        for addresses: [IPAddress],
        contexts: TLSContexts,
        at now: MonotonicInstant
    ) -> Result<ConnectPlan, ProbeFailure> {
        let arranged = order.arranged(addresses, source: source, at: now)
        guard !arranged.isEmpty else {
            let detail = "\(target.host) has no address of the family of source_address"
            return .failure(.local(.localConfiguration, detail))
        }
        var plan = ConnectPlan(addresses: arranged, port: target.port, source: source, tunnel: tunnel)
        plan.failedFamily = order.failedFamily
        guard let tls else { return .success(plan) }
        switch contexts.context(for: tls.key) {
        case .success(let context): plan.tls = ConnectPlan.TLS(context: context, serverName: tls.serverName)
        case .failure(let failure): return .failure(.local(.localConfiguration, failure.detail))
        }
        return .success(plan)
    }

    /// Notes which address answered.
    func connected(_ connection: Connection, at now: MonotonicInstant) {
        guard let address = connection.address else { return }
        order.won(by: address.family, over: connection.failedFamily, at: now)
        guard configuration.connection.tripwire else { return }
        lastPlan = ConnectPlan(addresses: [address], port: target.port, source: source, tunnel: tunnel)
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
