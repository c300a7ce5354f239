/// How names are looked up; the defaults follow the system's `resolv.conf`.
package struct NameResolverOptions: Hashable, Sendable {
    /// Name servers instead of those of ``configurationPath``, in order: `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`.
    package var servers: [String]
    /// The file that names the name servers and the domains of short names.
    ///
    /// It is looked at again at most every five seconds, when something is looked up.
    package var configurationPath: String
    /// What a name server gets to answer the first try; the second takes twice that.
    ///
    /// One second, so that the second server still answers within the time of an attempt, and a third one too.
    package var timeout: Duration
    /// Tries of each name server, at least 1.
    package var tries: Int
    /// The longest that anybody waits for a name; then the last good addresses are used, or the look-up fails.
    ///
    /// Less than the three seconds that an attempt gives to this phase, so that stale addresses still come in time.
    package var patience: Duration

    package init(
        servers: [String] = [],
        configurationPath: String = "/etc/resolv.conf",
        timeout: Duration = .seconds(1),
        tries: Int = 2,
        patience: Duration = .milliseconds(2500)
    ) {
        self.servers = servers
        self.configurationPath = configurationPath
        self.timeout = timeout
        self.tries = tries
        self.patience = patience
    }
}

/// A resolver that could not be started.
package struct NameResolverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, and the system's or the library's words for why it failed.
    package let description: String
}
