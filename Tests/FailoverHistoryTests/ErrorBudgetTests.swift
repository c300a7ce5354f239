import FailoverCore
import FailoverWire
import Testing

@testable import FailoverHistory

@Suite struct ErrorBudgetTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Seconds of bad time in each window, all of which is known.
        var bad: [BurnWindow: Double] = [:]
        var total = 0.0
        var knownDays = 30.0
        let left: Double?
        let alarm: BurnAlarm?
        /// In hours.
        let lasts: Double?
    }

    /// 99.9 % over thirty days allow 2,592 s.
    static let cases: [Case] = [
        Case(testDescription: "nothing bad", left: 1, alarm: nil, lasts: nil),
        Case(testDescription: "half of it", total: 1_296, left: 0.5, alarm: nil, lasts: nil),
        Case(testDescription: "all of it", total: 2_592, left: 0, alarm: nil, lasts: 0),
        Case(testDescription: "overdrawn", total: 5_184, left: -1, alarm: nil, lasts: 0),
        Case(testDescription: "nothing known", knownDays: 0, left: nil, alarm: nil, lasts: nil),
        // 14.4 times of 0.1 % of an hour are 51.84 s, of five minutes 4.32 s.
        Case(
            testDescription: "an hour at 20 times",
            bad: [.hour: 72, .fiveMinutes: 6, .sixHours: 72, .halfHour: 36, .threeDays: 72],
            total: 1_296,
            left: 0.5,
            alarm: .fastest,
            // Half of a month's budget at 20 times.
            lasts: 18
        ),
        Case(
            testDescription: "just below in the hour",
            bad: [.hour: 51.83, .fiveMinutes: 6, .sixHours: 51.83, .halfHour: 51.83],
            total: 100,
            left: 1 - 100 / 2_592,
            alarm: nil,
            lasts: nil
        ),
        Case(
            testDescription: "it was bad and is over",
            bad: [.hour: 120, .fiveMinutes: 0, .sixHours: 129, .halfHour: 0],
            total: 129,
            left: 1 - 129 / 2_592,
            alarm: nil,
            lasts: nil
        ),
        Case(
            testDescription: "six hours at 6 times",
            bad: [.hour: 21.6, .fiveMinutes: 2, .sixHours: 129.6, .halfHour: 10.8],
            total: 1_296,
            left: 0.5,
            alarm: .fast,
            lasts: 60
        ),
        Case(
            testDescription: "three days at twice",
            bad: [.sixHours: 43.2, .threeDays: 518.4],
            total: 1_296,
            left: 0.5,
            alarm: .slow,
            lasts: 180
        ),
        Case(
            testDescription: "while less than the period is known, the budget grows",
            bad: [.sixHours: 43.2, .threeDays: 518.4],
            total: 648,
            knownDays: 15,
            left: 0.5,
            alarm: .slow,
            lasts: 180
        ),
    ]

    @Test(arguments: cases) func budgetsFollowTheArithmetic(_ expected: Case) {
        var recent: [BurnWindow: BudgetSums] = [:]
        for (window, bad) in expected.bad {
            recent[window] = BudgetSums(samples: 1, known: window.length, badTime: .seconds(bad))
        }
        let budget = ErrorBudget(
            objective: 0.999,
            period: .seconds(30 * 86_400),
            sums: BudgetSums(known: .seconds(expected.knownDays * 86_400), badTime: .seconds(expected.total)),
            recent: recent
        )
        #expect(budget.left.map(rounded) == expected.left.map(rounded))
        #expect(budget.alarm == expected.alarm)
        #expect(budget.lasts.map { rounded($0.inSeconds / 3600) } == expected.lasts.map(rounded))
    }

    private func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

    /// After a start an hour is five minutes long, and one bad probe of them is no reason to wake anybody.
    @Test func timeOfWhichNothingIsKnownRaisesNoAlarm() {
        let five = BudgetSums(known: .seconds(300), badTime: .seconds(10))
        let budget = ErrorBudget(
            objective: 0.999,
            period: .seconds(30 * 86_400),
            sums: five,
            recent: [.fiveMinutes: five, .halfHour: five, .hour: five, .sixHours: five, .threeDays: five]
        )
        #expect(rounded(budget.burn(.hour) ?? 0) == rounded(100 / 3.0))
        #expect(budget.alarm == nil)
    }

    @Test func anObjectiveOfOneIsStillANumber() {
        let sums = BudgetSums(known: .seconds(100), badTime: .seconds(1))
        let budget = ErrorBudget(objective: 1, period: .seconds(86_400), sums: sums, recent: [:])
        #expect(budget.left?.isFinite == true && budget.lasts == .zero)
    }

    // MARK: - Telling

    private func budget(hour: Double = 0, five: Double = 0, six: Double = 0, half: Double = 0) -> ErrorBudget {
        func sums(_ window: BurnWindow, _ rate: Double) -> BudgetSums {
            BudgetSums(known: window.length, badTime: window.length * (rate * 0.001))
        }
        return ErrorBudget(
            objective: 0.999,
            period: .seconds(30 * 86_400),
            sums: BudgetSums(),
            recent: [
                .hour: sums(.hour, hour), .fiveMinutes: sums(.fiveMinutes, five), .sixHours: sums(.sixHours, six),
                .halfHour: sums(.halfHour, half),
            ]
        )
    }

    @Test func aBurnIsToldOnceAndItsEndOnce() {
        var watch = BurnWatch()
        let looks: [(ErrorBudget, BurnWatch.News?)] = [
            (budget(hour: 14, five: 100), nil),
            (budget(hour: 15, five: 100), .began(.fastest)),
            (budget(hour: 20, five: 100), nil),
            // Below the rate, and not yet sustainable.
            (budget(hour: 20, five: 5), nil),
            (budget(hour: 20, five: 100), nil),
            (budget(hour: 20, five: 0.9), .ended(.fastest)),
            (budget(hour: 20, five: 0), nil),
        ]
        #expect(looks.map { watch.look($0.0) } == looks.map(\.1))
    }

    @Test func onlyAMoreUrgentBurnIsToldAgain() {
        var watch = BurnWatch()
        let looks: [(ErrorBudget, BurnWatch.News?)] = [
            (budget(hour: 6, five: 6, six: 6, half: 6), .began(.fast)),
            (budget(hour: 15, five: 50, six: 7, half: 30), .began(.fastest)),
            (budget(hour: 10, five: 10, six: 8, half: 20), nil),
            // The hour is over, the six hours are not.
            (budget(hour: 10, five: 0, six: 8, half: 10), nil),
            (budget(hour: 5, five: 0, six: 8, half: 0), .ended(.fastest)),
        ]
        #expect(looks.map { watch.look($0.0) } == looks.map(\.1))
    }
}
