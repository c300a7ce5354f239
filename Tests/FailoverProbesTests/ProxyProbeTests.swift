import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverProbes

extension Probing {
    /// What a proxy says, and against whom it counts; a real proxy is used from end to end elsewhere.
    @Suite struct ProxyProbeTests {
        private static let secret = "probe:s3cr3t"

        private func probe(
            through port: Int,
            credentialFile: String? = nil,
            timeouts: ProbeTimeouts = .generous
        )
            -> ProbeConfiguration
        {
            let proxy = ProxySettings(
                address: HostPort(host: "127.0.0.1", port: port),
                credentialFile: credentialFile
            )
            return ProbeConfiguration(
                request: http(80, host: "endpoint.example"),
                timeouts: timeouts,
                connection: ConnectionSettings(proxy: proxy),
                latencyObjective: nil
            )
        }

        /// A proxy that wants the credentials, and is the endpoint as well.
        private func proxy(_ requests: Collected<String>) throws -> RawServer {
            try RawServer { connection in
                let request = connection.readRequest()
                requests.append(request)
                let wanted = "Proxy-Authorization: Basic " + Data(Self.secret.utf8).base64EncodedString() + "\r\n"
                guard request.lowercased().contains(wanted.lowercased()) else {
                    connection.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                    return connection.finish()
                }
                connection.write("HTTP/1.1 200 Connection established\r\n\r\n")
                requests.append(connection.readRequest())
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }

        @Test func aTunnelIsAskedForWithTheCredentialsOfTheFile() async throws {
            let requests = Collected<String>()
            let server = try proxy(requests)
            let directory = try TemporaryDirectory()
            defer {
                server.stop()
                directory.remove()
            }
            try directory.write(Self.secret + "\n", to: "credentials")
            let observation = await observe(probe(through: server.port, credentialFile: directory.path("credentials")))
            #expect(Judgement(observation) == .succeeded(.connected, .requestWritten, .firstByte, .lastByte))
            #expect(requests.all.first?.hasPrefix("CONNECT endpoint.example:80 HTTP/1.1\r\n") == true)
            #expect(requests.all.last?.hasPrefix("GET / HTTP/1.1\r\n") == true)
        }

        @Test func missingAndWrongCredentialsAreOurs() async throws {
            let server = try proxy(Collected<String>())
            let directory = try TemporaryDirectory()
            defer {
                server.stop()
                directory.remove()
            }
            try directory.write("probe:wr0ng", to: "wrong")
            try directory.write("no colon here", to: "broken")
            for file in [nil, directory.path("wrong")] {
                let observation = await observe(probe(through: server.port, credentialFile: file))
                #expect(observation.outcome == .misconfigured(.localProxy))
                #expect(observation.detail?.contains("wr0ng") == false)
            }
            let broken = await observe(probe(through: server.port, credentialFile: directory.path("broken")))
            #expect(broken.outcome == .inconclusive(.localConfiguration))
            #expect(broken.detail?.contains("no colon") == false)
        }

        @Test(arguments: [
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", Outcome.failure(.proxyFailed, isTimeout: false)),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", .misconfigured(.localProxy)),
            ("SSH-2.0-OpenSSH_9.2\r\n", .inconclusive(.localProxy)),
            ("", .inconclusive(.localProxy)),
        ])
        func whatAProxyAnswersCountsAgainstTheOneItConcerns(_ answer: String, _ outcome: Outcome) async throws {
            let server = try RawServer { connection in
                connection.readRequest()
                connection.write(answer)
                connection.finish()
            }
            defer { server.stop() }
            #expect(await observe(probe(through: server.port)).outcome == outcome)
        }

        @Test func aProxyThatIsNotThereOrResetsIsOurs() async throws {
            let resetting = try RawServer {
                $0.waitForBytes()
                $0.resetOnClose()
            }
            defer { resetting.stop() }
            #expect(await observe(probe(through: resetting.port)).outcome == .inconclusive(.localProxy))
            #expect(await observe(probe(through: try Listener.freePort())).outcome == .inconclusive(.localProxy))
        }

        @Test func aTunnelThatDoesNotComeAboutIsTheEndpoints() async throws {
            let silent = try RawServer { $0.waitUntilClosed() }
            defer { silent.stop() }
            let observation = await observe(
                probe(through: silent.port, timeouts: ProbeTimeouts(connect: .milliseconds(150)))
            )
            #expect(observation.outcome == .failure(.proxyFailed, isTimeout: true))
        }
    }

    /// A daemon that stood still cannot tell how long an answer took.
    @Suite struct PauseTests {
        @Test(arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        ])
        func whatWasUnderWayInAPauseSaysNothing(_ answer: String) async throws {
            let jump = NIOLockedValueBox(Duration.zero)
            let clocks = ProbeClocks(monotonic: { monotonicNow() + jump.withLockedValue { $0 } }, wallSeconds: { 0 })
            let server = try RawServer { connection in
                connection.readRequest()
                jump.withLockedValue { $0 = .seconds(30) }
                connection.write(answer)
                connection.finish()
            }
            defer { server.stop() }
            let probe = ProbeConfiguration.test(http(server.port))
            let observation = try await ProbeService.probeOnce(probe, of: "endpoint", clocks: clocks)
            #expect(observation.outcome == .inconclusive(.localStalled))
            #expect(observation.latency == nil)
        }
    }
}
