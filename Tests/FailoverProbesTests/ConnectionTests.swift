import FailoverCore
import Foundation
import NIOCore
import NIOPosix
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
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: 80)
            let failure = ProbeFailure(connecting: IOError(errnoCode: errno, reason: "connect"), to: address)
            #expect(failure.outcome == outcome)
        }
    }

    @Suite struct ResolveTests {
        private static func address(_ host: String) throws -> SocketAddress {
            try SocketAddress(ipAddress: host, port: 0)
        }

        private func probe(_ port: Int, timeouts: ProbeTimeouts = .generous) -> ProbeConfiguration {
            .test(tcp(port, host: "name.example"), timeouts: timeouts)
        }

        @Test(arguments: [
            (LookupFailure.notFound, Judgement.failed(.resolveNotFound)),
            (.resolver("no answer"), .inconclusive(.localResolver)),
            (.descriptors, .inconclusive(.localDescriptors)),
            (.memory, .inconclusive(.localMemory)),
        ])
        func failedLookups(_ failure: LookupFailure, _ judgement: Judgement) async throws {
            let observations = try await observe(probe(1)) { _ in .failure(failure) }
            #expect(observations.map(Judgement.init) == [judgement])
        }

        @Test(arguments: [
            (EAI_NONAME, CInt(0), LookupFailure.notFound),
            (-5, 0, .notFound),
            (EAI_AGAIN, 0, .resolver("Temporary failure in name resolution")),
            (EAI_FAIL, 0, .resolver("Non-recoverable failure in name resolution")),
            (EAI_MEMORY, 0, .memory),
            (EAI_SYSTEM, EMFILE, .descriptors),
            (EAI_SYSTEM, EIO, .resolver("Input/output error")),
        ])
        func errorsOfTheResolver(_ code: CInt, _ errno: CInt, _ failure: LookupFailure) {
            #expect(NameResolver.failure(code, errno: errno) == failure)
        }

        @Test func aNameThatDoesNotExistIsNotFound() async throws {
            // Without a reachable name server the resolver's trouble is what can be said.
            let judgement = await judge(
                tcp(1, host: "name.invalid"),
                timeouts: ProbeTimeouts(resolve: .seconds(60), total: .seconds(90))
            )
            #expect([.failed(.resolveNotFound), .inconclusive(.localResolver)].contains(judgement))
        }

        @Test func aHungResolverIsOursAndHoldsUpNobody() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            let gate = DispatchSemaphore(value: 0)
            defer {
                gate.signal()
                server.stop()
            }
            let timeouts = ProbeTimeouts(resolve: .milliseconds(100))
            let observations = try await observe(
                probe(server.port, timeouts: timeouts),
                lookup: { _ in
                    gate.wait()
                    return .failure(.notFound)
                },
                attempts: 3
            )
            #expect(observations.map(Judgement.init) == Array(repeating: .inconclusive(.resolveTimeout), count: 3))
            #expect(await judge(tcp(server.port)) == .succeeded(.connected))
        }

        @Test func lookupsOfOneNameShareOneCall() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let calls = Collected<String>()
            let address = try Self.address("127.0.0.1")
            let gate = DispatchSemaphore(value: 0)
            async let observations = observe(
                probe(server.port),
                lookup: { host in
                    calls.append(host)
                    gate.wait()
                    return .success([address])
                },
                attempts: 5
            )
            while calls.all.isEmpty { await Task.yield() }
            // All five are started by one job of the loop, so they wait by the time another job has run.
            try await MultiThreadedEventLoopGroup.singleton.next().submit {}.get()
            gate.signal()
            let judgements = try await observations.map(Judgement.init)
            #expect(judgements == Array(repeating: .succeeded(.resolved, .connected), count: 5))
            #expect(calls.all == ["name.example"])
        }

        @Test func tooManyWaitingLookupsAreOurs() async throws {
            let observations = try await observe(probe(1), lookup: { _ in .failure(.notFound) }, capacity: 0)
            #expect(observations.map(Judgement.init) == [.inconclusive(.localResolver)])
        }

        @Test func aRefusedAddressGoesOnToTheNext() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            func judgement(_ hosts: String...) async throws -> Judgement {
                let addresses = try hosts.map(Self.address)
                return Judgement(try await observe(probe(server.port)) { _ in .success(addresses) }[0])
            }
            #expect(try await judgement("127.0.0.2", "127.0.0.1") == .succeeded(.resolved, .connected))
            #expect(try await judgement("255.255.255.255", "127.0.0.1") == .succeeded(.resolved, .connected))
            #expect(try await judgement("127.0.0.2", "127.0.0.3") == .failed(.connectRefused, .resolved))
            // What an endpoint said outranks that another of its addresses could not be asked.
            #expect(try await judgement("127.0.0.2", "255.255.255.255") == .failed(.connectRefused, .resolved))
            #expect(try await judgement("255.255.255.255", "127.0.0.2") == .failed(.connectRefused, .resolved))
            #expect(try await judgement() == .inconclusive(.localResolver, .resolved))
        }
    }
}
