import FailoverCore
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How an attempt failed: the class and code, and one line for people.
struct ProbeFailure: Error, Hashable, Sendable {
    let outcome: Outcome
    let detail: String

    init(_ outcome: Outcome, _ detail: String) {
        self.outcome = outcome
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

    /// Whether another address of the endpoint may do better: not when this machine has run out of something.
    var isWorthAnotherAddress: Bool {
        switch outcome.reason {
        case .localDescriptors, .localMemory: false
        default: true
        }
    }

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
    init(connecting error: any Error, to address: SocketAddress) {
        guard let error = error as? IOError else {
            self = .endpoint(.connectFailed, "\(address.shown): \(error)")
            return
        }
        let detail = "\(address.shown): \(systemText(error))"
        if let failure = ProbeFailure(localErrno: error.errnoCode, detail) {
            self = failure
            return
        }
        self =
            switch error.errnoCode {
            case ECONNREFUSED: .endpoint(.connectRefused, detail)
            case ECONNRESET, ECONNABORTED, EPIPE: .endpoint(.connectReset, detail)
            case EHOSTUNREACH, EHOSTDOWN: .endpoint(.connectUnreachable, detail)
            case ETIMEDOUT: ProbeFailure(.failure(.connectTimeout, isTimeout: true), detail)
            // For IPv6 it means that we have no address to speak from, for IPv4 that every port is taken.
            case EADDRNOTAVAIL: .local(address.protocol == .inet6 ? .localNetwork : .localPorts, detail)
            case EADDRINUSE, EAGAIN: .local(.localPorts, detail)
            default: .endpoint(.connectFailed, detail)
            }
    }

    /// An error number that lies with our machine or network in any phase.
    private init?(localErrno: CInt, _ detail: String) {
        switch localErrno {
        case ENETUNREACH, ENETDOWN, EAFNOSUPPORT, EACCES, EPERM: self = .local(.localNetwork, detail)
        case EMFILE, ENFILE: self = .local(.localDescriptors, detail)
        case ENOMEM, ENOBUFS: self = .local(.localMemory, detail)
        default: return nil
        }
    }
}

// MARK: - TLS

extension ProbeFailure {
    /// An error during the handshake.
    ///
    /// BoringSSL says only that verification failed, so `certificate`, the peer's, and `now`, in seconds since 1970,
    /// tell why.
    init(handshake error: any Error, certificate: NIOSSLCertificate?, name: String, now: Int) {
        switch error {
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            self = .endpoint(.tlsNameMismatch, "the certificate is not for \(name)")
        case NIOSSLError.unableToValidateCertificate:
            self = .endpoint(.tlsNameMismatch, "the certificate names nobody")
        case NIOSSLError.handshakeFailed(.sslError(let stack)) where stack.isVerificationFailure:
            self = .init(certificate: certificate, now: now)
        case let error as IOError:
            self =
                ProbeFailure(localErrno: error.errnoCode, systemText(error))
                ?? .endpoint(.tlsHandshake, "TLS handshake: \(systemText(error))")
        default:
            self = .endpoint(.tlsHandshake, "TLS handshake: \(tlsErrorText(error))")
        }
    }

    private init(certificate: NIOSSLCertificate?, now: Int) {
        if let certificate, now > Int(certificate.notValidAfter) {
            self = .endpoint(.tlsExpired, "the certificate expired \((now - Int(certificate.notValidAfter)).age) ago")
        } else if let certificate, now < Int(certificate.notValidBefore) {
            let wait = (Int(certificate.notValidBefore) - now).age
            self = .endpoint(.tlsExpired, "the certificate becomes valid only in \(wait)")
        } else {
            self = .endpoint(.tlsUntrusted, "the certificate does not lead to a trusted root")
        }
    }
}

// MARK: - Answer

extension ProbeFailure {
    /// An error after the request went out, with or without a first byte of the answer.
    init(answering error: any Error, hasFirstByte: Bool) {
        switch error {
        case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown:
            self = .answerEnded(hasFirstByte: hasFirstByte)
        case HTTPParserError.headerOverflow:
            self = .endpoint(.headerTooLarge, "the response head is over \(HTTPProbe.maximumHeaderBytes) bytes")
        case let error as HTTPParserError:
            self = .endpoint(.responseMalformed, "not an HTTP response: \(error)")
        case is NIOHTTPDecoderError:
            self = .endpoint(.responseMalformed, "not an answer to the request: \(error)")
        case let error as IOError:
            self =
                ProbeFailure(localErrno: error.errnoCode, systemText(error))
                ?? .endpoint(.responseReset, "waiting for the answer: \(systemText(error))")
        case is NIOSSLError, is BoringSSLError:
            // In TLS 1.3 a server may refuse the client after the client's handshake is done.
            let code: ReasonCode = hasFirstByte ? .responseMalformed : .tlsHandshake
            self = .endpoint(code, "TLS: \(tlsErrorText(error))")
        default:
            self = .endpoint(.responseReset, "waiting for the answer: \(error)")
        }
    }

    /// The connection ended before the answer did.
    static func answerEnded(hasFirstByte: Bool) -> ProbeFailure {
        hasFirstByte
            ? .endpoint(.responseTruncated, "the connection closed before the answer was complete")
            : .endpoint(.responseEmpty, "the connection closed without an answer")
    }
}

/// The words of BoringSSL without source paths and error numbers.
func tlsErrorText(_ error: any Error) -> String {
    let stack: NIOBoringSSLErrorStack
    switch error {
    case NIOSSLError.noSuchFilesystemObject: return "no such file"
    case NIOSSLError.handshakeFailed(.sslError(let errors)), NIOSSLError.handshakeFailed(.unknownError(let errors)):
        stack = errors
    case BoringSSLError.sslError(let errors), BoringSSLError.unknownError(let errors): stack = errors
    default: return String(describing: error)
    }
    let reasons = stack.map(\.reason)
    return reasons.isEmpty ? "no further reason" : reasons.joined(separator: ", ")
}

extension BoringSSLInternalError {
    /// `Error: 1 error:1:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at file:1` becomes `wrong version number`.
    fileprivate var reason: String {
        let text = description.prefix(while: { $0 != "/" })
        let words = (text.hasSuffix(" at ") ? text.dropLast(4) : text).split(separator: ":").last ?? text
        return words.split(whereSeparator: { $0 == "_" || $0 == " " }).joined(separator: " ").lowercased()
    }
}

extension NIOBoringSSLErrorStack {
    fileprivate var isVerificationFailure: Bool {
        contains { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }
    }
}

extension SocketAddress {
    /// The address as in `HostPort.description`.
    var shown: String {
        HostPort(host: ipAddress ?? "unknown address", port: port ?? 0).description
    }
}

extension Int {
    /// A number of seconds in the largest fitting unit.
    fileprivate var age: String {
        self < 7200 ? "\(self) s" : self < 172_800 ? "\(self / 3600) h" : "\(self / 86_400) days"
    }
}

/// The system's words for an error number.
private func systemText(_ error: IOError) -> String { String(cString: strerror(error.errnoCode)) }
