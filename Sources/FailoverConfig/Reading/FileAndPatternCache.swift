/// Remembers what was found about files and patterns, which thousands of endpoints may share by way of defaults.
final class FileAndPatternCache {
    /// What a file is needed for.
    enum FileUse: Hashable {
        /// A certificate, or several.
        case certificates
        case privateKey
        /// `user:password` in the first line.
        case credentials
        /// A key in the first and only line.
        case secret
    }

    /// What is wrong with a file.
    struct FileFinding {
        var refusal: Refusal?
        /// For a file that is accepted all the same.
        var warning: String?
    }

    private struct FileKey: Hashable {
        let path: String
        let use: FileUse
    }

    private let inspectsFiles: Bool
    private var patterns: [String: Bool] = [:]
    private var files: [FileKey: FileFinding] = [:]

    /// Without `inspectsFiles` every file is taken for good: for a configuration of another machine.
    init(inspectsFiles: Bool = true) { self.inspectsFiles = inspectsFiles }

    /// Whether `pattern` compiles.
    func isRegex(_ pattern: String) -> Bool {
        if let known = patterns[pattern] { return known }
        let compiles = (try? Regex(pattern)) != nil
        patterns[pattern] = compiles
        return compiles
    }

    /// Tells `findings` why the file at `path`, which `node` names, cannot serve as `use`, or should not.
    func check(_ path: String, as use: FileUse, _ node: SettingNode, _ findings: Findings) {
        guard inspectsFiles else { return }
        let key = FileKey(path: path, use: use)
        let finding = files[key] ?? Self.inspect(path, use)
        files[key] = finding
        if let refusal = finding.refusal {
            findings.refuse(node, found: refusal.found, allowed: refusal.allowed, hint: refusal.hint)
        }
        if let warning = finding.warning { findings.warn(node, warning) }
    }

    // MARK: Contents, which are never repeated

    private static func inspect(_ path: String, _ use: FileUse) -> FileFinding {
        let shown = ShownText.quoted(path)
        let contents: BoundedFile.Contents
        do {
            contents = try BoundedFile.contents(of: path, maximumBytes: maximumBytes(use))
        } catch {
            return FileFinding(refusal: Refusal(found: "\(shown), cannot read it: \(error)", allowed: allowed(use)))
        }
        if let fault = fault(of: contents.bytes, as: use) {
            return FileFinding(refusal: Refusal(found: "\(shown) \(fault)", allowed: allowed(use)))
        }
        guard contents.isReadableByAll, use != .certificates else { return FileFinding() }
        return FileFinding(warning: "every user of this machine can read \(shown): chmod 0640 or less")
    }

    /// Largest file that is read; the trusted roots of a distribution are about 220 KiB, credentials are a line.
    private static func maximumBytes(_ use: FileUse) -> Int {
        switch use {
        case .certificates, .privateKey: 4 * 1_048_576
        case .credentials: 4_096
        case .secret: 65_536
        }
    }

    private static func allowed(_ use: FileUse) -> String {
        switch use {
        case .certificates: "a readable PEM file"
        case .privateKey: "a readable PEM file with a private key, without a passphrase"
        case .credentials: "a readable file with user:password in its first line"
        case .secret: "a readable file with the secret in its only line"
        }
    }

    /// What is wrong with `bytes`, such as `without a certificate`; `nil` for nothing.
    private static func fault(of bytes: [UInt8], as use: FileUse) -> String? {
        switch use {
        case .certificates:
            return String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
                ? nil : "without a certificate"
        case .privateKey:
            let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            let start = lines.firstIndex { $0.hasPrefix("-----BEGIN ") && $0.hasSuffix("PRIVATE KEY-----") }
            guard let start else { return "without a private key" }
            let isEncrypted = lines[start...].prefix(2).contains { $0.contains("ENCRYPTED") }
            return isEncrypted ? "with a key behind a passphrase" : nil
        case .credentials:
            let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            let isOneLine = line.unicodeScalars.allSatisfy { ($0.value >= 0x20 && $0.value != 0x7f) || $0 == "\r" }
            guard isOneLine, let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                return "without user:password in its first line"
            }
            return nil
        case .secret:
            let isLineEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
            let lines = bytes.split(whereSeparator: isLineEnd)
            guard let line = lines.first, let byte = bytes.first, !isLineEnd(byte) else {
                return "without a secret in its first line"
            }
            guard lines.count == 1 else { return "with several lines" }
            return line.allSatisfy { 0x21...0x7e ~= $0 } ? nil : "with spaces or other than visible ASCII characters"
        }
    }
}
