import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverSystemd
import FailoverWire

/// What the publishing thread does in one turn, and what it remembers from the turn before.
struct PublishRound: Sendable {
    private var file: StateFilePublisher
    private let disk: DiskWriter
    private let events: EventLog
    private let journal: JournalSink
    private let notifier: SystemdNotifier
    /// What is rendered from what was published; `nil` where nothing is.
    private let outputs: Outputs?
    /// `nil` where nobody counts.
    private let meter: DaemonMeter?
    /// What remembers events for people's questions; `nil` where nothing does.
    private let history: HistoryTap?
    /// What applications report; `nil` where nobody takes it.
    private let reports: ObservationDesk?
    /// Who is told of events; `nil` where nobody is.
    private let notifications: Notifications?
    private let complaints: Complaints
    private var sequence: UInt64 = 0
    /// Of the last state that went to the file.
    private var last: StateImprint?
    private var status = ""
    private var watchdog: Watchdog

    private let patience: Duration

    /// One that has published nothing yet; a decision waits for the disk for `patience` before it is published as not
    /// persisted.
    init(
        file: StateFilePublisher,
        disk: DiskWriter,
        events: EventLog,
        journal: JournalSink,
        notifier: SystemdNotifier,
        outputs: Outputs? = nil,
        meter: DaemonMeter? = nil,
        history: HistoryTap? = nil,
        reports: ObservationDesk? = nil,
        notifications: Notifications? = nil,
        patience: Duration = .seconds(2)
    ) {
        self.patience = patience
        self.file = file
        self.disk = disk
        self.events = events
        self.journal = journal
        self.notifier = notifier
        self.outputs = outputs
        self.meter = meter
        self.history = history
        self.reports = reports
        self.notifications = notifications
        watchdog = Watchdog(notifier: notifier)
        complaints = Complaints { [journal] in journal.log($0, $1) }
    }

    /// Writes the snapshot, or only brings figures up to date that no decision depends on.
    ///
    /// - Returns: What the socket shows from now on.
    mutating func publish(
        _ snapshot: Snapshot,
        at clock: ClockReading,
        mustWrite: Bool,
        publisher: Publisher
    ) -> PublishedState {
        if !mustWrite, let last, last.generation == snapshot.generation {
            // The same decision with fresh figures, under the name of the state in the file.
            return PublishedState(snapshot, writtenAs: last, at: clock, publisher: publisher)
        }
        // Durable first: a reader must never see a generation that a crash could take back.
        let isDurable = snapshot.persisted && disk.waitUntilDurable(snapshot.generation, limit: patience)
        sequence += 1
        var state = PublishedState(
            snapshot,
            sequence: sequence,
            persisted: isDurable,
            at: clock,
            publisher: publisher
        )
        state.outputs = outputs?.standings
        state.notifications = notifications?.standings
        state.reported = reports?.standings(at: clock)
        let report = file.publish(state)
        complaints.settle("publishing the state", error: report.failures.first.map { "\($0)" })
        meter?.noteRoutes(snapshot.routes)
        meter?.notePublication(after: SystemClock.now - clock.monotonic, hasFailed: !report.failures.isEmpty)
        outputs?.offer(state)
        last = state.imprint
        let line = statusLine(for: state)
        if line != status {
            status = line
            notifier.status(line)
        }
        return state
    }

    /// The end of a turn.
    mutating func finish() { watchdog.feed(at: SystemClock.now) }

    /// Tells events to those who follow, the journal and the log of transitions; none of them can hold it up.
    func tell(_ events: [Event], lost: UInt64, publisher: Publisher) {
        for event in events {
            meter?.note(event)
            let document = self.events.append(event, at: SystemClock.reading, publisher: publisher)
            journal.enqueue(document)
            notifications?.offer(document)
            guard TransitionLog.keeps(document) else { continue }
            disk.append(document)
            history?.append(document)
        }
        if lost > 0 { journal.log(.warning, "\(lost) events were lost: the state could not be published in time") }
    }
}
