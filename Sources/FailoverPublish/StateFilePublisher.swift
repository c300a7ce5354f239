package import FailoverWire

/// What one publication did.
package struct PublishReport: Hashable, Sendable {
    /// The state file holds the state.
    package var isStateWritten = false
    /// Routes whose file was replaced, sorted by name.
    package var changedRoutes: [String] = []
    /// Routes whose file was removed, sorted by name.
    package var removedRoutes: [String] = []
    /// What could not be done; the files in question are as they were.
    package var failures: [FileError] = []

    package init() {}
}

/// How publications have fared since the start.
package struct PublishCounts: Hashable, Sendable {
    package var succeeded: UInt64 = 0
    /// Publications with at least one failure.
    package var failed: UInt64 = 0
    /// Failed ones since the last that succeeded; zero while all is well.
    package var failedInARow: UInt64 = 0

    package init() {}
}

/// Writes the state file, and beside it `routes/NAME` with the name of each route's active endpoint.
///
/// Level-triggered: each state is the whole truth, so a later one makes good what an earlier one failed to write. Writing
/// waits for the disk: call it from a thread or task of its own. Only the holder of the state file's lock may use it.
package struct StateFilePublisher: Sendable {
    package let stateFile: String
    package private(set) var counts = PublishCounts()
    private let routesDirectory: String
    /// Route files that failoverd has made; no other file of that directory is ever removed.
    private var ownRoutes: Set<String> = []
    private var isIndexRead = false

    /// Largest index of route files that is read, in bytes: thousands of names.
    private static let maximumIndexBytes = 1024 * 1024
    private static let maximumRouteFileBytes = 1024

    /// - Throws: `FileError` for a path that no file can have.
    package init(stateFile: String) throws(FileError) {
        self.stateFile = stateFile
        routesDirectory = try FilePlace(stateFile).sibling("routes")
    }

    /// Removes what a crashed predecessor left half-written; its whole files stay until the first publication.
    package func removeLeftovers() throws(FileError) { try AtomicFile.removeLeftovers(of: stateFile) }

    /// Publishes a state: the state file first, so that whoever wakes up on a route file finds the state that explains it.
    package mutating func publish(_ state: some PublishableState) -> PublishReport {
        var report = PublishReport()
        do throws(FileError) {
            try AtomicFile.write(try Self.bytes(of: state, for: stateFile), to: stateFile)
            report.isStateWritten = true
        } catch {
            report.failures.append(error)
        }
        publishRoutes(state.routes.mapValues(\.active), into: &report)
        count(report)
        return report
    }

    private mutating func count(_ report: PublishReport) {
        if report.failures.isEmpty {
            counts.succeeded += 1
            counts.failedInARow = 0
        } else {
            counts.failed += 1
            counts.failedInARow += 1
        }
    }

    private static func bytes(of state: some PublishableState, for path: String) throws(FileError) -> [UInt8] {
        do throws(JSONWriterError) {
            return try Wire.bytes(of: state, .pretty, capacity: state.expectedBytes, isEnded: true)
        } catch {
            throw FileError(path: path, operation: .encode, errno: 0, detail: "\(error)")
        }
    }

    private mutating func publishRoutes(_ active: [String: String], into report: inout PublishReport) {
        do throws(FileError) {
            try AtomicFile.makeDirectory(routesDirectory, mode: 0o755)
            try readIndex()
            // Names enter the index before their files exist and leave it after: a crash never orphans a file.
            try writeIndex(ownRoutes.union(active.keys))
        } catch {
            report.failures.append(error)
        }
        for (route, endpoint) in active.sorted(by: { $0.key < $1.key }) {
            do throws(FileError) {
                if try publish(endpoint, of: route) { report.changedRoutes.append(route) }
            } catch {
                report.failures.append(error)
            }
        }
        remove(ownRoutes.subtracting(active.keys), into: &report)
    }

    /// Returns whether the file had to be replaced.
    ///
    /// It is compared with the disk, so that a file that someone else damaged heals.
    private func publish(_ endpoint: String, of route: String) throws(FileError) -> Bool {
        let path = "\(routesDirectory)/\(route)"
        guard Self.isFileName(route), !endpoint.isEmpty, !endpoint.contains(where: \.isNewline) else {
            throw FileError(path: path, operation: .use, errno: 0, detail: "the names make no file of one line")
        }
        let line = Array("\(endpoint)\n".utf8)
        let current: [UInt8]?
        do throws(FileError) {
            current = try AtomicFile.read(path, limit: Self.maximumRouteFileBytes)
        } catch {
            // Unreadable, a link, or something else altogether: replacing it tells whether that can be helped.
            current = nil
        }
        guard current != line else { return false }
        try AtomicFile.write(line, to: path)
        return true
    }

    private mutating func remove(_ routes: Set<String>, into report: inout PublishReport) {
        guard !routes.isEmpty else { return }
        for route in routes.sorted() where Self.isFileName(route) {
            do throws(FileError) {
                try AtomicFile.remove("\(routesDirectory)/\(route)")
                ownRoutes.remove(route)
                report.removedRoutes.append(route)
            } catch {
                report.failures.append(error)
            }
        }
        do throws(FileError) { try writeIndex(ownRoutes) } catch { report.failures.append(error) }
    }

    // MARK: The index of route files

    private var indexPath: String { routesDirectory + "/.names" }

    private mutating func readIndex() throws(FileError) {
        guard !isIndexRead else { return }
        let bytes = try AtomicFile.read(indexPath, limit: Self.maximumIndexBytes) ?? []
        let names = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        ownRoutes = Set(names.filter(Self.isFileName))
        isIndexRead = true
        for name in names where Self.isFileName(name) {
            try AtomicFile.removeLeftovers(of: "\(routesDirectory)/\(name)")
        }
    }

    private mutating func writeIndex(_ names: Set<String>) throws(FileError) {
        let wanted = names.filter(Self.isFileName)
        let bytes = Array(wanted.sorted().map { $0 + "\n" }.joined().utf8)
        if try AtomicFile.read(indexPath, limit: Self.maximumIndexBytes) != bytes {
            try AtomicFile.write(bytes, to: indexPath)
        }
        ownRoutes = wanted
    }

    /// Whether a route's name can be that of a file of its own.
    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= FilePlace.maximumNameBytes && !name.hasPrefix(".")
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 }
    }
}
