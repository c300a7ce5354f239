import FailoverConfig
import FailoverCore
import Testing

@Suite struct HAProxyAgentTests {
    private func loaded(_ listen: String) throws -> LoadedConfiguration {
        try load(Fixtures.text("good/haproxy-agent.yaml").replacing("[::1]:8701", with: listen))
    }

    @Test(arguments: [
        ("[::1]:8701", HostPort(host: "::1", port: 8701)), ("127.0.0.1:1", HostPort(host: "127.0.0.1", port: 1)),
        ("127.1.2.3:65535", HostPort(host: "127.1.2.3", port: 65_535)),
    ])
    func addressesOfThisMachineAreRead(text: String, address: HostPort) throws {
        let loaded = try loaded(text)
        #expect(loaded.configuration.outputs == OutputConfiguration(haproxyAgent: .init(listen: address)))
        #expect(loaded.warnings == [])
    }

    @Test func nobodyListensWithoutIt() throws {
        #expect(try load(Fixtures.text("good/minimal.yaml")).configuration.outputs.haproxyAgent == nil)
    }

    @Test(arguments: ["0.0.0.0:8701", "[::]:8701", "192.0.2.1:8701"])
    func anAddressThatOthersReachIsWarnedOf(text: String) throws {
        #expect(
            try loaded(text).warnings.map(\.description) == [
                "config.yaml:8: outputs.haproxy_agent.listen: not only this machine can reach it: whoever can sees which"
                    + " endpoints are in use"
            ]
        )
    }
}
