import FailoverConfig
import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverReplay

@Suite("What the rule predicts against what was recorded")
struct CalibrationTests {
    /// Probes of a healthy endpoint every five seconds: rare errors, and hiccups of a mean length.
    private func recording(
        probes: Int,
        hiccup: Double,
        between: Double = 3000,
        seed: UInt64 = 1,
        outage: Range<Int> = 0..<0
    ) -> Recording {
        var random = SplitMix64(seed: seed)
        var section = RecordedSection(header: nil)
        var isInside = false
        for index in 0..<probes {
            // A memoryless length, and memoryless pauses.
            isInside =
                isInside
                ? Double.random(in: 0..<1, using: &random) < exp(-5 / hiccup)
                : Double.random(in: 0..<1, using: &random) < 5 / between
            let isBad =
                outage.contains(index) || Double.random(in: 0..<1, using: &random) < (isInside ? 0.95 : 0.001)
            let start = MonotonicInstant.seconds(Double(index) * 5)
            let observation = Observation(
                key: ProbeKey(endpoint: "us-east"),
                attempt: AttemptID(0),
                start: start,
                end: start + .milliseconds(20),
                outcome: isBad ? .failure(.connectRefused, isTimeout: false) : .success,
                latency: isBad ? nil : .milliseconds(20)
            )
            section.entries.append(RecordedEntry(at: observation.end, .bare(observation)))
        }
        return Recording(sections: [section])
    }

    private func calibration(_ recording: Recording, _ decision: String = "{}") throws -> Calibration {
        Calibration(recording, configuration: try Configurations.load(Configurations.plain(decision)).configuration)
    }

    @Test func intervalsAreWilsons() throws {
        var bin = CalibrationBin(from: 0, to: 1)
        #expect(bin.interval == nil)
        for index in 0..<12 { bin.count(index < 2, predicted: 0.1) }
        let interval = try #require(bin.interval)
        // Source: docs/decision-rule.md gives 2 of 12 as an example.
        #expect(interval.low.formatted(decimals: 3) == "0.047")
        #expect(interval.high.formatted(decimals: 3) == "0.448")
        #expect(bin.agrees)
        for _ in 0..<30 { bin.count(true, predicted: 0.1) }
        #expect(!bin.agrees)
    }

    @Test func longHiccupsAskForALongerBlip() throws {
        let check = try #require(
            calibration(recording(probes: 6000, hiccup: 15, between: 500)).groups.first?.checks.first
        )
        #expect(check.indicator == .availability)
        #expect(check.repeats.count > Calibration.leastRepeats)
        let (predicted, observed) = (try #require(check.repeats.predicted), try #require(check.repeats.observed))
        #expect(observed > predicted * 2)
        let blip = try #require(check.likelierBlip)
        #expect(blip >= .seconds(8) && blip <= .seconds(30))
    }

    @Test func hiccupsAsConfiguredAskForNothing() throws {
        let check = try #require(
            try calibration(
                recording(probes: 5000, hiccup: 3, between: 300, seed: 3),
                "{ blip: 3s, blips_per_day: 288 }"
            ).groups.first?.checks.first
        )
        #expect(check.repeats.count > Calibration.leastRepeats)
        let blip = check.likelierBlip ?? .seconds(3)
        #expect(blip >= .seconds(2) && blip <= .seconds(5))
        #expect((150...600).contains(check.likelierBlipsPerDay ?? 288))
        #expect(check.repeats.agrees)
    }

    /// The default expects one a day, and there is one every five minutes.
    @Test func hiccupsThatComeOftenAskForAnotherRate() throws {
        let calibration = try calibration(recording(probes: 5000, hiccup: 3, between: 300))
        let check = try #require(calibration.groups.first?.checks.first)
        #expect((100...500).contains(try #require(check.likelierBlipsPerDay)))
        let blip = check.likelierBlip ?? .seconds(3)
        #expect(blip >= .seconds(2) && blip <= .seconds(5))
        #expect(CalibrationText.render(calibration).contains("  blips_per_day: "))
    }

    @Test func tooLittleDataIsSaid() throws {
        let calibration = try calibration(recording(probes: 200, hiccup: 3))
        #expect(calibration.groups[0].checks.allSatisfy { $0.likelierBlip == nil && $0.budget == nil })
        let text = CalibrationText.render(calibration)
        #expect(text.contains("too little data for the blip"))
        #expect(text.contains("proposal: none, there is too little data"))
    }

    @Test func outagesAreLeftOut() throws {
        let without = try calibration(recording(probes: 2000, hiccup: 3))
        let with = try calibration(recording(probes: 2000, hiccup: 3, outage: 500..<700))
        let check = try #require(with.groups.first?.checks.first)
        #expect(check.outages == 1)
        #expect(check.outageProbes >= 200)
        #expect(check.samples == 2000 - check.outageProbes)
        #expect(without.groups[0].checks[0].outages == 0)
    }

    /// Hiccups that convicted: a smaller budget would have kept them from it.
    @Test func hiccupsThatConvictAskForASmallerBudget() throws {
        let calibration = try calibration(
            recording(probes: 6000, hiccup: 25, between: 500),
            "{ false_failovers: 10000 }"
        )
        let check = calibration.groups[0].checks[0]
        #expect(check.highestEvidence > check.threshold)
        let budget = try #require(check.budget)
        #expect(budget < 10_000)
        let text = CalibrationText.render(calibration)
        #expect(text.contains("  blip: { errors:") && text.contains("  false_failovers: \(Int(budget))\n"))
    }

    @Test func plainRulesPredictNothing() throws {
        let calibration = try calibration(
            recording(probes: 100, hiccup: 3),
            "{ rule: consecutive, fall: 3, rise: 2 }"
        )
        #expect(calibration.groups == [])
        #expect(
            CalibrationText.render(calibration)
                == "not checked, because a plain rule predicts nothing: us-east, eu-west\n"
        )
    }

    @Test func theSameRecordingGivesTheSameBytes() throws {
        let recording = recording(probes: 2000, hiccup: 10, between: 300)
        func bytes() throws -> [UInt8] { try Wire.bytes(of: calibration(recording), .pretty) }
        #expect(try bytes() == bytes())
    }
}
