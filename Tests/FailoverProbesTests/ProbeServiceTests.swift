import FailoverCore
import Foundation
import Testing

@testable import FailoverProbes

extension Probing {
    @Suite struct ProbeServiceTests {
        /// A service on a group of its own, and what it reports.
        private struct Rig {
            let service: ProbeService
            let events: AsyncStream<ProbeEvent>
            let reported = Collected<ProbeEvent>()

            init(loops: Int = 2, seed: UInt64 = 1) throws {
                let (events, continuation) = AsyncStream.makeStream(of: ProbeEvent.self)
                let reported = reported
                self.events = events
                service = try ProbeService(loops: loops, clocks: .test, seed: seed) { events in
                    for event in events {
                        reported.append(event)
                        continuation.yield(event)
                    }
                }
            }

            /// Waits until `isEnough` says so of an event.
            func wait(until isEnough: (ProbeEvent) -> Bool) async {
                for await event in events where isEnough(event) { return }
            }

            func stop() async {
                await service.shutdown()
            }
        }

        private func endpoint(
            _ name: EndpointName,
            _ request: ProbeRequest,
            interval: Duration = .milliseconds(100),
            timeouts: ProbeTimeouts = .generous
        ) -> EndpointConfiguration {
            EndpointConfiguration(
                name: name,
                region: "region",
                publicURL: "tcp://\(name)",
                probes: [.test(request, timeouts: timeouts, interval: interval)]
            )
        }

        /// Every start has exactly one finish, after it or alone, and attempt numbers are unique.
        private func checkPairing(_ events: [ProbeEvent]) {
            var started: Set<AttemptID> = []
            var finished: Set<AttemptID> = []
            for event in events {
                switch event {
                case .started(let start):
                    #expect(started.insert(start.attempt).inserted && !finished.contains(start.attempt))
                case .finished(let observation):
                    #expect(finished.insert(observation.attempt).inserted)
                case .waiting(_, let attempt, _), .overdue(_, let attempt, _):
                    #expect(started.contains(attempt) && !finished.contains(attempt))
                case .skipped, .spent: break
                }
            }
            #expect(started.isSubset(of: finished))
        }

        @Test func everyEndpointIsProbedAgainAndAgain() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let rig = try Rig()
            let names: [EndpointName] = ["a", "b", "c", "d", "e"]
            rig.service.apply(names.map { endpoint($0, tcp(server.port)) })
            var counts: [EndpointName: Int] = [:]
            await rig.wait { event in
                guard case .finished(let observation) = event else { return false }
                #expect(observation.outcome == .success && observation.source == .probe)
                counts[observation.key.endpoint, default: 0] += 1
                return counts.count == names.count && counts.values.allSatisfy { $0 >= 5 }
            }
            await rig.stop()
            checkPairing(rig.reported.all)
        }

        @Test func shutdownCancelsAttemptsAndSilencesTheSink() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let rig = try Rig()
            rig.service.apply([
                endpoint("silent", http(server.port)), endpoint("nameless", http(1, host: "name.invalid")),
            ])
            await rig.wait { if case .started(let start) = $0 { start.key.endpoint == "silent" } else { false } }
            await rig.service.shutdown()
            let events = rig.reported.all
            checkPairing(events)
            let cancelled = events.compactMap { event -> Outcome? in
                guard case .finished(let observation) = event, observation.key.endpoint == "silent" else { return nil }
                return observation.outcome
            }
            #expect(!cancelled.isEmpty && cancelled.allSatisfy { $0 == .inconclusive(.localCancelled) })
            rig.service.apply([endpoint("late", tcp(server.port))])
            rig.service.probeNow(ProbeKey(endpoint: "silent"), source: .confirm)
            await rig.service.shutdown()
            #expect(rig.reported.all == events)
        }

        @Test func moreThanTwoAttemptsInFlightAreSkipped() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let rig = try Rig(loops: 1)
            let key = ProbeKey(endpoint: "silent")
            rig.service.apply([endpoint("silent", http(server.port), interval: .seconds(3600))])
            for _ in 0..<3 { rig.service.probeNow(key, source: .confirm) }
            rig.service.probeNow(ProbeKey(endpoint: "unknown"), source: .confirm)
            await rig.wait { $0 == .skipped(key, count: 1) }
            let sources = rig.reported.all.compactMap { if case .started(let start) = $0 { start.source } else { nil } }
            #expect(sources == [.confirm, .confirm])
            await rig.stop()
            checkPairing(rig.reported.all)
        }

        @Test func applyStopsStartsAndKeeps() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let rig = try Rig(loops: 1)
            let kept = endpoint("kept", http(server.port), interval: .seconds(3600))
            rig.service.apply([kept, endpoint("gone", http(server.port)), endpoint("changed", http(server.port))])
            rig.service.probeNow(ProbeKey(endpoint: "kept"), source: .probe)
            var started: Set<EndpointName> = []
            await rig.wait { event in
                if case .started(let start) = event { started.insert(start.key.endpoint) }
                return started == ["kept", "gone", "changed"]
            }
            rig.service.apply([kept, endpoint("changed", tcp(server.port)), endpoint("new", tcp(server.port))])
            var succeeded: Set<EndpointName> = []
            await rig.wait { event in
                if case .finished(let observation) = event, observation.outcome == .success {
                    succeeded.insert(observation.key.endpoint)
                }
                return succeeded == ["changed", "new"]
            }
            var cancelled: Set<EndpointName> = []
            for case .finished(let observation) in rig.reported.all
            where observation.outcome == .inconclusive(.localCancelled) {
                cancelled.insert(observation.key.endpoint)
            }
            #expect(cancelled == ["gone", "changed"])
            await rig.stop()
            checkPairing(rig.reported.all)
        }

        @Test func aShorterIntervalTakesEffectAtOnce() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let rig = try Rig()
            let key = ProbeKey(endpoint: "slow")
            rig.service.apply([endpoint("slow", tcp(server.port), interval: .seconds(3600))])
            rig.service.setInterval(key, .milliseconds(100))
            var finished = 0
            await rig.wait { event in
                if case .finished = event { finished += 1 }
                return finished == 3
            }
            await rig.stop()
        }

        @Test func aCAFileIsReadAgainOnApply() async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            let port = try #require(nginx.tlsPorts[.good])
            let rig = try Rig()
            let endpoints = [endpoint("tls", http(port, tls: TLSSettings(caFile: directory.path("ca.pem"))))]
            rig.service.apply(endpoints)
            func waitFor(_ outcome: Outcome) async {
                await rig.wait {
                    if case .finished(let observation) = $0 { observation.outcome == outcome } else { false }
                }
            }
            await waitFor(.inconclusive(.localConfiguration))
            try FileManager.default.copyItem(atPath: nginx.certificates.authority, toPath: directory.path("ca.pem"))
            rig.service.apply(endpoints)
            await waitFor(.success)
            await rig.stop()
        }

        @Test func aCancelledTaskEndsItsSingleProbe() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let judgement = await withTaskGroup(of: Judgement.self) { group in
                group.addTask { await judge(http(server.port)) }
                group.cancelAll()
                return await group.next()
            }
            #expect(judgement?.outcome == .inconclusive(.localCancelled))
        }
    }

    @Suite struct DescriptorTests {
        private func openDescriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }

        /// Runs attempts on one loop, so many at a time.
        private func run(_ count: Int, _ request: ProbeRequest, timeouts: ProbeTimeouts) async throws -> [Outcome: Int]
        {
            let probe = ProbeConfiguration.test(request, timeouts: timeouts)
            var outcomes: [Outcome: Int] = [:]
            for _ in 0..<(count / 50) {
                let observations = try await observe(probe, attempts: 50)
                for observation in observations { outcomes[observation.outcome, default: 0] += 1 }
            }
            return outcomes
        }

        @Test func thousandsOfProbesLeaveNoDescriptorOpen() async throws {
            let answering = try RawServer { connection in
                connection.readRequest()
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
            let silent = try RawServer { $0.waitUntilClosed() }
            defer {
                answering.stop()
                silent.stop()
            }
            let quick = ProbeTimeouts(tls: .milliseconds(20), firstByte: .milliseconds(20))
            _ = try await run(50, http(answering.port), timeouts: .generous)
            let before = try openDescriptors()
            #expect(try await run(2000, http(answering.port), timeouts: .generous) == [.success: 2000])
            #expect(try await run(500, tcp(answering.port, host: "localhost"), timeouts: .generous) == [.success: 500])
            let refused = Outcome.failure(.connectRefused, isTimeout: false)
            #expect(try await run(500, tcp(Listener.freePort()), timeouts: .generous) == [refused: 500])
            let silence = Outcome.failure(.responseTimeout, isTimeout: true)
            #expect(try await run(500, http(silent.port), timeouts: quick) == [silence: 500])
            let tlsSilence = Outcome.failure(.tlsTimeout, isTimeout: true)
            #expect(try await run(200, http(silent.port, tls: TLSSettings()), timeouts: quick) == [tlsSilence: 200])
            // The servers' threads close their ends a moment later.
            while try openDescriptors() > before { try await Task.sleep(for: .milliseconds(10)) }
        }
    }
}
