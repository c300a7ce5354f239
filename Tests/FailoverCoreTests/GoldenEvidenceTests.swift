import Foundation
import Testing

@testable import FailoverCore

/// The vectors that an independent model of the rule computed: `Fixtures/evidence-golden.py`.
private struct GoldenVectors: Decodable, Sendable {
    struct Threshold: Decodable, Sendable {
        let preset: String
        let interval: Double
        let availability: [Double]
        let latency: [Double]

        private enum CodingKeys: String, CodingKey {
            case preset, availability, latency
            case interval = "interval_s"
        }
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let preset: String
        let interval: Double
        let confirm: Double
        /// Played at the interval before the steps.
        let prelude: [Stretch]
        /// What was learned of it, by indicator and situation.
        let factors: [String: [String: Double]]
        let steps: [Step]

        var testDescription: String { name }

        private enum CodingKeys: String, CodingKey {
            case name, preset, prelude, steps
            case interval = "interval_s"
            case confirm = "confirm_s"
            case factors = "factors_after_prelude"
        }
    }

    /// A count and an outcome.
    struct Stretch: Decodable, Sendable {
        let count: Int
        let outcome: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            count = try list.decode(Int.self)
            outcome = try list.decode(String.self)
        }
    }

    struct Step: Decodable, Sendable {
        let start: Double
        let outcome: String
        let healthy: [Double]
        let availability: [Double]
        let latency: [Double]
        let down: Bool

        private enum CodingKeys: String, CodingKey {
            case outcome, healthy, availability, latency, down
            case start = "start_s"
        }
    }

    let thresholds: [Threshold]
    let cases: [Case]

    static let all: GoldenVectors = {
        do {
            let url = Bundle.module.url(forResource: "evidence-golden", withExtension: "json", subdirectory: "Fixtures")
            return try JSONDecoder().decode(GoldenVectors.self, from: Data(contentsOf: #require(url)))
        } catch {
            Issue.record("the golden vectors cannot be read: \(error)")
            return GoldenVectors(thresholds: [], cases: [])
        }
    }()
}

/// An endpoint as the engine would treat it, with nothing but its detector.
private struct PlayedEndpoint {
    private(set) var detector: EvidenceDetector
    private(set) var isDown = false

    init(_ preset: Preset, interval: Double, confirm: Double) {
        let standard = EvidenceParameters.preset(preset)
        let parameters = EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: standard.falseFailoversPerYear,
            availabilityBlip: standard.availabilityBlip,
            latencyBlip: standard.latencyBlip,
            confirmInterval: .seconds(confirm)
        )
        detector = EvidenceDetector(
            parameters: parameters,
            probe: .tcp(interval: .seconds(interval), objective: .seconds(1)),
            availability: Ratio(0.999),
            probes: 1
        )
    }

    mutating func take(_ outcome: String, at seconds: Double) {
        let start = MonotonicInstant.seconds(seconds)
        let error = JudgedSample(start: start, isBad: outcome == "error", finding: .connectRefused)
        detector.recordAvailability(error)
        detector.recordLatencyAndWhole(JudgedSample(start: start, isBad: outcome != "good", finding: .slow))
        if isDown {
            guard detector.proof.isProven else { return }
            detector.acquit()
            isDown = false
        } else if detector.isTripped {
            detector.beginProof()
            isDown = true
        }
    }
}

@Suite("The evidence agrees with the independent model")
struct GoldenEvidenceTests {
    /// The vectors are printed with nine decimals.
    private static let tolerance = 1e-6

    @Test func everyPresetAndIntervalHasItsThresholds() throws {
        let vectors = GoldenVectors.all.thresholds
        #expect(vectors.count == Preset.allCases.count * 5)
        for vector in vectors {
            let preset = try #require(Preset(rawValue: vector.preset))
            let played = PlayedEndpoint(preset, interval: vector.interval, confirm: vector.interval)
            let latency = try #require(played.detector.latency)
            let place = Comment(rawValue: "\(vector.preset) every \(vector.interval) s")
            #expect(isClose(played.detector.availability.thresholds.list, vector.availability), place)
            #expect(isClose(latency.thresholds.list, vector.latency), place)
        }
    }

    @Test(arguments: GoldenVectors.all.cases)
    private func everyFactorScoreAndVerdictIsTheModels(_ golden: GoldenVectors.Case) throws {
        let preset = try #require(Preset(rawValue: golden.preset))
        var played = PlayedEndpoint(preset, interval: golden.interval, confirm: golden.confirm)
        var start = 0.0
        for stretch in golden.prelude {
            for _ in 0..<stretch.count {
                played.take(stretch.outcome, at: start)
                start += golden.interval
            }
        }
        try compareFactors(played, with: golden)
        for (index, step) in golden.steps.enumerated() {
            played.take(step.outcome, at: step.start)
            let latency = try #require(played.detector.latency)
            let place = Comment(rawValue: "\(golden.name), step \(index)")
            #expect(isClose(played.detector.availability.scores, step.availability), place)
            #expect(isClose(latency.scores, step.latency), place)
            #expect(played.isDown == step.down, place)
            for (chart, healthy) in zip([played.detector.availability, latency], step.healthy) {
                // What is shown of it is worked out only when something stands against the endpoint.
                guard let shown = chart.recentSteps.last, shown.start == .seconds(step.start) else { continue }
                #expect(isClose([shown.healthyProbability], [healthy]), place)
            }
        }
    }

    private func compareFactors(_ played: PlayedEndpoint, with golden: GoldenVectors.Case) throws {
        let charts = ["availability": played.detector.availability, "latency": try #require(played.detector.latency)]
        for (indicator, factors) in golden.factors {
            let chart = try #require(charts[indicator])
            let learned = Dictionary(uniqueKeysWithValues: chart.learned.map { ($0.situation.name, $0.factor) })
            for (situation, factor) in factors {
                let place = Comment(rawValue: "\(golden.name), \(indicator) \(situation)")
                #expect(isClose([learned[situation] ?? 1], [factor]), place)
            }
        }
    }

    private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < Self.tolerance }
    }
}
