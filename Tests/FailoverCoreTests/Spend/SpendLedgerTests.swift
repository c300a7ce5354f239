import Testing

@testable import FailoverCore

/// The books: what is reserved, what is settled, and for which day.
@Suite struct SpendLedgerTests {
    private static let us = ProbeKey(endpoint: "us")
    /// 33 tokens in and 16 out at 2.50 and 10.00 a million.
    private static let worst = SpendTotal(cost: Money("0.0002425"), tokens: 49)
    private static let cap = SpendCap(cost: Money("0.10"), tokens: 10_000)

    private static func ledger(
        _ endpoints: [EndpointConfiguration] = [.spending("us", cap: cap)],
        daily: SpendCap? = nil
    ) -> SpendLedger {
        SpendLedger(SpendPlan(.spending(endpoints, daily: daily)), at: .seconds(0))
    }

    private static func reservation(day: Int = UnixTime.testDay) -> SpendReservation {
        SpendReservation(key: us, day: day, cost: worst.cost, tokens: worst.tokens)
    }

    private static func report(
        _ used: SpendTotal,
        day: Int = UnixTime.testDay,
        cap: SpendCap? = cap,
        pace: SpendPace = .cheaper,
        news: Reason? = nil
    ) -> SpendReport {
        SpendReport(
            endpoint: "us",
            day: day,
            cost: used.cost,
            tokens: used.tokens,
            cap: cap,
            pace: pace,
            news: news
        )
    }

    @Test func theWorstCaseIsReservedBeforeAndTheBillCountsAfter() {
        var ledger = Self.ledger()
        #expect(ledger.request(Self.us, isUrgent: false, at: .seconds(0)) == .deep(Self.reservation()))
        #expect(ledger.spent(by: "us").reserved == Self.worst)
        let usage = TokenUsage(prompt: 25, completion: 2, reasoning: 0, cached: 10)
        let report = ledger.settle(Self.reservation(), .used(usage), at: .seconds(1))
        let text =
            "about one probe in 82 asks the model, the others only whether the server answers: 0.000083 of 0.10 USD and 27 of "
            + "10000 tokens of its daily cap are used"
        let used = SpendTotal(cost: Money("0.0000825"), tokens: 27)
        #expect(report == Self.report(used, news: Reason(.spendCheaper, text)))
        #expect(ledger.spent(by: "us") == SpendBook.Entry(settled: used))
    }

    static let bills: [(name: String, bill: SpendBill, used: SpendTotal)] = [
        ("nothing", .nothing, SpendTotal()),
        ("unknown", .unknown, worst),
        ("used", .used(TokenUsage(prompt: 25, completion: 16)), SpendTotal(cost: Money("0.0002225"), tokens: 41)),
        (
            "hidden reasoning in the sum", .used(TokenUsage(prompt: 0, completion: 16, reasoning: 10)),
            SpendTotal(cost: Money("0.00016"), tokens: 16)
        ),
        (
            "hidden reasoning beside the sum", .used(TokenUsage(prompt: 0, completion: 16, reasoning: 20)),
            SpendTotal(cost: Money("0.00036"), tokens: 36)
        ),
        (
            "far more than allowed", .used(TokenUsage(prompt: 1_000, completion: 100_000)),
            SpendTotal(cost: Money("1.0025"), tokens: 101_000)
        ),
        ("nonsense", .used(TokenUsage(prompt: -5, completion: .min)), SpendTotal()),
        (
            "absurd", .used(TokenUsage(prompt: 0, completion: .max)),
            SpendTotal(cost: Money("10000"), tokens: 1_000_000_000)
        ),
    ]

    @Test(arguments: bills)
    func aBillCounts(name: String, bill: SpendBill, used: SpendTotal) {
        var ledger = Self.ledger()
        #expect(ledger.reserve(Self.us, at: .seconds(0)) == Self.reservation())
        let report = ledger.settle(Self.reservation(), bill, at: .seconds(1))
        #expect(SpendTotal(cost: report.cost, tokens: report.tokens) == used)
        #expect(ledger.spent(by: "us") == SpendBook.Entry(settled: used))
        #expect(ledger.accounts == [SpendBook.Entry(settled: used)])
    }

    @Test func whatIsNotCountedIsGrantedWithoutAReservation() {
        let probes: [ProbeConfiguration] = [.tcp("tcp"), .asking("models", mode: .models)]
        var ledger = Self.ledger([.spending("us", cap: Self.cap, probes: probes)])
        for probe in ["tcp", "models", "elsewhere"] as [ProbeName] {
            let key = ProbeKey(endpoint: "us", probe: probe)
            #expect(ledger.request(key, isUrgent: false, at: .seconds(0)) == .deep(nil))
        }
        #expect(ledger.memory == SpendMemory(days: [SpendMemory.Day(day: UnixTime.testDay, endpoints: [])]))
    }

    @Test func withoutACapSpendingIsCountedAllTheSame() {
        var ledger = Self.ledger([.spending("us")])
        for second in 0..<100 {
            #expect(ledger.reserve(Self.us, at: .seconds(Double(second))) == Self.reservation())
            _ = ledger.settle(Self.reservation(), .unknown, at: .seconds(Double(second) + 0.5))
        }
        #expect(ledger.takeReports(at: .seconds(100)) == [])
        #expect(ledger.spent(by: "us").settled == Self.worst * 100)
    }

    @Test func aBillOfAPastDayCountsForThatDay() {
        var ledger = Self.ledger()
        #expect(ledger.reserve(Self.us, at: .seconds(86_399)) == Self.reservation())
        let tomorrow = UnixTime.testDay + 1
        let report = ledger.settle(Self.reservation(), .unknown, at: .seconds(1, day: tomorrow))
        #expect(report.day == tomorrow && report.cost == .zero && report.tokens == 0)
        #expect(ledger.memory.days.map(\.day) == [tomorrow, UnixTime.testDay])
        #expect(ledger.memory.days.map { $0.endpoints.map(\.used) } == [[], [Self.worst]])
    }

    @Test func aClockThatJumpsOverMidnightAndBackFindsItsBookAgain() {
        var ledger = Self.ledger()
        #expect(ledger.reserve(Self.us, at: .seconds(40_000)) != nil)
        _ = ledger.settle(Self.reservation(), .unknown, at: .seconds(40_001))
        // A year ahead, where it stays for two days of that year, and back.
        for day in [365, 366] {
            _ = ledger.reserve(Self.us, isUrgent: true, at: .seconds(5, day: UnixTime.testDay + day))
        }
        _ = ledger.takeReports(at: .seconds(40_002))
        #expect(ledger.spent(by: "us") == SpendBook.Entry(settled: Self.worst))
        #expect(ledger.memory.days.count == SpendMemory.maximumDays)
    }

    @Test func aRestartRemembersWhatWasSpentAndWhatWasReserved() {
        var ledger = Self.ledger()
        _ = ledger.reserve(Self.us, at: .seconds(10))
        _ = ledger.settle(Self.reservation(), .used(TokenUsage(prompt: 25, completion: 2)), at: .seconds(11))
        _ = ledger.reserve(Self.us, isUrgent: true, at: .seconds(12))
        let used = SpendTotal(cost: Money("0.000325"), tokens: 76)
        let plan = SpendPlan(.spending([.spending("us", cap: Self.cap)]))
        var next = SpendLedger(plan, memory: ledger.memory, at: .seconds(20))
        #expect(next.memory == ledger.memory)
        #expect(next.takeReports(at: .seconds(20)).map { SpendTotal(cost: $0.cost, tokens: $0.tokens) } == [used])
        // Days that are over are forgotten, yesterday may come back with a clock that is set right.
        let old = SpendLedger(plan, memory: ledger.memory, at: .seconds(0, day: UnixTime.testDay + 2))
        #expect(old.memory.days.map(\.day) == [UnixTime.testDay + 2])
        let yesterday = SpendLedger(plan, memory: ledger.memory, at: .seconds(0, day: UnixTime.testDay + 1))
        #expect(yesterday.memory.days.map(\.day) == [UnixTime.testDay + 1, UnixTime.testDay])
    }

    @Test func settlingTwiceOrWithoutAReservationTakesNothingBack() {
        var ledger = Self.ledger()
        _ = ledger.reserve(Self.us, at: .seconds(0))
        for _ in 0..<2 { _ = ledger.settle(Self.reservation(), .nothing, at: .seconds(1)) }
        #expect(ledger.spent(by: "us") == SpendBook.Entry())
        #expect(ledger.accounts == [SpendBook.Entry()])
    }

    @Test func aLeakIsToldOnceAnHour() {
        var ledger = Self.ledger([.spending("us")])
        var told: [Double] = []
        for second in stride(from: 0.0, to: 10_000, by: 100) {
            _ = ledger.reserve(Self.us, at: .seconds(second))
            let usage = TokenUsage(prompt: 25, completion: 977, reasoning: 960)
            let report = ledger.settle(Self.reservation(), .used(usage), at: .seconds(second + 1))
            guard let news = report.news else { continue }
            told.append(second)
            let text = "an answer used 977 tokens where 16 were allowed, 960 of them reasoning that nobody sees"
            #expect(news == Reason(.reasoningLeak, text))
        }
        #expect(told == [0, 3600, 7200])
    }

    static let answers: [(usage: TokenUsage, isLeak: Bool)] = [
        (TokenUsage(prompt: 25, completion: 64), false),
        (TokenUsage(prompt: 25, completion: 65), true),
        (TokenUsage(prompt: 25, completion: 5, reasoning: 60), true),
        (TokenUsage(prompt: 25, completion: 64, reasoning: 64), false),
        (TokenUsage(prompt: 100_000, completion: 1), false),
    ]

    @Test(arguments: answers)
    func onlyFourTimesWhatIsAllowedIsALeak(usage: TokenUsage, isLeak: Bool) {
        var ledger = Self.ledger([.spending("us")])
        _ = ledger.reserve(Self.us, at: .seconds(0))
        let report = ledger.settle(Self.reservation(), .used(usage), at: .seconds(1))
        #expect((report.news?.code == .reasoningLeak) == isLeak)
    }

    // MARK: Reloads and what others spend

    @Test func whatChangesWithoutASettlementIsReportedOnce() {
        var ledger = Self.ledger([.spending("us"), .spending("eu")], daily: SpendCap(tokens: 100))
        #expect(ledger.takeReports(at: .seconds(0)).map(\.pace) == [.cheaper, .cheaper])
        #expect(ledger.takeReports(at: .seconds(0)) == [])
        for second in [1.0, 2] { _ = ledger.reserve(Self.us, isUrgent: true, at: .seconds(second)) }
        for second in [3.0, 4] { _ = ledger.settle(Self.reservation(), .unknown, at: .seconds(second)) }
        // The other endpoint has used up what both share.
        let reports = ledger.takeReports(at: .seconds(5))
        #expect(reports.map(\.endpoint) == ["eu"])
        #expect(reports.map(\.pace) == [.exhausted])
        #expect(reports.map(\.news?.code) == [.spendExhausted])
        #expect(ledger.takeReports(at: .seconds(6)) == [])
    }

    @Test func aReloadKeepsWhatWasSpent() {
        var ledger = Self.ledger([.spending("us", cap: Self.cap), .spending("eu")], daily: SpendCap(tokens: 1_000))
        _ = ledger.reserve(Self.us, at: .seconds(0))
        _ = ledger.settle(Self.reservation(), .unknown, at: .seconds(1))
        // The endpoint leaves, and what it spent counts for the cap of all.
        ledger.replan(SpendPlan(.spending([.spending("eu")], daily: SpendCap(tokens: 1_000))), at: .seconds(2))
        #expect(ledger.accounts == [SpendBook.Entry(settled: Self.worst)])
        // It comes back, with a cap that is lower than what it has spent.
        let low = SpendCap(cost: Money("0.0001"))
        ledger.replan(SpendPlan(.spending([.spending("us", cap: low)])), at: .seconds(3))
        #expect(ledger.accounts == [SpendBook.Entry(settled: Self.worst)])
        #expect(ledger.request(Self.us, isUrgent: true, at: .seconds(4)) == .shallow)
        ledger.replan(SpendPlan(.spending([.spending("us")])), at: .seconds(5))
        #expect(ledger.reserve(Self.us, at: .seconds(6)) != nil)
    }

    @Test func aReservationOfAnEndpointThatHasLeftIsSettled() {
        var ledger = Self.ledger(daily: SpendCap(tokens: 1_000))
        _ = ledger.reserve(Self.us, at: .seconds(0))
        ledger.replan(SpendPlan(.spending([.spending("eu")], daily: SpendCap(tokens: 1_000))), at: .seconds(1))
        let report = ledger.settle(Self.reservation(), .nothing, at: .seconds(2))
        #expect(report == Self.report(SpendTotal(), cap: nil, pace: .full))
        #expect(ledger.accounts == [SpendBook.Entry()])
    }

    @Test func namesOfEndpointsThatLeftAreForgottenInTheEnd() {
        let most = SpendBook.maximumDeparted
        let lines = (0..<most + 500).map { number in
            SpendMemory.Line(name: EndpointName(rawValue: "e\(10_000 + number)"), used: Self.worst)
        }
        let memory = SpendMemory(days: [SpendMemory.Day(day: UnixTime.testDay, endpoints: lines)])
        let plan = SpendPlan(.spending([.spending("us")], daily: SpendCap(tokens: 1_000_000)))
        var ledger = SpendLedger(plan, memory: memory, at: .seconds(0))
        #expect(ledger.accounts == [SpendBook.Entry(settled: Self.worst * (most + 500))])
        ledger.replan(plan, at: .seconds(1))
        #expect(ledger.accounts == [SpendBook.Entry(settled: Self.worst * (most + 500))])
        let today = ledger.memory.days[0]
        #expect(today.endpoints.map(\.name) == lines.prefix(most).map(\.name))
        #expect(today.others == Self.worst * 500)
    }

    @Test func whatIsToBeSavedIsCounted() {
        var ledger = Self.ledger()
        let start = ledger.changes
        _ = ledger.reserve(Self.us, at: .seconds(0))
        #expect(ledger.changes == start + 1)
        _ = ledger.takeReports(at: .seconds(1))
        #expect(ledger.changes == start + 1)
        _ = ledger.settle(Self.reservation(), .nothing, at: .seconds(2))
        #expect(ledger.changes == start + 2)
    }
}
