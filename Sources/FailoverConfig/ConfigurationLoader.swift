package import FailoverCore

/// A configuration that passed every check.
package struct LoadedConfiguration: Hashable, Sendable {
    package let configuration: Configuration
    /// In the order found; at most 100.
    package let warnings: [ConfigurationWarning]
    /// 16 hexadecimal digits: FNV-1a with 64 bits over the text of the resolved configuration.
    ///
    /// Two files that mean the same have the same hash, whatever their comments and order of keys. Values of headers
    /// and queries do not enter it, because the hash is published; compare configurations to see whether those changed.
    package let hash: String
}

/// Reads configuration files.
package enum ConfigurationLoader {
    /// The configuration that `yaml`, at most 1 MiB, describes.
    ///
    /// Errors and warnings give `file` as the place. Throws everything that is wrong with it.
    package static func load(yaml: String, file: String) throws(ConfigurationErrors) -> LoadedConfiguration {
        try load(yaml: yaml, file: file, maximumBytes: KnownKeys.maximumBytes, inspectsFiles: true)
    }

    /// The configuration in the text of ``ResolvedConfigurationText``, perhaps of another machine: files that it names need
    /// not be there.
    package static func load(resolved yaml: String, file: String) throws(ConfigurationErrors) -> LoadedConfiguration {
        // A path of which nothing but a query was given is masked to what is no path.
        let readable = yaml.replacing(": \"?(hidden)\"", with: ": \"/?(hidden)\"")
        return try load(
            yaml: readable,
            file: file,
            maximumBytes: KnownKeys.maximumResolvedBytes,
            inspectsFiles: false
        )
    }

    private static func load(
        yaml: String,
        file: String,
        maximumBytes: Int,
        inspectsFiles: Bool
    ) throws(ConfigurationErrors) -> LoadedConfiguration {
        let findings = Findings(file: file)
        guard yaml.utf8.count <= maximumBytes else {
            throw refusal(file, BoundedFile.Failure.tooLarge(maximumBytes: maximumBytes))
        }
        let configuration = DocumentReader.read(yaml, findings: findings)
            .flatMap { ConfigurationReader(findings: findings, inspectsFiles: inspectsFiles).read($0) }
        if let refusals = findings.refusals { throw refusals }
        guard let configuration else {
            throw ConfigurationErrors([
                ConfigurationError(file: file, line: nil, keyPath: "", found: "no configuration", allowed: "one")
            ])
        }
        return LoadedConfiguration(
            configuration: configuration,
            warnings: findings.warnings,
            hash: Fingerprint.hex(of: ResolvedConfigurationText(configuration).text)
        )
    }

    /// The configuration in the regular file at `path`, at most 1 MiB of UTF-8.
    ///
    /// Errors and warnings give `path` as the place. Throws everything that is wrong with it, or that it cannot be read.
    package static func load(path: String) throws(ConfigurationErrors) -> LoadedConfiguration {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.bytes(of: path, maximumBytes: KnownKeys.maximumBytes)
        } catch {
            throw refusal(path, error)
        }
        return try load(bytes: bytes, file: path)
    }

    /// The configuration that `bytes` of UTF-8, at most 1 MiB, describe.
    package static func load(bytes: [UInt8], file: String) throws(ConfigurationErrors) -> LoadedConfiguration {
        guard let yaml = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
            throw ConfigurationErrors([
                ConfigurationError(
                    file: file,
                    line: line.map { $0 + 1 },
                    keyPath: "",
                    found: "bytes that are not UTF-8",
                    allowed: "text in UTF-8"
                )
            ])
        }
        return try load(yaml: yaml, file: file)
    }

    private static func refusal(_ file: String, _ failure: BoundedFile.Failure) -> ConfigurationErrors {
        let (found, allowed) =
            switch failure {
            case .system(let text): ("an error while reading: \(text)", "a readable file")
            case .notAFile: ("no regular file", "a readable file")
            case .tooLarge(let maximum):
                ("more than \(maximum.grouped) bytes", "at most \(maximum.grouped) bytes")
            }
        return ConfigurationErrors([
            ConfigurationError(file: file, line: nil, keyPath: "", found: found, allowed: allowed)
        ])
    }
}
