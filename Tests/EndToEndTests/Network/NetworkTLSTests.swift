import FailoverWire
import Foundation
import TestSupport
import Testing

/// Certificates of both sides, and versions of HTTP, against a real nginx.
@Suite(.serialized) struct NetworkTLSTests {
    @Test(.timeLimit(.minutes(3)))
    func eachKindOfTLSEndpointIsJudgedByWhatItShows() async throws {
        try await withStage { stage in
            let certificates = try DatedCertificates(on: stage)
            let good = try certificates.issue("good", for: "IP:127.0.0.1")
            let named = try certificates.issue("named", for: "DNS:svc.internal")
            let expired = try certificates.issue("expired", for: "IP:127.0.0.1", daysAgo: 30, daysLeft: -1)
            let client = try certificates.issue("client", for: "DNS:prober.internal")
            func block(
                _ port: Int,
                _ issued: DatedCertificates.Issued,
                _ more: String = "",
                listen: String = ""
            ) -> String {
                "listen 127.0.0.1:\(port) ssl\(listen); ssl_certificate \(issued.certificate); "
                    + "ssl_certificate_key \(issued.key); \(more)"
            }
            let kinds = ["plain", "mutual", "second", "named", "expired"]
            let ports = try Dictionary(uniqueKeysWithValues: kinds.map { ($0, try freePort()) })
            func port(_ kind: String) -> Int { ports[kind] ?? 0 }
            let ask = "ssl_verify_client on; ssl_client_certificate \(certificates.authority);"
            let server = try WebServer(
                "web",
                on: stage,
                ports: Array(ports.values),
                servers: [
                    block(port("plain"), good), block(port("mutual"), good, ask),
                    block(port("second"), good, listen: " http2"), block(port("named"), named),
                    block(port("expired"), expired),
                ]
            )
            _ = try await server.start()
            func endpoint(_ name: String, _ kind: String, tls: String = "", probe: String = "") -> Setup.Endpoint {
                let trust = "ca_file: \(certificates.authority)\(tls)"
                return .init(
                    name: name,
                    url: "https://127.0.0.1:\(port(kind))",
                    more: ", probe: { tls: { \(trust) }\(probe) }"
                )
            }
            let shown = ", certificate_file: \(client.certificate), key_file: \(client.key)"
            var setup = Setup.network([
                endpoint("plain", "plain"),
                endpoint("mutual", "mutual", tls: shown),
                endpoint("mutual-bare", "mutual"),
                endpoint("second", "second"),
                endpoint("second-refused", "second", probe: ", http_version: \"1.1\""),
                endpoint("second-wanted", "plain", probe: ", http_version: \"2\""),
                endpoint("named", "named", tls: ", server_name: svc.internal"),
                endpoint("named-bare", "named"),
                endpoint("expired", "expired"),
                .init(name: "untrusted", url: "https://127.0.0.1:\(port("plain"))"),
            ])
            setup.routes = setup.endpoints.map { .init(name: $0.name, endpoints: [$0.name, "plain"]) }
            setup.routes[0] = .init(name: "plain", endpoints: ["plain"])
            try stage.configure(setup)
            _ = try await stage.runDaemon()
            let well = ["plain", "mutual", "second", "second-refused", "named"]
            let view = try await stage.view("each is judged") { view in
                view.endpoints.allSatisfy { $0.value.verdict == (well.contains($0.key) ? "healthy" : "unhealthy") }
            }
            let spoken = Dictionary(uniqueKeysWithValues: well.map { ($0, view.connection(of: $0)?.http) })
            #expect(
                spoken == [
                    "plain": "1.1", "mutual": "1.1", "second": "2", "second-refused": "1.1", "named": "1.1",
                ]
            )
            #expect(well.allSatisfy { view.connection(of: $0)?.certificate?.expiresSoon == false })
            for (name, finding) in [
                ("mutual-bare", "http_400"), ("second-wanted", "protocol_mismatch"),
                ("named-bare", "tls_name_mismatch"),
                ("expired", "tls_expired"), ("untrusted", "tls_untrusted"),
            ] {
                #expect(try Set(badFindings(of: name, on: name, stage)) == [finding], "\(name)")
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func aCertificateThatExpiresSoonIsToldOnceAndConvictsNobody() async throws {
        try await withStage { stage in
            let certificates = try DatedCertificates(on: stage)
            let port = try freePort()
            let issued = try certificates.issue("soon", for: "IP:127.0.0.1", daysAgo: 25, daysLeft: 5)
            let server = try WebServer(
                "web",
                on: stage,
                ports: [port],
                servers: [
                    "listen 127.0.0.1:\(port) ssl; ssl_certificate \(issued.certificate); "
                        + "ssl_certificate_key \(issued.key);"
                ]
            )
            _ = try await server.start()
            try stage.configure(
                .network(
                    [.init(name: "a", url: "https://127.0.0.1:\(port)")],
                    probe: "tls: { ca_file: \(certificates.authority) }"
                )
            )
            _ = try await stage.runDaemon()
            try await stage.view("it is told") { view in
                view.areAllHealthy && view.connection(of: "a")?.certificate?.expiresSoon == true
            }
            try await server.answers(10)
            #expect(try stage.events(of: "certificate") == ["a: certificate_expiring"])
            #expect(try stage.convictions() == [])
            let view = try StateView(ofFile: stage.place.stateFile)
            #expect(view.areAllHealthy)
            #expect(view.bad("availability", of: "a") == 0)
        }
    }
}
