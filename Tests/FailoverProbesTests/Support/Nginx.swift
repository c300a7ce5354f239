import Foundation

/// An nginx of one process on free loopback ports: plain HTTP, and TLS with each kind of certificate.
final class Nginx: Sendable {
    static let path = findCommand("/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx")

    let certificates: Certificates
    let port: Int
    /// Speaks HTTP/2 without TLS.
    let http2Port: Int
    let tlsPorts: [Certificates.Kind: Int]
    private let process: Process
    private let directory: TemporaryDirectory

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// `locations` are served beside the usual ones, everywhere.
    static func start(tlsVersion: String = "TLSv1.3", locations: String = "") async throws -> Nginx {
        let directory = try TemporaryDirectory()
        let certificates = try Certificates(in: directory)
        // Somebody else may take a free port between here and there.
        for _ in 0..<5 {
            let nginx = try await Nginx(certificates, tlsVersion: tlsVersion, locations: locations, in: directory)
            if let nginx { return nginx }
        }
        let log = try? String(contentsOfFile: directory.path("error.log"), encoding: .utf8)
        throw Failure(description: "nginx did not start: \(log ?? "and left no log")")
    }

    private init?(
        _ certificates: Certificates,
        tlsVersion: String,
        locations: String,
        in directory: TemporaryDirectory
    ) async throws {
        self.certificates = certificates
        self.directory = directory
        let kinds = Certificates.Kind.allCases
        let ports = try Listener.freePorts(kinds.count + 2)
        port = ports[kinds.count]
        http2Port = ports[kinds.count + 1]
        tlsPorts = Dictionary(uniqueKeysWithValues: zip(kinds, ports))
        try directory.write(
            Nginx.configuration(
                port: port,
                http2Port: http2Port,
                tlsPorts: tlsPorts,
                tlsVersion,
                certificates,
                locations
            ),
            to: "nginx.conf"
        )
        process = Process()
        process.executableURL = URL(fileURLWithPath: Nginx.path ?? "nginx")
        process.arguments = [
            "-p", directory.url.path, "-c", directory.path("nginx.conf"), "-e", directory.path("error.log"),
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning {
            if FileManager.default.fileExists(atPath: directory.path("nginx.pid")) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        return nil
    }

    func stop() {
        // A thread of the test runner started it with all signals blocked, so it would not hear a softer one.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        directory.remove()
    }

    private static func configuration(
        port: Int,
        http2Port: Int,
        tlsPorts: [Certificates.Kind: Int],
        _ tlsVersion: String,
        _ certificates: Certificates,
        _ added: String
    ) -> String {
        let locations = """
            \(added)
            location = / { return 200 "hello\\n"; }
            location = /json { return 200 '{"status": "ok", "nodes": [{"up": true, "load": 1}]}'; }
            location = /sni { return 200 "$ssl_server_name|$ssl_protocol|$ssl_alpn_protocol|$http_host"; }
            location = /version { return 200 "$server_protocol"; }
            location = /empty { return 204; }
            location = /moved { return 301 /; }
            location = /busy { return 429; }
            location = /down { return 503; }
            """
        let tlsServers = tlsPorts.map { kind, port in
            """
            server {
                listen 127.0.0.1:\(port) ssl;
                ssl_protocols \(tlsVersion);
                ssl_certificate \(certificates.certificate(kind));
                ssl_certificate_key \(certificates.key(kind));
                \(locations)
            }
            """
        }
        return """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server { listen 127.0.0.1:\(port); \(locations) }
                server { listen 127.0.0.1:\(http2Port) http2; \(locations) }
                \(tlsServers.joined(separator: "\n"))
            }
            """
    }
}
