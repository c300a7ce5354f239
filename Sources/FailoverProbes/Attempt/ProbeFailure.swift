import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How an attempt failed: the class and code, and one line for people.
struct ProbeFailure: Error, Hashable, Sendable {
    let outcome: Outcome
    let detail: String
    /// How long a throttled probe was asked to wait, as the server wrote it; `nil` if it was not asked to.
    let retryAfter: String?

    init(_ outcome: Outcome, _ detail: String, retryAfter: String? = nil) {
        self.outcome = outcome
        self.retryAfter = retryAfter
        self.detail = printable(detail, limit: maximumDetailLength - 1)
    }

    /// The endpoint failed, and quickly.
    static func endpoint(_ code: ReasonCode, _ detail: String) -> ProbeFailure {
        ProbeFailure(.failure(code, isTimeout: false), detail)
    }

    /// Our own machine or network got in the way.
    static func local(_ code: ReasonCode, _ detail: String) -> ProbeFailure {
        ProbeFailure(.inconclusive(code), detail)
    }

    /// Whether this machine has run out of something that any other address needs, too.
    var isExhaustion: Bool { outcome.reason == .localDescriptors || outcome.reason == .localMemory }

    var isLocal: Bool {
        if case .inconclusive = outcome { true } else { false }
    }
}

// MARK: - Resolve and connect

extension ProbeFailure {
    init(lookup failure: LookupFailure, host: String) {
        switch failure {
        case .notFound: self = .endpoint(.resolveNotFound, "\(host) does not resolve to any address")
        case .resolver(let text): self = .local(.localResolver, "resolver, for \(host): \(text)")
        case .descriptors: self = .local(.localDescriptors, "no file descriptor left to resolve \(host)")
        case .memory: self = .local(.localMemory, "no memory left to resolve \(host)")
        case .overflow: self = .local(.localResolver, "too many names wait for the resolver, \(host) among them")
        }
    }

    /// An error of the system before a connection was established.
    init(connecting error: SystemError, to address: IPAddress, port: Int) {
        let place = HostPort(host: address.description, port: port)
        let detail = "\(place): \(error)"
        // The same number is ours when the system refuses to try, and the network's when a router answers.
        let isAnswered = error.call == .handshake && [ENETUNREACH, EACCES, EPERM].contains(error.code)
        if !isAnswered, let failure = ProbeFailure(localErrno: error.code, detail) {
            self = failure
            return
        }
        guard error.call != .bind else {
            self = .local(.localNetwork, "source_address, for \(place): \(error)")
            return
        }
        self =
            switch error.code {
            case ECONNREFUSED: .endpoint(.connectRefused, detail)
            case ECONNRESET, ECONNABORTED, EPIPE: .endpoint(.connectReset, detail)
            case EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, EACCES, EPERM: .endpoint(.connectUnreachable, detail)
            case ETIMEDOUT: ProbeFailure(.failure(.connectTimeout, isTimeout: true), detail)
            // For IPv6 it means that we have no address to speak from, for IPv4 that every port is taken.
            case EADDRNOTAVAIL: .local(address.family == .ipv6 ? .localNetwork : .localPorts, detail)
            case EADDRINUSE, EAGAIN: .local(.localPorts, detail)
            default: .endpoint(.connectFailed, detail)
            }
    }

    /// An error number that lies with our machine or network in any phase.
    private init?(localErrno: CInt, _ detail: String) {
        switch localErrno {
        case ENETUNREACH, ENETDOWN, EAFNOSUPPORT, EACCES, EPERM: self = .local(.localNetwork, detail)
        case EMFILE, ENFILE: self = .local(.localDescriptors, detail)
        case ENOMEM, ENOBUFS, ENOSPC: self = .local(.localMemory, detail)
        default: return nil
        }
    }

    /// An error of an established connection.
    init(broken error: SystemError, isSecuring: Bool) {
        self =
            ProbeFailure(localErrno: error.code, error.description)
            ?? (isSecuring
                ? .endpoint(.tlsHandshake, "TLS handshake: \(error)")
                : .endpoint(.responseReset, "waiting for the answer: \(error)"))
    }

    /// A proxy that made no tunnel.
    init(_ failure: ProxyFailure) { self.init(failure.outcome, failure.description) }

    /// An error of TLS, in the handshake or after it.
    init(_ failure: TLSFailure) { self = .endpoint(failure.code, failure.detail) }

    /// The connection ended before an answer began.
    static let answerEnded = ProbeFailure.endpoint(.responseEmpty, "the connection closed without an answer")

    /// The same failure, met on the way to a proxy: it says nothing about the endpoint.
    var asProxys: ProbeFailure {
        isLocal ? self : .local(.localProxy, "the proxy: \(detail)")
    }
}
