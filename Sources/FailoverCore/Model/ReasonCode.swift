/// A short machine-readable reason, layered as `where_what`: `connect_refused`, `tls_name_mismatch`, `http_503`.
///
/// Codes are part of the contract with readers of the state file and the journal: add, never rename.
package struct ReasonCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
    package init(stringLiteral value: String) { self.rawValue = value }
    package var description: String { rawValue }
}

/// Reasons of one probe's outcome, in the order of its phases.
extension ReasonCode {
    package static let resolveNotFound: ReasonCode = "resolve_not_found"
    package static let connectTimeout: ReasonCode = "connect_timeout"
    package static let connectRefused: ReasonCode = "connect_refused"
    package static let connectReset: ReasonCode = "connect_reset"
    package static let connectUnreachable: ReasonCode = "connect_unreachable"
    package static let connectFailed: ReasonCode = "connect_failed"
    package static let tlsTimeout: ReasonCode = "tls_timeout"
    package static let tlsNameMismatch: ReasonCode = "tls_name_mismatch"
    package static let tlsExpired: ReasonCode = "tls_expired"
    package static let tlsUntrusted: ReasonCode = "tls_untrusted"
    package static let tlsHandshake: ReasonCode = "tls_handshake"
    package static let requestTimeout: ReasonCode = "request_timeout"
    package static let responseTimeout: ReasonCode = "response_timeout"
    package static let responseReset: ReasonCode = "response_reset"
    package static let responseEmpty: ReasonCode = "response_empty"
    package static let responseTruncated: ReasonCode = "response_truncated"
    package static let responseMalformed: ReasonCode = "response_malformed"
    package static let headerTooLarge: ReasonCode = "header_too_large"
    package static let bodyTooLarge: ReasonCode = "body_too_large"
    package static let bodyTimeout: ReasonCode = "body_timeout"
    package static let bodyMismatch: ReasonCode = "body_mismatch"
    package static let totalTimeout: ReasonCode = "total_timeout"
    /// The server does not speak the version of HTTP that was asked for.
    package static let protocolMismatch: ReasonCode = "protocol_mismatch"
    /// The proxy said that it could not reach the endpoint.
    package static let proxyFailed: ReasonCode = "proxy_failed"
    /// The certificate expires soon; a warning, not a failure.
    package static let certificateExpiring: ReasonCode = "certificate_expiring"
    /// After such a warning: a certificate that is good for longer is in its place.
    package static let certificateRenewed: ReasonCode = "certificate_renewed"

    /// The endpoint answered with a status that was not expected.
    package static func http(_ status: Int) -> ReasonCode { ReasonCode(rawValue: "http_\(status)") }
}

/// Reasons that only a chat with an LLM gives.
extension ReasonCode {
    /// The model stopped, or the stream ended, without a token.
    package static let empty: ReasonCode = "empty"
    /// The stream broke off before the model had finished.
    package static let truncated: ReasonCode = "truncated"
    package static let ttftTimeout: ReasonCode = "ttft_timeout"
    /// Tokens came, and then none for too long.
    package static let stalled: ReasonCode = "stalled"
    /// The answer is none of a chat.
    package static let protocolError: ReasonCode = "protocol"
    package static let unavailable: ReasonCode = "unavailable"
    /// The server is up, its model is not in memory yet.
    package static let loading: ReasonCode = "loading"
    package static let overloaded: ReasonCode = "overloaded"
    package static let quota: ReasonCode = "quota"
    package static let auth: ReasonCode = "auth"
    package static let model: ReasonCode = "model"
    package static let request: ReasonCode = "request"
    /// A filter refused the prompt or the answer: the endpoint lives, the probe says nothing.
    package static let filtered: ReasonCode = "filtered"
    /// A complete answer that is not the expected one.
    package static let quality: ReasonCode = "quality"
    package static let modelMismatch: ReasonCode = "model_mismatch"
    package static let repetition: ReasonCode = "repetition"
    package static let modelChanged: ReasonCode = "model_changed"
    package static let fingerprintChanged: ReasonCode = "fingerprint_changed"
    /// Throttled for more than half of two minutes.
    package static let rateLimited: ReasonCode = "rate_limited"
    /// Our request or account was refused for long, and users' requests carry the same credential.
    package static let misconfigured: ReasonCode = "misconfigured"
    package static let providerOverloaded: ReasonCode = "provider_overloaded"
    package static let ttft: ReasonCode = "ttft"
}

/// Reasons about money.
extension ReasonCode {
    package static let spendSlower: ReasonCode = "spend_slower"
    package static let spendCheaper: ReasonCode = "spend_cheaper"
    package static let spendExhausted: ReasonCode = "spend_exhausted"
    package static let spendResumed: ReasonCode = "spend_resumed"
    package static let reasoningLeak: ReasonCode = "reasoning_leak"
    package static let costlyFailover: ReasonCode = "costly_failover"
    /// An error budget is spent many times faster than it lasts.
    package static let budgetBurning: ReasonCode = "budget_burning"
}

/// Reasons that lie with us, never with the endpoint.
extension ReasonCode {
    package static let localDescriptors: ReasonCode = "local_descriptors"
    package static let localMemory: ReasonCode = "local_memory"
    package static let localNetwork: ReasonCode = "local_network"
    package static let localResolver: ReasonCode = "local_resolver"
    package static let localPorts: ReasonCode = "local_ports"
    /// The proxy in front of us could not be used; what it says about the endpoint is the endpoint's.
    package static let localProxy: ReasonCode = "local_proxy"
    /// The attempt began too late, or the probing stood still while it was under way.
    package static let localStalled: ReasonCode = "local_stalled"
    package static let localCancelled: ReasonCode = "local_cancelled"
    package static let localConfiguration: ReasonCode = "local_configuration"
    /// Nothing hampers the probing any more.
    package static let clear: ReasonCode = "clear"
}
