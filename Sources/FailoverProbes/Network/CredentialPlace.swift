import Glibc

/// Where systemd has left a credential that the configuration names.
package enum CredentialPlace {
    /// What the unit puts in front of the files of `/etc/failoverd/credentials`.
    ///
    /// Source: `LoadCredential=key:/etc/failoverd/credentials`; systemd names each file of a directory `key_` and its name.
    private static let directoryPrefix = "key_"

    /// The file of the credential `name`, or where it is missed.
    ///
    /// One that a line of the unit names comes before one of the directory, so that an administrator's own line counts.
    package static func path(of name: String, in directory: String) -> String {
        let own = "\(directory)/\(name)"
        let ofDirectory = "\(directory)/\(directoryPrefix)\(name)"
        return access(own, F_OK) != 0 && access(ofDirectory, F_OK) == 0 ? ofDirectory : own
    }
}
