/// Remembers what was found about files and patterns, which thousands of endpoints may share by way of defaults.
final class FileAndPatternCache {
    private var patterns: [String: Bool] = [:]
    private var certificates: [String: Refusal?] = [:]

    /// Largest file of trusted roots, in bytes; the whole set of a distribution is about 220 KiB.
    private static let maximumCertificateBytes = 4 * 1_048_576

    /// Whether `pattern` compiles.
    func isRegex(_ pattern: String) -> Bool {
        if let known = patterns[pattern] { return known }
        let compiles = (try? Regex(pattern)) != nil
        patterns[pattern] = compiles
        return compiles
    }

    /// Why `path` cannot serve as a file of trusted roots, or `nil`.
    func refusal(ofCertificates path: String) -> Refusal? {
        if let known = certificates[path] { return known }
        let found = Self.inspect(path)
        certificates[path] = .some(found)
        return found
    }

    private static func inspect(_ path: String) -> Refusal? {
        let allowed = "a readable PEM file"
        do {
            let bytes = try BoundedFile.bytes(of: path, maximumBytes: maximumCertificateBytes)
            guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
                return Refusal(found: "\(ShownText.quoted(path)) without a certificate", allowed: allowed)
            }
            return nil
        } catch {
            return Refusal(found: "\(ShownText.quoted(path)), cannot read it: \(error)", allowed: allowed)
        }
    }
}
