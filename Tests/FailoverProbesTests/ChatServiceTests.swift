import FailoverCore
import Foundation
import Testing

@testable import FailoverProbes

extension Probing {
    /// Chats on a schedule: what is told while they run, what they may spend, and how long a server may ask them to wait.
    @Suite struct ChatServiceTests {
        // MARK: Objectives

        @Test func objectivesThatPassAreToldOnceAndBeforeTheEnd() async throws {
            let server = try RawServer { connection in
                connection.readMessage()
                connection.write(ChatEvents.endlessHead + ChatEvents.keepalive)
                connection.waitUntilClosed()
            }
            defer { server.stop() }
            let rig = try ChatRig()
            rig.apply(
                chat(server.port),
                timeouts: ProbeTimeouts(ttft: .milliseconds(300)),
                latency: .milliseconds(120),
                ttft: .milliseconds(60)
            )
            rig.probeNow()
            let ended = await rig.finished()
            await rig.service.shutdown()
            #expect(ended.map(\.outcome) == [.failure(.ttftTimeout, isTimeout: true)])
            let attempt = try #require(ended.first?.attempt)
            let key = ProbeKey(endpoint: "a")
            let overdue = rig.reported.all.filter { if case .overdue = $0 { true } else { false } }
            #expect(overdue == [.overdue(key, attempt, .ttft), .overdue(key, attempt, .latency)])
            let last = rig.reported.all.last.map { if case .finished = $0 { true } else { false } }
            #expect(last == true)
        }

        @Test func objectivesThatAreMetAreNotTold() async throws {
            let server = try RawServer { connection in
                connection.readMessage()
                // Finished, but the end of the stream never comes: it waits for it beyond the objective.
                connection.write(ChatEvents.endlessHead + ChatEvents.token("O") + ChatEvents.finish)
                connection.waitUntilClosed()
            }
            defer { server.stop() }
            let rig = try ChatRig()
            rig.apply(chat(server.port), latency: .milliseconds(900), ttft: .milliseconds(900))
            rig.probeNow()
            let ended = await rig.finished()
            await rig.service.shutdown()
            #expect(ended.map(\.outcome) == [.success])
            #expect(rig.reported.all.allSatisfy { if case .overdue = $0 { false } else { true } })
        }

        // MARK: Spending

        struct Settlement: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let answer: String
            let bill: SpendBill
        }

        private static let settlements = [
            Settlement(
                testDescription: "usage",
                answer: ChatEvents.endlessHead + ChatEvents.answer,
                bill: .used(TokenUsage(prompt: 20, completion: 2))
            ),
            Settlement(
                testDescription: "tokens and no usage",
                answer: ChatEvents.endlessHead + ChatEvents.token("O"),
                bill: .unknown
            ),
            Settlement(testDescription: "refused", answer: ChatEvents.whole(500, "{}"), bill: .nothing),
            // It was asked in full, and may have generated an answer all the same.
            Settlement(testDescription: "not answered", answer: "", bill: .unknown),
            Settlement(testDescription: "no HTTP", answer: "SSH", bill: .unknown),
        ]

        @Test(arguments: settlements) func everyAttemptIsSettledOnce(_ example: Settlement) async throws {
            let server = try ChatServer(example.answer)
            defer { server.stop() }
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate)
            rig.apply(chat(server.port))
            rig.probeNow()
            _ = await rig.finished()
            await rig.service.shutdown()
            #expect(gate.bills.all == [example.bill])
            #expect(gate.requests.all == [GateStub.Request(key: ProbeKey(endpoint: "a"), isUrgent: true)])
            let spent = rig.reported.all.compactMap { if case .spent(let report) = $0 { report.tokens } else { nil } }
            #expect(spent == [1])
        }

        @Test func attemptsThatDoNotGetThroughAreSettledToo() async throws {
            let silent = try RawServer { $0.waitUntilClosed() }
            defer { silent.stop() }
            let refusing = try Listener.freePort()
            let cases: [(ProbeRequest, ProbeTimeouts, SpendBill)] = [
                (chat(refusing), .generous, .nothing),
                (chat(silent.port, tls: TLSSettings()), ProbeTimeouts(tls: .milliseconds(50)), .nothing),
                (chat(silent.port), ProbeTimeouts(ttft: .milliseconds(50)), .unknown),
                (chat(silent.port), ProbeTimeouts(total: .milliseconds(50)), .unknown),
                (chat(silent.port, credential: .file(path: "/nonexistent")), .generous, .nothing),
                (chat(silent.port, quality: QualityExpectation(text: [.regex("(")])), .generous, .nothing),
            ]
            for (request, timeouts, bill) in cases {
                let gate = GateStub([GateStub.reserved])
                let rig = try ChatRig(gate)
                rig.apply(request, timeouts: timeouts)
                rig.probeNow()
                let ended = await rig.finished()
                await rig.service.shutdown()
                // Without a usable plan there is nothing to ask, and nothing is asked for.
                let isPlanned = ended.first?.detail?.hasPrefix("not a regular expression") != true
                #expect(gate.bills.all == (isPlanned ? [bill] : []))
                #expect(gate.requests.all.count == gate.bills.all.count)
            }
        }

        @Test func whatIsCancelledIsSettledByHowFarItCame() async throws {
            let asked = AsyncStream.makeStream(of: Void.self)
            let silent = try RawServer { connection in
                connection.readMessage()
                asked.continuation.yield()
                connection.waitUntilClosed()
            }
            defer { silent.stop() }
            for (tls, bill) in [(nil, SpendBill.unknown), (TLSSettings(), .nothing)] as [(TLSSettings?, SpendBill)] {
                let gate = GateStub([GateStub.reserved])
                let rig = try ChatRig(gate)
                rig.apply(chat(silent.port, tls: tls))
                rig.probeNow()
                if tls == nil {
                    for await _ in asked.stream { break }
                    // The loop notes that the request was written when the system took it, before the server read it.
                } else {
                    while gate.requests.all.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
                }
                await rig.service.shutdown()
                #expect(gate.bills.all == [bill])
            }
        }

        @Test func whatMayNotBeSpentIsAskedCheaplyOrLater() async throws {
            let server = try RawServer { connection in
                let isList = connection.readMessage().hasPrefix("GET /v1/models ")
                connection.write(
                    isList
                        ? ChatEvents.whole(200, #"{"data":[{"id":"m"}]}"#) : ChatEvents.endlessHead + ChatEvents.answer
                )
            }
            defer { server.stop() }
            let gate = GateStub([.shallow, .later(.milliseconds(1)), GateStub.reserved])
            let rig = try ChatRig(gate)
            rig.apply(chat(server.port), interval: .milliseconds(100))
            let ended = await rig.finished(2)
            await rig.service.shutdown()
            #expect(ended.map { $0.tier } == [.shallow, .deep])
            #expect(ended.map(\.outcome) == [.success, .success])
            #expect(gate.requests.all.prefix(3).allSatisfy { !$0.isUrgent })
            #expect(gate.requests.all.count >= 3 && !gate.bills.all.isEmpty)
            #expect(rig.reported.all.allSatisfy { if case .skipped = $0 { false } else { true } })
        }

        /// It has only to show that our own network works.
        @Test func aWitnessThatMayNotSpendIsAskedCheaply() async throws {
            let list = try ChatServer(ChatEvents.whole(200, #"{"data":[{"id":"m"}]}"#))
            defer { list.stop() }
            let gate = GateStub([.later(.seconds(60))])
            let rig = try ChatRig(gate)
            rig.apply(chat(list.port), interval: .seconds(60))
            rig.probeNow(.witness)
            let ended = await rig.finished(1)
            await rig.service.shutdown()
            #expect(ended.map(\.tier) == [.shallow] && ended.map(\.source) == [.witness])
            #expect(ended.map(\.outcome) == [.success] && gate.bills.all.isEmpty)
        }

        @Test func shortenedIntervalsAreUrgentAndCheaperModesAskNobody() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            let list = try ChatServer(ChatEvents.whole(200, #"{"data":[{"id":"m"}]}"#))
            defer {
                server.stop()
                list.stop()
            }
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate)
            rig.apply(chat(server.port))
            rig.service.setInterval(ProbeKey(endpoint: "a"), .milliseconds(100))
            _ = await rig.finished(2)
            #expect(gate.requests.all.allSatisfy(\.isUrgent) && gate.requests.all.count >= 2)
            rig.apply(chat(list.port, mode: .models), name: "b", interval: .milliseconds(100))
            var tiers: [EvidenceTier] = []
            for await event in rig.events {
                guard case .finished(let observation) = event, observation.key.endpoint == "b" else { continue }
                tiers.append(observation.tier)
                if tiers.count == 2 { break }
            }
            await rig.service.shutdown()
            #expect(tiers == [.shallow, .shallow])
            #expect(gate.requests.all.allSatisfy { $0.key.endpoint == "a" })
        }

        @Test func spendingIsToldNowAndThenAndNewsAtOnce() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            defer { server.stop() }
            for (hasNews, isEveryOneTold) in [(false, false), (true, true)] {
                let gate = GateStub([GateStub.reserved], hasNews: hasNews)
                let rig = try ChatRig(gate)
                rig.apply(chat(server.port), interval: .milliseconds(100))
                _ = await rig.finished(4)
                await rig.service.shutdown()
                let told = rig.reported.all.compactMap { event in
                    if case .spent(let report) = event { report.tokens } else { nil }
                }
                let settled = gate.bills.all.count
                // The last ones wait no longer than the probe lives.
                #expect(told == (isEveryOneTold ? Array(1...settled) : [1, settled]))
            }
        }

        // MARK: Retry-After

        @Test(arguments: [true, false]) func aServerThatLimitsOurRateIsLeftAlone(_ isChat: Bool) async throws {
            let busy = try ChatServer(
                ChatEvents.whole(429, #"{"error":{"message":"slow"}}"#, fields: "Retry-After: 3600\r\n")
            )
            let other = try RawServer { $0.waitUntilClosed() }
            defer {
                busy.stop()
                other.stop()
            }
            let rig = try ChatRig()
            let probe = ProbeConfiguration(
                request: isChat ? chat(busy.port) : http(busy.port),
                interval: .milliseconds(100),
                timeouts: .generous,
                latencyObjective: nil
            )
            let limited = EndpointConfiguration(name: "a", region: "r", publicURL: "http://a", probes: [probe])
            rig.service.apply([limited])
            let ended = await rig.finished()
            #expect(ended.map(\.retryAfter) == [.seconds(300)])
            #expect(ended.first?.outcome.reason == .http(429))
            for _ in 0..<5 { rig.probeNow() }
            rig.service.setInterval(ProbeKey(endpoint: "a"), .milliseconds(50))
            let next = ProbeConfiguration.test(tcp(other.port), interval: .milliseconds(100))
            let second = EndpointConfiguration(name: "b", region: "r", publicURL: "tcp://b", probes: [next])
            rig.service.apply([limited, second])
            let later = await rig.finished(5)
            await rig.service.shutdown()
            // On the same loop, so that five more intervals have passed for the first one, too.
            #expect(later.allSatisfy { $0.key.endpoint == "b" })
            #expect(busy.requests.all.count == 1)
            #expect(rig.reported.all.allSatisfy { if case .skipped = $0 { false } else { true } })
        }
    }
}
