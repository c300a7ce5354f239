import NIOSSL

/// The words of the TLS library for an error, without source paths and error numbers, in lower case.
struct TLSErrorWords: Hashable, Sendable {
    /// The innermost first, at most ``maximum``.
    let reasons: [String]

    /// More than any error seen has.
    private static let maximum = 4

    init(_ error: any Error) {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case NIOSSLError.noSuchFilesystemObject:
            reasons = ["no such file"]
            return
        case NIOSSLError.handshakeFailed(.sslError(let errors)), NIOSSLError.handshakeFailed(.unknownError(let errors)),
            BoringSSLError.sslError(let errors), BoringSSLError.unknownError(let errors):
            stack = errors
        case NIOSSLError.handshakeFailed(.syscallError), BoringSSLError.syscallError:
            reasons = ["the connection ended"]
            return
        default:
            reasons = [String(describing: error)]
            return
        }
        reasons = stack.prefix(Self.maximum).map(Self.reason)
    }

    var text: String { reasons.isEmpty ? "no further reason" : reasons.joined(separator: ", ") }

    func contains(_ reason: String) -> Bool { reasons.contains { $0.hasSuffix(reason) } }

    /// What people should know: a clear sentence for what is often met, otherwise `context` and the words as they are.
    func sentence(or context: String) -> String {
        for (suffix, sentence) in Self.sentences where contains(suffix) { return "\(sentence) (\(text))" }
        return "\(context): \(text)"
    }

    /// Ends of reasons, and what they mean.
    ///
    /// An alert is what the peer said; the others are what we found.
    private static let sentences = [
        ("alert certificate required", "the server asks for a client certificate"),
        ("alert bad certificate", "the server refuses the client certificate"),
        ("alert unsupported certificate", "the server refuses the client certificate"),
        ("alert certificate revoked", "the server says that the client certificate is revoked"),
        ("alert certificate expired", "the server says that the client certificate is expired"),
        ("alert certificate unknown", "the server refuses the client certificate"),
        ("alert unknown ca", "the server does not trust the client certificate"),
        ("alert access denied", "the server refuses the client"),
        ("alert unrecognized name", "the server does not know the name"),
        ("alert protocol version", "the server speaks no version of TLS that is allowed here"),
        ("unsupported protocol", "the server speaks no version of TLS that is allowed here"),
        ("alert no application protocol", "the server speaks none of the offered application protocols"),
        ("wrong version number", "the server does not speak TLS"),
        ("http request", "the server does not speak TLS"),
        ("eof during handshake", "the connection ended during the TLS handshake"),
    ]

    /// `Error: 1 error:1:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at file:1` becomes `wrong version number`.
    private static func reason(_ error: BoringSSLInternalError) -> String {
        let text = error.description.prefix(while: { $0 != "/" })
        let words = (text.hasSuffix(" at ") ? text.dropLast(4) : text).split(separator: ":").last ?? text
        let reason = words.split(whereSeparator: { $0 == "_" || $0 == " " }).joined(separator: " ").lowercased()
        // Where an alert comes from is of no use: `tlsv1 alert unknown ca`, `sslv3 alert bad certificate`.
        guard let version = reason.firstRange(of: " alert ") else { return reason }
        return "alert " + reason[version.upperBound...]
    }
}
