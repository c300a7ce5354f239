package import FailoverCore
package import FailoverWire
import FoundationEssentials
import GRDB

/// Reads the past; each has a connection of its own, and any thread that may wait for the disk may have one.
package struct HistoryReader: Sendable {
    private let queue: DatabaseQueue
    /// Hours before this are told by the hour.
    private let rolledUntil: Int
    /// What is not in the database yet; oldest first.
    private let unwritten: [HistoryMinute]
    private let file: HistoryFile

    /// Windows up to this length are summed up minute by minute.
    static let longestByMinutes = 6 * 3600

    package init(_ file: HistoryFile, unwritten: [HistoryMinute] = []) throws(HistoryError) {
        guard file.identity != nil else { throw .failing("there is no \(file.path)") }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(2)
        configuration.label = "history-reader"
        queue = try HistoryError.telling { try DatabaseQueue(path: file.path, configuration: configuration) }
        rolledUntil = try HistoryError.telling { [queue] in
            try queue.inDatabase { db in
                // Its file is there before its tables are.
                guard try !HistorySchema.isEmpty(db) else { throw HistoryError.failing("it has only just begun") }
                if let why = try HistorySchema.objection(db) { throw HistoryError.unusable(why) }
                let sql = "SELECT value FROM facts WHERE name = 'rolled_until'"
                return try Int.fetchOne(db, sql: sql) ?? 0
            }
        }
        self.file = file
        self.unwritten = unwritten
    }

    package func close() { try? queue.close() }

    /// What the configuration said when it was written last; `nil` in a database without it.
    package func facts() throws(HistoryError) -> HistoryFacts? {
        try HistoryError.telling {
            let text = try queue.inDatabase { db in
                try String.fetchOne(db, sql: "SELECT value FROM facts WHERE name = 'configuration'")
            }
            return try text.map { try Wire.decode(HistoryFacts.self, from: Data($0.utf8)) }
        }
    }

    // MARK: - Series

    /// One step of one or several probes.
    package struct Step: Sendable {
        package var start: Int
        package var sums: ProbeSums
        package var latency: LatencyHistogram
        package var ttft: LatencyHistogram
    }

    /// The steps of an endpoint up to that which `now` lies in, oldest first; `nil` for all its probes together.
    package func steps(
        of endpoint: EndpointName,
        probe: ProbeName?,
        _ step: HistoryStep,
        count: Int,
        now: Int,
        _ take: (borrowing Step) -> Void
    ) throws(HistoryError) {
        try HistoryError.telling {
            try queue.inDatabase { db in
                let ids = try Int64.fetchAll(
                    db,
                    sql: "SELECT id FROM series WHERE endpoint = ? AND (?2 IS NULL OR probe = ?2) ORDER BY id",
                    arguments: [endpoint.rawValue, probe?.rawValue]
                )
                var found = Step(start: 0, sums: ProbeSums(), latency: LatencyHistogram(), ttft: LatencyHistogram())
                let newest = now / step.rawValue * step.rawValue
                for start in stride(from: newest - (count - 1) * step.rawValue, through: newest, by: step.rawValue) {
                    found.begin(start)
                    for id in ids { try add(to: &found, id, step, db) }
                    for minute in unwritten where minute.start / step.rawValue * step.rawValue == start {
                        found.add(minute, endpoint, probe)
                    }
                    if found.sums.samples > 0 || found.sums.void > 0 { take(found) }
                }
            }
        }
    }

    private func add(to step: inout Step, _ id: Int64, _ size: HistoryStep, _ db: Database) throws {
        guard size == .hour, step.start >= rolledUntil else {
            if let row: ProbeRow = try StepTable(.probes, size).get(at: step.start, id, db) { step.add(row) }
            return
        }
        // The hour that is not over.
        for minute in stride(from: step.start, to: step.start + size.rawValue, by: HistoryStep.minute.rawValue) {
            if let row: ProbeRow = try StepTable(.probes, .minute).get(at: minute, id, db) { step.add(row) }
        }
    }

    // MARK: - Sums

    /// What the probes found since then, of those that found anything.
    package func probes(since start: Int, now: Int) throws(HistoryError) -> [ProbeKey: ProbeSums] {
        let columns = HistorySchema.probeColumns.map { "sum(\($0))" }.joined(separator: ", ")
        var sums: [ProbeKey: ProbeSums] = [:]
        for (table, range) in parts(.probes, since: start, now: now) {
            let sql = """
                SELECT endpoint, probe, \(columns) FROM \(table) JOIN series ON series.id = \(table).series
                WHERE at >= ? AND at < ? GROUP BY series
                """
            try read(sql, range) { row in
                let key = ProbeKey(
                    endpoint: EndpointName(rawValue: try row.text(0)),
                    probe: ProbeName(rawValue: try row.text(1))
                )
                sums[key, default: ProbeSums()] += try ProbeSums(row, from: 2)
            }
        }
        for minute in unwritten where minute.start >= start {
            for probe in minute.probes { sums[probe.key, default: ProbeSums()] += probe.sums }
        }
        return sums
    }

    /// The same of routes.
    package func routes(since start: Int, now: Int) throws(HistoryError) -> [RouteName: RouteSums] {
        let columns = HistorySchema.routeColumns.map { "sum(\($0))" }.joined(separator: ", ")
        var sums: [RouteName: RouteSums] = [:]
        for (table, range) in parts(.routes, since: start, now: now) {
            let sql = """
                SELECT name, \(columns) FROM \(table) JOIN routes ON routes.id = \(table).route
                WHERE at >= ? AND at < ? GROUP BY route
                """
            try read(sql, range) { row in
                sums[RouteName(rawValue: try row.text(0)), default: RouteSums()] += try RouteSums(row, from: 1)
            }
        }
        for minute in unwritten where minute.start >= start {
            for route in minute.routes { sums[route.name, default: RouteSums()] += route.sums }
        }
        return sums
    }

    /// Hours as far as there are any, and the minutes after them; a short window by minutes alone.
    private func parts(
        _ subject: StepTable.Subject,
        since start: Int,
        now: Int
    ) -> [(table: String, range: Range<Int>)] {
        let end = Int.max
        let minutes = StepTable(subject, .minute).name
        guard now - start > Self.longestByMinutes else { return [(minutes, start..<end)] }
        let first = start / 3600 * 3600
        let border = max(first, rolledUntil)
        return [(StepTable(subject, .hour).name, first..<border), (minutes, border..<end)]
    }

    private func read(_ sql: String, _ range: Range<Int>, _ take: (Row) throws -> Void) throws(HistoryError) {
        try HistoryError.telling {
            try queue.inDatabase { db in
                let rows = try Row.fetchCursor(db, sql: sql, arguments: [range.lowerBound, range.upperBound])
                while let row = try rows.next() { try take(row) }
            }
        }
    }

    // MARK: - Transitions and spend

    /// Events since then that moved a route, oldest first; at most 10,000.
    package func moves(since start: Int) throws(HistoryError) -> [EventDocument] {
        try HistoryError.telling {
            try queue.inDatabase { db in
                let documents = try String.fetchCursor(
                    db,
                    sql:
                        "SELECT document FROM transitions WHERE at >= ? AND route IS NOT NULL ORDER BY at, id LIMIT 10000",
                    arguments: [Double(start)]
                )
                var events: [EventDocument] = []
                while let document = try documents.next() {
                    // One of another version is left out.
                    guard let event = try? Wire.decode(EventDocument.self, from: Data(document.utf8)), event.isMove
                    else { continue }
                    events.append(event)
                }
                return events
            }
        }
    }

    /// What probing each endpoint has cost since that day.
    package func spend(sinceDay day: Int) throws(HistoryError) -> [EndpointName: Money] {
        try HistoryError.telling {
            try queue.inDatabase { db in
                var sums: [EndpointName: Money] = [:]
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT endpoint, picos FROM spend WHERE day >= ? ORDER BY day",
                    arguments: [day]
                )
                while let row = try rows.next() {
                    sums[EndpointName(rawValue: try row.text(0)), default: .zero] += try row.money(1)
                }
                return sums
            }
        }
    }
}

extension HistoryReader.Step {
    fileprivate mutating func begin(_ start: Int) {
        self.start = start
        sums = ProbeSums()
        latency.reset()
        ttft.reset()
    }

    fileprivate mutating func add(_ row: ProbeRow) {
        sums += row.sums
        if let bytes = row.latency { latency.add(encoded: bytes) }
        if let bytes = row.ttft { ttft.add(encoded: bytes) }
    }

    fileprivate mutating func add(_ minute: HistoryMinute, _ endpoint: EndpointName, _ probe: ProbeName?) {
        let isAsked = minute.probes.map { $0.key.endpoint == endpoint && (probe == nil || $0.key.probe == probe) }
        for (index, probe) in minute.probes.enumerated() where isAsked[index] { sums += probe.sums }
        for sample in minute.samples where isAsked[Int(sample.probe)] {
            if sample.latency != LatencyBuckets.absent { latency.record(sample.latency) }
            if sample.ttft != LatencyBuckets.absent { ttft.record(sample.ttft) }
        }
    }
}
