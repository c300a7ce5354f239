import FailoverCore
import FailoverSimulation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What takes too long without optimisation: random worlds, the budget of the rule, and losses of the observer's own.
///
/// The seed is random unless given, or in FAILOVERD_SEED; it is printed, and gives the same lines again.
struct LongRuns {
    private let amount: Int?
    private let seed: UInt64

    private static let usage = """
        usage: failoverbench simulation [--endpoint-days N] [--seed N]
               failoverbench budget [--probes N] [--seed N]
               failoverbench observer-loss [--runs N] [--seed N]
               failoverbench speed [--worlds N] [--seed N]
        """
    /// Each with what it is given the number of.
    private static let modes = [
        ("simulation", "--endpoint-days"), ("budget", "--probes"), ("observer-loss", "--runs"),
        ("speed", "--worlds"),
    ]

    /// Runs if it is meant, and says how the process ends; `nil` if it is not.
    static func run(_ arguments: [String]) async -> CInt? {
        guard let (mode, option) = modes.first(where: { $0.0 == arguments.first }) else { return nil }
        var values: [String: UInt64] = [:]
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard [option, "--seed"].contains(name), let text = rest.popFirst(), let value = UInt64(text) else {
                print("failoverbench: \(name) is not known here, or has no number\n\(usage)")
                return 64
            }
            values[name] = value
        }
        let seed = values["--seed"] ?? getenv("FAILOVERD_SEED").flatMap { UInt64(String(cString: $0)) }
        let runs = LongRuns(
            amount: values[option].map { Int(clamping: $0) },
            // Short enough to be typed.
            seed: seed ?? UInt64.random(in: 1...999_999_999)
        )
        switch mode {
        case "simulation": return await runs.simulate()
        case "budget": return await runs.holdBudget()
        case "speed": return await runs.chooseTheFastest()
        default: return await runs.loseAttempts()
        }
    }

    // MARK: - Worlds

    /// Worlds under way at once; the order in which they are told is that of their seeds.
    private static let batch = 16

    private func simulate() async -> CInt {
        let wanted = Double(amount ?? 1000)
        var runs = RandomRuns()
        var next = seed
        while runs.endpointDays < wanted, runs.broken.isEmpty {
            let seeds = (0..<UInt64(Self.batch)).map { next &+ $0 }
            next &+= UInt64(Self.batch)
            for run in await inOrder(seeds, { RandomRun.play(seed: $0) }) { runs.add(run) }
        }
        print(runs.report(seed: seed))
        return runs.broken.isEmpty ? 0 : 1
    }

    // MARK: - The budget

    private func holdBudget() async -> CInt {
        let probes = amount ?? 100_000_000
        let lines = await inOrder(Preset.allCases) { preset in
            var run = BudgetRun(parameters: .preset(preset), seed: seed)
            run.run(probes: probes)
            return (line: run.line, isKept: run.isKept)
        }
        print("seed \(seed): healthy probes, drawn from the rule's own model")
        for line in lines { print(line.line) }
        return lines.allSatisfy(\.isKept) ? 0 : 1
    }

    // MARK: - The observer's own loss

    /// Runs with a needless move that are allowed for each share: the veto makes them rare, and nothing makes them impossible.
    private static let needless = 2
    /// Runs that one processor does at a time.
    private static let slice: UInt64 = 100

    private func loseAttempts() async -> CInt {
        print("seed \(seed): three endpoints that are well, preset balanced")
        var isKept = true
        for share in [Ratio(1), Ratio(0.85)] {
            let last = seed &+ UInt64(amount ?? 2000)
            let slices = stride(from: seed, to: last, by: Int(Self.slice)).map { $0..<min($0 &+ Self.slice, last) }
            var all = ObserverLossRun(share: share)
            for run in await inOrder(
                slices,
                { seeds in
                    var run = ObserverLossRun(share: share)
                    run.play(seeds: seeds)
                    return run
                }
            ) { all.add(run) }
            print(all.line)
            isKept = isKept && all.moved <= Self.needless && all.broken == 0
        }
        return isKept ? 0 : 1
    }

    // MARK: - Lowest latency

    private func chooseTheFastest() async -> CInt {
        print("seed \(seed): three endpoints that are well, probed every 5 s, with the usual margins")
        let worlds = amount ?? 10
        var isKept = true
        for one in SpeedRun.Case.all {
            let seeds = (0..<UInt64(max(1, worlds))).map { seed &+ $0 }
            var sum = SpeedRun(one)
            for run in await inOrder(seeds, { SpeedRun.play(one, seed: $0) }) { sum.add(run) }
            print(sum.line)
            isKept = isKept && sum.broken == 0
        }
        return isKept ? 0 : 1
    }

    /// What `work` makes of each item, on all processors, in the order of the items.
    private func inOrder<Item: Sendable, Result: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (Item) -> Result
    ) async -> [Result] {
        await withTaskGroup(of: (index: Int, result: Result).self) { group in
            for (index, item) in items.enumerated() { group.addTask { (index, work(item)) } }
            var results: [(index: Int, result: Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.index < $1.index }.map(\.result)
        }
    }
}
