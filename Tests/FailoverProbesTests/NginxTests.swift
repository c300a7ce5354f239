import FailoverCore
import FailoverProbes
import Foundation
import Testing

extension Probing {
    @Suite struct NginxTests {
        @Test func plainAnswersAreJudgedByStatusAndBody() async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            let answered: Set<Judgement.Phase> = [.connected, .requestWritten, .firstByte, .lastByte]
            let success = Judgement(.success, hasLatency: true, phases: answered)
            let rejected: Set<Judgement.Phase> = [.connected, .requestWritten, .firstByte]
            let up: BodyExpectation = .json(pointer: "/nodes/0/up", equals: .bool(true))
            let load: BodyExpectation = .json(pointer: "/nodes/0/load", equals: .number(2))

            #expect(await judge(http(nginx.port)) == success)
            #expect(await judge(http(nginx.port, method: "HEAD")) == success)
            #expect(await judge(http(nginx.port, "/empty")) == success)
            #expect(await judge(http(nginx.port, expect: HTTPExpectation(body: [.contains("hello")]))) == success)
            #expect(await judge(http(nginx.port, expect: HTTPExpectation(body: [.regex("h.l+o")]))) == success)
            #expect(await judge(http(nginx.port, "/json", expect: HTTPExpectation(body: [up]))) == success)
            #expect(
                await judge(http(nginx.port, "/moved", expect: HTTPExpectation(statuses: [200...200, 301...301])))
                    == success
            )
            #expect(await judge(http(nginx.port, "/busy", expect: HTTPExpectation(statuses: [429...429]))) == success)
            #expect(
                await judge(http(nginx.port, "/down"))
                    == Judgement(.failure(.http(503), isTimeout: false), hasLatency: false, phases: rejected)
            )
            #expect(
                await judge(http(nginx.port, "/moved"))
                    == Judgement(.failure(.http(301), isTimeout: false), hasLatency: false, phases: rejected)
            )
            #expect(
                await judge(http(nginx.port, "/busy"))
                    == Judgement(.throttled(.http(429)), hasLatency: false, phases: rejected)
            )
            let mismatch = await observe(http(nginx.port, "/json", expect: HTTPExpectation(body: [up, load])))
            #expect(
                Judgement(mismatch)
                    == Judgement(.failure(.bodyMismatch, isTimeout: false), hasLatency: false, phases: answered)
            )
            #expect(mismatch.detail == #"JSON at "/nodes/0/load" is 1.0, expected 2.0"#)
            #expect(await observe(http(nginx.port, "/down")).detail == "status 503, expected 200-299")
            #expect(await judge(tcp(nginx.port)) == .succeeded(.connected))
            // Plain HTTP to a port that speaks TLS, and the other way round.
            let tlsPort = try #require(nginx.tlsPorts[.good])
            #expect(await judge(http(tlsPort)).outcome == .failure(.http(400), isTimeout: false))
            let confused = await observe(http(nginx.port, tls: TLSSettings()))
            #expect(Judgement(confused) == .failed(.tlsHandshake, .connected))
            #expect(confused.detail == "the server does not speak TLS (wrong version number)")
        }

        @Test(arguments: ["TLSv1.2", "TLSv1.3"]) func certificatesAreVerified(_ version: String) async throws {
            let nginx = try await Nginx.start(tlsVersion: version)
            defer { nginx.stop() }
            let trust = TLSSettings(caFile: nginx.certificates.authority)
            func observation(
                _ kind: Certificates.Kind,
                _ host: String,
                _ trust: TLSSettings
            ) async throws -> Observation {
                await observe(http(try #require(nginx.tlsPorts[kind]), "/sni", host: host, tls: trust))
            }
            let secured: Set<Judgement.Phase> = [.connected, .secured, .requestWritten, .firstByte, .lastByte]

            let literal = try await observation(.good, "127.0.0.1", trust)
            #expect(Judgement(literal) == Judgement(.success, hasLatency: true, phases: secured))
            let named = try await observation(.good, "localhost", trust)
            #expect(Judgement(named) == Judgement(.success, hasLatency: true, phases: secured.union([.resolved])))

            let cases: [(Certificates.Kind, ReasonCode, String)] = [
                (.wrongName, .tlsNameMismatch, "the certificate is not for localhost"),
                (.unknown, .tlsUntrusted, "the certificate does not lead to a trusted root"),
                (.selfSigned, .tlsUntrusted, "the certificate does not lead to a trusted root"),
            ]
            for (kind, code, detail) in cases {
                let observation = try await observation(kind, "localhost", trust)
                #expect(Judgement(observation) == .failed(code, .resolved, .connected), "\(kind)")
                #expect(observation.detail == detail)
            }
            for (kind, detail) in [(Certificates.Kind.expired, "expired"), (.future, "becomes valid only in")] {
                let observation = try await observation(kind, "localhost", trust)
                #expect(Judgement(observation) == .failed(.tlsExpired, .resolved, .connected), "\(kind)")
                #expect(observation.detail?.contains(detail) == true, "\(observation.detail ?? "")")
            }
            let wrongAddress = try await observation(.wrongName, "127.0.0.1", trust)
            #expect(Judgement(wrongAddress) == .failed(.tlsNameMismatch, .connected))
            // The system's roots do not know the test's authority.
            let system = try await observation(.good, "127.0.0.1", TLSSettings())
            #expect(
                [.failed(.tlsUntrusted, .connected), .inconclusive(.localConfiguration)].contains(Judgement(system))
            )
        }

        @Test func aTLSProbeIsContentWithAVerifiedCertificate() async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            func judgement(_ kind: Certificates.Kind, minimum: TLSVersion = .tls12) async throws -> Judgement {
                let address = HostPort(host: "127.0.0.1", port: try #require(nginx.tlsPorts[kind]))
                let trust = TLSSettings(caFile: nginx.certificates.authority, minimumVersion: minimum)
                return await judge(.tls(TLSProbe(address: address, tls: trust)))
            }
            #expect(try await judgement(.good) == .succeeded(.connected, .secured))
            #expect(try await judgement(.good, minimum: .tls13) == .succeeded(.connected, .secured))
            #expect(try await judgement(.expired) == .failed(.tlsExpired, .connected))
            #expect(try await judgement(.wrongName) == .failed(.tlsNameMismatch, .connected))
            #expect(try await judgement(.unknown) == .failed(.tlsUntrusted, .connected))
        }

        @Test func anOldVersionOfTLSIsRefusedIfANewerOneIsAskedFor() async throws {
            let nginx = try await Nginx.start(tlsVersion: "TLSv1.2")
            defer { nginx.stop() }
            let port = try #require(nginx.tlsPorts[.good])
            let trust = TLSSettings(caFile: nginx.certificates.authority, minimumVersion: .tls13)
            #expect(await judge(http(port, tls: trust)) == .failed(.tlsHandshake, .connected))
        }

        @Test func http2IsSpokenAtOnceWithoutTLSAndOnAKeptConnection() async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            func probe(_ port: Int) -> ProbeConfiguration {
                ProbeConfiguration(
                    request: .http(
                        HTTPProbe(
                            address: HostPort(host: "127.0.0.1", port: port),
                            target: "/version",
                            version: .http2,
                            expect: HTTPExpectation(body: [.contains("HTTP/2.0")])
                        )
                    ),
                    timeouts: .generous,
                    connection: ConnectionSettings(use: .reuse(freshEvery: 100)),
                    latencyObjective: nil
                )
            }
            let observations = try await observe(probe(nginx.http2Port), attempts: 4, together: false)
            #expect(observations.map(\.outcome) == Array(repeating: .success, count: 4))
            #expect(observations.map { $0.connection?.http } == Array(repeating: .http2, count: 4))
            #expect(observations.map { $0.connection?.isReused } == [false, true, true, true])
            // A server of HTTP/1.1 answers the preface in its own way, which is no answer to HTTP/2.
            let confused = try await observe(probe(nginx.port))[0]
            #expect(Judgement(confused).outcome == .failure(.protocolMismatch, isTimeout: false))
        }

        @Test func theServerNameAndTheProtocolAreAnnounced() async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            let port = try #require(nginx.tlsPorts[.good])
            let trust = TLSSettings(caFile: nginx.certificates.authority)
            func mismatch(_ text: String, host: String) async -> String? {
                let expect = HTTPExpectation(body: [.contains(text)])
                return await observe(http(port, "/sni", host: host, tls: trust, expect: expect)).detail
            }
            #expect(await mismatch("localhost|TLSv1.3|http/1.1|localhost:\(port)", host: "localhost") == nil)
            #expect(await mismatch("|TLSv1.3|http/1.1|127.0.0.1:\(port)", host: "127.0.0.1") == nil)
        }

        @Test(arguments: ["missing.pem", "garbage.pem"]) func anUnusableCAFileIsOurOwnFault(_ name: String) async throws
        {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            try directory.write("not a certificate", to: "garbage.pem")
            let port = try Listener.freePort()
            let file = directory.path(name)
            let observation = await observe(http(port, tls: TLSSettings(caFile: file)))
            #expect(Judgement(observation) == .inconclusive(.localConfiguration))
            #expect(observation.detail?.hasPrefix("CA file ") == true, "\(observation.detail ?? "")")
        }
    }
}
