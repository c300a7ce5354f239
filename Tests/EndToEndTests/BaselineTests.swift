import FailoverConfig
import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What an endpoint showed while it was well takes half an hour to be learned, so an engine with the daemon's own
    /// configuration lives through an hour in advance, in simulated time.
    @Suite struct BaselineTests {
        @Test func whatAnEndpointShowedOutlivesRestartsUntilItIsAskedSomethingElse() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.decision = "{ preset: balanced, hold_down: 0s, max_moves_per_hour: unlimited }"
                try stage.configure(setup)
                let learned = try learn(on: stage)
                #expect(learned.contains { $0.situation == "bad2" && $0.factor > 1 })

                for _ in 1...2 {
                    let daemon = try await stage.runDaemon()
                    #expect(try shown(on: stage) == learned)
                    daemon.send(SIGTERM)
                    #expect(try await daemon.ending() == .exit(0))
                }

                setup.objective = "4s"
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                #expect(try shown(on: stage) == [])
                #expect(!stage.said().contains("ERROR"))
            }
        }

        /// What corrects the model for errors of `a`.
        private struct Correction: Equatable {
            let situation: String
            let bad: Double
            let expected: Double
            let factor: Double
        }

        /// As the daemon explains it.
        private func shown(on stage: Stage) throws -> [Correction] {
            let endpoint = try #require(try stage.explanation(of: "main").endpoints.first { $0.endpoint == "a" })
            let errors = try #require(endpoint.indicators.first { $0.name == "availability" })
            return (errors.baseline ?? []).map {
                Correction(situation: $0.situation, bad: $0.bad, expected: $0.expected, factor: $0.factor)
            }
        }

        /// Leaves behind what an hour with eight hiccups of `a` teaches, as a daemon would have.
        private func learn(on stage: Stage) throws -> [Correction] {
            let configuration = try ConfigurationLoader.load(path: stage.configurationFile).configuration
            var engine = Engine(configuration: configuration, memory: nil, at: .seconds(0))
            for number in 0..<36_000 {
                let start = MonotonicInstant.seconds(Double(number) / 10)
                let refused = Outcome.failure(.connectRefused, isTimeout: false)
                let isHiccup = number >= 4_000 && number % 4_000 < 3
                probe("b", number, at: start, .success, &engine)
                probe("a", number, at: start + .milliseconds(50), isHiccup ? refused : .success, &engine)
            }
            let clock = ClockReading(
                monotonic: .seconds(3_600),
                wall: WallTime(secondsSince1970: Date().timeIntervalSince1970)
            )
            try FileManager.default.createDirectory(atPath: stage.place.memory, withIntermediateDirectories: true)
            try BaselineStore(directory: stage.place.memory).save(engine.baselines, clock: clock)
            let endpoints = try #require(engine.explanation(of: "main", at: clock.monotonic))
            let errors = endpoints.first { $0.endpoint == "a" }?.indicators.first { $0.name.kind == .availability }
            return try #require(errors).baseline.map {
                Correction(
                    situation: $0.situation.name,
                    bad: $0.bad.roundedForReaders,
                    expected: $0.expected.roundedForReaders,
                    factor: $0.factor.roundedForReaders
                )
            }
        }

        private func probe(
            _ endpoint: EndpointName,
            _ number: Int,
            at start: MonotonicInstant,
            _ outcome: Outcome,
            _ engine: inout Engine
        ) {
            let (key, attempt) = (ProbeKey(endpoint: endpoint), AttemptID(UInt64(number + 1)))
            let end = start + .milliseconds(5)
            let began = AttemptStart(key: key, attempt: attempt, source: .probe, start: start)
            _ = engine.handle(.attemptStarted(began), at: start)
            let observation = Observation(
                key: key,
                attempt: attempt,
                start: start,
                end: end,
                outcome: outcome,
                latency: outcome == .success ? .milliseconds(5) : nil
            )
            _ = engine.handle(.observed(observation), at: end)
        }
    }
}
