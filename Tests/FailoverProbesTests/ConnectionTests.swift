import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverProbes

extension Probing {
    @Suite struct ConnectionTests {
        @Test func refusedConnectionIsAFailure() async throws {
            let port = try Listener.freePort()
            #expect(await judge(http(port)) == .failed(.connectRefused))
            #expect(await judge(http(port, tls: TLSSettings())) == .failed(.connectRefused))
            let observation = await observe(tcp(port))
            #expect(Judgement(observation) == .failed(.connectRefused))
            #expect(observation.detail == "127.0.0.1:\(port): Connection refused")
        }

        @Test func anEstablishedConnectionIsAllThatTCPWants() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            #expect(await judge(tcp(server.port)) == .succeeded(.connected))
            #expect(await judge(tcp(server.port, host: "localhost")) == .succeeded(.resolved, .connected))
        }

        @Test func anUnansweredConnectionTimesOut() async throws {
            let listener = try Listener(backlog: 0)
            let connections = try listener.fillBacklog()
            defer {
                for connection in connections { close(connection) }
                listener.stop()
            }
            #expect(
                await judge(tcp(listener.port), timeouts: ProbeTimeouts(connect: .milliseconds(150)))
                    == .timedOut(.connectTimeout)
            )
            #expect(
                await judge(tcp(listener.port), timeouts: ProbeTimeouts(total: .milliseconds(150)))
                    == .timedOut(.totalTimeout)
            )
        }

        @Test func aNetworkThatCannotBeReachedIsOurs() async throws {
            // The kernel never routes a stream to the broadcast address, so nothing leaves the machine.
            #expect(await judge(tcp(9, host: "255.255.255.255")) == .inconclusive(.localNetwork))
        }

        @Test(arguments: [
            (ECONNREFUSED, Outcome.failure(.connectRefused, isTimeout: false)),
            (ECONNRESET, .failure(.connectReset, isTimeout: false)),
            (EHOSTUNREACH, .failure(.connectUnreachable, isTimeout: false)),
            (ETIMEDOUT, .failure(.connectTimeout, isTimeout: true)),
            (EINVAL, .failure(.connectFailed, isTimeout: false)),
            (ENETUNREACH, .inconclusive(.localNetwork)),
            (ENETDOWN, .inconclusive(.localNetwork)),
            (EACCES, .inconclusive(.localNetwork)),
            (EPERM, .inconclusive(.localNetwork)),
            (EADDRNOTAVAIL, .inconclusive(.localPorts)),
            (EMFILE, .inconclusive(.localDescriptors)),
            (ENFILE, .inconclusive(.localDescriptors)),
            (ENOMEM, .inconclusive(.localMemory)),
            (ENOBUFS, .inconclusive(.localMemory)),
        ])
        func errorsOfTheSystemAreSortedIntoTheirsAndOurs(_ errno: CInt, _ outcome: Outcome) throws {
            let address = try #require(IPAddress("127.0.0.1"))
            let failure = ProbeFailure(connecting: SystemError(.connect, code: errno), to: address, port: 80)
            #expect(failure.outcome == outcome)
        }
    }

    @Suite struct NetworkAnswerTests {
        /// What the system refuses is ours; the same number from a router is not.
        @Test(arguments: [ENETUNREACH, EACCES, EPERM, EHOSTUNREACH])
        func whatARouterAnswersIsTheEndpoints(_ errno: CInt) throws {
            let address = try #require(IPAddress("2001:db8::1"))
            let failure = ProbeFailure(connecting: SystemError(.handshake, code: errno), to: address, port: 80)
            #expect(failure.outcome == .failure(.connectUnreachable, isTimeout: false))
        }

        @Test func anAddressOfAnotherMachineCannotBeSpokenFrom() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            func judgement(from source: String) async -> Judgement {
                let probe = ProbeConfiguration(
                    request: tcp(server.port),
                    timeouts: .generous,
                    connection: ConnectionSettings(sourceAddress: source),
                    latencyObjective: nil
                )
                return Judgement(await observe(probe))
            }
            #expect(await judgement(from: "127.0.0.9") == .succeeded(.connected))
            #expect(await judgement(from: "192.0.2.1") == .inconclusive(.localNetwork))
            #expect(await judgement(from: "::1") == .inconclusive(.localConfiguration))
        }
    }

    @Suite struct ResolveTests {
        private func probe(_ port: Int, timeouts: ProbeTimeouts = .generous) -> ProbeConfiguration {
            .test(tcp(port, host: "name.example"), timeouts: timeouts)
        }

        @Test(arguments: [
            (LookupFailure.notFound, Judgement.failed(.resolveNotFound)),
            (.resolver("no answer"), .inconclusive(.localResolver)),
            (.descriptors, .inconclusive(.localDescriptors)),
            (.memory, .inconclusive(.localMemory)),
            (.overflow, .inconclusive(.localResolver)),
        ])
        func failedLookUps(_ failure: LookupFailure, _ judgement: Judgement) async throws {
            let known = try await observe(probe(1), addresses: StubAddresses { _, _ in .failed(failure) })
            #expect(known.map(Judgement.init) == [judgement])
            let late = StubAddresses { host, completion in
                completion(.failure(failure))
                return .pending(NameResolver.Ticket(host: host, number: 1))
            }
            #expect(try await observe(probe(1), addresses: late).map(Judgement.init) == [judgement])
        }

        @Test func aHungResolverIsOurs() async throws {
            let hung = StubAddresses { host, _ in .pending(NameResolver.Ticket(host: host, number: 1)) }
            let timeouts = ProbeTimeouts(resolve: .milliseconds(100))
            let observations = try await observe(probe(1, timeouts: timeouts), addresses: hung, attempts: 3)
            #expect(observations.map(Judgement.init) == Array(repeating: .inconclusive(.localResolver), count: 3))
        }

        @Test func tooManyWaitingLookUpsAreOurs() async throws {
            let observations = try await observe(probe(1), addresses: StubAddresses { _, _ in .refused })
            #expect(observations.map(Judgement.init) == [.inconclusive(.localResolver)])
        }

        @Test func timeInTheResolverIsNotTheEndpoints() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let wait = Duration.milliseconds(50)
            let slow = StubAddresses { host, completion in
                Thread.sleep(forTimeInterval: wait.inSeconds)
                let name = ResolvedName(
                    addresses: [IPAddress("127.0.0.1")].compactMap(\.self),
                    expires: monotonicNow(),
                    isStale: false
                )
                completion(.success(name))
                return .pending(NameResolver.Ticket(host: host, number: 1))
            }
            let observation = try await observe(probe(server.port), addresses: slow)[0]
            let latency = try #require(observation.latency)
            #expect(latency + wait <= observation.end - observation.start)
        }

        @Test func aRefusedAddressGoesOnToTheNext() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            func judgement(_ hosts: String...) async throws -> Judgement {
                Judgement(try await observe(probe(server.port), addresses: StubAddresses(hosts))[0])
            }
            #expect(try await judgement("127.0.0.2", "127.0.0.1") == .succeeded(.resolved, .connected))
            #expect(try await judgement("255.255.255.255", "127.0.0.1") == .succeeded(.resolved, .connected))
            #expect(try await judgement("127.0.0.2", "127.0.0.3") == .failed(.connectRefused, .resolved))
            // What an endpoint said outranks that another of its addresses could not be asked.
            #expect(try await judgement("127.0.0.2", "255.255.255.255") == .failed(.connectRefused, .resolved))
            #expect(try await judgement("255.255.255.255", "127.0.0.2") == .failed(.connectRefused, .resolved))
        }

        @Test func theFamilyThatAnsweredIsTold() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            // The server listens on IPv4 only: IPv6 refuses.
            let observation = try await observe(probe(server.port), addresses: StubAddresses(["::1", "127.0.0.1"]))[0]
            let expected = ConnectionFacts(
                address: HostPort(host: "127.0.0.1", port: server.port),
                family: .ipv4,
                failedFamily: .ipv6
            )
            #expect(observation.connection == expected)
        }
    }
}
