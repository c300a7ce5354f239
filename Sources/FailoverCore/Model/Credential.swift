/// Where a secret is found; never the secret itself.
package enum Credential: Hashable, Sendable {
    /// The name of a systemd credential: a file below `$CREDENTIALS_DIRECTORY`, the same for the life of the process.
    case systemd(name: String)
    /// An absolute path, whose first line is the secret; read again on reload.
    case file(path: String)
}

/// How a secret is shown to an endpoint.
package enum CredentialHeader: String, Hashable, Sendable, CaseIterable {
    /// `authorization: Bearer KEY`, as most servers want it.
    case bearer
    /// `api-key: KEY`, as Azure wants it.
    case apiKey = "api-key"
    /// `x-api-key: KEY`.
    case xAPIKey = "x-api-key"
}
