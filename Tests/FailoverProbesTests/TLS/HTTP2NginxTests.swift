import FailoverCore
import Foundation
import NIOCore
import Testing

@testable import FailoverProbes

/// HTTP/2 over TLS against a real server.
@Suite(.enabled(if: Nginx.path != nil, "nginx is not installed")) struct HTTP2NginxTests {
    /// An nginx that speaks HTTP/2 on one free loopback port.
    private final class Server {
        let port: Int
        let fixture: TLSFixture
        private let process = Process()

        init(_ extra: String = "") throws {
            fixture = try TLSFixture()
            port = try Listener.freePort()
            let directory = fixture.directory
            try directory.write(String(repeating: "0123456789abcdef", count: 65_536), to: "megabyte")
            try directory.write(
                """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 64; }
                http {
                    access_log off;
                    client_body_temp_path body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    server {
                        listen 127.0.0.1:\(port) ssl http2;
                        ssl_certificate \(fixture.path("good.pem"));
                        ssl_certificate_key \(fixture.path("good.key"));
                        \(extra)
                        root \(directory.url.path);
                        location = / { return 200 "$request_method|$http_host|$http_x_a|$ssl_session_reused"; }
                        location = /down { return 503; }
                        location = /head { \(Self.largeHead) return 200; }
                        location = /megabyte { }
                    }
                }
                """,
                to: "nginx.conf"
            )
            process.executableURL = URL(fileURLWithPath: Nginx.path ?? "nginx")
            process.arguments = [
                "-p", directory.url.path, "-c", directory.path("nginx.conf"), "-e", directory.path("error.log"),
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            while process.isRunning, !FileManager.default.fileExists(atPath: directory.path("nginx.pid")) {
                usleep(2000)
            }
        }

        private static let largeHead = (0..<20)
            .map { "add_header X-\($0) \"\(String(repeating: "~", count: 3500))\";" }.joined(separator: "\n")

        func stop() {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            fixture.remove()
        }

        /// Makes a connection and hands it out.
        func connect(piece: Int = .max, _ body: (Exchange) -> Void) throws {
            let state = try handshake(
                port: port,
                settings: fixture.settings(),
                protocols: .http2,
                piece: piece
            ) { wire, tls in
                #expect(tls.state == .open(applicationProtocol: "h2"))
                let http = HTTP2Session(loop: SessionLoop(wallSeconds: { 0 }))
                http.start()
                body(Exchange(wire: wire, tls: tls, http: http))
            }
            if case .failed(let failure) = state { Issue.record("\(failure)") }
        }
    }

    /// One connection, over which requests go one after another.
    private struct Exchange {
        let wire: Wire
        let tls: TLSSession
        let http: HTTP2Session

        /// The events of one request, with the body in one piece.
        func ask(_ path: String, body: String? = nil) -> (status: Int?, body: String, failure: HTTP2Failure?) {
            http.send(
                HTTP2Request(
                    method: body == nil ? "GET" : "POST",
                    scheme: "https",
                    authority: "localhost",
                    path: path,
                    headers: [HeaderField(name: "X-A", value: "b")],
                    body: body
                )
            )
            var status: Int?
            var received = ByteBuffer()
            while true {
                if let output = http.takeOutput() { tls.send(output) }
                wire.send(from: tls)
                while let event = http.nextEvent() {
                    switch event {
                    case .head(let found, _): status = found
                    case .data(let bytes): received.writeImmutableBuffer(bytes)
                    case .end: return (status, String(buffer: received), nil)
                    case .failed(let failure): return (status, String(buffer: received), failure)
                    }
                }
                wire.receive(into: tls)
                if let plaintext = tls.takePlaintext() { http.receive(plaintext) }
                guard case .open = tls.state else {
                    http.receiveEnd()
                    continue
                }
            }
        }
    }

    @Test(arguments: [Int.max, 1]) func requestsFollowOneAnotherOnOneConnection(piece: Int) throws {
        let server = try Server()
        defer { server.stop() }
        try server.connect(piece: piece) { exchange in
            let cases = [("/", 200, "GET|localhost|b|."), ("/down", 503, nil), ("/", 200, "GET|localhost|b|.")]
            for (path, status, body) in cases {
                let answer = exchange.ask(path)
                #expect(answer.status == status)
                #expect(answer.failure == nil)
                if let body { #expect(answer.body == body) }
            }
            #expect(exchange.http.isUsable)
        }
    }

    @Test func everyHandshakeIsAFullOne() throws {
        let server = try Server("ssl_session_cache builtin; ssl_session_tickets on; ssl_protocols TLSv1.2 TLSv1.3;")
        defer { server.stop() }
        for _ in 0..<3 {
            // A dot says that the session was not resumed.
            try server.connect { #expect($0.ask("/").body == "GET|localhost|b|.") }
        }
    }

    @Test func bodiesOfAMegabyteArrive() throws {
        let server = try Server()
        defer { server.stop() }
        try server.connect { exchange in
            for _ in 0..<3 {
                let answer = exchange.ask("/megabyte")
                #expect(answer.status == 200)
                #expect(answer.body == String(repeating: "0123456789abcdef", count: 65_536))
                #expect(answer.failure == nil)
            }
        }
    }

    @Test func bodyOfARequestIsSent() throws {
        let server = try Server()
        defer { server.stop() }
        try server.connect { exchange in
            let answer = exchange.ask("/", body: String(repeating: "x", count: 200_000))
            #expect(answer.body == "POST|localhost|b|.")
            #expect(answer.failure == nil)
        }
    }

    @Test func largeHeadIsAFailure() throws {
        let server = try Server()
        defer { server.stop() }
        try server.connect { #expect($0.ask("/head").failure == .headerTooLarge) }
    }

    @Test func connectionThatTheServerEndsAfterARequestIsNotUsedAgain() throws {
        let server = try Server("keepalive_requests 2;")
        defer { server.stop() }
        try server.connect { exchange in
            #expect(exchange.ask("/").status == 200)
            #expect(exchange.http.isUsable)
            #expect(exchange.ask("/").status == 200)
            #expect(!exchange.http.isUsable)
        }
    }
}
