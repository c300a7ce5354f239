import Testing

@testable import FailoverCore

/// Slower, then cheaper, never silent, never over the cap.
@Suite struct SpendPaceTests {
    private static let day = 86_400.0

    private static func tenCents(_ script: SpendDay.Script = SpendDay.Script()) -> SpendDay {
        SpendDay(.spending([.spending("us", cap: SpendCap(cost: Money("0.10")))]), script)
    }

    static let bills: [(name: String, bill: SpendBill)] = [
        ("usual", .used(TokenUsage(prompt: 25, completion: 2))),
        ("worst", .unknown),
        ("all that is allowed", .used(TokenUsage(prompt: 33, completion: 16))),
    ]

    @Test(arguments: bills)
    func aDailyCapOfTenCentsLastsUntilMidnight(name: String, bill: SpendBill) {
        var script = SpendDay.Script()
        script.bill = { _, _ in bill }
        var day = Self.tenCents(script)
        day.run(until: Self.day)
        let spent = day.spent[UnixTime.testDay]?["us"]?.cost ?? .zero
        #expect(day.violations == [])
        #expect(spent <= Money("0.10") && spent >= Money("0.09"))
        #expect(day.probes[0].deep.contains { $0 >= Self.day - 600 })
        #expect(day.longestGap(of: 0) <= 4)
        #expect(day.news.map(\.reason.code) == [.spendCheaper])
        // What is shared out evenly leaves no part of the day without an answer from the model.
        let gaps = zip(day.probes[0].deep.dropFirst(), day.probes[0].deep).map { $0 - $1 }
        #expect((gaps.max() ?? 0) < 600)
    }

    @Test(arguments: [0.0, 0.1])
    func whereFourIntervalsAreEnoughProbesAreOnlySlower(jitter: Double) {
        var script = SpendDay.Script()
        script.bill = { _, _ in .unknown }
        script.jitter = jitter
        var day = SpendDay(.spending([.spending("us", cap: SpendCap(cost: Money("2.00")))]), script)
        day.run(until: Self.day)
        #expect(day.violations == [])
        #expect(day.probes[0].shallow == 0)
        #expect(day.longestGap(of: 0) <= 4 + 2 * jitter)
        #expect(day.news.map(\.reason.code) == [.spendSlower], "\(day.news)")
        #expect((day.spent[UnixTime.testDay]?["us"]?.cost ?? .zero) > Money("1.90"))
    }

    @Test func aCapThatIsFarAwayChangesNothing() {
        let cap = SpendCap(cost: Money("1"), tokens: 1_000_000)
        var day = SpendDay(.spending([.spending("us", cap: cap, probes: [.asking(interval: .seconds(60))])]))
        day.run(until: Self.day)
        #expect(day.probes[0].deep.count == 1_440)
        #expect(day.news.isEmpty)
    }

    @Test func tokensAreCappedLikeMoney() {
        var day = SpendDay(.spending([.spending("us", price: nil, cap: SpendCap(tokens: 20_000))]))
        day.run(until: Self.day)
        let tokens = day.spent[UnixTime.testDay]?["us"]?.tokens ?? 0
        #expect(day.violations == [])
        #expect((18_000...20_000).contains(tokens))
        #expect(day.probes[0].deep.contains { $0 >= Self.day - 600 })
    }

    @Test func aSharedCapIsSharedOutInEqualParts() throws {
        let endpoints: [EndpointConfiguration] = [
            .spending("a"), .spending("b"), .spending("c", price: .cheap), .spending("d", probes: [.tcp()]),
        ]
        var day = SpendDay(.spending(endpoints, routeCap: SpendCap(cost: Money("0.30"))))
        day.run(until: Self.day)
        let spent = try #require(day.spent[UnixTime.testDay])
        let (a, b, c) = (spent["a"]?.cost ?? .zero, spent["b"]?.cost ?? .zero, spent["c"]?.cost ?? .zero)
        #expect(day.violations == [])
        #expect(a - b < Money("0.01") && b - a < Money("0.01"))
        // The cheap one reaches its full pace with less than its part; what it leaves goes to the others.
        #expect(c < Money("0.12") && a + b + c > Money("0.25"))
        #expect(day.longestGap(of: 0) <= 4 && day.longestGap(of: 2) <= 4)
    }

    @Test func twoProfilesOfAnEndpointSlowDownTogether() {
        let probes: [ProbeConfiguration] = [.asking("short"), .asking("long", interval: .seconds(20))]
        var day = SpendDay(.spending([.spending("us", cap: SpendCap(cost: Money("0.20")), probes: probes)]))
        day.run(until: Self.day)
        let ratio = Double(day.probes[0].deep.count) / Double(day.probes[1].deep.count)
        #expect(day.violations == [])
        #expect((3.4...4.6).contains(ratio))
        #expect(day.longestGap(of: 0) <= 4 && day.longestGap(of: 1) <= 4)
    }

    @Test func aSuspectTakesWhatIsKeptAndLeavesSomeForItsRecovery() {
        var script = SpendDay.Script()
        script.bill = { _, _ in .unknown }
        // From noon on it never gets better.
        script.isSuspect = { _, now in now >= 43_200 }
        var day = Self.tenCents(script)
        day.run(until: Self.day)
        let afterNoon = day.probes[0].deep.filter { $0 >= 43_200 }
        #expect(day.violations == [])
        // Confirmations are dense at first.
        #expect(afterNoon.count { $0 < 43_260 } >= 50)
        #expect(afterNoon.contains { $0 >= 43_200 + 4 * 3600 })
        #expect(day.longestGap(of: 0) <= 4)
    }

    @Test func whenNothingIsLeftOnlyCheaperProbesAreMadeUntilMidnight() {
        var script = SpendDay.Script()
        // Every answer uses ten times what it may.
        script.bill = { _, _ in .used(TokenUsage(prompt: 330, completion: 60)) }
        script.isSuspect = { _, now in now < 80_000 }
        var day = Self.tenCents(script)
        day.run(until: Self.day + 600)
        let silent = day.probes[0].deep.filter { (60_000..<Self.day).contains($0) }
        #expect(silent == [])
        #expect(day.longestGap(of: 0) <= 4)
        #expect(
            day.news.map(\.reason.code).filter { $0 != .reasoningLeak } == [
                .spendCheaper, .spendExhausted, .spendResumed,
            ]
        )
        #expect(day.probes[0].deep.contains { $0 >= Self.day })
    }

    @Test func aCapBelowOneProbeIsNeverTouched() {
        var day = SpendDay(.spending([.spending("us", cap: SpendCap(cost: Money("0.0002")))]))
        day.run(until: 3600)
        #expect(day.probes[0].deep == [])
        #expect(day.probes[0].shallow == 720)
    }

    @Test func manyEndpointsDoNotUseUpASmallCapAtOnce() {
        let endpoints = (0..<50).map {
            EndpointConfiguration.spending(
                EndpointName(rawValue: "e\($0)"),
                probes: [.asking(interval: .seconds(600))]
            )
        }
        var day = SpendDay(.spending(endpoints, daily: SpendCap(cost: Money("0.008"))))
        day.run(until: 60)
        // 32 probes are affordable at worst, and 50 endpoints ask in the first second.
        #expect(day.probes.reduce(0) { $0 + $1.deep.count } == 0)
        day.run(from: 60, until: Self.day)
        #expect(day.violations == [])
        #expect(day.probes.reduce(0) { $0 + $1.deep.count } >= 20)
    }

    @Test(arguments: ["0.40", "0.50", "0.60", "0.65", "0.70"])
    func newsIsNotRepeatedWhenTheNeedHoversAtTheCap(needed: String) {
        var script = SpendDay.Script()
        script.bill = { _, random in .used(TokenUsage(prompt: 25, completion: Int(random.next() % 16))) }
        script.isSuspect = { _, now in now % 7_200 < 120 }
        // About what the probes need at full pace.
        let cap = SpendCap(cost: Money(needed))
        var day = SpendDay(.spending([.spending("us", cap: cap, probes: [.asking(interval: .seconds(30))])]), script)
        day.run(until: 2 * Self.day)
        #expect(day.violations == [])
        #expect(day.news.count <= 4, "\(day.news)")
    }

    /// Probes of every 5 s need 4.19 dollars a day at worst.
    private static func ledger(cap: String, at now: UnixTime) -> SpendLedger {
        SpendLedger(SpendPlan(.spending([.spending("us", cap: SpendCap(cost: Money(cap)))])), at: now)
    }

    @Test func fourIntervalsAreTheMostThatAProbeWaits() throws {
        let key = ProbeKey(endpoint: "us")
        // 3.9 times as far apart: the next one is due after 19.5 s, or 18.25 s with early starts.
        var ledger = Self.ledger(cap: "1.343", at: .seconds(0))
        for _ in 1..<SpendLedger.firstAnswers { _ = ledger.reserve(key, at: .seconds(0)) }
        let granted = ledger.reserve(key, at: .seconds(0))
        #expect(ledger.settle(try #require(granted), .unknown, at: .seconds(1)).pace == .slower)
        #expect(ledger.request(key, isUrgent: false, at: .seconds(5)) == .later(.milliseconds(12_500)))
        #expect(ledger.request(key, isUrgent: false, at: .seconds(17)) == .shallow)
        #expect(ledger.reserve(key, at: .seconds(20)) != nil)
    }

    /// After a restart an endpoint must become a target again within a few probes, however little a cap leaves.
    @Test func theFirstQuestionsOfAProcessDoNotWait() {
        let key = ProbeKey(endpoint: "us")
        let plan = SpendPlan(.spending([.spending("us", cap: SpendCap(tokens: 1_000))]))
        let spent = SpendMemory.Line(name: "us", used: SpendTotal(tokens: 500))
        let memory = SpendMemory(days: [SpendMemory.Day(day: UnixTime.testDay, endpoints: [spent])])
        var ledger = SpendLedger(plan, memory: memory, at: .seconds(0))
        let grants = (0..<7).map { ledger.reserve(key, at: .seconds(Double($0) * 5)) != nil }
        #expect(grants == [true, true, true, true, true, false, false])
    }

    /// Where many share a cap, its rest belongs to all of them.
    @Test func theFirstQuestionsWaitWhereACapHasNoRoomForAll() {
        let names = (0..<10).map { EndpointName(rawValue: "e\($0)") }
        let plan = SpendPlan(.spending(names.map { .spending($0) }, daily: SpendCap(tokens: 1_000)))
        var ledger = SpendLedger(plan, at: .seconds(0))
        let key = ProbeKey(endpoint: names[0])
        let grants = (0..<3).map { ledger.reserve(key, at: .seconds(Double($0) * 5)) != nil }
        #expect(grants == [true, false, false])
    }

    @Test func urgentProbesNeverWait() {
        let key = ProbeKey(endpoint: "us")
        var ledger = Self.ledger(cap: "1.343", at: .seconds(0))
        // More than half of the cap is spent within the hour.
        for second in 0..<3_000 { _ = ledger.reserve(key, isUrgent: true, at: .seconds(Double(second))) }
        #expect(ledger.request(key, isUrgent: true, at: .seconds(3_000)) == .shallow)
        #expect(ledger.spent(by: "us").used.cost < Money("0.70"))
    }

    @Test func aClockThatIsSetBackSilencesNobody() {
        let key = ProbeKey(endpoint: "us")
        var ledger = Self.ledger(cap: "1.00", at: .seconds(50_000))
        for _ in 0..<SpendLedger.firstAnswers { #expect(ledger.reserve(key, at: .seconds(50_000)) != nil) }
        guard case .later(let wait) = ledger.request(key, isUrgent: false, at: .seconds(40_000)) else {
            Issue.record("the probe does not wait")
            return
        }
        #expect(wait <= .seconds(20))
        #expect(ledger.reserve(key, at: .seconds(40_020)) != nil)
    }
}
