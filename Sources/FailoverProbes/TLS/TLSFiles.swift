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

    private var roots: [String?: Result<[NIOSSLCertificate], TLSContextFailure>] = [:]

    /// The roots in `file`, or those of the system; at least one.
    mutating func roots(_ file: String?) throws(TLSContextFailure) -> [NIOSSLCertificate] {
        if let known = roots[file] { return try known.get() }
        let result = Result { () throws(TLSContextFailure) in try Self.readRoots(file) }
        roots[file] = result
        return try result.get()
    }

    private static func readRoots(_ file: String?) throws(TLSContextFailure) -> [NIOSSLCertificate] {
        if let file { return try certificates(file, "CA file") }
        guard let bundle = systemBundles.first(where: { access($0, F_OK) == 0 }) else {
            throw TLSContextFailure(detail: "the system has no trusted root certificates")
        }
        return try certificates(bundle, "system root certificates")
    }

    /// A certificate, and those that lead from it towards a root.
    func chain(_ file: String) throws(TLSContextFailure) -> [NIOSSLCertificate] {
        try Self.certificates(file, "certificate file")
    }

    /// A private key that needs no passphrase.
    func privateKey(_ file: String) throws(TLSContextFailure) -> NIOSSLPrivateKey {
        let bytes = try Self.read(file, "key file")
        let text = String(decoding: bytes, as: UTF8.self)
        // Both ways to say it: PKCS #8, and the older header.
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            throw TLSContextFailure(detail: "key file \(file): the key is encrypted, and a passphrase is not supported")
        }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw TLSContextFailure(detail: "key file \(file): no private key in PEM format")
        }
    }

    private static func certificates(_ file: String, _ role: String) throws(TLSContextFailure) -> [NIOSSLCertificate] {
        let bytes = try read(file, role)
        if let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty { return certificates }
        throw TLSContextFailure(detail: "\(role) \(file): no certificate in PEM format")
    }

    private static func read(_ file: String, _ role: String) throws(TLSContextFailure) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TLSContextFailure(detail: "\(role) \(file): \(errorText(errno))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = readSome(descriptor, &piece)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw TLSContextFailure(detail: "\(role) \(file): \(errorText(errno))") }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
            if bytes.count > maximumBytes {
                throw TLSContextFailure(detail: "\(role) \(file): larger than \(maximumBytes) bytes")
            }
        }
    }

    private static func errorText(_ error: CInt) -> String { String(cString: strerror(error)) }
}

/// A name of its own, because the type above has a `read` too.
private func readSome(_ descriptor: CInt, _ bytes: inout [UInt8]) -> Int { read(descriptor, &bytes, bytes.count) }
