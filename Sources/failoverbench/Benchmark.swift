#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One measured figure.
struct Row {
    let name: String
    /// What was repeated; 1 for a figure that is no time.
    let operations: Int
    /// Nanoseconds per operation, or what `unit` says.
    let value: Double
    var unit = Unit.nanoseconds

    enum Unit: String {
        case nanoseconds = "ns"
        case bytes = "B"
    }
}

/// Runs code several times and keeps the quickest: what else runs on a machine only ever makes a run slower.
struct Benchmark {
    let repeats: Int

    /// - Parameters:
    ///   - name: What the row is called.
    ///   - operations: How many operations one call of `body` does.
    ///   - prepare: Makes what `body` works on; not measured.
    ///   - body: What is measured.
    /// - Returns: The best of the repeats.
    func measure<Subject>(
        _ name: String,
        operations: Int,
        prepare: () -> Subject,
        body: (inout Subject) -> Void
    ) -> Row {
        var best = Double.infinity
        for _ in 0..<repeats {
            var subject = prepare()
            let start = CPUTime.now
            body(&subject)
            best = min(best, CPUTime.now - start)
        }
        return Row(name: name, operations: operations, value: best / Double(operations))
    }
}

/// The time that this process has spent on a processor: what else runs on the machine is not in it.
enum CPUTime {
    /// Nanoseconds.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// Keeps a result alive, so that the work for it is not optimised away.
@inline(never)
func keep<Value>(_ value: borrowing Value) {}
