import FailoverCore
import FailoverSimulation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Endpoints with the same short trouble each day: `failoverbench troubles [--days N] [--runs N] [--seed N]`.
///
/// A measurement, not a test: it says how often `balanced` leaves them for it, and how late faults that last are found after that, and
/// ends with 0 whatever it finds.
enum Troubles {
    private static let usage = "usage: failoverbench troubles [--days N] [--runs N] [--seed N]"
    private typealias Trouble = DailyTroubleRun.Trouble

    private static let all: [Trouble] = [
        Trouble(isSlow: true, share: 0, length: 0), Trouble(isSlow: true, share: 0.5, length: 60),
        Trouble(isSlow: true, share: 0.3, length: 120), Trouble(isSlow: true, share: 0.2, length: 600),
        Trouble(isSlow: true, share: 1, length: 30), Trouble(isSlow: false, share: 0.3, length: 60),
        Trouble(isSlow: false, share: 0.5, length: 30), Trouble(isSlow: false, share: 1, length: 30),
    ]
    /// Faults that last, and the time after which they count as not found, in seconds.
    private static let faults: [(name: String, share: Double, isSlow: Bool)] = [
        ("slow 5 %", 0.05, true), ("slow 10 %", 0.1, true), ("slow 20 %", 0.2, true), ("slow 100 %", 1, true),
        ("err 5 %", 0.05, false), ("err 10 %", 0.1, false), ("err 30 %", 0.3, false), ("hard", 1, false),
    ]
    private static let most = 28_800.0

    private struct Options {
        var days: UInt64 = 60
        var runs: UInt64 = 40
        var seed: UInt64 = 1
    }

    /// - Returns: The exit status.
    static func run(_ arguments: [String]) async -> CInt {
        var options = Options()
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch (name, rest.popFirst().flatMap { UInt64($0) }) {
            case ("--days", let number?) where (3...1000).contains(number): options.days = number
            case ("--runs", let number?) where (1...10_000).contains(number): options.runs = number
            case ("--seed", let number?): options.seed = number
            default:
                print("failoverbench: \(name) is not known here, or has no such number; days are 3 to 1,000\n\(usage)")
                return 64
            }
        }
        print(
            "seed \(options.seed): balanced, every 5 s; \(options.days) days with a trouble each, how often it was left in each third of "
                + "them, then the mean seconds to a fault that lasts, of \(options.runs) runs (not found within \(most.trimmed) s)"
        )
        for line in await lines(options) { print(line) }
        return 0
    }

    private static func lines(_ options: Options) async -> [String] {
        let header = ["trouble", "left"] + faults.map(\.name)
        let rows = await withTaskGroup(of: (index: Int, cells: [String]).self) { group in
            for (index, trouble) in all.enumerated() {
                group.addTask { (index, cells(of: trouble, seed: options.seed &+ UInt64(index), options)) }
            }
            var rows: [(index: Int, cells: [String])] = []
            for await row in group { rows.append(row) }
            return rows.sorted { $0.index < $1.index }.map(\.cells)
        }
        let rule = ["---", "---"] + faults.map { _ in "---:" }
        return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    private static func cells(of trouble: Trouble, seed: UInt64, _ options: Options) -> [String] {
        var run = DailyTroubleRun(trouble, seed: seed)
        run.live(days: Int(options.days))
        let delays = faults.map { fault in
            let found = (0..<options.runs).map { number in
                run.delay(of: fault.share, isSlow: fault.isSlow, most: most, seed: seed &* 1000 &+ number)
            }
            let missed = found.count { $0 >= most }
            let mean = (found.reduce(0, +) / Double(found.count)).formatted(decimals: 0)
            let share = Double(missed) / Double(found.count) * 100
            return missed == 0 ? mean : "\(mean) (\(share.formatted(decimals: 0)) % not found)"
        }
        return [trouble.name, run.trips.map(String.init).joined(separator: ", ")] + delays
    }
}
