import FailoverTemplates
import Foundation
import Testing

/// The templates in examples/templates, as people copy them.
@Suite struct ShippedTemplatesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/templates")

    private static func rendered(_ name: String) throws -> String {
        let text = try String(contentsOf: root.appending(path: "\(name).mustache"), encoding: .utf8)
        return String(decoding: try Template(text, vocabulary).render(facts), as: UTF8.self)
    }

    private static let expected = [
        "nginx-map.conf": """
        # Written by failoverd: the endpoint that each route uses.
        map "" $failoverd_chat { default "eu-west"; }
        map "" $failoverd_chat_url { default "https://[2001:db8::1]:443"; }
        map "" $failoverd_chat_host { default "2001:db8::1"; }
        map "" $failoverd_web_v2 { default "us-east"; }
        map "" $failoverd_web_v2_url { default "http://192.0.2.1:8080"; }
        map "" $failoverd_web_v2_host { default "192.0.2.1"; }

        """,
        "nginx-upstream.conf": """
        # Written by failoverd: an upstream for each route, weights as decided, the others only when a request fails.
        upstream failoverd_chat {
            server [2001:db8::1]:443 weight=100 max_fails=0; # eu-west
            keepalive 32;
        }
        upstream failoverd_web_v2 {
            server 192.0.2.1:8080 weight=60 max_fails=0; # us-east
            server [2001:db8::1]:443 weight=40 max_fails=0; # eu-west
            keepalive 32;
        }

        """,
        "haproxy.map": """
        # Written by failoverd: route and the endpoint that it uses.
        chat eu-west
        web.v2 us-east

        """,
        "gdnsd-extfile": """
        # Written by failoverd: the endpoint that the route uses is UP, whatever its health, so that there always is one.
        192.0.2.1 => DOWN/30
        2001:db8::1 => UP/30

        """,
        "gdnsd-zone": """
        ; Written by failoverd: each route, and the endpoint that it uses.
        chat 30 AAAA 2001:db8::1
        web.v2 30 A 192.0.2.1

        """,
        "gdnsd-own-order": """
        ; Written by failoverd: each route, and the endpoint that it uses.
        chat 30 DYNA metafo!chat-eu-west
        web.v2 30 DYNA metafo!web.v2-us-east

        """,
        "hosts": """
        # Written by failoverd.
        2001:db8::1 chat.failoverd # eu-west
        192.0.2.1 web.v2.failoverd # us-east

        """,
        "dotenv": """
        # Written by failoverd.
        FAILOVERD_CHAT_ACTIVE=eu-west
        FAILOVERD_CHAT_URL=https://[2001:db8::1]/v1
        FAILOVERD_CHAT_HOST=2001:db8::1
        FAILOVERD_CHAT_PORT=443
        FAILOVERD_CHAT_ORDER=eu-west,us-east
        FAILOVERD_CHAT_URLS=https://[2001:db8::1]/v1,http://192.0.2.1:8080/v1
        FAILOVERD_CHAT_GENERATION=7
        FAILOVERD_WEB_V2_ACTIVE=us-east
        FAILOVERD_WEB_V2_URL=http://192.0.2.1:8080/v1
        FAILOVERD_WEB_V2_HOST=192.0.2.1
        FAILOVERD_WEB_V2_PORT=8080
        FAILOVERD_WEB_V2_ORDER=us-east,eu-west
        FAILOVERD_WEB_V2_URLS=http://192.0.2.1:8080/v1,https://[2001:db8::1]/v1
        FAILOVERD_WEB_V2_GENERATION=2

        """,
        "envoy-rds.yaml": """
        # Written by failoverd: a virtual host for the route, weights as decided. A request whose connection fails goes to the next
        # endpoint behind it; one that an endpoint has received is never repeated.
        resources:
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: "chat"
          virtual_hosts:
          - name: "chat"
            domains: ["*"]
            retry_policy:
              retry_on: connect-failure,refused-stream,reset-before-request
              num_retries: 3
              retry_priority:
                name: envoy.retry_priorities.previous_priorities
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig
                  update_frequency: 1
            routes:
            - match: { prefix: "/" }
              route:
                timeout: 0s
                auto_host_rewrite: true
                weighted_clusters:
                  clusters:
                  - { name: "chat/eu-west", weight: 100 }

        """,
    ]

    @Test(arguments: expected.keys.sorted())
    func templateRendersAsPeopleExpect(name: String) throws {
        #expect(try Self.rendered(name) == Self.expected[name])
    }

    /// Each cluster of Envoy has its own endpoint first and the other behind it, and speaks TLS with those that do.
    @Test func clustersOfEnvoyHaveTheirEndpointFirst() throws {
        let text = try Self.rendered("envoy-clusters.yaml")
        let clusters = text.components(separatedBy: "\n- \"@type\"").dropFirst().map { cluster in
            cluster.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { line in
                ["name:", "- priority:", "address:", "metadata:", "match:"].contains { line.hasPrefix($0) }
            }.map(String.init)
        }
        let name = "name: envoy.transport_sockets.tls"
        let us = #"address: { socket_address: { address: "192.0.2.1", port_value: 8080 } }"#
        let eu = [
            #"address: { socket_address: { address: "2001:db8::1", port_value: 443 } }"#,
            #"metadata: { filter_metadata: { envoy.transport_socket_match: { endpoint: "eu-west" } } }"#,
        ]
        let tls = [#"match: { endpoint: "eu-west" }"#, name]
        let first = ["- priority: 0 # us-east", us, "- priority: 1 # eu-west"] + eu + tls
        let second = ["- priority: 0 # eu-west"] + eu + ["- priority: 1 # us-east", us] + tls
        #expect(
            clusters == [
                [#"name: "chat/us-east""#] + first, [#"name: "chat/eu-west""#] + second,
                [#"name: "web.v2/us-east""#] + first, [#"name: "web.v2/eu-west""#] + second,
            ]
        )
    }

    @Test func eachShippedTemplateIsSound() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
            .filter { $0.hasSuffix(".mustache") }.map { String($0.dropLast(".mustache".count)) }
        #expect(Set(names) == Set(Self.expected.keys).union(["envoy-clusters.yaml"]))
        for name in names { #expect(try !Self.rendered(name).contains("{{")) }
    }

    @Test(arguments: [("nginx-map.conf", true), ("nginx-upstream.conf", true), ("haproxy.map", false)])
    func nginxTakesWhatIsForNginx(name: String, isGood: Bool) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString).conf")
        try Self.rendered(name).write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = Self.root.appending(path: "check-nginx")
        process.arguments = [file.path]
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect((process.terminationStatus == 0) == isGood)
    }
}

private let vocabulary = TemplateVocabulary(routes: ["chat", "web.v2"], endpoints: ["us-east", "eu-west"])

private let facts = TemplateFacts(
    vantage: "here",
    generation: 7,
    routes: [
        TemplateFacts.Route(
            name: "chat",
            policy: "active-standby",
            mode: "failover",
            generation: 7,
            reasonCode: "availability",
            active: "eu-west",
            order: ["us-east", "eu-west"],
            endpoints: ["us-east", "eu-west"],
            weights: [0, 100]
        ),
        webRoute,
    ],
    endpoints: [
        TemplateFacts.Endpoint(name: "eu-west", region: "eu", url: "https://[2001:db8::1]/v1", verdict: "healthy"),
        TemplateFacts.Endpoint(name: "us-east", region: "us", url: "http://192.0.2.1:8080/v1", verdict: "unhealthy"),
    ]
)
