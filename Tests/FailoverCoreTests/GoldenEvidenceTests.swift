import Foundation
import Testing

@testable import FailoverCore

/// The vectors that an independent model of the rule computed.
private struct GoldenVectors: Decodable, Sendable {
    struct Threshold: Decodable, Sendable {
        let preset: String
        let falseFailoversPerYear: Double
        let interval: Double
        let threshold: Double

        private enum CodingKeys: String, CodingKey {
            case preset, threshold
            case falseFailoversPerYear = "false_failovers_per_year"
            case interval = "interval_s"
        }
    }

    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let preset: String
        let interval: Double
        let steps: [Step]

        var testDescription: String { name }

        private enum CodingKeys: String, CodingKey {
            case name, preset, steps
            case interval = "interval_s"
        }
    }

    struct Step: Decodable, Sendable {
        let start: Double
        let outcome: String
        let availability: [Double]
        let latency: [Double]
        let blip: [Double]
        let trip: Bool

        private enum CodingKeys: String, CodingKey {
            case outcome, availability, latency, blip, trip
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

@Suite("The evidence agrees with the independent model")
struct GoldenEvidenceTests {
    /// The vectors are printed with nine decimals, the blip probabilities with nine too.
    private static let tolerance = 1e-6

    @Test func everyPresetAndIntervalHasItsThreshold() throws {
        let vectors = GoldenVectors.all.thresholds
        #expect(vectors.count == Preset.allCases.count * 5)
        for vector in vectors {
            let preset = try #require(Preset(rawValue: vector.preset))
            let parameters = EvidenceParameters.preset(preset)
            #expect(parameters.falseFailoversPerYear == vector.falseFailoversPerYear)
            let threshold = EvidenceModel.threshold(
                indicators: 2,
                interval: .seconds(vector.interval),
                falseFailoversPerYear: parameters.falseFailoversPerYear
            )
            #expect(abs(threshold - vector.threshold) < Self.tolerance, "\(vector.preset) every \(vector.interval) s")
        }
    }

    @Test(arguments: GoldenVectors.all.cases)
    private func everyScoreBlipAndTripIsTheModels(_ golden: GoldenVectors.Case) throws {
        let preset = try #require(Preset(rawValue: golden.preset))
        var detector = EvidenceDetector(
            parameters: .preset(preset),
            probe: .tcp(interval: .seconds(golden.interval), objective: .seconds(1)),
            availability: Ratio(0.999),
            indicators: 2
        )
        var wasTripped = false
        for (index, step) in golden.steps.enumerated() {
            let start = MonotonicInstant.seconds(step.start)
            let isError = step.outcome == "error"
            detector.recordAvailability(JudgedSample(start: start, isBad: isError, finding: .connectRefused))
            detector.recordLatency(JudgedSample(start: start, isBad: step.outcome != "good", finding: .slow))

            let latency = try #require(detector.latency)
            let place = Comment(rawValue: "\(golden.name), step \(index)")
            #expect(isClose(detector.availability.scores, step.availability), place)
            #expect(isClose(latency.scores, step.latency), place)
            #expect(isClose([detector.availability.blip, latency.blip], step.blip), place)
            let isTripped = detector.trip != nil
            #expect((isTripped && !wasTripped) == step.trip, place)
            wasTripped = wasTripped || isTripped
        }
    }

    private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < Self.tolerance }
    }
}
