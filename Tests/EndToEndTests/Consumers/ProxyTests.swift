import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Real proxies follow the templates that are shipped, while requests run through them.
    @Suite struct ProxyTests {
        private static let templates = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../examples/templates").standardized.path

        /// Asks over and over, and notes status and region.
        private static let client = """
            while [ ! -e "$2" ]; do
                curl -s -o /dev/null --max-time 5 -w '%{http_code} %header{x-region}\\n' "$1"
            done
            """

        /// The daemon with templates by source and file name, and a proxy that `start` starts, through a failover and back, many
        /// moves, and the end of the daemon.
        private static func follows(
            _ files: [(source: String, file: String, more: String)],
            on port: Int,
            in stage: Stage,
            start: (Stage, String) async throws -> Program,
            afterMoves: () throws -> Void = {}
        ) async throws {
            let regions = try await Regions.start(["a", "b"], on: stage)
            let directory = stage.directory.path("proxy")
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            var setup = Setup(regions.endpoints(["a", "b"]))
            // Nobody asks for it, but a file may not need that there is one route only.
            setup.routes.append(.init(name: "other", endpoints: ["b", "a"]))
            let list = try files.map { file in
                // A template for one route has the name chat.
                let text = try String(contentsOfFile: "\(templates)/\(file.source)", encoding: .utf8)
                try stage.write(text.replacing("route.chat", with: "route.main"), to: file.source)
                let source = stage.directory.path(file.source)
                return "{ source: \(source), destination: \(directory)/\(file.file)\(file.more) }"
            }
            setup.outputs = "templates: [\(list.joined(separator: ", "))]"
            try stage.configure(setup)
            let daemon = try await stage.runDaemon()
            try await stage.allHealthy()
            for file in files {
                try await condition("\(file.file) is there") {
                    FileManager.default.fileExists(atPath: "\(directory)/\(file.file)")
                }
            }
            let proxy = try await start(stage, directory)
            // Its workers would outlive a master that is killed, and whoever waits for it.
            defer {
                proxy.send(SIGTERM)
                usleep(500_000)
            }
            try stage.write(client, to: "client.sh")
            let stop = stage.directory.path("stop")
            @Sendable func answers() -> [String] {
                ((try? String(contentsOfFile: stage.directory.path("client.log"), encoding: .utf8)) ?? "")
                    .split(separator: "\n").map(String.init)
            }
            @Sendable func answered(by region: String) async throws {
                try await condition("\(region) answers, \(answers().suffix(3))") {
                    answers().suffix(10) == Array(repeating: "200 \(region)", count: 10)[...]
                }
            }
            let url = "http://127.0.0.1:\(port)/"
            let asking = try stage.start("/bin/sh", [stage.directory.path("client.sh"), url, stop], log: "client.log")
            try await answered(by: "a")
            try regions.fault("a", #"{"status": 503}"#)
            try await stage.active("b")
            try await answered(by: "b")
            try regions.heal("a")
            let before = answers().count
            try await stage.active("a")
            try await answered(by: "a")
            // Both are well: a move loses nothing.
            #expect(Set(answers().dropFirst(before + 1)).isSubset(of: ["200 a", "200 b"]))
            for index in 1...30 {
                let target = index.isMultiple(of: 2) ? "a" : "b"
                #expect(try stage.ctl("pin", "main", target, "--reason", "test", "--for", "10m").status == 0)
                try await stage.active(target)
            }
            try await answered(by: "a")
            #expect(Set(answers().dropFirst(before + 1)).isSubset(of: ["200 a", "200 b"]))
            try afterMoves()
            // Nobody decides any more, and the endpoint in use dies: the next of its own order. Only what was under way is lost.
            daemon.send(SIGKILL)
            _ = try await daemon.ending()
            try regions.fault("a", #""refuse""#)
            try await answered(by: "b")
            #expect(answers().dropFirst(before + 1).count { !$0.hasPrefix("200 ") } <= 1)
            try stage.write("", to: "stop")
            _ = try await asking.ending()
        }

        @Test(.timeLimit(.minutes(3)))
        func nginxFollowsItsUpstreamWithACheckAndAReload() async throws {
            try await withStage { stage in
                let port = try freePort()
                let directory = stage.directory.path("proxy")
                let arguments = ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "\(directory)/error.log"]
                let more = """
                    , check: [\(Self.templates)/check-nginx, "{candidate}"], \
                    reload: [nginx, \(arguments.joined(separator: ", ")), -s, reload]
                    """
                let files = [(source: "nginx-upstream.conf.mustache", file: "upstreams.conf", more: more)]
                try await Self.follows(files, on: port, in: stage) { stage, directory in
                    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
                        "\($0)_temp_path \(directory);"
                    }
                    let text = """
                        daemon off;
                        user \(NSUserName());
                        pid \(directory)/nginx.pid;
                        error_log \(directory)/error.log;
                        events { worker_connections 256; }
                        http {
                            access_log off;
                            \(paths.joined(separator: "\n"))
                            include \(directory)/upstreams.conf;
                            server {
                                listen 127.0.0.1:\(port);
                                location / {
                                    proxy_pass http://failoverd_main;
                                    proxy_http_version 1.1;
                                    proxy_set_header Connection "";
                                }
                            }
                        }

                        """
                    try stage.write(text, to: "proxy/nginx.conf")
                    return try stage.start(Nginx.path, arguments, log: "nginx.log")
                }
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func envoyFollowsTheFilesInADirectoryThatItWatches() async throws {
            try await withStage { stage in
                let port = try freePort()
                let admin = try freePort()
                let files = [
                    (source: "envoy-clusters.yaml.mustache", file: "clusters.yaml", more: ""),
                    (source: "envoy-rds.yaml.mustache", file: "rds.yaml", more: ""),
                ]
                try await Self.follows(files, on: port, in: stage) { stage, directory in
                    func source(_ name: String) -> String {
                        """
                        {"resource_api_version": "V3", "path_config_source": {"path": "\(directory)/\(name).yaml",
                         "watched_directory": {"path": "\(directory)"}}}
                        """
                    }
                    let types = "type.googleapis.com/envoy.extensions.filters"
                    let text = """
                        {"node": {"id": "test", "cluster": "test"},
                         "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": \(admin)}}},
                         "dynamic_resources": {"cds_config": \(source("clusters"))},
                         "static_resources": {"listeners": [{"name": "front",
                          "address": {"socket_address": {"address": "127.0.0.1", "port_value": \(port)}},
                          "filter_chains": [{"filters": [{"name": "http", "typed_config": {
                           "@type": "\(types).network.http_connection_manager.v3.HttpConnectionManager",
                           "stat_prefix": "http",
                           "rds": {"route_config_name": "main", "config_source": \(source("rds"))},
                           "http_filters": [{"name": "router", "typed_config": {
                            "@type": "\(types).http.router.v3.Router"}}]}}]}]}]}}

                        """
                    try stage.write(text, to: "envoy.json")
                    let options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"]
                    return try stage.start(
                        Envoy.path,
                        ["-c", stage.directory.path("envoy.json")] + options,
                        log: "envoy.log"
                    )
                } afterMoves: {
                    let stats = [
                        "-sS", "http://127.0.0.1:\(admin)/stats?filter=update_rejected|no_cluster|none_healthy",
                    ]
                    let lines = try run("/usr/bin/curl", stats).standardOutput.split(separator: "\n")
                    #expect(lines.contains { $0.contains("rds.main.update_rejected") })
                    #expect(lines.filter { !$0.hasSuffix(": 0") } == [])
                }
            }
        }
    }
}
