import FailoverWire
import Foundation
import Synchronization

/// Reads the state file about 1,000 times a second on a thread of its own, as a proxy would, and notes what must never be seen.
final class StateReader: Sendable {
    struct Findings: Sendable {
        var polls = 0
        /// Times that the generation rose.
        var moves = 0
        /// Documents that differed from the one before.
        var documents = 0
        var generation: UInt64 = 0
        /// What must never be seen; at most 20.
        var faults: [String] = []

        mutating func note(_ fault: String) { if faults.count < 20 { faults.append(fault) } }
    }

    private struct Work {
        var findings = Findings()
        var isStopped = false
        var isFinished = false
    }

    private let work = Mutex(Work())
    private let path: String

    /// Starts to read; the file exists.
    init(_ path: String) {
        self.path = path
        let thread = Thread { [self] in
            var last = Data()
            var term: UInt64 = 0
            while !work.withLock({ $0.isStopped }) {
                read(&last, &term)
                usleep(800)
            }
            work.withLock { $0.isFinished = true }
        }
        thread.start()
    }

    private func read(_ last: inout Data, _ term: inout UInt64) {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
            work.withLock { $0.findings.note("no file: \(error)") }
            return
        }
        work.withLock { $0.findings.polls += 1 }
        guard bytes != last else { return }
        last = bytes
        let state: StateDocument
        do { state = try Wire.decode(StateDocument.self, from: bytes) } catch {
            work.withLock { $0.findings.note("torn: \(String(decoding: bytes, as: UTF8.self)): \(error)") }
            return
        }
        let routes = state.routes.filter { !$0.value.endpoints.contains($0.value.active) }
        let before = term
        term = max(term, state.term)
        work.withLock { work in
            work.findings.documents += 1
            if state.schema != "failoverd.state/1" { work.findings.note("schema \(state.schema)") }
            if !routes.isEmpty || state.routes.isEmpty { work.findings.note("routes without active: \(state.routes)") }
            if (state.term, state.generation) < (before, work.findings.generation) {
                work.findings.note("generation fell from \(work.findings.generation) to \(state.generation)")
            }
            if state.generation > work.findings.generation {
                if work.findings.generation > 0 { work.findings.moves += 1 }
                work.findings.generation = state.generation
            }
        }
    }

    /// So far.
    var findings: Findings { work.withLock { $0.findings } }

    /// Ends the thread and returns all that it saw.
    func stop() -> Findings {
        work.withLock { $0.isStopped = true }
        while !work.withLock({ $0.isFinished }) { usleep(1000) }
        return findings
    }
}
