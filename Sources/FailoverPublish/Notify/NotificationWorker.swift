import Dispatch
import FailoverCore
import FailoverWire
import NIOConcurrencyHelpers

/// Tells one who is told of events, on a thread of its own, because commands and servers may hang.
final class NotificationWorker: Sendable {
    /// What all of them share.
    struct Means: Sendable {
        let sender: WebhookSender
        let clock: @Sendable () -> ClockReading
        /// The first line of a credential, or what is wrong with it, without its content.
        let secret: @Sendable (Credential) -> Result<String, NotificationSecretError>
        /// Tells how something stands, and what fails about it; only a change is told on.
        let settle: @Sendable (_ topic: String, _ error: String?) -> Void
        let report: @Sendable (JournalPriority, String) -> Void
    }

    /// One who wants to know whether telling works.
    private struct Trial: Sendable {
        let event: EventDocument
        let answer: CheckedContinuation<NotificationTestDocument.Outcome, Never>
    }

    private struct State: Sendable {
        var configuration: NotificationConfiguration
        var course: NotificationCourse
        var standing = StateDocument.Notification()
        var trial: Trial?
        var isClosed = false
        /// After that, attempts are ended.
        var patience: MonotonicInstant?
    }

    private enum Task {
        case send(NotificationCourse.Note, NotificationConfiguration)
        case `try`(Trial, NotificationConfiguration)
        case wait(until: MonotonicInstant?)
        case end
    }

    private final class Shared: Sendable {
        let state: NIOLockedValueBox<State>
        let wakeUp = DispatchSemaphore(value: 0)

        init(_ configuration: NotificationConfiguration) {
            let course = NotificationCourse(
                minimumInterval: configuration.minimumInterval,
                retries: configuration.retries
            )
            state = NIOLockedValueBox(State(configuration: configuration, course: course))
        }

        func isAbandoned(at now: MonotonicInstant) -> Bool {
            state.withLockedValue { $0.isClosed && $0.patience.map { $0 <= now } ?? true }
        }
    }

    let name: String
    private let shared: Shared
    private let means: Means
    private let thread: WorkerThread

    init(_ configuration: NotificationConfiguration, _ means: Means) throws(FileError) {
        name = configuration.name
        let shared = Shared(configuration)
        self.shared = shared
        self.means = means
        thread = try WorkerThread(name: "notify") {
            var round = NotificationRound(means)
            while true {
                switch Self.task(of: shared, at: means.clock().monotonic) {
                case .send(let note, let configuration):
                    let isAbandoned = { shared.isAbandoned(at: means.clock().monotonic) }
                    let result = round.tell(note, configuration, isAbandoned: isAbandoned)
                    Self.settle(result, of: shared, configuration, means)
                case .try(let trial, let configuration):
                    let isAbandoned = { shared.isAbandoned(at: means.clock().monotonic) }
                    trial.answer.resume(returning: round.attempt(trial.event, configuration, isAbandoned: isAbandoned))
                case .wait(let instant):
                    guard let instant else {
                        shared.wakeUp.wait()
                        continue
                    }
                    let rest = max(.zero, instant - means.clock().monotonic)
                    _ = shared.wakeUp.wait(timeout: .now() + rest.inSeconds)
                case .end: return
                }
            }
        }
    }

    deinit { close(until: nil) }

    /// Something happened; returns at once.
    func offer(_ event: EventDocument) {
        let now = means.clock().monotonic
        let (isOurs, isLost) = shared.state.withLockedValue { state in
            guard !state.isClosed, state.configuration.wants(event) else { return (false, false) }
            let isLost = state.course.offer(event, at: now)
            state.standing.dropped = state.course.dropped
            return (true, isLost)
        }
        guard isOurs else { return }
        if isLost { means.report(.warning, "notification \(name): the oldest note was lost, too many wait") }
        shared.wakeUp.signal()
    }

    /// A configuration was applied.
    func update(_ configuration: NotificationConfiguration) {
        shared.state.withLockedValue { state in
            state.configuration = configuration
            state.course.minimumInterval = configuration.minimumInterval
            state.course.retries = configuration.retries
        }
        shared.wakeUp.signal()
    }

    /// One attempt with an event that says that it is a test, beside all that waits.
    func test(_ event: EventDocument) async -> NotificationTestDocument.Outcome {
        let name = name
        return await withCheckedContinuation { continuation in
            let trial = Trial(event: event, answer: continuation)
            let isTaken = shared.state.withLockedValue { state in
                guard !state.isClosed, state.trial == nil else { return false }
                state.trial = trial
                return true
            }
            guard isTaken else {
                let outcome = NotificationTestDocument.Outcome(name: name, failure: "busy, try again", milliseconds: 0)
                return continuation.resume(returning: outcome)
            }
            shared.wakeUp.signal()
        }
    }

    var standing: StateDocument.Notification {
        shared.state.withLockedValue { state in
            var standing = state.standing
            standing.waiting = state.course.waiting
            standing.state = standing.failure != nil ? "failing" : standing.waiting > 0 ? "pending" : "idle"
            return standing
        }
    }

    /// Tells what waits once more, and ends; attempts are ended when their time is up, or at once.
    func close(until patience: MonotonicInstant?) {
        shared.state.withLockedValue { state in
            if !state.isClosed { state.course.hurry() }
            state.isClosed = true
            state.patience = patience
        }
        shared.wakeUp.signal()
    }

    /// - Returns: Whether the thread has ended.
    func finished(within limit: Duration) async -> Bool { await thread.finished(within: limit) }

    // MARK: The thread

    private static func task(of shared: Shared, at now: MonotonicInstant) -> Task {
        shared.state.withLockedValue { state in
            if let trial = state.trial {
                state.trial = nil
                return .try(trial, state.configuration)
            }
            if state.isClosed, state.patience.map({ $0 <= now }) ?? true { return .end }
            switch state.course.next(at: now) {
            case .send(let note): return .send(note, state.configuration)
            case .wait where state.isClosed: return .end
            case .wait(let instant): return .wait(until: instant)
            }
        }
    }

    private static func settle(
        _ result: NotificationCourse.Result,
        of shared: Shared,
        _ configuration: NotificationConfiguration,
        _ means: Means
    ) {
        let clock = means.clock()
        let consequence = shared.state.withLockedValue { state in
            let consequence = state.course.settle(result, at: clock.monotonic, jitter: .random(in: 0...1))
            switch result {
            case .sent:
                state.standing.sent += 1
                state.standing.sentAt = clock.wall
                state.standing.failure = nil
            case .failed(let text, _, _):
                if consequence == .givenUp { state.standing.failed += 1 }
                let before = state.standing.failure
                state.standing.failure = StateDocument.OutputFailure(
                    code: "notification_failed",
                    text: text,
                    since: before?.since ?? clock.wall,
                    count: (before?.count ?? 0) + 1
                )
            }
            return consequence
        }
        switch result {
        case .sent: means.settle("notification \(configuration.name)", nil)
        case .failed(let text, _, _):
            means.settle("notification \(configuration.name)", text)
            if consequence == .givenUp {
                means.report(.warning, "notification \(configuration.name): a note was given up: \(text)")
            }
        }
    }
}

/// What is wrong with a credential of a notification.
package struct NotificationSecretError: Error, Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
}
