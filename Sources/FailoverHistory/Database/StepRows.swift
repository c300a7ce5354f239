import FailoverCore
import FoundationEssentials
import GRDB

/// What is stored of one thing in one step: numbers, and latencies.
protocol StepRow: Sendable {
    /// In the order of the table's columns.
    var values: [(any DatabaseValueConvertible)?] { get }
    /// Begins at that column.
    init(_ row: Row, from column: Int)
    mutating func add(_ other: Self)
}

struct ProbeRow: StepRow {
    var sums: ProbeSums
    /// `nil` for no latency.
    var latency: [UInt8]?
    var ttft: [UInt8]?

    init(sums: ProbeSums, latency: [UInt8]?, ttft: [UInt8]?) {
        self.sums = sums
        self.latency = latency
        self.ttft = ttft
    }

    var isEmpty: Bool { sums.isEmpty && latency == nil && ttft == nil }

    var values: [(any DatabaseValueConvertible)?] {
        var values: [(any DatabaseValueConvertible)?] = sums.stored.map(\.self)
        values.append(latency.map { Data($0) })
        values.append(ttft.map { Data($0) })
        return values
    }

    init(_ row: Row, from column: Int) {
        sums = ProbeSums(row, from: column)
        let count = HistorySchema.probeColumns.count
        latency = (row[column + count] as Data?).map { Array($0) }
        ttft = (row[column + count + 1] as Data?).map { Array($0) }
    }

    mutating func add(_ other: ProbeRow) {
        sums += other.sums
        latency = Self.merged(latency, other.latency)
        ttft = Self.merged(ttft, other.ttft)
    }

    private static func merged(_ one: [UInt8]?, _ other: [UInt8]?) -> [UInt8]? {
        guard let one, let other else { return one ?? other }
        var histogram = LatencyHistogram()
        histogram.add(encoded: one)
        histogram.add(encoded: other)
        return histogram.encoded
    }
}

struct RouteRow: StepRow {
    var sums: RouteSums

    init(sums: RouteSums) { self.sums = sums }

    var values: [(any DatabaseValueConvertible)?] { sums.stored }

    init(_ row: Row, from column: Int) { sums = RouteSums(row, from: column) }

    mutating func add(_ other: RouteRow) { sums += other.sums }
}

extension ProbeSums {
    /// In the order of `HistorySchema.probeColumns`.
    var stored: [Int] {
        [
            samples, bad, void, slow, late, known.inWholeMilliseconds, badTime.inWholeMilliseconds,
            answered.inWholeMilliseconds, slowTime.inWholeMilliseconds, tokens.inWholeMilliseconds,
            lateTime.inWholeMilliseconds,
        ]
    }

    init(_ row: Row, from column: Int) {
        self.init()
        func number(_ index: Int) -> Int { row[column + index] ?? 0 }
        func time(_ index: Int) -> Duration { .milliseconds(number(index)) }
        (samples, bad, void, slow, late) = (number(0), number(1), number(2), number(3), number(4))
        (known, badTime, answered, slowTime) = (time(5), time(6), time(7), time(8))
        (tokens, lateTime) = (time(9), time(10))
    }
}

extension RouteSums {
    /// In the order of `HistorySchema.routeColumns`.
    var stored: [(any DatabaseValueConvertible)?] { asRouted.stored + withoutFailover.stored }

    init(_ row: Row, from column: Int) {
        self.init()
        asRouted = Side(row, from: column)
        withoutFailover = Side(row, from: column + 4)
    }
}

extension RouteSums.Side {
    fileprivate var stored: [(any DatabaseValueConvertible)?] {
        [samples, bad, known.inWholeMilliseconds, badTime.inWholeMilliseconds]
    }

    fileprivate init(_ row: Row, from column: Int) {
        self.init()
        samples = row[column] ?? 0
        bad = row[column + 1] ?? 0
        known = .milliseconds(row[column + 2] as Double? ?? 0)
        badTime = .milliseconds(row[column + 3] as Double? ?? 0)
    }
}

extension Duration {
    /// Rounded to the nearest.
    var inWholeMilliseconds: Int { Int((nanoseconds + 500_000) / 1_000_000) }
}
