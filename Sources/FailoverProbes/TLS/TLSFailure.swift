import FailoverCore
import NIOSSL

/// Why a TLS session failed: the code, and one line for people.
struct TLSFailure: Error, Hashable, Sendable {
    let code: ReasonCode
    let detail: String

    init(_ code: ReasonCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// An error during the handshake.
    ///
    /// The library says only that verification failed, so `certificate`, the peer's, and `now`, in seconds since 1970,
    /// tell why.
    init(handshake error: any Error, certificate: NIOSSLCertificate?, name: String, now: Int) {
        switch error {
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            self.init(.tlsNameMismatch, "the certificate is not for \(name)")
        case NIOSSLError.unableToValidateCertificate:
            self.init(.tlsNameMismatch, "the certificate names nobody")
        case NIOSSLError.handshakeFailed(let reason):
            let words = TLSErrorWords(reason)
            if words.contains("certificate verify failed") {
                self.init(untrusted: certificate, now: now)
            } else if words.contains("alert no application protocol") {
                self.init(.protocolMismatch, words.sentence(or: "TLS handshake"))
            } else {
                self.init(.tlsHandshake, words.sentence(or: "TLS handshake"))
            }
        default:
            self.init(.tlsHandshake, TLSErrorWords(error).sentence(or: "TLS handshake"))
        }
    }

    /// An error of an open session: in TLS 1.3 a server may refuse the client after the client's handshake is over.
    ///
    /// `hasReceived`: data arrived before, so that it is the answer that is broken.
    init(afterHandshake error: any Error, hasReceived: Bool) {
        self.init(
            hasReceived ? .responseMalformed : .tlsHandshake,
            TLSErrorWords(error).sentence(or: "TLS")
        )
    }

    private init(untrusted certificate: NIOSSLCertificate?, now: Int) {
        if let certificate, now > Int(certificate.notValidAfter) {
            self.init(.tlsExpired, "the certificate expired \((now - Int(certificate.notValidAfter)).age) ago")
        } else if let certificate, now < Int(certificate.notValidBefore) {
            let wait = (Int(certificate.notValidBefore) - now).age
            self.init(.tlsExpired, "the certificate becomes valid only in \(wait)")
        } else {
            self.init(.tlsUntrusted, "the certificate does not lead to a trusted root")
        }
    }
}

extension Int {
    /// A number of seconds in the largest fitting unit.
    fileprivate var age: String {
        self < 7200 ? "\(self) s" : self < 172_800 ? "\(self / 3600) h" : "\(self / 86_400) days"
    }
}
