import FailoverCore

/// Finds the secret of a probe.
enum CredentialReader {
    /// The credential that the first of `levels` names that names any; `nil` if none does.
    ///
    /// The file of another level is not looked at, since the probe does not use it.
    static func read(_ levels: [SettingNode], findings: Findings, cache: FileAndPatternCache) -> Credential? {
        let names = CredentialKeys.known.map(\.name)
        guard let level = levels.first(where: { level in names.contains { level[$0] != nil } }) else { return nil }
        let name = level[CredentialKeys.credential.name]
        let file = level[CredentialKeys.file.name]
        if name != nil, let file {
            findings.refuse(file, found: "both credential and credential_file", allowed: "one of them")
        }
        if let name { return findings.read(name, as: CredentialKeys.credential.rule).map { .systemd(name: $0) } }
        guard let file, let path = findings.read(file, as: CredentialKeys.file.rule) else { return nil }
        cache.check(path, as: .secret, file, findings)
        return .file(path: path)
    }
}

extension CredentialHeader {
    /// In lowercase.
    var headerName: String {
        switch self {
        case .bearer: "authorization"
        case .apiKey, .xAPIKey: rawValue
        }
    }
}
