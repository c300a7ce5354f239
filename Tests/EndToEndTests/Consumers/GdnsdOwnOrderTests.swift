import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// gdnsd has an order of its own behind the decision: for when failoverd is gone, and the endpoint in use dies.
    @Suite struct GdnsdOwnOrderTests {
        private static let names = ["a", "b", "c"]
        private static let addresses = ["a": "127.0.0.11", "b": "127.0.0.12", "c": "127.0.0.13"]

        /// Closes whatever connects, so that gdnsd finds an endpoint there.
        private static let listener = """
            import socket, sys
            server = socket.create_server((sys.argv[1], int(sys.argv[2])))
            while True: server.accept()[0].close()
            """

        /// Asks over and over, and notes the code and the addresses of each answer.
        private static let client = """
            while [ ! -e "$3" ]; do
                dig @127.0.0.1 -p "$1" +tries=1 +time=5 "$2.example.com" A |
                    awk '/status:/ {s = $6} $4 == "A" {a = a " " $5} END {print s a}'
            done
            """

        private static func template(_ name: String) throws -> String {
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../../examples/templates/"
            )
            return try String(contentsOf: folder.appending(path: name).standardized, encoding: .utf8)
                .replacing("route.chat", with: "route.main")
                .replacing("{{host}}{{^is_address}}.{{/is_address}}", with: "{{attributes.dns}}")
        }

        private static func configure(_ stage: Stage, _ regions: Regions) throws {
            try stage.write(template("gdnsd-own-order.mustache"), to: "zone.mustache")
            try stage.write(template("gdnsd-extfile.mustache"), to: "states.mustache")
            var setup = Setup(
                names.map {
                    .init(name: $0, url: regions.url($0), more: ", attributes: { dns: \(addresses[$0] ?? "") }")
                }
            )
            setup.outputs = """
                templates:
                    - { source: \(stage.directory.path("states.mustache")), destination: \(stage.directory.path("gdnsd/states")) }
                    - source: \(stage.directory.path("zone.mustache"))
                      destination: \(stage.directory.path("gdnsd/routes.zone"))
                      reload: [gdnsdctl, -c, \(stage.directory.path("gdnsd/etc")), reload-zones]
                """
            try stage.configure(setup)
        }

        /// As docs/consumers.md has it: `main` by records, `states` by states.
        private static func serve(_ stage: Stage, port: Int, checked: Int) throws {
            for name in ["etc/zones", "run", "state"] {
                let path = stage.directory.path("gdnsd/\(name)")
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            let place = stage.directory.path("gdnsd")
            try stage.write(
                """
                options => {
                  listen => 127.0.0.1:\(port), run_dir => \(place)/run, state_dir => \(place)/state
                  udp_threads => 1, tcp_threads => 1
                }
                service_types => {
                  own => {
                    plugin => tcp_connect, port => \(checked), interval => 2, timeout => 1
                    up_thresh => 1, ok_thresh => 1, down_thresh => 2
                  }
                  failoverd => { plugin => extfile, file => \(place)/states, direct => true, interval => 2 }
                }
                plugins => { metafo => {
                  service_types => own
                  dcmap => { a => 127.0.0.11, b => 127.0.0.12, c => 127.0.0.13 }
                  resources => {
                    main-a => { datacenters => [ a, b, c ] }
                    main-b => { datacenters => [ b, a, c ] }
                    main-c => { datacenters => [ c, a, b ] }
                    states => {
                      datacenters => [ a, b, c, a.own, b.own, c.own ]
                      dcmap => {
                        a => { service_types => [ failoverd, own ], 1 => 127.0.0.11 }
                        b => { service_types => [ failoverd, own ], 1 => 127.0.0.12 }
                        c => { service_types => [ failoverd, own ], 1 => 127.0.0.13 }
                        a.own => 127.0.0.11, b.own => 127.0.0.12, c.own => 127.0.0.13
                      }
                    }
                  }
                } }

                """,
                to: "gdnsd/etc/config"
            )
            try stage.write(
                """
                @ 300 SOA ns1 hostmaster 1 7200 1800 259200 5
                @ 300 NS ns1
                ns1 300 A 127.0.0.1
                states 30 DYNA metafo!states
                $INCLUDE \(place)/routes.zone

                """,
                to: "gdnsd/etc/zones/example.com"
            )
        }

        @Test(.timeLimit(.minutes(3)))
        func answersGoOnWhenFailoverdIsGoneAndTheEndpointDies() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(Self.names, on: stage)
                let (port, checked) = (try freePort(), try freePort())
                let listeners = try Self.names.map { name in
                    try stage.start(
                        "/usr/bin/python3",
                        ["-c", Self.listener, Self.addresses[name] ?? "", "\(checked)"],
                        log: "listener-\(name).log"
                    )
                }
                try Self.serve(stage, port: port, checked: checked)
                try Self.configure(stage, regions)
                let daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                try await condition("the files are there") {
                    ["states", "routes.zone"].allSatisfy {
                        FileManager.default.fileExists(atPath: stage.directory.path("gdnsd/\($0)"))
                    }
                }
                let log = stage.directory.path("gdnsd.log")
                _ = try stage.start(
                    "/usr/sbin/gdnsd",
                    ["-c", stage.directory.path("gdnsd/etc"), "start"],
                    log: "gdnsd.log"
                )
                try await condition("gdnsd listens") {
                    try String(contentsOfFile: log, encoding: .utf8).contains("listeners started")
                }

                try stage.write(Self.client, to: "client.sh")
                let asking = try ["main", "states"].map { name in
                    let arguments = [stage.directory.path("client.sh"), "\(port)", name, stage.directory.path("stop")]
                    return try stage.start("/bin/sh", arguments, log: "\(name).log")
                }
                @Sendable func answers(_ name: String) throws -> [String] {
                    try String(contentsOfFile: stage.directory.path("\(name).log"), encoding: .utf8)
                        .split(separator: "\n").map(String.init)
                }
                func answered(by endpoint: String) async throws {
                    for name in ["main", "states"] {
                        try await condition("\(name) is \(endpoint)") {
                            try answers(name).last == "NOERROR, \(Self.addresses[endpoint] ?? "")"
                        }
                    }
                }
                try await answered(by: "a")
                for index in 1...32 {
                    let target = Self.names[index % 3]
                    #expect(try stage.ctl("pin", "main", target, "--reason", "test", "--for", "10m").status == 0)
                    try await stage.active(target)
                }
                try await answered(by: "c")

                daemon.send(SIGKILL)
                _ = try await daemon.ending()
                listeners[2].end()
                try await answered(by: "a")
                try stage.write("", to: "stop")
                for program in asking { _ = try await program.ending() }
                // Whatever was asked, and whenever: one address, and no error.
                let known = Set(Self.addresses.values.map { "NOERROR, \($0)" })
                for name in ["main", "states"] { #expect(Set(try answers(name)).subtracting(known) == []) }
                #expect(try !String(contentsOfFile: log, encoding: .utf8).contains("error:"))
            }
        }
    }
}
