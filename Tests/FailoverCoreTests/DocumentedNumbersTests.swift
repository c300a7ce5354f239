import Foundation
import Testing

@testable import FailoverCore

/// The tables of docs/decision-rule.md, computed.
private enum Tables {
    static let intervals: [Duration] = [1, 2, 5, 10, 30].map { .seconds($0) }

    private static func detector(_ preset: Preset, interval: Duration) -> EvidenceDetector {
        EvidenceDetector(
            parameters: .preset(preset),
            probe: .tcp(interval: interval),
            availability: Ratio(0.999),
            probes: 1
        )
    }

    /// Bad probes in a row until the trip, and the time from the first to the last.
    private static func trip(_ preset: Preset, interval: Duration, isError: Bool) -> String {
        var detector = detector(preset, interval: interval)
        var count = 0
        while detector.trip == nil, count < 1000 {
            let start = MonotonicInstant.seconds(interval.inSeconds * Double(count))
            detector.recordAvailability(JudgedSample(start: start, isBad: isError, finding: .connectRefused))
            detector.recordLatency(JudgedSample(start: start, isBad: true, finding: .slow))
            count += 1
        }
        return "\(count) (\((interval.inSeconds * Double(count - 1)).trimmed) s)"
    }

    static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    static func thresholds(of preset: Preset) -> String {
        let parameters = EvidenceParameters.preset(preset)
        let blips = [parameters.availabilityBlip, parameters.latencyBlip].map { $0.inSeconds.trimmed + " s" }
        let thresholds = intervals.map { interval in
            detector(preset, interval: interval).availability.thresholds.outage.formatted(decimals: 2)
        }
        return row([preset.rawValue, parameters.falseFailoversPerYear.trimmed] + blips + thresholds)
    }

    /// Of each alternative at 5 s, of errors and of slowness.
    static func alternatives(of preset: Preset) -> String {
        let detector = detector(preset, interval: .seconds(5))
        let thresholds = detector.availability.thresholds.list + (detector.latency?.thresholds.list ?? [])
        return row([preset.rawValue] + thresholds.map { $0.formatted(decimals: 2) })
    }

    static func outages(of preset: Preset) -> String {
        row([preset.rawValue] + intervals.map { trip(preset, interval: $0, isError: true) })
    }

    static func slowness(of preset: Preset) -> String {
        row([preset.rawValue] + intervals.map { trip(preset, interval: $0, isError: false) })
    }

    static func delays(of preset: Preset) -> String {
        let delays = LeaveDelays(
            rule: .evidence(.preset(preset)),
            probe: .tcp(interval: .seconds(5), objective: .seconds(1)),
            availability: Ratio(0.999),
            probes: 1
        )
        let cells = [delays.hardDown, delays.fullySlow, delays.thirtyPercentErrors].map { delay in
            delay.map { $0.inSeconds.formatted(decimals: 1) + " s" } ?? "-"
        }
        return row([preset.rawValue] + cells)
    }
}

@Suite("The documented numbers are those of the code")
struct DocumentedNumbersTests {
    private func document() throws -> String {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/decision-rule.md"), encoding: .utf8)
    }

    @Test(arguments: Preset.allCases)
    func everyRowOfEveryTableIsComputed(preset: Preset) throws {
        let document = try document()
        for row in [
            Tables.thresholds(of: preset), Tables.alternatives(of: preset), Tables.outages(of: preset),
            Tables.slowness(of: preset),
            Tables.delays(of: preset),
        ] {
            #expect(document.contains(row), "the row should be: \(row)")
        }
    }

    /// The worked example: balanced, every 5 s, errors only.
    @Test func theExampleIsComputed() throws {
        var chart = EvidenceChart(
            .availability,
            parameters: .balanced,
            probe: .tcp(),
            availability: Ratio(0.999),
            probes: 1
        )
        let document = try document()
        for index in 0..<5 {
            let step = chart.record(isBad: true, finding: .connectRefused, start: .seconds(Double(index) * 5))
            let row = Tables.row(
                ["\(index + 1)", (step.healthyProbability * 100).formatted(decimals: 1) + " %"]
                    + step.increments.list.map { "+" + $0.formatted(decimals: 2) } + [
                        step.scores.outage.formatted(decimals: 2)
                    ]
            )
            #expect(document.contains(row), "the row should be: \(row)")
        }
    }
}
