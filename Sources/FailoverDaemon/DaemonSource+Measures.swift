import FailoverControl
import FailoverPublish
import FailoverWire

extension DaemonSource {
    func measures() async -> Measures {
        var figures = meter.figures
        figures.waiting = [
            "inbox": UInt64(inbox.waiting), "journal": UInt64(queues.journal.waiting),
            "recording": UInt64(queues.recorder.waiting),
        ]
        figures.dropped = [
            "inbox": inbox.dropped, "journal": queues.journal.dropped, "recording": queues.recorder.dropped,
            "events": publish.dropped, "transitions": queues.disk.dropped,
        ]
        figures.journalRefused = queues.journal.refused
        figures.followers = eventLog.followers
        figures.cutFollowers = eventLog.slowFollowers
        figures.refusedFollowers = eventLog.refusedFollowers
        figures.process = .now(startTime: publish.publisher.startedAt.secondsSince1970)
        return Measures(daemon: figures, probes: meter.probes())
    }

    func noteAnswer(status: Int) { meter.noteAnswer(status: status) }

    func noteRefusedConnection() { meter.noteRefusedConnection() }

    func noteRefusedFollower() { eventLog.noteRefusedFollower() }
}

/// Those whose queues are counted.
struct MeasuredQueues: Sendable {
    let journal: JournalSink
    let recorder: Recorder
    let disk: DiskWriter
}
