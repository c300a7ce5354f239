import Foundation
import TestSupport

/// A real HTTP proxy, tinyproxy, that opens tunnels at one address of the servers' side.
struct TunnelProxy: Sendable {
    static let path = "/usr/bin/tinyproxy"
    private static let port = 3128

    private let network: NetworkStage
    private let host: NetworkHost

    init(at host: NetworkHost, in network: NetworkStage) throws {
        self.network = network
        self.host = host
        let text = """
            User root
            Group root
            Listen \(host.ipv4)
            Bind \(host.ipv4)
            Port \(Self.port)
            Timeout 30
            MaxClients 100
            LogLevel Warning

            """
        try network.stage.write(text, to: "tinyproxy.conf")
    }

    var url: String { "http://\(host.ipv4):\(Self.port)" }
    /// What servers see as their client.
    var client: String { host.ipv4 }

    /// Starts it, for the first time or again.
    func start() async throws -> Program {
        let configuration = network.stage.directory.path("tinyproxy.conf")
        return try await network.serve(
            Self.path,
            ["-d", "-c", configuration],
            log: "tinyproxy.log",
            listening: [Self.port]
        )
    }
}
