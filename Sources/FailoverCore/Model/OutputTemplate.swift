/// A file of another program that is rendered from what was decided.
package struct OutputTemplate: Hashable, Sendable {
    /// Where the template was read.
    package let source: String
    /// The template itself, as it was when the configuration was read; empty where files are not looked at.
    package let text: String
    package let destination: String
    /// The permissions of the destination, at most 0o777.
    package let mode: UInt32
    /// `nil` for whom the daemon runs as.
    package let owner: FileOwner?
    /// Says whether a new file is good before it replaces the old one; a program and its arguments, or nothing.
    package let check: [String]
    /// Makes a program read the file that was replaced; a program and its arguments, or nothing.
    package let reload: [String]
    /// For each of the two commands.
    package let timeout: Duration
    /// Between two replacements of the file; `zero` for as soon as something changes.
    package let minimumInterval: Duration

    package init(
        source: String,
        text: String,
        destination: String,
        mode: UInt32 = 0o644,
        owner: FileOwner? = nil,
        check: [String] = [],
        reload: [String] = [],
        timeout: Duration = .seconds(10),
        minimumInterval: Duration = .zero
    ) {
        self.source = source
        self.text = text
        self.destination = destination
        self.mode = mode
        self.owner = owner
        self.check = check
        self.reload = reload
        self.timeout = timeout
        self.minimumInterval = minimumInterval
    }

    /// Stands for the path of the new file in the arguments of the check.
    package static let candidate = "{candidate}"
    /// Stands for ``destination`` in the arguments of both commands.
    package static let placeholder = "{destination}"
}

/// Whom a file belongs to, by name.
package struct FileOwner: Hashable, Sendable {
    package let user: String
    /// `nil` to leave the group as it is.
    package let group: String?

    package init(user: String, group: String? = nil) {
        self.user = user
        self.group = group
    }
}
