package import FailoverCore
package import FailoverSimulation

/// Reads scenario files: a world, and what happens to it and when.
///
/// docs/simulate.md has the format.
package enum ScenarioLoader {
    /// Reads the scenario that `yaml`, at most 1 MiB, describes.
    ///
    /// - Parameters:
    ///   - yaml: The text of the file.
    ///   - file: The place that errors name.
    ///   - configuration: What the daemon is configured with, instead of the file's own world; `nil` for that.
    ///   - seed: Instead of the file's own; `nil` for that.
    /// - Returns: The scenario.
    /// - Throws: Everything that is wrong with it.
    package static func load(
        yaml: String,
        file: String,
        configuration: Configuration? = nil,
        seed: UInt64? = nil
    ) throws(ConfigurationErrors) -> Scenario {
        let findings = Findings(file: file)
        guard yaml.utf8.count <= KnownKeys.maximumBytes else {
            throw refusal(file, "more than 1 MiB", "at most 1 MiB")
        }
        let reader = ScenarioReader(findings: findings, configuration: configuration, seed: seed)
        let scenario = DocumentReader.read(yaml, findings: findings).flatMap { reader.read($0) }
        if let refusals = findings.refusals { throw refusals }
        guard let scenario else { throw refusal(file, "no scenario", "one") }
        return scenario
    }

    /// The scenario in the regular file at `path`, at most 1 MiB of UTF-8.
    package static func load(
        path: String,
        configuration: Configuration? = nil,
        seed: UInt64? = nil
    ) throws(ConfigurationErrors) -> Scenario {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.bytes(of: path, maximumBytes: KnownKeys.maximumBytes)
        } catch {
            throw refusal(path, "a file that cannot be read (\(error))", "a readable file of at most 1 MiB")
        }
        guard let yaml = String(validating: bytes, as: UTF8.self) else {
            throw refusal(path, "bytes that are not UTF-8", "text in UTF-8")
        }
        return try load(yaml: yaml, file: path, configuration: configuration, seed: seed)
    }

    private static func refusal(_ file: String, _ found: String, _ allowed: String) -> ConfigurationErrors {
        ConfigurationErrors([ConfigurationError(file: file, line: nil, keyPath: "", found: found, allowed: allowed)])
    }
}
