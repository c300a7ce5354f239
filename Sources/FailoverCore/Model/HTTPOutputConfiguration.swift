/// Where the page and the read-only part of the API are served over TCP.
package struct HTTPOutputConfiguration: Hashable, Sendable {
    /// A literal address of this machine, and a port that is not 0.
    package let listen: HostPort
    /// What every request must show; `nil` where none is needed, which only an address of this machine alone may do.
    package let token: Credential?
    /// Names by which it may be asked for beside addresses and `localhost`; in small letters, at most 32.
    package let hosts: [String]

    package init(listen: HostPort, token: Credential? = nil, hosts: [String] = []) {
        self.listen = listen
        self.token = token
        self.hosts = hosts
    }
}
