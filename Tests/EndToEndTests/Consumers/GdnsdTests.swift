import Foundation
import Synchronization
import TestSupport
import Testing

extension EndToEnd {
    /// DNS answers follow the decision: a real gdnsd, asked with dig.
    @Suite struct GdnsdTests {
        /// Where the shipped templates are.
        private static let templates = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../examples/templates/").standardized

        /// A shipped template; the endpoints of a test have addresses of their own in the DNS, as an attribute.
        private static func template(_ name: String) throws -> String {
            try String(contentsOf: templates.appending(path: name), encoding: .utf8)
                .replacing("route.chat", with: "route.main")
                .replacing("{{host}}{{^is_address}}.{{/is_address}}", with: "{{attributes.dns}}")
                .replacing(
                    "{{#is_address}}{{#is_ipv6}}AAAA{{/is_ipv6}}{{^is_ipv6}}A{{/is_ipv6}} {{host}}{{/is_address}}"
                        + "{{^is_address}}CNAME {{host}}.{{/is_address}}",
                    with: "A {{attributes.dns}}"
                )
        }

        private static let order = """
            {{#route.main}}
            0.0.0.0/0 => [ {{#order}}{{name}}{{^last}}, {{/last}}{{/order}} ]
            {{/route.main}}
            """

        private static func setup(_ regions: Regions, _ stage: Stage, _ gdnsd: Gdnsd) throws -> Setup {
            try stage.write(template("gdnsd-extfile.mustache"), to: "active.mustache")
            try stage.write(
                template("gdnsd-extfile.mustache").replacing("is_serving", with: "is_eligible"),
                to: "eligible.mustache"
            )
            try stage.write(template("gdnsd-zone.mustache"), to: "zone.mustache")
            try stage.write(order, to: "near.mustache")
            var setup = Setup(
                ["a", "b", "c"].enumerated().map { index, name in
                    let more = ", attributes: { dns: 192.0.2.\(index + 1) }"
                    return Setup.Endpoint(name: name, url: regions.url(name), more: more)
                }
            )
            setup.outputs = """
                templates:
                    - { source: \(stage.directory.path("active.mustache")), destination: \(gdnsd.path("active")) }
                    - { source: \(stage.directory.path("eligible.mustache")), destination: \(gdnsd.path("eligible")) }
                    - { source: \(stage.directory.path("near.mustache")), destination: \(gdnsd.path("near.nets")) }
                    - source: \(stage.directory.path("zone.mustache"))
                      destination: \(gdnsd.path("routes.zone"))
                      reload: [gdnsdctl, -c, \(gdnsd.path("etc")), reload-zones]
                """
            return setup
        }

        private static func answers(_ gdnsd: Gdnsd, _ name: String, _ addresses: [String]) async throws {
            try await condition("\(name) is \(addresses)") { try gdnsd.addresses(of: name) == addresses }
        }

        @Test(.timeLimit(.minutes(5)))
        func answersFollowTheDecisionAndStayWithoutIt() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b", "c"], on: stage)
                let gdnsd = try Gdnsd(on: stage)
                // Nothing is decided yet: the first in its own order.
                let server = try await gdnsd.start()
                #expect(try gdnsd.addresses(of: "chat") == ["192.0.2.1"])
                try stage.configure(try Self.setup(regions, stage, gdnsd))
                let daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                for name in ["chat", "main", "near"] { try await Self.answers(gdnsd, name, ["192.0.2.1"]) }

                try regions.fault("a", #"{"status": 503}"#)
                try await stage.active("b")
                for name in ["chat", "main", "near"] { try await Self.answers(gdnsd, name, ["192.0.2.2"]) }
                #expect(try gdnsd.timesToLive(of: "chat") == ["30"])

                // Nobody decides any more, and answers stay, over a restart of the server too.
                daemon.send(SIGKILL)
                _ = try await daemon.ending()
                try await gdnsd.stop(server)
                _ = try await gdnsd.start()
                for name in ["chat", "main", "near"] { #expect(try gdnsd.addresses(of: name) == ["192.0.2.2"]) }

                let second = try await stage.runDaemon()
                try regions.heal("a")
                try await stage.active("a")
                for name in ["chat", "main", "near"] { try await Self.answers(gdnsd, name, ["192.0.2.1"]) }
                second.send(SIGTERM)
                #expect(try await second.ending() == .exit(0))
                #expect(try gdnsd.addresses(of: "chat") == ["192.0.2.1"])
            }
        }

        /// What the manual leaves open, and the documentation says.
        @Test(.timeLimit(.minutes(2)))
        func aDamagedFileChangesNothing() async throws {
            try await withStage { stage in
                let gdnsd = try Gdnsd(on: stage)
                try gdnsd.write("192.0.2.1 => DOWN/30\n192.0.2.2 => UP/30\n192.0.2.3 => DOWN/30\n", to: "active")
                _ = try await gdnsd.start()
                #expect(try gdnsd.addresses(of: "chat") == ["192.0.2.2"])
                let damages: [@Sendable () throws -> Void] = [
                    { try gdnsd.write("192.0.2.1 => [", to: "active") },
                    { try FileManager.default.removeItem(atPath: gdnsd.path("active")) },
                ]
                for (index, damage) in damages.enumerated() {
                    try damage()
                    try await condition("gdnsd has seen it") { gdnsd.said.split(separator: "failed").count > index + 1 }
                    #expect(try gdnsd.addresses(of: "chat") == ["192.0.2.2"])
                }
                // All of them down cannot be so: the first one.
                try gdnsd.write("192.0.2.1 => DOWN\n192.0.2.2 => DOWN\n192.0.2.3 => DOWN\n", to: "active")
                try await Self.answers(gdnsd, "chat", ["192.0.2.1"])
            }
        }
    }
}

/// A real gdnsd with three addresses behind a name, chosen in three ways.
private final class Gdnsd: Sendable {
    private let stage: Stage
    private let port: Int

    init(on stage: Stage) throws {
        self.stage = stage
        port = try freePort()
        for name in ["etc/zones", "run", "state"] {
            try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        }
        let places = "{ a => 192.0.2.1, b => 192.0.2.2, c => 192.0.2.3 }"
        try write(
            """
            options => {
              listen => 127.0.0.1:\(port), run_dir => \(path("run")), state_dir => \(path("state"))
              udp_threads => 1, tcp_threads => 1
            }
            service_types => {
              active => { plugin => extfile, direct => true, interval => 2, file => \(path("active")) }
              eligible => { plugin => extfile, direct => true, interval => 2, file => \(path("eligible")) }
            }
            plugins => {
              metafo => { resources => { chat => {
                service_types => active, datacenters => [ a, b, c ], dcmap => \(places)
              } } }
              geoip => {
                maps => { near => { datacenters => [ a, b, c ], nets => \(path("near.nets")) } }
                resources => { near => { map => near, service_types => eligible, dcmap => \(places) } }
              }
            }
            """,
            to: "etc/config"
        )
        try write(
            """
            @ 300 SOA ns1 hostmaster 1 7200 1800 259200 5
            @ 300 NS ns1
            ns1 300 A 127.0.0.1
            chat 30 DYNA metafo!chat
            near 30 DYNA geoip!near
            $INCLUDE \(path("routes.zone"))

            """,
            to: "etc/zones/example.com"
        )
        try write("; Nothing is decided yet.\n", to: "routes.zone")
        try write("0.0.0.0/0 => [ a, b, c ]\n", to: "near.nets")
    }

    func path(_ name: String) -> String { stage.directory.path("gdnsd/\(name)") }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)), options: .atomic)
    }

    var said: String { (try? String(contentsOfFile: stage.directory.path("gdnsd.log"), encoding: .utf8)) ?? "" }

    func start() async throws -> Program {
        let program = try stage.start("/usr/sbin/gdnsd", ["-c", path("etc"), "start"], log: "gdnsd.log")
        try await condition("gdnsd answers") {
            guard program.isRunning else { throw ConditionError(description: "gdnsd ended: \(self.said)") }
            return try self.addresses(of: "ns1") == ["127.0.0.1"]
        }
        return program
    }

    func stop(_ program: Program) async throws {
        _ = try run("/usr/bin/gdnsdctl", ["-c", path("etc"), "stop"])
        _ = try await program.ending()
    }

    func addresses(of name: String) throws -> [String] { try column(4, of: name) }

    func timesToLive(of name: String) throws -> [String] { try column(1, of: name) }

    private func column(_ index: Int, of name: String) throws -> [String] {
        let server = ["@127.0.0.1", "-p", "\(port)", "+tries=1", "+time=1"]
        let output = try run("/usr/bin/dig", server + ["+noall", "+answer", "\(name).example.com", "A"])
        return output.standardOutput.split(separator: "\n").filter { !$0.hasPrefix(";") }
            .map { $0.split(whereSeparator: \.isWhitespace) }.filter { $0.count > 4 }.map { String($0[index]) }
    }
}
