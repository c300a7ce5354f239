import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Micro-benchmarks of what costs CPU time with every probe: `failoverbench [windows] [engine] [metrics] [--json] [--quick]`.
///
/// And what takes long: see ``LongRuns``.
@main
enum Failoverbench {
    private static let usage = "usage: failoverbench [windows] [engine] [metrics] [--json] [--quick]"

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "history" { exit(HistoryRun.run(Array(arguments.dropFirst()))) }
        if arguments.first == "decisions" { exit(await Decisions.run(Array(arguments.dropFirst()))) }
        if arguments.first == "hiccups" { exit(await Hiccups.run(Array(arguments.dropFirst()))) }
        if arguments.first == "troubles" { exit(await Troubles.run(Array(arguments.dropFirst()))) }
        if arguments.first == "follow" { exit(FollowLoad.run(Array(arguments.dropFirst()))) }
        if let status = await LongRuns.run(Array(arguments)) { exit(status) }
        let known: Set<String> = ["windows", "engine", "metrics", "--json", "--quick"]
        if let unknown = arguments.first(where: { !known.contains($0) }) {
            print("failoverbench: \(unknown) is not known\n\(usage)")
            return
        }
        let chosen = arguments.filter { !$0.hasPrefix("--") }
        let benchmark = Benchmark(repeats: arguments.contains("--quick") ? 2 : 5)
        var rows: [Row] = []
        if chosen.isEmpty || chosen.contains("engine") { rows += EngineBenchmarks(benchmark: benchmark).rows() }
        if chosen.isEmpty || chosen.contains("windows") { rows += WindowBenchmarks(benchmark: benchmark).rows() }
        if chosen.isEmpty || chosen.contains("metrics") { rows += MetricBenchmarks(benchmark: benchmark).rows() }
        print(arguments.contains("--json") ? json(rows) : table(rows))
    }

    /// Names are plain ASCII without quotes: nothing has to be escaped.
    private static func json(_ rows: [Row]) -> String {
        let objects = rows.map { row in
            let key = row.unit == .nanoseconds ? "ns_per_operation" : "bytes"
            return "{\"name\":\"\(row.name)\",\"operations\":\(row.operations),"
                + "\"\(key)\":\(row.value.formatted(decimals: 1))}"
        }
        return "{\"rows\":[\(objects.joined(separator: ","))]}"
    }

    private static func table(_ rows: [Row]) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            let name = row.name + String(repeating: " ", count: width - row.name.count)
            let value = row.value.formatted(decimals: 0)
            return "\(name)  " + String(repeating: " ", count: max(0, 10 - value.count))
                + "\(value) \(row.unit.rawValue)"
        }.joined(separator: "\n")
    }
}
