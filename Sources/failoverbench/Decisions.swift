import FailoverCore
import FailoverSimulation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The decision rules of this project and its peers, side by side: `failoverbench decisions [--probes N] [--runs N] [--seed N]
/// [--json FILE] [--markdown FILE]`.
struct Decisions {
    private static let usage =
        "usage: failoverbench decisions [--probes N] [--runs N] [--seed N] [--json FILE] [--markdown FILE]"

    private var probes = 25_000_000
    private var runs = 1000
    private var seed: UInt64 = 1
    private var json: String?
    private var markdown: String?

    /// - Returns: The exit status: 1 if a figure is off that nothing explains.
    static func run(_ arguments: [String]) async -> CInt {
        var bench = Decisions()
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return refuse("\(name) is not known here, or has no value") }
            switch (name, UInt64(value)) {
            case ("--probes", let number?) where (1...10_000_000_000).contains(number): bench.probes = Int(number)
            case ("--runs", let number?) where (1...1_000_000).contains(number): bench.runs = Int(number)
            case ("--seed", let number?): bench.seed = number
            case ("--json", _): bench.json = value
            case ("--markdown", _): bench.markdown = value
            case ("--probes", _), ("--runs", _), ("--seed", _):
                return refuse(
                    "\(name) is \(value): a number from 1 is needed, at most 10 billion probes, a million runs"
                )
            default: return refuse("\(name) is not known here")
            }
        }
        return await bench.compare()
    }

    private static func refuse(_ what: String) -> CInt {
        print("failoverbench: \(what)\n\(usage)")
        return 64
    }

    private func compare() async -> CInt {
        let bench = DecisionBench(probes: probes, runs: runs, seed: seed)
        let parts = await withTaskGroup(of: (Int, DecisionBench.Part).self) { group in
            for (index, job) in bench.jobs.enumerated() { group.addTask { (index, bench.play(job)) } }
            var parts: [(index: Int, part: DecisionBench.Part)] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.index < $1.index }.map(\.part)
        }
        let results = DecisionResults(bench, parts: parts)
        let head =
            "\(probes.grouped) healthy probes of each noise and \(runs.grouped) runs of each fault, seed \(seed)."
        let verdicts = results.verdicts
        let tables = results.tables + [verdicts.budgetTable]
        print("\(head)\n\n\(tables.map(\.text).joined(separator: "\n"))")
        print(results.summary)
        print(verdicts.lines.joined(separator: "\n"))
        if let markdown {
            let items = verdicts.lines.map { "- \($0)\n" }.joined()
            let text = "\(head)\n\n\(tables.map(\.markdown).joined(separator: "\n"))\n\(items)"
            guard write(text, to: markdown) else { return 74 }
        }
        if let json, !write(results.json, to: json) { return 74 }
        return results.cells.contains(where: \.isOff) ? 1 : 0
    }

    private func write(_ text: String, to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return complain(path) }
        let isWritten = fputs(text, file) >= 0
        let isClosed = fclose(file) == 0
        return isWritten && isClosed || complain(path)
    }

    private func complain(_ path: String) -> Bool {
        print("failoverbench: \(path): \(String(cString: strerror(errno)))")
        return false
    }
}

extension DecisionResults {
    /// All figures; names are plain ASCII without quotes, so nothing has to be escaped.
    fileprivate var json: String {
        let noises = zip(NoiseModel.all, healthy).map { "\"\($0.name)\":\(counts(contestants, $1))" }
        let otherNoises = zip(NoiseModel.heldOut, otherNoise).map { "\"\($0.name)\":\(counts(others, $1))" }
        let faults = zip(GrayFault.all, delays).map { "\"\($0.name)\":\(figures($1))" }
        let recordFaults = zip(GrayFault.all, recordDelays).map { "\"\($0.name)\":\(figures($1))" }
        let patterns = zip(FlapPattern.allCases, flaps).map { pattern, counts in
            "\"\(pattern.rawValue)\":"
                + object(contestants, counts) {
                    "{\"runs\":\($0.runs),\"moved\":\($0.runsWithSwitch),"
                        + "\"switches_per_hour\":\($0.meanSwitches / Double(pattern.hours)),\"hit\":\($0.hitShare)}"
                }
        }
        let losses = DecisionBench.losses.indices.map { loss in
            "\"\(DecisionBench.losses[loss])\":{\"without\":\(object(contestants, unwitnessed[loss]) { "\($0)" }),"
                + "\"witnessed\":\(object(contestants, witnessed[loss]) { "\($0)" })}"
        }
        let compared = cells.map { cell in
            "{\"table\":\"\(cell.table)\",\"rule\":\"\(cell.contestant)\",\"column\":\"\(cell.column)\","
                + "\"stated\":\"\(cell.stated)\",\"measured\":\"\(cell.measured)\","
                + "\"deviation\":\(cell.deviation.isFinite ? "\(cell.deviation)" : "null"),\"within\":\(cell.isWithin)}"
        }
        return "{\"probes\":\(probes),\"runs\":\(runs),\"seed\":\(seed),\n"
            + "\"false\":{\(noises.joined(separator: ",\n"))},\n"
            + "\"false_on_other_noise\":{\(otherNoises.joined(separator: ",\n"))},\n"
            + "\"delays\":{\(faults.joined(separator: ",\n"))},\n"
            + "\"record\":\(record),\"delays_after_record\":{\(recordFaults.joined(separator: ",\n"))},\n"
            + "\"flapping\":{\(patterns.joined(separator: ",\n"))},\n\"observer\":{\(losses.joined(separator: ",\n"))},\n"
            + "\"cells\":[\(compared.joined(separator: ",\n"))]}\n"
    }

    private func counts(_ names: [String], _ counts: [HealthyCounts]) -> String {
        object(names, counts) { "{\"probes\":\($0.probes),\"trips\":\($0.trips),\"down\":\($0.down)}" }
    }

    private func figures(_ figures: [DelayFigures]) -> String {
        object(contestants, figures) {
            "{\"runs\":\($0.runs),\"found\":\($0.found),\"mean\":\($0.mean),"
                + "\"standard_error\":\($0.standardError),\"p95\":\($0.p95)}"
        }
    }

    /// A value for each contestant.
    private func object<Value>(_ names: [String], _ values: [Value], _ text: (Value) -> String) -> String {
        let fields = zip(names, values).map { "\"\($0)\":\(text($1))" }
        return "{\(fields.joined(separator: ","))}"
    }
}
