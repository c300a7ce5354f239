package import FailoverCore
package import FailoverWire
import NIOConcurrencyHelpers

/// All who are told of events, each by a thread of its own.
///
/// Nothing here waits for a command or a server, and nothing that decides or publishes waits for it.
package final class Notifications: Sendable {
    private struct Workers {
        /// In configuration order.
        var all: [NotificationWorker] = []
        var tests: UInt64 = 0
    }

    /// How long commands that were told to end may take.
    private static let grace = Duration.seconds(2)

    private let workers = NIOLockedValueBox(Workers())
    private let means: NotificationWorker.Means

    /// - Parameters:
    ///   - clock: Called on any thread, as all of these are.
    ///   - secret: The first line of a credential, or what is wrong with it, without its content.
    ///   - settle: Takes how a notification stands, and what fails about it; only a change is to be told on.
    ///   - report: Takes what was lost.
    package init(
        clock: @escaping @Sendable () -> ClockReading,
        secret: @escaping @Sendable (Credential) -> Result<String, NotificationSecretError>,
        settle: @escaping @Sendable (_ topic: String, _ error: String?) -> Void,
        report: @escaping @Sendable (JournalPriority, String) -> Void
    ) {
        means = NotificationWorker.Means(
            sender: WebhookSender(),
            clock: clock,
            secret: secret,
            settle: settle,
            report: report
        )
    }

    /// Goes by another configuration from now on; what waits for one that is no longer in it is dropped.
    package func apply(_ configuration: Configuration) {
        workers.withLockedValue { workers in
            var before = workers.all
            workers.all = configuration.notifications.compactMap { wanted in
                if let index = before.firstIndex(where: { $0.name == wanted.name }) {
                    let known = before.remove(at: index)
                    known.update(wanted)
                    return known
                }
                do throws(FileError) {
                    return try NotificationWorker(wanted, means)
                } catch {
                    means.report(.error, "notification \(wanted.name) is not told anything: \(error)")
                    return nil
                }
            }
            for gone in before { gone.close(until: nil) }
        }
    }

    /// Something happened; returns at once.
    package func offer(_ event: EventDocument) {
        let all = workers.withLockedValue { $0.all }
        for worker in all { worker.offer(event) }
    }

    /// How each stands, by name; `nil` if there are none.
    package var standings: [String: StateDocument.Notification]? {
        let all = workers.withLockedValue { $0.all }
        guard !all.isEmpty else { return nil }
        return Dictionary(all.map { ($0.name, $0.standing) }) { first, _ in first }
    }

    /// Names, in the order of the configuration.
    package var names: [String] { workers.withLockedValue { $0.all.map(\.name) } }

    /// Tells each of `names` an event that says that it is a test; those that do not exist are left out.
    package func test(
        _ names: [String],
        by requester: String,
        publisher: Publisher
    ) async -> NotificationTestDocument {
        let (chosen, first) = workers.withLockedValue { workers in
            let chosen = workers.all.filter { names.contains($0.name) }
            defer { workers.tests += UInt64(chosen.count) }
            return (chosen, workers.tests)
        }
        let clock = means.clock()
        return await withTaskGroup(of: (Int, NotificationTestDocument.Outcome).self) { group in
            for (index, worker) in chosen.enumerated() {
                let sequence = first + UInt64(index) + 1
                let text = "this is a test of the notification \(worker.name), ordered by \(requester)"
                let happened = Event(
                    kind: .config,
                    at: clock.monotonic,
                    reason: Reason("test", text),
                    generation: 0,
                    requester: requester
                )
                var event = EventDocument(happened, sequence: sequence, at: clock, publisher: publisher)
                event.event = NotificationMessage.test
                event.id = "\(publisher.instance.id):test:\(sequence)"
                group.addTask { [event] in (index, await worker.test(event)) }
            }
            var outcomes: [(Int, NotificationTestDocument.Outcome)] = []
            for await outcome in group { outcomes.append(outcome) }
            return NotificationTestDocument(notifications: outcomes.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    /// Tells what waits once more, for a bounded time.
    package func close(within limit: Duration) async {
        let all = workers.withLockedValue { workers in
            defer { workers.all = [] }
            return workers.all
        }
        guard !all.isEmpty else { return }
        let end = means.clock().monotonic + limit
        for worker in all { worker.close(until: end) }
        // One end for all of them, however many hang.
        let last = end + Self.grace
        for worker in all { _ = await worker.finished(within: max(last - means.clock().monotonic, .zero)) }
    }
}
