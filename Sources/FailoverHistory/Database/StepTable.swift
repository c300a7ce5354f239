import FailoverWire
import GRDB

/// One of the four tables of steps.
struct StepTable: Sendable {
    enum Subject: Sendable {
        case probes, routes
    }

    let name: String
    /// Of the probe or route.
    let idColumn: String
    private let columns: [String]

    init(_ subject: Subject, _ step: HistoryStep) {
        switch subject {
        case .probes:
            name = step == .minute ? "minutes" : "hours"
            idColumn = "series"
            columns = HistorySchema.probeColumns + ["latency", "ttft"]
        case .routes:
            name = step == .minute ? "route_minutes" : "route_hours"
            idColumn = "route"
            columns = HistorySchema.routeColumns
        }
    }

    /// The numbers and latencies, as in a selection.
    var list: String { columns.joined(separator: ", ") }

    /// Whether anything is kept of that step: a daemon that was restarted writes a minute twice.
    func has(_ at: Int, _ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT 1 FROM \(name) WHERE at = ? LIMIT 1", arguments: [at]) != nil
    }

    /// Adds a row, to what is there if that may be.
    func put<Kept: StepRow>(_ row: Kept, at: Int, _ id: Int64, merging: Bool, _ db: Database) throws {
        var whole = row
        if merging, let before: Kept = try get(at: at, id, db) { whole.add(before) }
        let marks = Array(repeating: "?", count: columns.count + 2).joined(separator: ", ")
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO \(name) (at, \(idColumn), \(list)) VALUES (\(marks))"
        )
        try statement.execute(arguments: StatementArguments([at, id] + whole.values))
    }

    func get<Kept: StepRow>(at: Int, _ id: Int64, _ db: Database) throws -> Kept? {
        let statement = try db.cachedStatement(sql: "SELECT \(list) FROM \(name) WHERE at = ? AND \(idColumn) = ?")
        return try Row.fetchOne(statement, arguments: [at, id]).map { try Kept($0, from: 0) }
    }

    // MARK: - Hours from minutes

    /// Things that are summed up at a time: their latencies take 25 kB each.
    private static let chunk: Int64 = 128

    /// Sums up the minutes of an hour.
    static func rollUp(hour: Int, _ db: Database) throws {
        let last = try Int64.fetchOne(db, sql: "SELECT max(id) FROM series") ?? 0
        for first in stride(from: Int64(0), through: last, by: Int64.Stride(chunk)) {
            try rollUp(hour: hour, ids: first...(first + chunk - 1), db)
        }
        try rollUpRoutes(hour: hour, db)
    }

    fileprivate struct Sum {
        var sums = ProbeSums()
        var latency = LatencyHistogram()
        var ttft = LatencyHistogram()
    }

    private static func rollUp(hour: Int, ids: ClosedRange<Int64>, _ db: Database) throws {
        let minutes = StepTable(.probes, .minute)
        let statement = try db.cachedStatement(
            sql: "SELECT series, \(minutes.list) FROM minutes WHERE at = ? AND series BETWEEN ? AND ?"
        )
        var sums: [Int64: Sum] = [:]
        for minute in stride(from: hour, to: hour + 3600, by: 60) {
            let rows = try Row.fetchCursor(statement, arguments: [minute, ids.lowerBound, ids.upperBound])
            while let row = try rows.next() {
                let found = try ProbeRow(row, from: 1)
                sums[try row.number(0), default: Sum()].add(found)
            }
        }
        let hours = StepTable(.probes, .hour)
        for id in sums.keys.sorted() {
            guard let sum = sums[id] else { continue }
            let row = ProbeRow(
                sums: sum.sums,
                latency: sum.latency.isEmpty ? nil : sum.latency.encoded,
                ttft: sum.ttft.isEmpty ? nil : sum.ttft.encoded
            )
            try hours.put(row, at: hour, id, merging: false, db)
        }
    }

    private static func rollUpRoutes(hour: Int, _ db: Database) throws {
        let sums = HistorySchema.routeColumns.map { "sum(\($0))" }.joined(separator: ", ")
        let columns = HistorySchema.routeColumns.joined(separator: ", ")
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO route_hours (at, route, \(columns))
                SELECT ?1, route, \(sums) FROM route_minutes WHERE at >= ?1 AND at < ?1 + 3600 GROUP BY route
                """,
            arguments: [hour]
        )
    }
}

extension StepTable.Sum {
    fileprivate mutating func add(_ row: ProbeRow) {
        sums += row.sums
        if let bytes = row.latency { latency.add(encoded: bytes) }
        if let bytes = row.ttft { ttft.add(encoded: bytes) }
    }
}
