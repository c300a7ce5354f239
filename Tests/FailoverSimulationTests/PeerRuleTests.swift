import FailoverCore
import Testing

@testable import FailoverSimulation

/// What a rule says after each probe: `-` for up, `D` for down.
///
/// Probes come every 5 s: `.` is a good one, `e` an error, `s` a slow one.
private func verdicts(_ rule: some DecisionRule, _ probes: String) -> String {
    var rule = rule
    return String(
        probes.enumerated().map { index, letter in
            let probe = DecisionProbe(
                start: .seconds(Double(index) * 5),
                isError: letter == "e",
                isSlow: letter == "s"
            )
            return rule.take(probe) ? "D" : "-"
        }
    )
}

@Suite("Rules of others, one table each")
struct PeerRuleTests {
    @Test(arguments: [
        ("ee.ee.", "------"),
        ("eee", "--D"),
        ("ese.", "--DD"),
        ("eee.e..", "--DDDD-"),
        ("eee..ee.eee", "--DD------D"),
    ])
    func haproxyFallsAfterThreeInARowAndRisesAfterTwo(probes: String, expected: String) {
        #expect(verdicts(HAProxyRule(fall: 3, rise: 2), probes) == expected)
    }

    /// Its counter and this project's plain rule are two ways to say one thing.
    @Test(arguments: [(3, 2), (6, 3), (1, 1)])
    func fallAndRiseAreTheConsecutiveRule(fall: Int, rise: Int) {
        var random = SplitMix64(seed: 7)
        let probes = String((0..<4000).map { _ in random.unit() < 0.5 ? Character("e") : "." })
        let own = DetectorRule<CountingDetector>(bad: fall, of: fall, rise: rise)
        #expect(verdicts(HAProxyRule(fall: fall, rise: rise), probes) == verdicts(own, probes))
    }

    /// 30 s, 60 s, 90 s, each until the next look: it fails again before a look has found it in.
    @Test func envoyEjectsForLongerEachTime() {
        let expected = [7, 13, 19].map { "-" + String(repeating: "D", count: $0) }.joined()
        let bad = String(repeating: "e", count: expected.count)
        #expect(verdicts(EnvoyRule(consecutive: 2), bad) == expected)
    }

    @Test func envoyForgetsEjectionsOfAHostThatBehaves() {
        let probes = "eeeee......" + String(repeating: ".", count: 12) + "eeeee......."
        #expect(
            verdicts(EnvoyRule(consecutive: 5), probes)
                == "----DDDDDD-" + String(repeating: "-", count: 12) + "----DDDDDDD-"
        )
    }

    @Test(arguments: [
        ("e.e.e", "----D"),
        ("e.e..e.e.", "---------"),
        ("eee...e....", "--DDDDDDDD-"),
        ("eee....ee.e", "--DDDD----D"),
    ])
    func gdnsdCountsThroughGoodOnes(probes: String, expected: String) {
        #expect(verdicts(GdnsdRule(down: 3, ok: 2, up: 4), probes) == expected)
    }

    @Test(arguments: [
        ("ee.e", "---D"),
        ("ssss", "---D"),
        ("ee...e", "------"),
        ("s.s.s", "----D"),
        ("ee.e..e", "---DD--"),
    ])
    func windowsCountErrorsAndSlowOnesApart(probes: String, expected: String) {
        let rule = IndicatorWindowsRule(errors: (3, 4), all: (4, 5), rise: 2)
        let slow = IndicatorWindowsRule(errors: (3, 4), all: (3, 5), rise: 2)
        #expect(verdicts(probes == "s.s.s" ? slow : rule, probes) == expected)
    }

    @Test func theBreakerOpensForAMinuteAndTriesTen() {
        let open = String(repeating: "D", count: 12)
        let trial = String(repeating: "D", count: 9)
        let rule = BreakerRule(percent: 50, of: 4, minimum: 4)
        // Two of four open it; ten good trials close it; its window is empty then.
        let good = String(repeating: ".", count: 21)
        #expect(verdicts(rule, "e.e." + good + "eee.") == "---" + open + trial + "-" + "---" + "D")
        // Five bad trials of ten open it again.
        let bad = String(repeating: ".", count: 11) + "eeeee....." + String(repeating: ".", count: 21)
        #expect(
            verdicts(rule, "e.e." + bad) == "---" + open + trial + "D" + open.dropLast() + trial + "-"
        )
    }

    @Test func thePercentileIsBadForAMinuteAfterOneBadProbe() {
        let probes = "..s" + String(repeating: ".", count: 13)
        #expect(verdicts(PercentileRule(), probes) == "--" + String(repeating: "D", count: 12) + "--")
    }

    @Test(arguments: [
        // Cold, an hour is what there is: one of two is beyond 1.44 %, one of 70 is not.
        (".e", "-D"),
        (String(repeating: ".", count: 70) + "e", String(repeating: "-", count: 71)),
        // Slow ones are held to 1 %: 14.4 % of them.
        (".......s", "--------"),
        ("......s", "------" + "-"),
        (".....s", "-----D"),
    ])
    func theBurnRateNeedsBothWindows(probes: String, expected: String) {
        #expect(verdicts(BurnRateRule(), probes) == expected)
    }

    @Test func oldErrorsAloneDoNotPage() {
        // Eleven errors of the hour are above 14.4 times 0.1 %, but the last five minutes are clean.
        let quiet = String(repeating: ".", count: 640)
        let probes = quiet + String(repeating: "e", count: 11) + String(repeating: ".", count: 65)
        let pages = verdicts(BurnRateRule(), probes)
        #expect(pages.suffix(6) == "------")
        #expect(pages.dropFirst(640).firstIndex(of: "D") == pages.index(pages.startIndex, offsetBy: 649))
    }

    /// By another program, from the rule's equations.
    @Test(arguments: [(Preset.instant, 2, 4), (Preset.fast, 3, 7), (Preset.balanced, 5, 8), (Preset.cautious, 9, 13)])
    func theFirstRuleConvictsAfterItsNumberOfProbes(preset: Preset, errors: Int, slow: Int) {
        let rule = FormerEvidenceRule(.preset(preset), interval: DecisionBench.interval)
        func delay(_ letter: Character) -> Int {
            verdicts(rule, String(repeating: letter, count: 20)).prefix { $0 == "-" }.count + 1
        }
        #expect(delay("e") == errors)
        #expect(delay("s") == slow)
    }

    @Test func theFirstRuleAcquitsAfterTwentyTwo() {
        let rule = FormerEvidenceRule(.balanced, interval: DecisionBench.interval)
        let probes = "eeeee" + String(repeating: ".", count: 23)
        #expect(verdicts(rule, probes) == "----" + String(repeating: "D", count: 22) + "--")
    }

    @Test func theProjectsOwnRuleConvictsAfterFiveAndAcquitsAfterTwentyTwo() {
        let rule = DetectorRule<EvidenceDetector>(.balanced, interval: DecisionBench.interval)
        let probes = "eeeee" + String(repeating: ".", count: 23)
        #expect(verdicts(rule, probes) == "----" + String(repeating: "D", count: 22) + "--")
    }
}
