import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads the PEM files of TLS contexts, each set of roots once however many contexts trust them.
struct TLSFiles {
    /// Bytes; a bundle of all public roots has about a quarter of it.
    static let maximumBytes = 1024 * 1024

    /// Where systems keep all roots in one file, in order of trial.
    ///
    /// Source: the list of the TLS library. It would also search a directory, at every handshake and from the disk, for
    /// each issuer that it does not know.
    static let systemBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]

    private var roots: [String?: Result<[NIOSSLCertificate], ProbeDefect>] = [:]

    /// The roots in `file`, or those of the system; at least one.
    mutating func roots(_ file: String?) throws(ProbeDefect) -> [NIOSSLCertificate] {
        if let known = roots[file] { return try known.get() }
        let result = Result { () throws(ProbeDefect) in try Self.readRoots(file) }
        roots[file] = result
        return try result.get()
    }

    private static func readRoots(_ file: String?) throws(ProbeDefect) -> [NIOSSLCertificate] {
        if let file { return try certificates(file, "CA file") }
        guard let bundle = systemBundles.first(where: { access($0, F_OK) == 0 }) else {
            throw ProbeDefect(detail: "the system has no trusted root certificates")
        }
        return try certificates(bundle, "system root certificates")
    }

    /// A certificate, and those that lead from it towards a root.
    func chain(_ file: String) throws(ProbeDefect) -> [NIOSSLCertificate] {
        try Self.certificates(file, "certificate file")
    }

    /// A private key that needs no passphrase.
    func privateKey(_ file: String) throws(ProbeDefect) -> NIOSSLPrivateKey {
        let bytes = try Self.read(file, "key file")
        let text = String(decoding: bytes, as: UTF8.self)
        // Both ways to say it: PKCS #8, and the older header.
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            throw ProbeDefect(detail: "key file \(file): the key is encrypted, and a passphrase is not supported")
        }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw ProbeDefect(detail: "key file \(file): no private key in PEM format")
        }
    }

    private static func certificates(_ file: String, _ role: String) throws(ProbeDefect) -> [NIOSSLCertificate] {
        let bytes = try read(file, role)
        if let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty { return certificates }
        throw ProbeDefect(detail: "\(role) \(file): no certificate in PEM format")
    }

    private static func read(_ file: String, _ role: String) throws(ProbeDefect) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FilePrefix.read(file, count: maximumBytes + 1)
        } catch {
            throw ProbeDefect(detail: "\(role) \(file): \(error)")
        }
        guard bytes.count <= maximumBytes else {
            throw ProbeDefect(detail: "\(role) \(file): larger than \(maximumBytes) bytes")
        }
        return bytes
    }
}
