import Testing

@testable import FailoverCore

/// An endpoint that is probed every 5 s, with nothing but its detector.
private struct Patient {
    private(set) var detector: EvidenceDetector
    private(set) var isDown = false
    private(set) var trips = 0
    private(set) var now = MonotonicInstant.seconds(0)

    init(_ parameters: EvidenceParameters = .preset(.balanced, confirm: .seconds(5))) {
        detector = EvidenceDetector(
            parameters: parameters,
            probe: .tcp(),
            availability: Ratio(0.999),
            probes: 1
        )
    }

    /// `e` is an error, `s` a slow one, `g` a good one.
    mutating func take(_ probes: String, times: Int = 1) {
        for _ in 0..<times { for probe in probes { take(probe) } }
    }

    private mutating func take(_ probe: Character) {
        let error = JudgedSample(start: now, isBad: probe == "e", finding: .connectRefused)
        detector.recordAvailability(error)
        detector.recordLatencyAndWhole(JudgedSample(start: now, isBad: probe != "g", finding: .slow))
        now = now + .seconds(5)
        if isDown {
            guard detector.proof.isProven else { return }
            detector.acquit()
            isDown = false
        } else if detector.isTripped {
            detector.beginProof()
            isDown = true
            trips += 1
        }
    }

    /// Bad probes in a row until it is down.
    func probesToTrip(_ probe: String) -> Int {
        var copy = self
        var count = 0
        while !copy.isDown, count < 1000 {
            copy.take(probe)
            count += 1
        }
        return count
    }

    func restore(_ baselines: [BaselineMemory]) -> Patient {
        var copy = self
        copy.detector.restore(baselines)
        return copy
    }

    mutating func pardon() {
        detector.pardon()
        isDown = false
    }
}

@Suite("The baseline")
struct EvidenceBaselineTests {
    /// Hiccups of two to four probes, hours apart: longer than the blip of 3 s.
    private func withHiccups() -> Patient {
        var patient = Patient()
        for _ in 0..<6 {
            patient.take("g", times: 2000)
            patient.take("ee")
            patient.take("g", times: 3000)
            patient.take("eeege")
            patient.take("g", times: 1000)
            patient.take("eeee")
            patient.take("g", times: 1000)
        }
        return patient
    }

    private func factor(_ patient: Patient, _ kind: IndicatorKind, _ situation: Situation) -> Double {
        let learned = patient.detector.chart(for: kind)?.learned ?? []
        return learned.first { $0.situation == situation }?.factor ?? 1
    }

    @Test func longerHiccupsAreLearnedAndSatOut() {
        let patient = withHiccups()
        #expect(Patient().probesToTrip("e") == 5)
        #expect(factor(patient, .availability, .bad2) > 1.5)
        #expect((7...20).contains(patient.probesToTrip("e")))
    }

    @Test func aCleanPastTeachesNothingAboutErrors() {
        var patient = Patient()
        patient.take("g", times: 30_000)
        #expect(patient.detector.availability.learned.isEmpty)
        #expect(patient.probesToTrip("e") == 5)
    }

    @Test func whoIsFasterThanTheObjectiveIsConvictedOfIsolatedSlownessSooner() {
        var patient = Patient()
        patient.take(String(repeating: "g", count: 999) + "s", times: 60)
        #expect(factor(patient, .latency, .clear) < 0.3)
        func probes(_ start: Patient) -> Int {
            var copy = start
            for count in 1...1000 {
                copy.take("sggggggggg")
                if copy.isDown { return count }
            }
            return 1000
        }
        #expect(probes(patient) < probes(Patient()))
    }

    @Test func noFactorClaimsMoreThanTenTimesBetterOrAnyExcuseWhileAllIsClear() {
        var fast = Patient()
        fast.take("g", times: 100_000)
        #expect(factor(fast, .latency, .clear) == 0.1)
        for (kind, patient) in [(IndicatorKind.availability, withHiccups()), (.latency, withHiccups())] {
            #expect(factor(patient, kind, .clear) <= 1)
        }
    }

    @Test func whatIsWorseThanTheObjectiveIsNoExcuse() {
        var patient = Patient()
        // 3 % slow, one by one: three times what a p99 allows.
        patient.take(String(repeating: "g", count: 32) + "s", times: 400)
        #expect(patient.trips >= 1 || patient.detector.fullness > 0)
        for situation in [Situation.clear, .good4, .good2, .good1] {
            #expect(factor(patient, .latency, situation) <= 1)
        }
    }

    @Test func nothingIsLearnedOfAnOutage() {
        var patient = Patient()
        patient.take("g", times: 1000)
        let before = patient.probesToTrip("e")
        for _ in 0..<30 {
            patient.take("e", times: 60)
            patient.take("g", times: 2000)
        }
        #expect(patient.trips == 30)
        #expect(patient.probesToTrip("e") == before)
    }

    @Test func aHiccupThatMovedTrafficIsLearned() {
        var patient = Patient()
        patient.take("g", times: 1000)
        for _ in 0..<20 {
            patient.take("e", times: 7)
            patient.take("g", times: 2000)
        }
        #expect(patient.trips < 20)
        #expect(patient.probesToTrip("e") > 5)
    }

    /// However often it comes, what lasts is found: no later than what never hiccups would be by a minute or so.
    @Test(arguments: [3, 6, 9, 12, 15, 18, 30, 60])
    func anOutageADayHidesNoLastingOne(probes: Int) {
        var patient = Patient()
        for _ in 0..<30 {
            patient.take("g", times: 17_280 - probes)
            patient.take("e", times: probes)
        }
        patient.take("g", times: 17_280)
        #expect(!patient.isDown)
        #expect(patient.probesToTrip("e") <= 20)
    }

    /// Minutes in which a part of the probes is bad come and go, several times a day; an hour of fewer is found all the same.
    @Test(
        arguments: [
            ("s", 12, 0.5, 0.1, 600), ("s", 12, 0.5, 0.2, 300), ("s", 24, 0.3, 0.1, 600), ("e", 12, 0.3, 0.1, 300),
            ("e", 12, 0.3, 0.3, 100),
        ]
    )
    func partialTroubleThatComesAndGoesHidesNoLastingOne(
        probe: Character,
        length: Int,
        share: Double,
        lasting: Double,
        most: Int
    ) {
        var random = SplitMix64(seed: 7)
        var patient = Patient()
        for _ in 0..<60 {
            patient.take("g", times: 4320 - length)
            for _ in 0..<length { patient.take(Double.random(in: 0..<1, using: &random) < share ? String(probe) : "g") }
        }
        patient.take("g", times: 4320)
        #expect(!patient.isDown)
        let found = (0..<20).map { _ in
            var copy = patient
            var count = 0
            while !copy.isDown, count < 4000 {
                copy.take(Double.random(in: 0..<1, using: &random) < lasting ? String(probe) : "g")
                count += 1
            }
            return count
        }
        #expect(found.reduce(0, +) / found.count <= most, "\(found.sorted())")
    }

    @Test func troubleThatDoesNotEndIsNotExcused() {
        var patient = withHiccups()
        patient.take("egg", times: 60)
        #expect(patient.trips >= 1)
    }

    @Test func nothingIsLearnedWhileSomethingMayHaveBegun() {
        var patient = Patient()
        patient.take("g", times: 300)
        // Half an hour has not passed without trouble since: every look finds some.
        patient.take("eggggggggggg", times: 30)
        #expect(patient.detector.baselines.allSatisfy { $0.bad.reduce(0, +) == 0 })
    }

    @Test func aPardonedTripDoesNotStopTheLearning() {
        var patient = Patient()
        patient.take("g", times: 500)
        patient.take("eeeee")
        #expect(patient.isDown)
        patient.pardon()
        patient.take("g", times: 1000)
        #expect(patient.detector.baselines.contains { $0.bad.reduce(0, +) > 0 })
    }

    // MARK: - Over a restart

    @Test func aRestoredBaselineJudgesAsTheLearnedOne() {
        let patient = withHiccups()
        let baselines = patient.detector.baselines
        #expect(baselines.map(\.indicator.kind) == [.availability, .latency])
        var restored = Patient().restore(baselines)
        #expect(restored.detector.baselines == baselines)
        restored.take("g", times: 10)
        #expect(restored.probesToTrip("e") == patient.probesToTrip("e"))
    }

    @Test func whatDoesNotFitIsNotRestored() throws {
        let learned = withHiccups().detector.baselines
        func damaged(_ damage: (inout BaselineMemory) -> Void) -> [BaselineMemory] {
            learned.map { baseline in
                var one = baseline
                damage(&one)
                return one
            }
        }
        let cases: [[BaselineMemory]] = [
            damaged { $0.digest += 1 },
            damaged { $0.indicator = IndicatorName(probe: "other", kind: $0.indicator.kind) },
            damaged { $0.bad.removeLast() },
            damaged { $0.expected.append(0) },
            damaged { $0.bad[3] = -1 },
            damaged { $0.bad[3] = .nan },
            damaged { $0.expected[0] = .infinity },
            damaged { $0.expected[0] = 1e10 },
            damaged { $0.learnedAt = $0.since - .seconds(1) },
        ]
        for baselines in cases { #expect(Patient().restore(baselines).detector.baselines.isEmpty) }
        // Slow beyond the objective, which this rule never keeps.
        let slow = damaged { if $0.indicator.kind == .latency { $0.bad[0] = $0.expected[0] + 10 } }
        #expect(Patient().restore(slow).detector.baselines.map(\.indicator.kind) == [.availability])
        let other = EvidenceParameters.preset(.fast, confirm: .seconds(5))
        #expect(Patient(other).restore(learned).detector.baselines.map(\.indicator.kind) == [.latency])
    }

    @Test func oldCountsHalveInNinetyDays() throws {
        var patient = withHiccups()
        let before = try #require(patient.detector.baselines.first)
        patient.take("g")
        let later = patient.detector.baselines.map { baseline in
            var old = baseline
            old.since = baseline.since - .seconds(90 * 86_400)
            old.learnedAt = baseline.learnedAt - .seconds(90 * 86_400)
            return old
        }
        var restored = Patient().restore(later)
        while restored.now < before.learnedAt { restored.take("g") }
        restored.take("g", times: 400)
        let after = try #require(restored.detector.baselines.first)
        let (old, new) = (before.bad.reduce(0, +), after.bad.reduce(0, +))
        #expect(abs(new / old - 0.5) < 0.01)
    }

    // MARK: - Taking back

    /// Bad samples that are counted and not learned yet, by situation.
    private func bad(_ chart: EvidenceChart) -> [Double] {
        Situation.allCases.map { chart.baseline.pending[$0].bad }
    }

    @Test func whatIsTakenBackWasNeverCounted() {
        func chart(_ bad: Set<Int>, without skipped: Int? = nil) -> EvidenceChart {
            var chart = EvidenceChart(
                .latency,
                parameters: .balanced,
                probe: .tcp(),
                availability: Ratio(0.999),
                probes: 1
            )
            for index in 0..<60 where index != skipped {
                chart.record(isBad: bad.contains(index), finding: .slow, start: .seconds(Double(index) * 5))
            }
            return chart
        }
        var with = chart([20, 57, 58])
        #expect(bad(with).reduce(0, +) == 3)
        #expect(with.retract(start: .seconds(58 * 5)) == true)
        let without = chart([20, 57], without: 58)
        #expect(bad(with) == bad(without))
        #expect(with.scores == without.scores)
        // Only the sample after it stands elsewhere than without it.
        let difference = Situation.allCases.reduce(0.0) { sum, situation in
            sum + abs(with.baseline.pending[situation].expected - without.baseline.pending[situation].expected)
        }
        #expect(difference < 0.5)
    }

    @Test func takingBackFromATroubleThatWasTooLongBringsNothingOfItBack() {
        var chart = EvidenceChart(.latency, parameters: .balanced, probe: .tcp(), availability: Ratio(0.999), probes: 1)
        for index in 0..<80 {
            let isBad = index == 5 || (index >= 40 && index.isMultiple(of: 3))
            chart.record(isBad: isBad, finding: .slow, start: .seconds(Double(index) * 5))
        }
        #expect(bad(chart).reduce(0, +) == 1)
        #expect(chart.retract(start: .seconds(78 * 5)) == true)
        #expect(bad(chart).reduce(0, +) == 1)
    }

    // MARK: - What a baseline may promise

    /// A baseline without its worse half hours would promise ten times less than this endpoint shows.
    @Test(arguments: [5.0, 60, 300])
    func whoIsAsSlowAsAllowedIsHeldToNoLess(interval: Double) throws {
        var detector = EvidenceDetector(
            parameters: .preset(.balanced, confirm: .seconds(interval)),
            probe: .tcp(interval: .seconds(interval)),
            availability: Ratio(0.999),
            probes: 1
        )
        var random = SplitMix64(seed: 11)
        var trips = 0
        for index in 0..<100_000 {
            let start = MonotonicInstant.seconds(Double(index) * interval)
            let isSlow = Double.random(in: 0..<1, using: &random) < 0.01
            detector.recordAvailability(JudgedSample(start: start, isBad: false, finding: .ok))
            detector.recordLatencyAndWhole(JudgedSample(start: start, isBad: isSlow, finding: .slow))
            guard detector.isTripped else { continue }
            trips += 1
            detector.beginProof()
            detector.acquit()
        }
        let clear = try #require(detector.latency).learned.first { $0.situation == .clear }
        #expect((clear?.factor ?? 1) > 0.4)
        #expect(trips <= 3)
    }

    @Test func whoHasToProveItselfLearnsNothing() {
        var patient = Patient()
        patient.take("g", times: 500)
        patient.take("e", times: 6)
        #expect(patient.isDown)
        // Every fifth probe fails: it is never proven to be well, and calm in between.
        patient.take("eggggg", times: 100)
        #expect(patient.isDown)
        #expect(patient.detector.availability.learned.isEmpty)
    }
}
