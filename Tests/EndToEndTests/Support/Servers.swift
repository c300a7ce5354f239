import Foundation
import TestSupport

/// A real nginx of one process on one loopback port.
final class Nginx: Sendable {
    static let path = "/usr/sbin/nginx"

    let name: String
    let port: Int
    private let stage: Stage

    /// Prepares one; with a file that holds a certificate and its key it speaks TLS.
    ///
    /// `options` stand behind the address that it listens on, `location` is what it does with a request.
    init(
        _ name: String,
        on stage: Stage,
        certificate: String? = nil,
        options: String = "",
        location: String = "return 200 \"ok\\n\";"
    ) throws {
        self.name = name
        self.stage = stage
        port = try freePort()
        let directory = stage.directory.path(name)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let tls = certificate.map { "ssl_certificate \($0); ssl_certificate_key \($0);" } ?? ""
        let text = """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server {
                    listen 127.0.0.1:\(port)\(certificate == nil ? "" : " ssl") \(options);
                    \(tls)
                    location / { \(location) }
                }
            }
            """
        try stage.write(text, to: "\(name)/nginx.conf")
    }

    /// Starts it, for the first time or again, and waits until it listens.
    func start() async throws -> Program {
        let directory = stage.directory.path(name)
        let program = try stage.start(
            Self.path,
            ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "\(directory)/error.log"],
            log: "\(name).log"
        )
        try await listens(on: port, program)
        return program
    }
}

/// A real HAProxy with one frontend for each certificate, or in plain, and one server behind it.
final class HAProxy: Sendable {
    static let path = "/usr/sbin/haproxy"

    let plainPort: Int
    let tlsPort: Int

    static func start(before backend: Int, certificate: String, on stage: Stage) async throws -> HAProxy {
        let proxy = try HAProxy()
        let text = """
            defaults
                mode http
                retries 0
                timeout connect 5s
                timeout client 10s
                timeout server 10s
            frontend plain
                bind 127.0.0.1:\(proxy.plainPort)
                default_backend servers
            frontend tls
                bind 127.0.0.1:\(proxy.tlsPort) ssl crt \(certificate)
                default_backend servers
            backend servers
                server one 127.0.0.1:\(backend)

            """
        try stage.write(text, to: "haproxy.cfg")
        let program = try stage.start(path, ["-db", "-f", stage.directory.path("haproxy.cfg")], log: "haproxy.log")
        try await listens(on: proxy.plainPort, program)
        return proxy
    }

    private init() throws {
        plainPort = try freePort()
        tlsPort = try freePort()
    }
}

/// A real Envoy that answers by itself, over TLS with what the client prefers of HTTP/2 and HTTP/1.1.
final class Envoy: Sendable {
    /// In the build folder, where `make test-packages` puts it.
    static let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../.build/envoy/bin/envoy"
    )
    .standardized.path

    let port: Int

    static func start(certificate: String, on stage: Stage) async throws -> Envoy {
        let envoy = try Envoy()
        try stage.write(configuration(port: envoy.port, certificate: certificate), to: "envoy.json")
        let program = try stage.start(
            path,
            ["-c", stage.directory.path("envoy.json"), "--concurrency", "1", "--disable-hot-restart"],
            log: "envoy.log"
        )
        try await listens(on: envoy.port, program)
        return envoy
    }

    private init() throws { port = try freePort() }

    private static func configuration(port: Int, certificate: String) -> String {
        let types = "type.googleapis.com/envoy.extensions"
        return """
            {"static_resources": {"listeners": [{"name": "tls",
              "address": {"socket_address": {"address": "127.0.0.1", "port_value": \(port)}},
              "filter_chains": [{
                "transport_socket": {"name": "tls", "typed_config": {
                  "@type": "\(types).transport_sockets.tls.v3.DownstreamTlsContext",
                  "common_tls_context": {
                    "alpn_protocols": ["h2", "http/1.1"],
                    "tls_certificates": [{
                      "certificate_chain": {"filename": "\(certificate)"},
                      "private_key": {"filename": "\(certificate)"}}]}}},
                "filters": [{"name": "http", "typed_config": {
                  "@type": "\(types).filters.network.http_connection_manager.v3.HttpConnectionManager",
                  "stat_prefix": "http",
                  "http_filters": [{"name": "router", "typed_config": {
                    "@type": "\(types).filters.http.router.v3.Router"}}],
                  "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{
                    "match": {"prefix": "/"},
                    "direct_response": {"status": 200, "body": {"inline_string": "ok"}}}]}]}}}]}]}]}}

            """
    }
}

/// An authority and certificates that it has issued, each with its key in one file.
struct Certificates: Sendable {
    let authority: String
    /// For `localhost` and `127.0.0.1`.
    let good: String
    /// For a name that nobody asks for.
    let wrongName: String

    init(on stage: Stage) throws {
        authority = stage.directory.path("ca.pem")
        good = stage.directory.path("good.pem")
        wrongName = stage.directory.path("wrong-name.pem")
        let authorityKey = stage.directory.path("ca.key")
        try Self.openssl(
            ["req", "-x509", "-subj", "/CN=Test authority", "-days", "30", "-addext", "keyUsage=critical,keyCertSign"]
                + Self.newKey(authorityKey) + ["-out", authority]
        )
        let issues = [(good, "DNS:localhost,IP:127.0.0.1"), (wrongName, "DNS:other.example")]
        for (file, names) in issues {
            try Self.openssl(
                ["req", "-x509", "-subj", "/CN=endpoint", "-days", "30", "-addext", "subjectAltName=\(names)"]
                    + ["-addext", "basicConstraints=critical,CA:FALSE", "-CA", authority, "-CAkey", authorityKey]
                    + Self.newKey(file + ".key") + ["-out", file]
            )
            let key = try Data(contentsOf: URL(filePath: file + ".key"))
            try (try Data(contentsOf: URL(filePath: file)) + key).write(to: URL(filePath: file))
        }
    }

    private static func newKey(_ file: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]
    }

    private static func openssl(_ arguments: [String]) throws {
        let output = try run("/usr/bin/openssl", arguments)
        guard output.status == 0 else { throw ConditionError(description: "openssl: \(output.standardError)") }
    }
}

/// Waits until a program accepts connections.
private func listens(on port: Int, _ program: Program) async throws {
    try await condition("\(program.name) listens on \(port)") {
        guard program.isRunning else { throw ConditionError(description: "\(program.name) ended") }
        return connects(to: port)
    }
}

private func connects(to port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
