import FailoverCore
import NIOConcurrencyHelpers
import NIOSSL

/// Which application protocols a probe offers over TLS.
enum ApplicationProtocols: Hashable, Sendable, CaseIterable {
    /// No offer: a probe of TLS alone.
    case none
    case http1
    case http2
    /// What the server prefers of both.
    case http1OrHTTP2

    /// Source: the registry of RFC 7301; in order of our preference.
    var names: [String] {
        switch self {
        case .none: []
        case .http1: ["http/1.1"]
        case .http2: ["h2"]
        case .http1OrHTTP2: ["h2", "http/1.1"]
        }
    }

    init(_ version: HTTPVersion) {
        switch version {
        case .automatic: self = .http1OrHTTP2
        case .http1: self = .http1
        case .http2: self = .http2
        }
    }
}

/// What distinguishes one TLS context from another: the name to verify belongs to the session, not to the context.
struct TLSContextKey: Hashable, Sendable {
    let caFile: String?
    let clientCertificate: ClientCertificate?
    let minimumVersion: FailoverCore.TLSVersion
    let protocols: ApplicationProtocols

    init(_ settings: TLSSettings, protocols: ApplicationProtocols) {
        caFile = settings.caFile
        clientCertificate = settings.clientCertificate
        minimumVersion = settings.minimumVersion
        self.protocols = protocols
    }

    /// What `request` needs; `nil` without TLS.
    init?(_ request: ProbeRequest) {
        switch request {
        case .http(let probe):
            guard let tls = probe.tls else { return nil }
            self.init(tls, protocols: ApplicationProtocols(probe.version))
        case .chat(let probe):
            guard let tls = probe.http.tls else { return nil }
            self.init(tls, protocols: ApplicationProtocols(probe.http.version))
        case .tls(let probe): self.init(probe.tls, protocols: .none)
        case .tcp: return nil
        }
    }
}

/// One TLS context for each distinct setting, made once and made again on reload.
final class TLSContexts: Sendable {
    private let contexts = NIOLockedValueBox<[TLSContextKey: Result<NIOSSLContext, ProbeDefect>]>([:])

    /// Makes the contexts of all `keys` anew, reading their files again, and drops all others.
    ///
    /// Reads files: not for the threads of engines. Sessions that are under way keep the context that they began with.
    func reload(_ keys: Set<TLSContextKey>) {
        var files = TLSFiles()
        var fresh: [TLSContextKey: Result<NIOSSLContext, ProbeDefect>] = [:]
        for key in keys { fresh[key] = Self.make(key, &files) }
        contexts.withLockedValue { $0 = fresh }
    }

    /// The context for `key`, made now if it was not made on reload.
    func context(for key: TLSContextKey) -> Result<NIOSSLContext, ProbeDefect> {
        if let context = contexts.withLockedValue({ $0[key] }) { return context }
        var files = TLSFiles()
        let context = Self.make(key, &files)
        contexts.withLockedValue { $0[key] = context }
        return context
    }

    private static func make(_ key: TLSContextKey, _ files: inout TLSFiles) -> Result<NIOSSLContext, ProbeDefect> {
        do throws(ProbeDefect) {
            var configuration = configuration(for: key)
            configuration.trustRoots = .certificates(try files.roots(key.caFile))
            if let client = key.clientCertificate {
                configuration.certificateChain = try files.chain(client.certificateFile).map { .certificate($0) }
                configuration.privateKey = .privateKey(try files.privateKey(client.keyFile))
            }
            return .success(try context(configuration, client: key.clientCertificate))
        } catch {
            return .failure(error)
        }
    }

    private static func configuration(for key: TLSContextKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = key.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = key.protocols.names
        // Without the post-quantum group that the library would prefer: with it in the list every first message carries
        // a second key, of 1,200 bytes, to protect for decades a request that is no secret tomorrow.
        configuration.curves = [.x25519, .secp256r1, .secp384r1]
        return configuration
    }

    /// Makes a context of files that were read well.
    private static func context(
        _ configuration: TLSConfiguration,
        client: ClientCertificate?
    ) throws(ProbeDefect) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            guard let client else { throw ProbeDefect(detail: "TLS: \(TLSErrorWords(error).text)") }
            // The library does not say which of the two is at fault, but both were read, so it is that they differ.
            let detail =
                "key file \(client.keyFile): the key does not belong to the certificate in \(client.certificateFile)"
            throw ProbeDefect(detail: detail)
        }
    }
}
