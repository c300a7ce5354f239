import FailoverCore
import FailoverSimulation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Healthy endpoints whose hiccups are as long as each preset assumes, and longer: `failoverbench hiccups [--years N] [--seed N]`.
///
/// A measurement, not a test: it says how often the rule leaves them beside what it promises, and ends with 0 whatever it finds.
enum Hiccups {
    private static let usage = "usage: failoverbench hiccups [--years N] [--seed N]"

    /// - Returns: The exit status.
    static func run(_ arguments: [String]) async -> CInt {
        var years: UInt64 = 10
        var seed: UInt64 = 1
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch (name, rest.popFirst().flatMap { UInt64($0) }) {
            case ("--years", let number?) where (1...1000).contains(number): years = number
            case ("--seed", let number?): seed = number
            default:
                print("failoverbench: \(name) is not known here, or has no number; years are 1 to 1,000\n\(usage)")
                return 64
            }
        }
        print("seed \(seed): healthy endpoints with hiccups of an exponential length, probed every 5 s")
        for line in await lines(years: Double(years), seed: seed) { print(line) }
        return 0
    }

    private static func lines(years: Double, seed: UInt64) async -> [String] {
        let cells = Preset.allCases.flatMap { preset in HiccupRun.multiples.map { (preset, $0) } }
        return await withTaskGroup(of: (index: Int, line: String).self) { group in
            for (index, cell) in cells.enumerated() {
                group.addTask {
                    var run = HiccupRun(parameters: .preset(cell.0), multiple: cell.1, seed: seed &+ UInt64(index))
                    run.run(years: years)
                    return (index, run.line)
                }
            }
            var lines: [(index: Int, line: String)] = []
            for await line in group { lines.append(line) }
            return lines.sorted { $0.index < $1.index }.map(\.line)
        }
    }
}
