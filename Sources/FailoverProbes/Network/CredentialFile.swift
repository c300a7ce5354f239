package import FailoverCore

/// Reads one secret that is no probe's, where and how those of probes are read.
package enum CredentialFile {
    /// Why there is none, without its content.
    package struct Absence: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// The first line of the credential's file; `directory` is `$CREDENTIALS_DIRECTORY`.
    ///
    /// Blocks for as long as the file does.
    package static func secret(_ credential: Credential, directory: String?) throws(Absence) -> String {
        let store = CredentialStore(directory: directory)
        store.reload([.key(credential)])
        do throws(ProbeDefect) {
            return try store.secret(.key(credential)).value
        } catch {
            throw Absence(description: error.detail)
        }
    }
}
