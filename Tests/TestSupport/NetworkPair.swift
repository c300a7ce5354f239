import Foundation

/// Two networks with a cable between them: the prober's, and the one of the servers that it watches.
package struct NetworkPair: Sendable {
    package let near: NetworkNamespace
    package let far: NetworkNamespace
    /// The addresses of the far side.
    package let hosts: [NetworkHost]

    private static let interface = "cable0"
    private static let nearHost = NetworkHost(1)

    /// The prober's own addresses.
    package static var prober: NetworkHost { nearHost }

    fileprivate init(_ near: NetworkNamespace, _ far: NetworkNamespace, hosts: [NetworkHost]) throws {
        self.near = near
        self.far = far
        self.hosts = hosts
        let cable = ["type", "veth", "peer", "name", Self.interface, "netns", far.name]
        try near.ip(["link", "add", Self.interface] + cable)
        for (namespace, hosts) in [(near, [Self.nearHost]), (far, hosts)] {
            for host in hosts {
                try namespace.ip(["addr", "add", host.ipv4 + "/24", "dev", Self.interface])
                // Nobody else has it, so there is nothing to wait for.
                try namespace.ip(["addr", "add", host.ipv6 + "/64", "dev", Self.interface, "nodad"])
            }
            try namespace.ip(["link", "set", Self.interface, "up"])
        }
    }

    /// Takes away every route from the prober to the servers: the kernel answers ENETUNREACH at once.
    package func cutRoutes() throws {
        for route in Self.routes { try near.ip(route.family + ["route", "del", route.prefix]) }
    }

    package func restoreRoutes() throws {
        for route in Self.routes { try near.ip(route.family + ["route", "add", route.prefix, "dev", Self.interface]) }
    }

    private static let routes = [
        (family: [String](), prefix: NetworkHost.ipv4Prefix), (family: ["-6"], prefix: NetworkHost.ipv6Prefix),
    ]

    /// What goes wrong on the way to the servers from now on, instead of what went wrong before.
    package func setFaults(_ faults: [NetworkFault]) throws {
        let rules = faults.map { "        " + $0.rule }.joined(separator: "\n")
        let text = """
            table inet faults
            delete table inet faults
            table inet faults {
                chain input {
                    type filter hook input priority 0
            \(rules)
                }
            }

            """
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let file = directory.path("rules")
        try Data(text.utf8).write(to: URL(filePath: file))
        let command = far.command("/usr/sbin/nft", ["-f", file])
        try checked(command.path, command.arguments)
    }
}

/// A number on the cable that stands for one address of each family.
///
/// The addresses are those for documentation: a machine that has both prefers IPv6, as with any public address.
package struct NetworkHost: Hashable, Sendable {
    package let ipv4: String
    package let ipv6: String

    static let ipv4Prefix = "192.0.2.0/24"
    static let ipv6Prefix = "2001:db8::/64"

    /// 1 is the prober; 2...254 are servers.
    package init(_ number: UInt8) {
        ipv4 = "192.0.2.\(number)"
        ipv6 = "2001:db8::\(number)"
    }
}

/// What happens to packets that arrive for one literal address of the servers' side.
package enum NetworkFault: Hashable, Sendable {
    /// All are lost.
    case blackhole(String)
    /// Connections are refused or torn down.
    case reset(String)
    /// Connections are accepted, and torn down when they say something.
    case resetWhenSpokenTo(String)
    /// So many of a hundred are lost.
    case loss(String, percent: Int)

    fileprivate var rule: String {
        switch self {
        // The neighbours stay known: a lost neighbour would be a host that is unreachable, which the kernel tells.
        case .blackhole(let address): "\(Self.match(address)) meta l4proto { tcp, udp } drop"
        case .reset(let address): "\(Self.match(address)) meta l4proto tcp reject with tcp reset"
        case .resetWhenSpokenTo(let address): "\(Self.match(address)) tcp flags & psh == psh reject with tcp reset"
        case .loss(let address, let percent):
            "\(Self.match(address)) meta l4proto { tcp, udp } numgen random mod 100 < \(percent) drop"
        }
    }

    private static func match(_ address: String) -> String {
        (address.contains(":") ? "ip6" : "ip") + " daddr " + address
    }
}

/// Calls `body` with two networks that have a cable between them, and removes them afterwards, also on failure.
///
/// Needs root, the Debian packages iproute2 and nftables, and a kernel with veth and nftables. Processes in them have
/// to end before `body` does.
package func withNetworkPair<Result>(
    hosts: [NetworkHost],
    _ body: (NetworkPair) async throws -> Result
) async throws -> Result {
    let near = try NetworkNamespace("near")
    defer { near.remove() }
    let far = try NetworkNamespace("far")
    defer { far.remove() }
    return try await body(try NetworkPair(near, far, hosts: hosts))
}
