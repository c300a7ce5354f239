import Testing

@testable import FailoverCore

@Suite("Evidence")
struct EvidenceTests {
    private func chart(interval: Duration = .seconds(5)) -> EvidenceChart {
        EvidenceChart(
            .availability,
            parameters: .balanced,
            probe: .tcp(interval: interval),
            availability: Ratio(0.999),
            probes: 1
        )
    }

    private func record(
        _ outcomes: [Bool],
        every spacing: Double = 5,
        from first: Double = 0,
        in chart: inout EvidenceChart
    ) {
        for (index, isBad) in outcomes.enumerated() {
            chart.record(
                isBad: isBad,
                finding: isBad ? .connectRefused : .ok,
                start: .seconds(first + Double(index) * spacing)
            )
        }
    }

    @Test func aBadProbeIsNeverGoodNewsAndAGoodOneNeverBad() {
        var random = SplitMix64(seed: 4)
        var chart = chart()
        var start = 0.0
        for _ in 0..<1000 {
            start += Double.random(in: 0.1...15, using: &random)
            let isBad = Double.random(in: 0..<1, using: &random) < 0.4
            let step = chart.record(isBad: isBad, finding: .slow, start: .seconds(start))
            for increment in step.increments.list { #expect(isBad ? increment >= 0 : increment <= 0) }
            #expect(step.scores.list.allSatisfy { $0 >= 0 && $0.isFinite })
            #expect((0...1).contains(chart.blip) && (0...1).contains(step.healthyProbability))
        }
    }

    /// Beyond two intervals the sums halve every minute; up to there they do not.
    @Test(arguments: [
        (gap: 10.0, factor: 1.0), (gap: 70, factor: 0.5), (gap: 130, factor: 0.25), (gap: 3610, factor: 0),
    ])
    func evidenceFadesOverALongSilence(gap: Double, factor: Double) {
        var quick = chart()
        record([true, true], in: &quick)
        let before = quick.scores
        let step = quick.record(isBad: true, finding: .slow, start: .seconds(5 + gap))
        for index in before.indices {
            #expect(abs(step.scores.list[index] - (before[index] * factor + step.increments.list[index])) < 1e-9)
        }
    }

    @Test func stepsBeginWhereTheScoreLeftZeroAndAreBounded() {
        var chart = chart()
        record([true, false, false, false, false], in: &chart)
        record(Array(repeating: false, count: 200), from: 25, in: &chart)
        #expect(chart.evidence == 0 && chart.recentSteps.isEmpty)
        record([true, false, true], from: 2000, in: &chart)
        #expect(chart.recentSteps.map(\.isBad) == [true, false, true])
        record(Array(repeating: true, count: 100), from: 2015, in: &chart)
        #expect(chart.recentSteps.count == EvidenceChart.keptSteps)
    }

    @Test func theGraverOfEqualAlternativesLeads() {
        #expect(chart().leading == .outage)
        var errors = chart()
        record([true, true], in: &errors)
        #expect(errors.leading == .outage)
        var gray = chart()
        record([true] + Array(repeating: false, count: 8), in: &gray)
        #expect(gray.leading == .degraded)
        #expect(gray.score(of: .degraded) == gray.evidence)
    }

    @Test func anOutageOnAnyIndicatorIsHardDown() throws {
        var detector = EvidenceDetector(parameters: .balanced, probe: .tcp(), availability: Ratio(0.999), probes: 1)
        // Every second probe fails and every probe is slow: errors trip as partial first, slowness as an outage later.
        var kinds: [Bool] = []
        for index in 0..<12 {
            let start = MonotonicInstant.seconds(Double(index) * 5)
            detector.recordAvailability(JudgedSample(start: start, isBad: index.isMultiple(of: 2), finding: .http(503)))
            detector.recordLatency(JudgedSample(start: start, isBad: true, finding: .slow))
            if let trip = detector.trip { kinds.append(trip.isHardDown) }
        }
        #expect(kinds.first == false)
        #expect(kinds.last == true)
    }

    @Test func aTripSaysWhatReachedWhat() throws {
        var detector = EvidenceDetector(
            parameters: .fast,
            probe: .tcp("short"),
            availability: Ratio(0.999),
            probes: 2
        )
        for index in 0..<3 {
            let sample = JudgedSample(start: .seconds(Double(index) * 5), isBad: true, finding: .connectRefused)
            detector.recordAvailability(sample)
            detector.recordLatency(sample)
        }
        let trip = try #require(detector.trip)
        #expect(
            trip
                == Trip(
                    reason: Reason(
                        .availability,
                        #"short.availability: "outage" evidence 8.36 >= 6.38, last bad probe: connect_refused"#
                    ),
                    isHardDown: true
                )
        )
    }

    @Test func acquittalForgetsTheSumsAndNotTheBlip() {
        var chart = chart()
        record([true, true, true], in: &chart)
        let blip = chart.blip
        chart.reset()
        #expect(chart.scores == [0, 0, 0] && chart.recentSteps.isEmpty && chart.blip == blip)
    }
}

@Suite("Recovery")
struct RecoveryTests {
    private func proof(_ outcomes: [Bool]) -> RecoveryProof {
        var proof = RecoveryProof()
        for isBad in outcomes { proof.record(isBad: isBad) }
        return proof
    }

    private func good(_ count: Int) -> [Bool] { Array(repeating: false, count: count) }

    @Test func twentyTwoCleanProbesProveIt() {
        #expect(RecoveryProof().cleanProbesLeft == 22)
        #expect(proof(good(21)).isProven == false)
        #expect(proof(good(21)).cleanProbesLeft == 1)
        #expect(proof(good(22)).isProven)
        #expect(proof(good(22)).cleanProbesLeft == 0)
    }

    @Test func aFailedStartCostsNoMoreThanItGained() {
        #expect(proof([true, true, true] + good(22)).isProven)
        #expect(proof(good(10) + [true] + good(21)).isProven == false)
        #expect(proof(good(10) + [true] + good(22)).isProven)
    }

    @Test(arguments: [22, 25, 40, 1000])
    func oneStrayBadProbeLosesNoSecuredProofAndTwoDo(clean: Int) {
        var proof = proof(good(clean))
        proof.secure()
        #expect(proof.proof == RecoveryProof.cap)
        proof.record(isBad: true)
        #expect(proof.isProven)
        for _ in 0..<10 { proof.record(isBad: false) }
        proof.record(isBad: true)
        #expect(proof.isProven == false)
    }

    @Test func whatIsNotProvenIsNotSecured() {
        var proof = proof(good(21))
        proof.secure()
        #expect(proof.isProven == false)
    }

    @Test func proofIsCapped() {
        #expect(proof(good(10_000)).proof == RecoveryProof.cap)
        #expect(proof(good(10_000) + [true]).isProven)
        #expect(proof(good(10_000) + [true, true]).isProven == false)
    }
}

@Suite("The plain rules")
struct CountingDetectorTests {
    /// What a rule says after each probe: `b` bad, `g` good; `T` tripped, `.` not.
    struct Row: Sendable, CustomTestStringConvertible {
        let bad: Int
        let of: Int
        let probes: String
        let trips: String
        var testDescription: String { "\(bad) of \(of): \(probes)" }
    }

    @Test(arguments: [
        Row(bad: 3, of: 3, probes: "bbgbbbg", trips: ".....T."),
        Row(bad: 1, of: 1, probes: "gbgb", trips: ".T.T"),
        Row(bad: 3, of: 3, probes: "bbbbb", trips: "..TTT"),
        Row(bad: 2, of: 4, probes: "bggbg", trips: "...T."),
        Row(bad: 2, of: 4, probes: "bgggb", trips: "....."),
        Row(bad: 3, of: 5, probes: "bgbgbg", trips: "....T."),
        Row(bad: 3, of: 5, probes: "bgbggb", trips: "......"),
    ])
    func aRuleTripsExactlyAtItsCount(row: Row) {
        var detector = CountingDetector(probe: .default, bad: row.bad, of: row.of, rise: 2)
        var trips = ""
        for probe in row.probes {
            detector.recordWhole(JudgedSample(start: .seconds(0), isBad: probe == "b", finding: .slow))
            trips += detector.trip == nil ? "." : "T"
        }
        #expect(trips == row.trips)
    }

    @Test func errorsCountOnceThoughTheyAreToldTwice() {
        var detector = CountingDetector(probe: .default, bad: 2, of: 2, rise: 2)
        let sample = JudgedSample(start: .seconds(0), isBad: true, finding: .connectRefused)
        detector.recordAvailability(sample)
        detector.recordWhole(sample)
        #expect(detector.trip == nil)
        #expect(detector.fullness == 0.5)
    }

    @Test func riseGoodProbesInARowAcquit() {
        var detector = CountingDetector(probe: .default, bad: 2, of: 5, rise: 3)
        func record(_ isBad: Bool) {
            detector.recordWhole(JudgedSample(start: .seconds(0), isBad: isBad, finding: .slow))
        }
        for isBad in [true, true] { record(isBad) }
        #expect(
            detector.trip
                == Trip(reason: Reason(.windowFailures, "2 bad among the last 5 probes, last: slow"), isHardDown: true)
        )
        detector.beginProof()
        for isBad in [false, false, true, false, false] { record(isBad) }
        #expect(detector.proof == ProofProgress(value: 2, needed: 3, cleanProbesLeft: 1))
        record(false)
        #expect(detector.proof.isProven)
        detector.acquit()
        #expect(detector.trip == nil && detector.evidence(for: .availability) == (0, 2))
    }

    @Test func theyNeverAskForFasterProbes() {
        var detector = CountingDetector(probe: .default, bad: 3, of: 3, rise: 2)
        for _ in 0..<5 { detector.recordWhole(JudgedSample(start: .seconds(0), isBad: true, finding: .slow)) }
        #expect(detector.isSuspicious == false)
    }
}
