import FailoverCore
import Foundation
import NIOSSL
import Testing

@testable import FailoverProbes

struct TLSContextsTests {
    private func failure(_ settings: TLSSettings) -> ProbeDefect? {
        switch TLSContexts().context(for: TLSContextKey(settings, protocols: .http1)) {
        case .success: nil
        case .failure(let failure): failure
        }
    }

    @Test func faultOfAFileIsNamedInOneLine() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let path = fixture.path
        func client(_ certificate: String, _ key: String) -> TLSSettings {
            TLSSettings(
                clientCertificate: ClientCertificate(certificateFile: path(certificate), keyFile: path(key))
            )
        }
        let cases: [(TLSSettings, String)] = [
            (TLSSettings(caFile: path("none.pem")), "CA file \(path("none.pem")): No such file or directory"),
            (TLSSettings(caFile: path("garbage.pem")), "CA file \(path("garbage.pem")): no certificate in PEM format"),
            (client("none.pem", "client.key"), "certificate file \(path("none.pem")): No such file or directory"),
            (
                client("client.key", "client.key"),
                "certificate file \(path("client.key")): no certificate in PEM format"
            ),
            (client("client.pem", "none.key"), "key file \(path("none.key")): No such file or directory"),
            (client("client.pem", "client.pem"), "key file \(path("client.pem")): no private key in PEM format"),
            (
                client("client.pem", "encrypted.key"),
                "key file \(path("encrypted.key")): the key is encrypted, and a passphrase is not supported"
            ),
            (
                client("client.pem", "good.key"),
                "key file \(path("good.key")): the key does not belong to the certificate in \(path("client.pem"))"
            ),
        ]
        for (settings, detail) in cases {
            var settings = settings
            if settings.caFile == nil {
                settings = TLSSettings(
                    caFile: fixture.certificates.authority,
                    clientCertificate: settings.clientCertificate
                )
            }
            #expect(failure(settings) == ProbeDefect(detail: detail))
        }
        #expect(failure(fixture.settings(client: "client")) == nil)
    }

    @Test func contextIsMadeOnceUntilTheFilesAreReadAgain() throws {
        let fixture = try TLSFixture()
        defer { fixture.remove() }
        let contexts = TLSContexts()
        let key = TLSContextKey(fixture.settings(), protocols: .http1)
        let first = try contexts.context(for: key).get()
        #expect(try contexts.context(for: key).get() === first)
        try fixture.directory.write("broken\n", to: "ca.pem")
        #expect(try contexts.context(for: key).get() === first)
        contexts.reload([key])
        let detail = "CA file \(fixture.certificates.authority): no certificate in PEM format"
        #expect(throws: ProbeDefect(detail: detail)) { try contexts.context(for: key).get() }
    }

    @Test func keySaysWhatARequestNeeds() {
        let tls = TLSSettings(caFile: "/ca.pem", serverName: "a.example", warnBefore: .seconds(1))
        let address = HostPort(host: "b.example", port: 443)
        let plain = TLSSettings(caFile: "/ca.pem")
        let cases: [(ProbeRequest, TLSContextKey?)] = [
            (.tcp(TCPProbe(address: address)), nil),
            (.http(HTTPProbe(address: address)), nil),
            (.tls(TLSProbe(address: address, tls: tls)), TLSContextKey(plain, protocols: .none)),
            (.http(HTTPProbe(address: address, tls: tls)), TLSContextKey(plain, protocols: .http1OrHTTP2)),
            (.http(HTTPProbe(address: address, tls: tls, version: .http1)), TLSContextKey(plain, protocols: .http1)),
            (.http(HTTPProbe(address: address, tls: tls, version: .http2)), TLSContextKey(plain, protocols: .http2)),
        ]
        for (request, key) in cases { #expect(TLSContextKey(request) == key) }
    }
}
