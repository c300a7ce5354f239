import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverProbes

extension Probing {
    /// When a chat on a schedule is asked, and how urgently.
    @Suite struct ChatUrgencyTests {
        private static let good = ChatEvents.endlessHead + ChatEvents.answer

        /// Whether each probe that is ordered after the answer before was urgent.
        private func urgency(_ answers: [String], ttft: Duration? = nil) async throws -> [Bool] {
            let left = NIOLockedValueBox(answers)
            let server = try RawServer { connection in
                connection.readMessage()
                connection.write(left.withLockedValue { $0.removeFirst() })
            }
            defer { server.stop() }
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate)
            rig.apply(chat(server.port), ttft: ttft)
            for _ in answers {
                rig.probeNow(.probe)
                _ = await rig.finished()
            }
            await rig.service.shutdown()
            return gate.requests.all.map(\.isUrgent)
        }

        @Test func aProbeIsUrgentAfterADeepFailure() async throws {
            let failure = ChatEvents.whole(500, "{}")
            let refusal = ChatEvents.whole(401, "{}")
            #expect(
                try await urgency([Self.good, failure, refusal, Self.good, refusal, Self.good])
                    == [false, false, true, true, false, false]
            )
        }

        @Test func aProbeIsUrgentAfterAnObjectiveHasPassed() async throws {
            #expect(try await urgency([Self.good, Self.good], ttft: .nanoseconds(1)) == [false, true])
        }

        @Test func aProbeIsUrgentWhileAnotherOneHasPassedAnObjective() async throws {
            let server = try RawServer { connection in
                connection.readMessage()
                connection.waitUntilClosed()
            }
            defer { server.stop() }
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate)
            rig.apply(chat(server.port), ttft: .milliseconds(20))
            rig.probeNow(.probe)
            for await event in rig.events { if case .overdue = event { break } }
            rig.probeNow(.probe)
            while gate.requests.all.count < 2 { try await Task.sleep(for: .milliseconds(2)) }
            await rig.service.shutdown()
            #expect(gate.requests.all.map(\.isUrgent) == [false, true])
        }

        @Test func whoeverCountsThrottlingAsFailureGoesOnAsking() async throws {
            let server = try ChatServer(ChatEvents.whole(429, "{}", fields: "Retry-After: 3600\r\n"))
            defer { server.stop() }
            guard case .chat(let plain) = chat(server.port) else { return }
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate)
            let strict = ChatProbe(http: plain.http, model: plain.model, throttledIsFailure: true)
            rig.apply(.chat(strict), interval: .milliseconds(100))
            let ended = await rig.finished(3)
            await rig.service.shutdown()
            #expect(ended.map(\.outcome) == Array(repeating: .throttled(.http(429)), count: 3))
            #expect(gate.requests.all.last?.isUrgent == true)
        }

        @Test func aChatThatBeginsTooLateIsNotAsked() async throws {
            let server = try ChatServer(Self.good)
            defer { server.stop() }
            let clock = JumpingClock()
            let gate = GateStub([GateStub.reserved])
            let rig = try ChatRig(gate, clocks: clock.clocks)
            rig.apply(chat(server.port))
            // Until the first start is planned.
            rig.probeNow(.probe)
            _ = await rig.finished()
            clock.jump(by: .seconds(7200))
            // Wakes the loop, and changes nothing.
            rig.apply(chat(server.port))
            let late = await rig.finished()
            await rig.service.shutdown()
            #expect(late.map(\.outcome) == [.inconclusive(.localStalled)])
            #expect(late.map(\.connection) == [nil])
            #expect(server.requests.all.count == 1 && gate.requests.all.count == 1 && gate.bills.all.count == 1)
        }

        @Test func spendingThatWasHeldBackIsToldLater() async throws {
            let server = try ChatServer(Self.good)
            defer { server.stop() }
            let clock = JumpingClock()
            let rig = try ChatRig(GateStub([GateStub.reserved]), clocks: clock.clocks)
            rig.apply(chat(server.port))
            for _ in 0..<3 {
                rig.probeNow(.probe)
                _ = await rig.finished()
            }
            clock.jump(by: .seconds(6))
            // Wakes the loop, and changes nothing.
            rig.apply(chat(server.port))
            var told: SpendReport?
            while told?.tokens != 3 { told = await rig.spent() }
            await rig.service.shutdown()
            #expect(rig.reported.all.count { if case .spent = $0 { true } else { false } } == 2)
        }

        // MARK: Whole answers

        @Test func anAnswerInOnePieceIsNeverLateForItsFirstToken() throws {
            let probe = ProbeConfiguration(
                request: chat(1),
                latencyObjective: .seconds(2),
                ttftObjective: .milliseconds(300)
            )
            let start = MonotonicInstant.seconds(1)
            for (body, passed) in [("{", []), ("data: ", [IndicatorKind.ttft])] {
                var random = SplitMix64(seed: 1)
                let turn = try #require(PreparedProbe(probe).turn(.deep(nil), using: &random))
                turn.asked(at: start)
                turn.receive(ChatHead(status: 200), at: start + .milliseconds(100))
                Array(body.utf8).withUnsafeBytes { turn.receive($0, at: start + .milliseconds(200)) }
                #expect(turn.objectivesPassed(at: start + .milliseconds(400)) == passed)
            }
        }

        // MARK: Kept connections

        /// A kept connection on which the server takes the second request and closes without a word.
        @Test func aQuestionThatMayCostIsNotAskedTwice() async throws {
            let list = #"{"data":[{"id":"m"}]}"#
            for (mode, answer, outcomes, count) in [
                (
                    ChatProbe.Mode.chat,
                    ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.answer) + ChatEvents.chunk(""),
                    [Outcome.success, .failure(.responseEmpty, isTimeout: false)], 2
                ),
                (.models, ChatEvents.whole(200, list), [.success, .success], 3),
            ] {
                let requests = Collected<String>()
                let server = try RawServer { connection in
                    requests.append(connection.readMessage())
                    connection.write(answer)
                    let second = connection.readMessage()
                    if !second.isEmpty { requests.append(second) }
                }
                defer { server.stop() }
                let probe = ProbeConfiguration(
                    request: chat(server.port, mode: mode),
                    timeouts: .generous,
                    connection: ConnectionSettings(use: .reuse(freshEvery: 10)),
                    latencyObjective: nil
                )
                let observations = try await observe(probe, attempts: 2, together: false)
                #expect(observations.map(\.outcome) == outcomes)
                #expect(requests.all.count == count)
            }
        }
    }
}
