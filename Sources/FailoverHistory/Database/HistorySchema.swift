import GRDB

/// The tables, and how a file is known as ours.
enum HistorySchema {
    /// `FOHV`, as `file` and SQLite show it.
    static let applicationID = 0x464f_4856
    /// Rises with each change that older versions cannot read.
    static let version = 1

    /// Numbers of a probe in a step; times are in milliseconds.
    static let probeColumns = [
        "samples", "bad", "void", "slow", "late", "known_ms", "bad_ms", "answered_ms", "slow_ms", "tokens_ms",
        "late_ms",
    ]

    /// Numbers of a route in a step, as routed and without failover.
    static let routeColumns = [
        "samples", "bad", "known_ms", "bad_ms", "plain_samples", "plain_bad", "plain_known_ms", "plain_bad_ms",
    ]

    /// Steps are kept in the order of time, so that writing appends and removing cuts off.
    static func create(_ db: Database) throws {
        let probes = probeColumns.map { "\($0) INTEGER NOT NULL" }.joined(separator: ", ")
        let routes = routeColumns.map { "\($0) REAL NOT NULL" }.joined(separator: ", ")
        try db.execute(
            sql: """
                CREATE TABLE series (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, probe TEXT NOT NULL,
                    UNIQUE (endpoint, probe)) STRICT;
                CREATE TABLE routes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
                CREATE TABLE minutes (at INTEGER NOT NULL, series INTEGER NOT NULL, \(probes), latency BLOB, ttft BLOB,
                    PRIMARY KEY (at, series)) WITHOUT ROWID, STRICT;
                CREATE TABLE hours (at INTEGER NOT NULL, series INTEGER NOT NULL, \(probes), latency BLOB, ttft BLOB,
                    PRIMARY KEY (at, series)) WITHOUT ROWID, STRICT;
                CREATE TABLE route_minutes (at INTEGER NOT NULL, route INTEGER NOT NULL, \(routes),
                    PRIMARY KEY (at, route)) WITHOUT ROWID, STRICT;
                CREATE TABLE route_hours (at INTEGER NOT NULL, route INTEGER NOT NULL, \(routes),
                    PRIMARY KEY (at, route)) WITHOUT ROWID, STRICT;
                CREATE TABLE transitions (id TEXT PRIMARY KEY, at REAL NOT NULL, event TEXT NOT NULL, route TEXT,
                    document TEXT NOT NULL) WITHOUT ROWID, STRICT;
                CREATE INDEX transitions_at ON transitions (at);
                CREATE TABLE spend (day INTEGER NOT NULL, endpoint TEXT NOT NULL, picos TEXT NOT NULL, tokens INTEGER NOT NULL,
                    PRIMARY KEY (day, endpoint)) WITHOUT ROWID, STRICT;
                CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = \(version);
                """
        )
    }

    /// Says why a file cannot be used; `nil` if it can.
    static func objection(_ db: Database) throws -> String? {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == applicationID else { return "it is a database of another program" }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found == version else { return "its version is \(found), and this program reads \(version)" }
        return nil
    }

    static func isEmpty(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
    }
}

/// What went wrong with the database.
package enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file says nothing to this program, and is better set aside.
    case unusable(String)
    /// The disk does not do what it should, or there is no file.
    case failing(String)

    package var description: String {
        switch self {
        case .unusable(let text), .failing(let text): text
        }
    }

    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            // Not its own words: to describe a row that is not as expected reads it again.
            self = (error as? HistoryError) ?? .unusable("its rows are not as expected (\(type(of: error)))")
            return
        }
        let text = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .unusable("it is damaged: \(text)")
        // Tables are not as they should be: somebody else has been at work.
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: self = .unusable(text)
        default: self = .failing(text)
        }
    }

    static func telling<Result>(_ body: () throws -> Result) throws(HistoryError) -> Result {
        do { return try body() } catch let error as HistoryError { throw error } catch { throw HistoryError(error) }
    }
}
