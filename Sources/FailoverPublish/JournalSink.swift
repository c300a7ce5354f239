import Dispatch
import FailoverCore
import FailoverSystemd
package import FailoverWire
import Glibc
import NIOConcurrencyHelpers
import Synchronization

/// Where entries go.
package struct SinkOutputs: Hashable, Sendable {
    /// Structured entries to the system journal, while its socket is there.
    package var journal: Bool
    /// Lines to `descriptor`; `nil` where the journal reads it anyway.
    package var text: TextStyle?
    package var descriptor: Int32

    package init(journal: Bool, text: TextStyle?, descriptor: Int32 = STDERR_FILENO) {
        self.journal = journal
        self.text = text
        self.descriptor = descriptor
    }

    /// Finds out what standard error is, so that nothing is told twice.
    ///
    /// `journal` is whether the configuration wants structured entries; of `environment`, `JOURNAL_STREAM`, `NO_COLOR`
    /// and `TERM` are read.
    package static func detect(
        journal: Bool,
        environment: [String: String],
        descriptor: Int32 = STDERR_FILENO
    ) -> SinkOutputs {
        let text: TextStyle?
        if Journal.isConnected(descriptor, journalStream: environment["JOURNAL_STREAM"]) {
            text = journal ? nil : .prefixed
        } else if isatty(descriptor) == 1 {
            let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
            text = .terminal(isColoured: !isPlain)
        } else {
            text = .timestamped
        }
        return SinkOutputs(journal: journal, text: text, descriptor: descriptor)
    }
}

/// Tells events and lines to the journal and to standard error, from a thread of its own: whoever has something to say never waits.
///
/// When nobody takes the entries in time, verdicts are lost before lines, and lines before all other events; how many is said as a
/// `dropped` entry as soon as the queue has drained. What one burst may put into the journal is bounded, too: ``JournalBurst``.
package final class JournalSink: Sendable {
    /// Entries that may wait: an hour of transitions, or the burst when every endpoint of a large configuration changes at once.
    package static let capacity = 1_024

    private enum Item: Sendable {
        case entry(JournalEntry)
        /// The window of ``JournalBurst`` is over.
        case endOfWindow
    }

    private let worker: QueueWorker<Item>
    private let writer: EntryWriter
    private let now: @Sendable () -> WallTime

    /// Starts the thread; `now` gives the time of what is no event, and is called on any thread.
    ///
    /// Throws when the system gives no thread.
    package init(_ outputs: SinkOutputs, now: @escaping @Sendable () -> WallTime) throws(FileError) {
        let writer = EntryWriter(outputs)
        self.writer = writer
        self.now = now
        worker = try QueueWorker(
            name: "journal",
            capacity: Self.capacity,
            importance: { Self.importance(of: $0) },
            kind: { if case .entry(let entry) = $0 { entry.event ?? "line" } else { "line" } },
            perform: { work in
                switch work {
                case .handle(.entry(let entry)): writer.write(entry, at: now)
                case .handle(.endOfWindow): writer.endWindow(at: now)
                case .reportDrops(let drops): writer.write(JournalEntry(dropped: drops, at: now()))
                }
            },
            atEnd: { writer.endWindow(at: now) }
        )
        // Nothing may come after a burst that would end its window: the worker only wakes for work, and whoever says something
        // is no task that could sleep.
        writer.onWindow { [weak worker] in
            DispatchQueue.global().asyncAfter(deadline: .now() + JournalBurst.window.inSeconds) { [weak worker] in
                worker?.enqueue(.endOfWindow)
            }
        }
    }

    /// Says something; never waits.
    package func enqueue(_ entry: JournalEntry) { worker.enqueue(.entry(entry)) }

    /// Tells an event; never waits.
    package func enqueue(_ event: EventDocument) { enqueue(JournalEntry(event)) }

    /// Says something about the daemon itself; never waits.
    package func log(_ priority: JournalPriority, _ text: String) {
        enqueue(JournalEntry(priority, text, at: now()))
    }

    /// Says what is left to say, but not for longer than `limit`.
    ///
    /// Later entries are lost.
    ///
    /// - Returns: Whether everything was said; if not, a thread that hangs is left behind.
    @discardableResult
    package func close(within limit: Duration) async -> Bool { await worker.close(within: limit) }

    /// Entries lost since the start because the queue was full or closed.
    package var dropped: UInt64 { worker.dropped }
    /// Entries that reached an output which refused them.
    package var refused: UInt64 { writer.refused }
    /// Entries that wait.
    package var waiting: Int { worker.waiting }

    private static func importance(of item: Item) -> Int {
        guard case .entry(let entry) = item else { return 3 }
        return switch entry.event {
        case "verdict": 0
        case nil: 1
        default: 2
        }
    }
}

/// Writes entries one after the other, and waits for it.
private final class EntryWriter: Sendable {
    private let outputs: SinkOutputs
    private let refusals = Atomic<UInt64>(0)
    /// `nil` where nobody limits what is written.
    private let burst: NIOLockedValueBox<JournalBurst?>
    private let startWindow = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)

    init(_ outputs: SinkOutputs) {
        self.outputs = outputs
        burst = NIOLockedValueBox(outputs.journal || outputs.text == .prefixed ? JournalBurst() : nil)
    }

    /// Who is told that a window begins, and has to end it.
    func onWindow(_ start: @escaping @Sendable () -> Void) { startWindow.withLockedValue { $0 = start } }

    var refused: UInt64 { refusals.load(ordering: .relaxed) }

    func write(_ entry: JournalEntry, at now: () -> WallTime) {
        switch burst.withLockedValue({ $0?.answer(to: entry) ?? .pass }) {
        case .pass: write(entry)
        case .passAndStartWindow:
            startWindow.withLockedValue { $0 }?()
            write(entry)
        case .leaveOut: break
        }
    }

    func endWindow(at now: () -> WallTime) {
        guard let leftOut = burst.withLockedValue({ $0?.endWindow() }) else { return }
        write(JournalEntry(leftOut: leftOut, at: now()))
    }

    func write(_ entry: JournalEntry) {
        let isInJournal = outputs.journal && Journal.isSocketPresent && sendToJournal(entry)
        if let style = outputs.text {
            writeLine(entry, style)
        } else if outputs.journal, !isInJournal {
            // The journal reads this descriptor too, over a socket that may still work.
            writeLine(entry, .prefixed)
        }
    }

    private func sendToJournal(_ entry: JournalEntry) -> Bool {
        do throws(JournalError) {
            try Journal.send(entry.journalFields)
            return true
        } catch {
            refusals.wrappingAdd(1, ordering: .relaxed)
            return false
        }
    }

    private func writeLine(_ entry: JournalEntry, _ style: TextStyle) {
        let line = Array(entry.line(style, secondsFromUTC: entry.at.localSecondsFromUTC).utf8)
        do throws(SystemError) { try writeAll(line, to: outputs.descriptor) } catch {
            refusals.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
