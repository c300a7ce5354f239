package import FailoverCore
package import FailoverWire
import FoundationEssentials
import GRDB

/// Writes the past, on the one thread that may wait for the disk.
///
/// Nothing in it is needed to decide. A crash loses at most the last minutes: what was written is whole, and is not flushed for each.
package struct HistoryWriter: Sendable {
    package let file: HistoryFile
    private let queue: DatabaseQueue
    private let identity: HistoryFile.Identity?
    /// It was made just now.
    package let isNew: Bool
    private var series: [ProbeKey: Int64] = [:]
    private var routes: [RouteName: Int64] = [:]
    /// Hours before this are told by the hour, those from it on by the minute; `nil` while there is nothing.
    private(set) var rolledUntil: Int?

    /// Opens the file, or makes one; looks through one that is there.
    package init(_ file: HistoryFile) throws(HistoryError) {
        self.file = file
        let hasFile = file.identity != nil
        if !hasFile {
            file.removeCompanions()
            file.makeIfMissing()
        }
        let queue = try HistoryError.telling { try DatabaseQueue(path: file.path, configuration: Self.connection) }
        let (isNew, rolledUntil) = try HistoryError.telling {
            try queue.inDatabase { db in
                guard try HistorySchema.isEmpty(db) else {
                    if let why = try HistorySchema.objection(db) { throw HistoryError.unusable(why) }
                    let check = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? ""
                    guard check == "ok" else { throw HistoryError.unusable("it is damaged: \(check.prefix(200))") }
                    return (false, try Int.fetchOne(db, sql: "SELECT value FROM facts WHERE name = 'rolled_until'"))
                }
                try db.inTransaction {
                    try HistorySchema.create(db)
                    return .commit
                }
                return (true, nil)
            }
        }
        self.queue = queue
        self.isNew = isNew
        self.rolledUntil = rolledUntil
        identity = file.identity
    }

    private static var connection: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        // A reader may hold it for a moment, such as somebody's sqlite3.
        configuration.busyMode = .timeout(2)
        configuration.label = "history"
        configuration.prepareDatabase { db in
            // Before the first table, or room that became free would never be given back.
            try db.execute(
                sql: """
                    PRAGMA auto_vacuum = INCREMENTAL;
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = NORMAL;
                    PRAGMA journal_size_limit = 4194304;
                    PRAGMA cache_size = -4096;
                    """
            )
        }
        return configuration
    }

    /// Whether the file that is written is still the one at its path.
    package var isInPlace: Bool { file.identity == identity && identity != nil }

    /// The room that the database takes on disk, without what SQLite keeps beside it.
    package func size() throws(HistoryError) -> Int {
        try HistoryError.telling { try queue.inDatabase { try Self.size($0) } }
    }

    package func close() { try? queue.close() }

    // MARK: - Writing

    /// Writes all of it, or nothing.
    package mutating func write(
        _ minutes: [HistoryMinute],
        events: [EventDocument] = [],
        facts: HistoryFacts? = nil
    ) throws(HistoryError) {
        var names = self
        try HistoryError.telling {
            try queue.inDatabase { db in
                try db.inTransaction {
                    for minute in minutes { try names.write(minute, db) }
                    for event in events { try Self.write(event, db) }
                    if let facts {
                        let text = String(decoding: try Wire.encode(facts), as: UTF8.self)
                        try Self.set("configuration", to: text, db)
                    }
                    return .commit
                }
            }
        }
        self = names
    }

    /// Removes what is too old or too much.
    package func prune(_ settings: HistoryConfiguration, now: Int) throws(HistoryError) {
        try HistoryError.telling { try queue.inDatabase { try HistoryPruning(settings: settings, now: now).prune($0) } }
    }

    private mutating func write(_ minute: HistoryMinute, _ db: Database) throws {
        let hour = minute.start / 3600 * 3600
        try rollUp(before: hour, db)
        let latencies = Self.encoded(minute.samples, \.latency)
        let ttfts = Self.encoded(minute.samples, \.ttft)
        let probes = StepTable(.probes, .minute)
        let isAmong = try probes.has(minute.start, db)
        for (place, probe) in minute.probes.enumerated() {
            let row = ProbeRow(sums: probe.sums, latency: latencies[UInt32(place)], ttft: ttfts[UInt32(place)])
            guard !row.isEmpty else { continue }
            let id = try id(of: probe.key, db)
            try probes.put(row, at: minute.start, id, merging: isAmong, db)
            if minute.start < rolledUntil ?? 0 {
                try StepTable(.probes, .hour).put(row, at: hour, id, merging: true, db)
            }
        }
        for route in minute.routes where route.sums != RouteSums() {
            let id = try id(of: route.name, db)
            try StepTable(.routes, .minute).put(RouteRow(sums: route.sums), at: minute.start, id, merging: isAmong, db)
            if minute.start < rolledUntil ?? 0 {
                try StepTable(.routes, .hour).put(RouteRow(sums: route.sums), at: hour, id, merging: true, db)
            }
        }
        for spend in minute.spend {
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO spend (day, endpoint, picos, tokens) VALUES (?, ?, ?, ?)"
            )
            .execute(arguments: [spend.day, spend.endpoint.rawValue, "\(spend.cost.picos)", spend.tokens])
        }
    }

    /// One that is there already stays.
    private static func write(_ event: EventDocument, _ db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO transitions (id, at, event, route, document) VALUES (?, ?, ?, ?, ?)"
        )
        .execute(
            arguments: [
                event.id, event.at.secondsSince1970, event.event, event.route,
                String(decoding: try Wire.encode(event), as: UTF8.self),
            ]
        )
    }

    /// By probe.
    private static func encoded(
        _ samples: [LatencySample],
        _ bucket: (LatencySample) -> UInt16
    ) -> [UInt32: [UInt8]] {
        var keys = samples.compactMap { sample -> UInt64? in
            let bucket = bucket(sample)
            return bucket == LatencyBuckets.absent ? nil : UInt64(sample.probe) << 16 | UInt64(bucket)
        }
        keys.sort()
        var encoded: [UInt32: [UInt8]] = [:]
        var writer = BucketWriter()
        var start = 0
        while start < keys.count {
            var end = start + 1
            while end < keys.count, keys[end] == keys[start] { end += 1 }
            writer.append(UInt16(truncatingIfNeeded: keys[start]), count: end - start)
            let probe = keys[start] >> 16
            if end == keys.count || keys[end] >> 16 != probe {
                encoded[UInt32(truncatingIfNeeded: probe)] = writer.bytes
                writer = BucketWriter()
            }
            start = end
        }
        return encoded
    }

    // MARK: - Hours

    /// Sums up the hours that are over.
    private mutating func rollUp(before hour: Int, _ db: Database) throws {
        guard let first = rolledUntil else {
            rolledUntil = hour
            return try Self.set("rolled_until", to: "\(hour)", db)
        }
        guard first < hour else { return }
        var next = first
        while next < hour {
            let oldest = try Int.fetchOne(
                db,
                sql: "SELECT min(at) FROM (SELECT min(at) AS at FROM minutes WHERE at >= ?1 UNION ALL "
                    + "SELECT min(at) FROM route_minutes WHERE at >= ?1)",
                arguments: [next]
            )
            guard let oldest, oldest / 3600 * 3600 < hour else { break }
            next = oldest / 3600 * 3600
            try StepTable.rollUp(hour: next, db)
            next += 3600
        }
        rolledUntil = hour
        try Self.set("rolled_until", to: "\(hour)", db)
    }

    private static func set(_ name: String, to value: String, _ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", arguments: [name, value])
    }

    static func size(_ db: Database) throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        return pages * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }

    // MARK: - Names

    private mutating func id(of key: ProbeKey, _ db: Database) throws -> Int64 {
        if let known = series[key] { return known }
        let names: StatementArguments = [key.endpoint.rawValue, key.probe.rawValue]
        try db.execute(sql: "INSERT OR IGNORE INTO series (endpoint, probe) VALUES (?, ?)", arguments: names)
        let found = try Int64.fetchOne(
            db,
            sql: "SELECT id FROM series WHERE endpoint = ? AND probe = ?",
            arguments: names
        )
        series[key] = found
        return found ?? 0
    }

    private mutating func id(of route: RouteName, _ db: Database) throws -> Int64 {
        if let known = routes[route] { return known }
        let name: StatementArguments = [route.rawValue]
        try db.execute(sql: "INSERT OR IGNORE INTO routes (name) VALUES (?)", arguments: name)
        let found = try Int64.fetchOne(db, sql: "SELECT id FROM routes WHERE name = ?", arguments: name)
        routes[route] = found
        return found ?? 0
    }
}
