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
    /// `nil` for probes that send nothing, and for chats.
    let http: HTTPPlan?
    /// `nil` for all probes but chats.
    let chat: ChatPlan?
    let tls: TLSWish?
    /// What nothing that is told may hold, but for credentials.
    let redaction: Redaction
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
    /// What a chat has been answered well, ever.
    private var proven: Set<EvidenceTier> = []

    init(_ configuration: ProbeConfiguration) {
        self.configuration = configuration
        let connection = configuration.connection
        let address = configuration.request.address
        target = connection.proxy?.address ?? address
        literal = IPAddress(target.host)
        source = connection.sourceAddress.flatMap { IPAddress($0) }
        tls = TLSWish(configuration.request)
        redaction = Redaction(configuration.request)
        do throws(ProbeDefect) {
            let plans = try Self.plans(configuration)
            (http, chat, defect) = (plans.http, plans.chat, nil)
        } catch {
            (http, chat, defect) = (nil, nil, error.detail)
        }
    }

    var usesProxy: Bool { configuration.connection.proxy != nil }

    deinit { kept?.close() }

    private static func plans(
        _ configuration: ProbeConfiguration
    ) throws(ProbeDefect) -> (http: HTTPPlan?, chat: ChatPlan?) {
        switch configuration.request {
        case .http(let probe): (try HTTPPlan(probe, keepsConnection: configuration.connection.use != .fresh), nil)
        case .chat(let probe): (nil, try ChatPlan(probe, of: configuration))
        case .tls, .tcp: (nil, nil)
        }
    }

    /// The request for a tunnel, which is a secret.
    ///
    /// `nil` without a proxy.
    private func tunnel(_ credentials: CredentialStore) throws(ProbeDefect) -> [UInt8]? {
        guard let proxy = configuration.connection.proxy else { return nil }
        let authorization: Secret? =
            if let file = proxy.credentialFile { try credentials.secret(.proxy(file: file)) } else { nil }
        do throws(ProxyRequestError) {
            return try ProxyTunnel.request(to: configuration.request.address, authorization: authorization?.value)
        } catch {
            throw ProbeDefect(detail: error.description)
        }
    }

    /// What an attempt asks that `grant` allows; `nil` for all probes but chats.
    func turn(_ grant: SpendGrant, using random: inout some RandomNumberGenerator) -> ChatTurn? {
        chat.map { ChatTurn($0, grant: grant, using: &random) }
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
            tunnel: try tunnel(resources.credentials),
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

    // MARK: Whose fault it is

    /// What a certificate or an answer can have wrong because the configuration leads to the wrong place.
    private static let certificateCodes: Set<ReasonCode> = [.tlsExpired, .tlsNameMismatch, .tlsUntrusted]

    /// A chat was answered well.
    func proved(_ tier: EvidenceTier) { proven.insert(tier) }

    /// The outcome of a chat, seen in the light of those before: what never was right is not the endpoint's failure.
    func judged(_ outcome: Outcome, _ tier: EvidenceTier) -> Outcome {
        guard case .failure(let code, _) = outcome else { return outcome }
        let isOurs =
            Self.certificateCodes.contains(code) ? proven.isEmpty : code == .protocolError && !proven.contains(tier)
        return isOurs ? .misconfigured(code) : outcome
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
