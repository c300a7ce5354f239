import FailoverCore
import FoundationEssentials
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// Why certificates cannot be verified at all; our own fault, in one line.
struct TLSContextFailure: Error, Hashable, Sendable {
    let detail: String
}

/// One TLS context for each distinct setting, made once and made again on reload.
final class TLSContexts: Sendable {
    private let contexts = NIOLockedValueBox<[TLSSettings: Result<NIOSSLContext, TLSContextFailure>]>([:])

    /// Makes the contexts of all `settings` anew and drops all others.
    ///
    /// Reads files: not for event loops.
    func reload(_ settings: Set<TLSSettings>) {
        var fresh: [TLSSettings: Result<NIOSSLContext, TLSContextFailure>] = [:]
        for settings in settings { fresh[settings] = Self.make(settings) }
        contexts.withLockedValue { $0 = fresh }
    }

    /// The context for `settings`, made now if it was not made on reload.
    func context(for settings: TLSSettings) -> Result<NIOSSLContext, TLSContextFailure> {
        if let context = contexts.withLockedValue({ $0[settings] }) { return context }
        let context = Self.make(settings)
        contexts.withLockedValue { $0[settings] = context }
        return context
    }

    private static func make(_ settings: TLSSettings) -> Result<NIOSSLContext, TLSContextFailure> {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        // The probe speaks nothing else, and a server that prefers HTTP/2 has to know.
        configuration.applicationProtocols = ["http/1.1"]
        // Say goodbye, but do not wait for the answer: the descriptor is wanted back.
        configuration.shutdownTimeout = .zero
        if let file = settings.caFile {
            configuration.trustRoots = .file(file)
        } else if !hasSystemRoots {
            return .failure(TLSContextFailure(detail: "the system has no trusted root certificates"))
        }
        do {
            return .success(try NIOSSLContext(configuration: configuration))
        } catch {
            let source = settings.caFile.map { "CA file \($0)" } ?? "system root certificates"
            return .failure(TLSContextFailure(detail: "\(source): \(tlsErrorText(error))"))
        }
    }

    /// Whether NIOSSL will find roots where it looks for them.
    ///
    /// Without any it would trust nobody, and every endpoint would be found untrusted.
    private static var hasSystemRoots: Bool {
        let bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        if bundles.contains(where: { FileManager.default.fileExists(atPath: $0) }) { return true }
        return (try? FileManager.default.contentsOfDirectory(atPath: "/etc/ssl/certs"))?.isEmpty == false
    }
}
