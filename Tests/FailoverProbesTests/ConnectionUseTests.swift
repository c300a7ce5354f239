import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverProbes

extension Probing {
    /// Kept connections, tripwires and HTTP/2, each with a real server.
    @Suite struct ConnectionUseTests {
        /// A server that answers request after request, and says how many connections it saw.
        private final class KeepingServer: Sendable {
            let connections = NIOLockedValueBox(0)
            let requests = Collected<String>()
            let server: RawServer

            /// `answers` requests are answered on each connection, which then ends without a word.
            init(answers: Int = .max) throws {
                server = try RawServer { [connections, requests] connection in
                    connections.withLockedValue { $0 += 1 }
                    for _ in 0..<answers {
                        let request = connection.readRequest()
                        guard !request.isEmpty else { return }
                        requests.append(request)
                        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    }
                }
            }

            var counted: Int { connections.withLockedValue { $0 } }
        }

        private func reusing(_ port: Int, freshEvery: Int) -> ProbeConfiguration {
            ProbeConfiguration(
                request: http(port),
                timeouts: .generous,
                connection: ConnectionSettings(use: .reuse(freshEvery: freshEvery)),
                latencyObjective: nil
            )
        }

        @Test func aKeptConnectionServesSeveralProbesAndEveryNthIsFresh() async throws {
            let keeping = try KeepingServer()
            defer { keeping.server.stop() }
            let probe = reusing(keeping.server.port, freshEvery: 4)
            let observations = try await observe(probe, attempts: 9, together: false)
            #expect(observations.map(\.outcome) == Array(repeating: .success, count: 9))
            let reused = observations.map { $0.connection?.isReused }
            #expect(reused == [false, true, true, true, false, true, true, true, false])
            #expect(keeping.counted == 3)
            #expect(keeping.requests.all.allSatisfy { $0.contains("Connection: keep-alive\r\n") })
        }

        @Test func attemptsAtTheSameTimeHaveConnectionsOfTheirOwn() async throws {
            let keeping = try KeepingServer()
            defer { keeping.server.stop() }
            let probe = reusing(keeping.server.port, freshEvery: 100)
            let observations = try await observe(probe, attempts: 3)
            #expect(observations.map(\.outcome) == Array(repeating: .success, count: 3))
            #expect(observations.map { $0.connection?.isReused } == [false, false, false])
        }

        @Test func aKeptConnectionThatTheServerClosedIsReplacedWithoutAFailure() async throws {
            let keeping = try KeepingServer(answers: 1)
            defer { keeping.server.stop() }
            let observations = try await observe(
                reusing(keeping.server.port, freshEvery: 100),
                attempts: 5,
                together: false
            )
            // Whether the end is seen before the next request or after it, the probe goes on with a fresh connection.
            #expect(observations.map(\.outcome) == Array(repeating: .success, count: 5))
            #expect(keeping.requests.all.count == 5)
        }

        @Test func freshConnectionsAreClosedByTheServerAndNotKept() async throws {
            let keeping = try KeepingServer()
            defer { keeping.server.stop() }
            let observations = try await observe(
                .test(http(keeping.server.port)),
                attempts: 3,
                together: false
            )
            #expect(observations.map { $0.connection?.isReused } == [false, false, false])
            #expect(keeping.requests.all.allSatisfy { $0.contains("Connection: close\r\n") })
        }

        @Test func aTripwireThatBreaksStartsTheNextProbeAtOnce() async throws {
            // The first connection is the probe's, the second one the tripwire's, which breaks at once.
            let served = NIOLockedValueBox(0)
            let server = try RawServer { connection in
                let number = served.withLockedValue { number in
                    number += 1
                    return number
                }
                guard number != 2 else { return }
                guard !connection.readRequest().isEmpty else { return }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
            defer { server.stop() }
            let finished = AsyncStream.makeStream(of: Observation.self)
            let service = try ProbeService(loops: 1, clocks: .test, seed: 1) { events in
                for case .finished(let observation) in events { finished.continuation.yield(observation) }
            }
            let probe = ProbeConfiguration(
                request: http(server.port),
                interval: .seconds(3600),
                timeouts: .generous,
                connection: ConnectionSettings(tripwire: true),
                latencyObjective: nil
            )
            service.apply([EndpointConfiguration(name: "a", region: "r", publicURL: "http://a", probes: [probe])])
            service.probeNow(ProbeKey(endpoint: "a"), source: .confirm)
            var sources: [ProbeSource] = []
            for await observation in finished.stream {
                #expect(observation.outcome == .success)
                sources.append(observation.source)
                if sources.count == 2 { break }
            }
            // The second one is nobody's order and due only in an hour: the tripwire's.
            #expect(sources == [.confirm, .probe])
            await service.shutdown()
        }

        @Test func theFamilyThatDidNotAnswerComesSecondForAWhile() {
            let v6 = ["2001:db8::1", "2001:db8::2"].compactMap { IPAddress($0) }
            let v4 = ["192.0.2.1", "192.0.2.2"].compactMap { IPAddress($0) }
            var order = AddressOrder()
            let now = MonotonicInstant.seconds(0)
            #expect(order.arranged(v4 + v6, source: nil, at: now) == [v6[0], v4[0], v6[1], v4[1]])
            order.won(by: .ipv4, over: .ipv6, at: now)
            #expect(order.failedFamily == .ipv6)
            #expect(order.arranged(v6 + v4, source: nil, at: .seconds(599)) == [v4[0], v6[0], v4[1], v6[1]])
            #expect(order.arranged(v6 + v4, source: nil, at: .seconds(601)) == [v6[0], v4[0], v6[1], v4[1]])
            order.won(by: .ipv6, over: nil, at: .seconds(602))
            #expect(order.failedFamily == nil)
            #expect(order.arranged(v6 + v4, source: IPAddress("192.0.2.9"), at: .seconds(603)) == v4)
            #expect(order.arranged(v6, source: IPAddress("192.0.2.9"), at: .seconds(603)) == [])
            let many = (1...20).compactMap { IPAddress("192.0.2.\($0)") }
            #expect(order.arranged(many, source: nil, at: .seconds(604)) == Array(many.prefix(8)))
        }
    }
}
