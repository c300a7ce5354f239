import FailoverCore
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import FailoverProbes

struct TLSSessionTests {
    private static let open = TLSSession.State.open(applicationProtocol: nil)

    private func failed(_ code: ReasonCode, _ detail: String) -> TLSSession.State { .failed(TLSFailure(code, detail)) }

    private func withServer(
        _ certificate: String = "good",
        _ options: [String] = [],
        _ body: (TLSFixture, OpenSSLServer) throws -> Void
    ) throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let server = try OpenSSLServer(
            certificate: fixture.path("\(certificate).pem"),
            key: fixture.path(certificate == "chain" ? "behind.key" : "\(certificate).key"),
            in: fixture.directory,
            options
        )
        defer { server.stop() }
        try body(fixture, server)
    }

    @Test(arguments: [("-tls1_3", FailoverCore.TLSVersion.tls13), ("-tls1_2", .tls12)])
    func requestIsAnsweredOverEachVersion(option: String, version: FailoverCore.TLSVersion) throws {
        try withServer("good", [option]) { fixture, server in
            for piece in [Int.max, 1] {
                var answer = ""
                var found: FailoverCore.TLSVersion?
                let state = try handshake(port: server.port, settings: fixture.settings(), piece: piece) {
                    found = $1.version
                    answer = $0.exchange("GET / HTTP/1.0\r\n\r\n", over: $1)
                }
                #expect(state == .closed(isClean: true))
                #expect(found == version)
                #expect(answer.hasPrefix("HTTP/1.0 200 ok\r\n"))
            }
        }
    }

    @Test func certificatesValidityIsKnownAfterTheHandshake() throws {
        try withServer { fixture, server in
            var validity: (notBefore: Int, notAfter: Int)?
            _ = try handshake(port: server.port, settings: fixture.settings()) { validity = $1.certificateValidity }
            // 2020-01-01 and 2099-12-31, as the certificate was made.
            #expect(validity?.notBefore == 1_577_836_800)
            #expect(validity?.notAfter == 4_102_358_400)
        }
    }

    @Test(arguments: [
        ("wrong-name", "localhost", ReasonCode.tlsNameMismatch, "the certificate is not for localhost"),
        ("good", "127.0.0.2", .tlsNameMismatch, "the certificate is not for 127.0.0.2"),
        ("good", "::1", .tlsNameMismatch, "the certificate is not for ::1"),
        ("unknown", "localhost", .tlsUntrusted, "the certificate does not lead to a trusted root"),
        ("self-signed", "localhost", .tlsUntrusted, "the certificate does not lead to a trusted root"),
        ("behind", "localhost", .tlsUntrusted, "the certificate does not lead to a trusted root"),
    ])
    func wrongCertificateIsRefused(certificate: String, name: String, code: ReasonCode, detail: String) throws {
        try withServer(certificate) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(), name: name)
            #expect(state == failed(code, detail))
        }
    }

    @Test(arguments: [("expired", "the certificate expired "), ("future", "the certificate becomes valid only in ")])
    func certificateOutsideItsTimeIsRefused(certificate: String, beginning: String) throws {
        try withServer(certificate) { fixture, server in
            guard case .failed(let failure) = try handshake(port: server.port, settings: fixture.settings()) else {
                Issue.record("accepted")
                return
            }
            #expect(failure.code == .tlsExpired)
            #expect(failure.detail.hasPrefix(beginning))
        }
    }

    @Test(arguments: [("good", "127.0.0.1"), ("good", "localhost"), ("good", "localhost."), ("chain", "localhost")])
    func rightCertificateIsAccepted(certificate: String, name: String) throws {
        let options = certificate == "chain" ? ["-cert_chain", "chain.pem"] : []
        try withServer(certificate, options) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(), name: name)
            #expect(state == Self.open)
        }
    }

    @Test func serverThatDemandsACertificateGetsIt() throws {
        try withServer("good", ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"]) { fixture, server in
            var answer = ""
            let state = try handshake(port: server.port, settings: fixture.settings(client: "client")) {
                answer = $0.exchange("GET / HTTP/1.0\r\n\r\n", over: $1)
            }
            #expect(state == .closed(isClean: true))
            #expect(answer.hasPrefix("HTTP/1.0 200 ok\r\n"))
        }
    }

    @Test(arguments: [
        ("-tls1_3", nil, "the server asks for a client certificate (alert certificate required)"),
        ("-tls1_2", nil, "TLS handshake: alert handshake failure"),
        ("-tls1_3", "unknown", "the server does not trust the client certificate (alert unknown ca)"),
        ("-tls1_2", "unknown", "the server does not trust the client certificate (alert unknown ca)"),
    ])
    func refusalOfTheClientIsSaidClearly(version: String, client: String?, detail: String) throws {
        let options = [version, "-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"]
        try withServer("good", options) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(client: client)) {
                _ = $0.exchange("GET / HTTP/1.0\r\n\r\n", over: $1)
            }
            #expect(state == failed(.tlsHandshake, detail))
        }
    }

    @Test(arguments: [
        (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], FailoverCore.TLSVersion.tls12), (["-tls1_2"], .tls13),
    ])
    func oldVersionIsRefused(options: [String], minimum: FailoverCore.TLSVersion) throws {
        try withServer("good", options) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(minimum: minimum))
            let detail = "the server speaks no version of TLS that is allowed here (alert protocol version)"
            #expect(state == failed(.tlsHandshake, detail))
        }
    }

    @Test(arguments: [
        (ApplicationProtocols.none, nil), (.http1, "http/1.1"), (.http2, "h2"), (.http1OrHTTP2, "h2"),
    ])
    func applicationProtocolIsAgreedOn(protocols: ApplicationProtocols, expected: String?) throws {
        try withServer("good", ["-alpn", "h2,http/1.1"]) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(), protocols: protocols)
            #expect(state == .open(applicationProtocol: expected))
        }
    }

    @Test func noCommonApplicationProtocolIsAFailure() throws {
        try withServer("good", ["-alpn", "http/1.1"]) { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings(), protocols: .http2)
            let detail =
                "the server speaks none of the offered application protocols (alert no application protocol)"
            #expect(state == failed(.protocolMismatch, detail))
        }
    }

    @Test func connectionThatEndsWithoutGoodbyeIsNotClean() throws {
        try withServer { fixture, server in
            let state = try handshake(port: server.port, settings: fixture.settings()) { wire, session in
                server.stop()
                while case .open = session.state { wire.receive(into: session) }
            }
            #expect(state == .closed(isClean: false))
        }
    }

    @Test func serverWithoutTLSIsToldApart() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let server = try RawServer { connection in
            connection.waitForBytes()
            connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.finish()
        }
        defer { server.stop() }
        let state = try handshake(port: server.port, settings: fixture.settings())
        #expect(state == failed(.tlsHandshake, "the server does not speak TLS (wrong version number)"))
    }

    @Test func endDuringTheHandshakeIsAFailure() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let server = try RawServer {
            $0.waitForBytes()
            $0.finish()
        }
        defer { server.stop() }
        let state = try handshake(port: server.port, settings: fixture.settings())
        let detail = "the connection ended during the TLS handshake (eof during handshake)"
        #expect(state == failed(.tlsHandshake, detail))
    }

    @Test func impossibleNameIsAFailureAtTheStart() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let context = try TLSContexts().context(for: TLSContextKey(fixture.settings(), protocols: .none)).get()
        let name = String(repeating: "a", count: 256)
        let session = TLSSession(context: context, serverName: name, loop: SessionLoop(wallSeconds: { 0 }))
        session.start()
        #expect(session.state == failed(.tlsHandshake, "\(name) cannot be the name of a TLS server"))
    }

    /// The server's first answers with one byte changed, at every place of the first records and beyond.
    @Test func changedBytesEndInAFailure() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let context = try TLSContexts().context(for: TLSContextKey(fixture.settings(), protocols: .none)).get()
        let server = try OpenSSLServer(
            certificate: fixture.path("good.pem"),
            key: fixture.path("good.key"),
            in: fixture.directory
        )
        defer { server.stop() }
        let loop = SessionLoop(wallSeconds: { 0 })
        // The first three bytes are the record's type and a version that clients do not look at.
        for place in Array(stride(from: 3, to: 200, by: 7)) {
            let session = TLSSession(context: context, serverName: "localhost", loop: loop)
            let wire = try Wire(port: server.port)
            defer { wire.close() }
            session.start()
            wire.send(from: session)
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = recv(wire.descriptor, &bytes, bytes.count, 0)
            #expect(count > place)
            bytes[place] ^= 0x55
            bytes[..<count].withUnsafeBytes { session.receive($0) }
            session.receiveEnd()
            guard case .failed = session.state else {
                Issue.record("byte \(place): \(session.state)")
                continue
            }
        }
    }

    @Test func garbageEndsInAFailure() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let context = try TLSContexts().context(for: TLSContextKey(fixture.settings(), protocols: .none)).get()
        let loop = SessionLoop(wallSeconds: { 0 })
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let session = TLSSession(context: context, serverName: "localhost", loop: loop)
            session.start()
            var bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Half of it looks like a record of the handshake at first.
            if Bool.random(using: &random) { bytes.insert(contentsOf: [22, 3, 3, 0, 64], at: 0) }
            bytes.withUnsafeBytes { session.receive($0) }
            session.receiveEnd()
            guard case .failed(let failure) = session.state else {
                Issue.record("\(session.state)")
                continue
            }
            #expect(failure.code == .tlsHandshake)
        }
    }
}
