import FailoverCore
import Foundation
import RegionSim
import TestSupport
import Testing

@testable import FailoverProbes

extension Probing {
    /// What the prober makes of every answer that a chat can get, over a real socket.
    @Suite struct ChatOverSocketTests {
        /// What is compared of an observation; times only by their presence.
        struct Finding: Hashable, CustomTestStringConvertible {
            let outcome: Outcome
            let clocks: Set<Clock>
            var anomalies: [ChatAnomaly] = []
            var poor: ReasonCode?

            enum Clock: String, Hashable { case ttft, content, latency }

            init(_ outcome: Outcome, _ clocks: Set<Clock>, _ anomalies: [ChatAnomaly] = [], poor: ReasonCode? = nil) {
                self.outcome = outcome
                self.clocks = clocks
                self.anomalies = anomalies
                self.poor = poor
            }

            init(_ observation: Observation) {
                let figures = observation.chat?.figures
                let times: [(Clock, Duration?)] = [
                    (.ttft, observation.ttft), (.content, figures?.firstContent), (.latency, observation.latency),
                ]
                outcome = observation.outcome
                clocks = Set(times.filter { $0.1 != nil }.map(\.0))
                anomalies = observation.chat?.anomalies ?? []
                poor = observation.chat?.poorQuality?.code
            }

            var testDescription: String {
                "\(outcome) \(clocks.map(\.rawValue).sorted()) \(anomalies.map(\.rawValue)) \(poor?.rawValue ?? "")"
            }
        }

        /// A fault of the region, and what a probe makes of it.
        struct Row: Sendable, CustomTestStringConvertible {
            let fault: Fault.Kind?
            let finding: Finding
            var timeouts = ProbeTimeouts.patient
            /// Changes the probe.
            var quality = QualityExpectation()

            var testDescription: String { fault.map { "\(Fault($0))" } ?? "no fault" }

            init(_ fault: Fault.Kind?, _ finding: Finding, _ timeouts: ProbeTimeouts = .patient) {
                self.fault = fault
                self.finding = finding
                self.timeouts = timeouts
            }

            /// Quirks that are found to be the same.
            static func quirks(
                _ names: String...,
                are finding: Finding,
                _ timeouts: ProbeTimeouts = .patient
            ) -> [Row] {
                names.map { Row(.chat(ChatQuirk(stringLiteral: $0)), finding, timeouts) }
            }

            func expecting(_ quality: QualityExpectation) -> Row {
                var row = self
                row.quality = quality
                return row
            }
        }

        private static func chat(_ port: Int, quality: QualityExpectation = QualityExpectation()) -> ChatProbe {
            ChatProbe(
                http: HTTPProbe(address: HostPort(host: "127.0.0.1", port: port), target: "/v1/chat/completions"),
                model: "sim-small",
                quality: quality
            )
        }

        private static func probe(_ port: Int, _ row: Row) -> ProbeConfiguration {
            .test(.chat(chat(port, quality: row.quality)), timeouts: row.timeouts)
        }

        /// A region with a fault, for the time of a test.
        private func withRegion<Result>(
            _ fault: Fault.Kind?,
            _ body: (RegionSimulator, Int) async throws -> Result
        ) async throws -> Result {
            let simulator = RegionSimulator(regions: [RegionConfiguration(name: "region")])
            let port = try #require(try await simulator.start()["region"])
            if let fault { try await simulator.setFault("region", Fault(fault)) }
            do {
                let result = try await body(simulator, port)
                await simulator.stop()
                return result
            } catch {
                await simulator.stop()
                throw error
            }
        }

        @Test(arguments: rows)
        func everyAnswerHasItsMeaning(row: Row) async throws {
            let observation = try await withRegion(row.fault) { _, port in
                try await ProbeService.probeOnce(Self.probe(port, row), of: "endpoint", clocks: .test)
            }
            let detail = observation.detail ?? ""
            #expect(Finding(observation) == row.finding, "\(detail)")
            #expect(observation.ttft.map { $0 > .zero } ?? true)
            #expect(observation.tier == .deep)
            #expect(detail.count <= 200 && !detail.contains(where: \.isNewline))
        }

        /// Each quirk has a row.
        @Test func everyQuirkIsProbed() {
            let probed = Self.rows.compactMap { row in
                if case .chat(let quirk) = row.fault { quirk.name } else { nil }
            }
            #expect(Set(probed) == Set(ChatQuirk.names))
        }

        /// What is put down to the configuration as long as nothing ever was right is the endpoint's failure afterwards.
        @Test(arguments: rows.filter { $0.finding.outcome == .misconfigured(.protocolError) })
        func afterASuccessAWrongProtocolIsAFailure(row: Row) async throws {
            let observations = try await withRegion(nil) { simulator, port in
                try await observeTwice(Self.probe(port, row)) {
                    if let fault = row.fault { try await simulator.setFault("region", Fault(fault)) }
                }
            }
            #expect(observations.map(\.outcome) == [.success, .failure(.protocolError, isTimeout: false)])
        }

        /// Two attempts of one probe, the second after `change`.
        private func observeTwice(
            _ probe: ProbeConfiguration,
            change: () async throws -> Void
        ) async throws -> [Observation] {
            let resources = ProbeResources(resolver: StubAddresses(["127.0.0.1"]))
            defer { resources.shutdown() }
            let mailbox = try LoopMailbox()
            try ProbeLoop.start(name: "test", mailbox: mailbox, clocks: .test) { loop in
                ProbeWorker(loop: loop, resources: resources, seed: 0, nextAttempt: { AttemptID(0) }, sink: { _ in })
            }
            defer { mailbox.post { $0.stop() } }
            // Only the loop reads it after this line.
            nonisolated(unsafe) let prepared = PreparedProbe(probe)
            var observations: [Observation] = []
            for attempt in 0..<2 {
                if attempt == 1 { try await change() }
                observations.append(
                    await withCheckedContinuation { continuation in
                        mailbox.post { loop in
                            loop.worker?.runOnce(prepared, ProbeKey(endpoint: "endpoint")) {
                                continuation.resume(returning: $0)
                            }
                        }
                    }
                )
            }
            return observations
        }

        @Test(arguments: [("throttled_seconds", 20), ("throttled_ms", 20), ("throttled_reset", 20)])
        func theWaitIsReadInItsSpelling(quirk: String, seconds: Int) async throws {
            let observation = try await withRegion(.chat(ChatQuirk(stringLiteral: quirk))) { _, port in
                try await ProbeService.probeOnce(.test(.chat(Self.chat(port))), of: "endpoint", clocks: .test)
            }
            #expect(observation.retryAfter == .seconds(seconds))
        }

        @Test(arguments: ["throttled_date", "throttled_epoch"])
        func theWaitUntilAMomentIsReadAgainstTheClock(quirk: String) async throws {
            let observation = try await withRegion(.chat(ChatQuirk(stringLiteral: quirk))) { _, port in
                // An hour behind the server, so that the wait is cut off at the longest.
                let clocks = ProbeClocks(monotonic: monotonicNow, wallSeconds: { time(nil) - 3600 })
                return try await ProbeService.probeOnce(.test(.chat(Self.chat(port))), of: "endpoint", clocks: clocks)
            }
            #expect(observation.retryAfter == .seconds(300))
        }

        @Test(arguments: [
            (Fault.Kind?.none, Outcome.success), (.chat("overloaded_529"), .success),
            (.status(503, retryAfter: nil), .failure(.unavailable, isTimeout: false)),
            (.status(401, retryAfter: nil), .misconfigured(.auth)),
        ])
        func theListOfModelsIsTheShallowQuestion(fault: Fault.Kind?, outcome: Outcome) async throws {
            let observation = try await withRegion(fault) { _, port in
                let http = HTTPProbe(address: HostPort(host: "127.0.0.1", port: port), target: "/v1/chat/completions")
                let probe = ChatProbe(http: http, mode: .models, model: "sim-small")
                return try await ProbeService.probeOnce(.test(.chat(probe)), of: "endpoint", clocks: .test)
            }
            #expect(observation.outcome == outcome)
            #expect(observation.tier == .shallow)
            #expect(observation.ttft == nil && observation.chat == nil)
        }

        @Test(arguments: ["sk-live-7Qm2vX9rT4bW8yKc", "0123456789abcdef0123456789abcdef"])
        func aKeyThatTheServerRepeatsIsMasked(key: String) async throws {
            let observation = try await withRegion(.chat("auth_401_echo")) { _, port in
                let http = HTTPProbe(
                    address: HostPort(host: "127.0.0.1", port: port),
                    target: "/v1/chat/completions",
                    headers: [HeaderField(name: "authorization", value: "Bearer \(key)")]
                )
                let probe = ProbeConfiguration.test(.chat(ChatProbe(http: http, model: "sim-small")))
                return try await ProbeService.probeOnce(probe, of: "endpoint", clocks: .test)
            }
            #expect(observation.outcome == .misconfigured(.auth))
            #expect(
                observation.detail?.contains("API key provided: ***") == true,
                "\(observation.detail ?? "")"
            )
            var dumped = ""
            dump(observation, to: &dumped)
            #expect(!"\(observation)".contains(key) && !dumped.contains(key))
        }

        /// Whatever is wrong with a certificate that never was right.
        @Test(arguments: [
            (Certificates.Kind.expired, ReasonCode.tlsExpired), (.wrongName, .tlsNameMismatch),
            (.unknown, .tlsUntrusted),
        ])
        func aCertificateThatNeverWasGoodIsOurs(kind: Certificates.Kind, code: ReasonCode) async throws {
            let nginx = try await Nginx.start()
            defer { nginx.stop() }
            let address = HostPort(host: "localhost", port: nginx.tlsPorts[kind] ?? 0)
            let tls = TLSSettings(caFile: nginx.certificates.authority)
            let http = HTTPProbe(address: address, tls: tls, target: "/v1/chat/completions")
            let probe = ProbeConfiguration.test(.chat(ChatProbe(http: http, model: "sim-small")))
            let observation = try await ProbeService.probeOnce(probe, of: "endpoint", clocks: .test)
            #expect(Finding(observation) == Finding(.misconfigured(code), []))
        }
    }
}
