import Dispatch
import FailoverCore
import FailoverTemplates
import FailoverWire
import NIOConcurrencyHelpers

/// Keeps one file up to date with what was decided, on a thread of its own, because disks and commands may hang.
final class OutputWorker: Sendable {
    /// What a file is made by.
    struct Plan: Hashable, Sendable {
        let template: OutputTemplate
        let vocabulary: TemplateVocabulary
    }

    /// What is new since the last turn; of each only the newest.
    struct Mail: Sendable {
        var state: PublishedState?
        var plan: Plan?
        /// Why the template is no longer sound; empty if it is, `nil` if nobody has looked.
        var fault: String?
        var isClosed = false
        /// After that, commands are ended.
        var patience: MonotonicInstant?
    }

    final class Shared: Sendable {
        let mail = NIOLockedValueBox(Mail())
        let wakeUp = DispatchSemaphore(value: 0)
        let standing: NIOLockedValueBox<StateDocument.Output>

        init() {
            standing = NIOLockedValueBox(
                StateDocument.Output(state: "pending", generation: nil, writtenAt: nil, failure: nil)
            )
        }

        func take() -> Mail {
            mail.withLockedValue { mail in
                defer {
                    mail.state = nil
                    mail.plan = nil
                    mail.fault = nil
                }
                return mail
            }
        }

        /// Whether a command is to be ended because the daemon ends, or has no use for it.
        func isAbandoned(at now: MonotonicInstant) -> Bool {
            mail.withLockedValue { $0.isClosed && $0.patience.map { $0 <= now } ?? true }
        }
    }

    private let shared = Shared()
    private let thread: WorkerThread

    /// Starts the thread; `tell` is called on it.
    init(
        _ plan: Plan,
        memory: OutputMemory,
        clock: @escaping @Sendable () -> ClockReading,
        tell: @escaping @Sendable (Event) -> Void
    ) throws(FileError) {
        let shared = shared
        let first = NIOLockedValueBox<OutputTurn>(
            OutputTurn(plan, memory: memory, clock: clock, tell: tell, shared: shared)
        )
        thread = try WorkerThread(name: "output") {
            var turn = first.withLockedValue { $0 }
            var limit: Duration?
            while true {
                if let limit {
                    _ = shared.wakeUp.wait(timeout: .now() + max(.zero, limit).inSeconds)
                } else {
                    shared.wakeUp.wait()
                }
                let mail = shared.take()
                limit = turn.run(mail)
                if mail.isClosed { return }
            }
        }
    }

    deinit { close(until: nil) }

    var standing: StateDocument.Output { shared.standing.withLockedValue { $0 } }

    /// A newer state is published.
    func offer(_ state: PublishedState) { post { $0.state = state } }

    /// A configuration was applied.
    func update(_ plan: Plan) {
        post {
            $0.plan = plan
            $0.fault = nil
        }
    }

    /// Somebody has looked at the template again; an empty text says that it is sound.
    func noteTemplate(_ fault: String) { post { $0.fault = fault } }

    /// Brings the file up to date once more, and ends; commands that run are ended when their time is up, or at once.
    func close(until patience: MonotonicInstant?) {
        post {
            $0.isClosed = true
            $0.patience = patience
        }
    }

    /// - Returns: Whether the thread has ended.
    func finished(within limit: Duration) async -> Bool { await thread.finished(within: limit) }

    private func post(_ change: (inout Mail) -> Void) {
        shared.mail.withLockedValue { change(&$0) }
        shared.wakeUp.signal()
    }
}
