import FailoverCore

/// A chat probe in the form that attempts use, made once.
final class ChatPlan {
    let probe: ChatProbe
    let timeouts: ProbeTimeouts
    /// How long after the request an indicator can no longer be good; at most one of each kind, shortest first.
    let objectives: [(kind: IndicatorKind, limit: Duration)]
    /// The question that users ask; `nil` if the probe never asks it.
    let deep: HTTPPlan?
    /// The question that costs nothing.
    let cheap: HTTPPlan
    /// What `cheap` asks for; never `.chat`.
    let cheapMode: ChatProbe.Mode
    /// Of the answer's text.
    let matcher: BodyMatcher
    /// What configured headers tell nobody else.
    let redaction: Redaction
    private let body: ChatRequestBody

    /// - Throws: What cannot be sent or expected.
    init(_ probe: ChatProbe, of configuration: ProbeConfiguration) throws(ProbeDefect) {
        self.probe = probe
        timeouts = configuration.timeouts
        redaction = Redaction(configuration.request)
        let limits = [(IndicatorKind.ttft, configuration.ttftObjective), (.latency, configuration.latencyObjective)]
        objectives = limits.compactMap { kind, limit in limit.map { (kind, $0) } }.sorted { $0.limit < $1.limit }
        let keeps = configuration.connection.use != .fresh
        let cheapMode = probe.mode == .chat ? probe.cheaperMode : probe.mode
        self.cheapMode = cheapMode
        body = ChatRequestBody(probe)
        deep =
            if probe.mode == .chat {
                try HTTPPlan(
                    Self.deepRequest(probe.http),
                    keepsConnection: keeps,
                    wanted: ChatHead.wantedFields,
                    bodyFollows: true
                )
            } else {
                nil
            }
        cheap = try HTTPPlan(
            Self.cheapRequest(probe, cheapMode),
            keepsConnection: keeps,
            wanted: ChatHead.wantedFields
        )
        do throws(BodyMatcher.Unusable) {
            matcher = try BodyMatcher(probe.quality.text)
        } catch {
            throw ProbeDefect(detail: error.detail)
        }
    }

    /// What one attempt sends: its own body, and what is not to be kept with the request.
    ///
    func message(nonce: String, requestID: String, tier: EvidenceTier, secret: Secret?) -> AttemptMessage {
        var fields: [HeaderField] = []
        if let secret { fields.append(probe.credentialHeader.field(secret)) }
        fields.append(HeaderField(name: "X-Request-Id", value: requestID))
        fields.removeAll { own in probe.http.headers.contains { $0.isNamed(own.name) } }
        return AttemptMessage(fields: fields, body: tier == .deep ? body.bytes(nonce: nonce) : nil)
    }

    private static func deepRequest(_ http: HTTPProbe) -> HTTPProbe {
        request(
            http,
            target: http.target,
            method: "POST",
            own: [
                HeaderField(name: "Accept", value: "text/event-stream"),
                HeaderField(name: "Content-Type", value: "application/json"),
                HeaderField(name: "Cache-Control", value: "no-store"),
            ]
        )
    }

    private static func cheapRequest(_ probe: ChatProbe, _ mode: ChatProbe.Mode) -> HTTPProbe {
        request(
            probe.http,
            target: mode == .health ? probe.healthTarget : probe.modelsTarget,
            method: "GET",
            own: [HeaderField(name: "Cache-Control", value: "no-store")]
        )
    }

    /// The configured headers win over our own.
    private static func request(_ http: HTTPProbe, target: String, method: String, own: [HeaderField]) -> HTTPProbe {
        let added = own.filter { field in !http.headers.contains { $0.isNamed(field.name) } }
        return HTTPProbe(
            address: http.address,
            tls: http.tls,
            target: target,
            method: method,
            headers: added + http.headers,
            version: http.version
        )
    }
}

extension CredentialHeader {
    /// Holds the secret: never print it.
    fileprivate func field(_ secret: Secret) -> HeaderField {
        switch self {
        case .bearer: HeaderField(name: "Authorization", value: "Bearer " + secret.value)
        case .apiKey, .xAPIKey: HeaderField(name: rawValue, value: secret.value)
        }
    }
}

extension HeaderField {
    fileprivate func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }
}
