/// Where HAProxy asks about its servers.
package struct HAProxyAgentConfiguration: Hashable, Sendable {
    /// A literal address of this machine, and a port that is not 0.
    package let listen: HostPort

    package init(listen: HostPort) { self.listen = listen }
}
