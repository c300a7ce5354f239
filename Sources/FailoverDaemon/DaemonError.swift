import FailoverConfig

/// Why the daemon did not start, with the exit code of sysexits.h.
package struct DaemonError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Int32, Hashable, Sendable {
        /// EX_UNAVAILABLE: something that it needs is taken, such as a lock or the socket.
        case unavailable = 69
        /// EX_CANTCREAT: a file or directory cannot be made.
        case cannotCreate = 73
        /// EX_CONFIG: the configuration is wrong. The unit does not restart after this one.
        case configuration = 78
    }

    package let kind: Kind
    /// At least one.
    package let lines: [String]

    package init(_ kind: Kind, _ lines: [String]) {
        self.kind = kind
        self.lines = lines
    }

    init(_ errors: ConfigurationErrors) {
        self.init(.configuration, errors.errors.map(\.description))
    }

    package var description: String { lines.joined(separator: "\n") }
}
