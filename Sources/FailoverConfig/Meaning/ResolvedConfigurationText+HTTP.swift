import FailoverCore

extension ResolvedConfigurationText {
    /// Where the token is found is no secret.
    mutating func add(_ http: HTTPOutputConfiguration) {
        line(1, "\(HTTPOutputKeys.http):")
        line(2, "\(HTTPOutputKeys.listen.name): \(YAMLText.string("\(http.listen)"))")
        switch http.token {
        case .systemd(let name)?: line(2, "\(HTTPOutputKeys.token.name): \(YAMLText.string(name))")
        case .file(let path)?: line(2, "\(HTTPOutputKeys.tokenFile.name): \(YAMLText.string(path))")
        case nil: break
        }
        if !http.hosts.isEmpty {
            line(2, "\(HTTPOutputKeys.hosts): [\(http.hosts.map(YAMLText.string).joined(separator: ", "))]")
        }
    }
}
