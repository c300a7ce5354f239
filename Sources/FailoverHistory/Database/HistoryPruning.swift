import FailoverCore
import GRDB

/// What is removed, and in which order.
struct HistoryPruning {
    let settings: HistoryConfiguration
    /// Seconds since 1970.
    let now: Int

    /// Far more than happen in ninety days of trouble.
    private static let maximumTransitions = 10_000
    /// Steps in which room is made at a time; the rest follows a minute later.
    private static let maximumSteps = 100
    /// Pages that are given back at a time: 16 MiB.
    private static let vacuumedPages = 4096

    func prune(_ db: Database) throws {
        let minutes = now - Int(min(settings.keepMinutes, settings.keep).inSeconds)
        let hours = now - Int(settings.keep.inSeconds)
        try db.inTransaction {
            // Whole hours, so that what is left of one is never taken for all of it.
            try remove("minutes", "route_minutes", before: minutes / 3600 * 3600, db)
            try remove("hours", "route_hours", before: hours / 3600 * 3600, db)
            try db.execute(sql: "DELETE FROM transitions WHERE at < ?", arguments: [Double(hours)])
            try db.execute(sql: "DELETE FROM spend WHERE day < ?", arguments: [hours / 86_400])
            try removeTransitions(keeping: Self.maximumTransitions, db)
            return .commit
        }
        try makeRoom(db)
        // Each page is a row of the pragma, without a column.
        let rows = try Row.fetchCursor(db, sql: "PRAGMA incremental_vacuum(\(Self.vacuumedPages))")
        while try rows.next() != nil {}
    }

    /// The oldest minutes first, then the oldest hours, and transitions last.
    private func makeRoom(_ db: Database) throws {
        for _ in 0..<Self.maximumSteps {
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let size = (pages - free) * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
            guard size > settings.maximumBytes else { return }
            try db.inTransaction {
                try removeOldest(db)
                return .commit
            }
        }
    }

    private func removeOldest(_ db: Database) throws {
        let present = now / 3600 * 3600
        if let oldest = try Int.fetchOne(db, sql: "SELECT min(at) FROM minutes"), oldest < present {
            return try remove("minutes", "route_minutes", before: oldest / 3600 * 3600 + 3600, db)
        }
        if let oldest = try Int.fetchOne(db, sql: "SELECT min(at) FROM hours") {
            return try remove("hours", "route_hours", before: oldest + 6 * 3600, db)
        }
        if let oldest = try Int.fetchOne(db, sql: "SELECT min(at) FROM minutes") {
            return try remove("minutes", "route_minutes", before: oldest + 60, db)
        }
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM transitions") ?? 0
        try removeTransitions(keeping: count / 2, db)
    }

    private func remove(_ tables: String..., before limit: Int, _ db: Database) throws {
        for table in tables { try db.execute(sql: "DELETE FROM \(table) WHERE at < ?", arguments: [limit]) }
    }

    private func removeTransitions(keeping count: Int, _ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM transitions WHERE at < (SELECT at FROM transitions ORDER BY at DESC LIMIT 1 OFFSET ?)
                """,
            arguments: [max(0, count - 1)]
        )
    }
}
