import FailoverCore
import FoundationEssentials
import GRDB

/// What is stored of one thing in one step: numbers, and latencies.
protocol StepRow: Sendable {
    /// In the order of the table's columns.
    var values: [(any DatabaseValueConvertible)?] { get }
    /// Begins at that column.
    init(_ row: Row, from column: Int) throws(HistoryError)
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

    init(_ row: Row, from column: Int) throws(HistoryError) {
        sums = try ProbeSums(row, from: column)
        let count = HistorySchema.probeColumns.count
        latency = try row.bytes(column + count)
        ttft = try row.bytes(column + count + 1)
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

    init(_ row: Row, from column: Int) throws(HistoryError) { sums = try RouteSums(row, from: column) }

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

    init(_ row: Row, from column: Int) throws(HistoryError) {
        self.init()
        func count(_ index: Int) throws(HistoryError) -> Int { try row.count(column + index) }
        func time(_ index: Int) throws(HistoryError) -> Duration { try row.time(column + index) }
        (samples, bad, void, slow, late) = (try count(0), try count(1), try count(2), try count(3), try count(4))
        (known, badTime, answered, slowTime) = (try time(5), try time(6), try time(7), try time(8))
        (tokens, lateTime) = (try time(9), try time(10))
    }
}

extension RouteSums {
    /// In the order of `HistorySchema.routeColumns`.
    var stored: [(any DatabaseValueConvertible)?] { asRouted.stored + withoutFailover.stored }

    init(_ row: Row, from column: Int) throws(HistoryError) {
        self.init()
        asRouted = try Side(row, from: column)
        withoutFailover = try Side(row, from: column + 4)
    }
}

extension RouteSums.Side {
    fileprivate var stored: [(any DatabaseValueConvertible)?] {
        [samples, bad, known.inWholeMilliseconds, badTime.inWholeMilliseconds]
    }

    fileprivate init(_ row: Row, from column: Int) throws(HistoryError) {
        self.init()
        samples = try row.amount(column)
        bad = try row.amount(column + 1)
        known = try row.time(column + 2)
        badTime = try row.time(column + 3)
    }
}

extension Duration {
    /// Rounded to the nearest.
    var inWholeMilliseconds: Int { Int((nanoseconds + 500_000) / 1_000_000) }
}
