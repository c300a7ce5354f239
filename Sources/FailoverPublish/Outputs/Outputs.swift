package import FailoverCore
import FailoverTemplates
package import FailoverWire
import NIOConcurrencyHelpers

/// All files that are rendered from decisions, each kept up to date by a thread of its own.
///
/// Nothing here waits for a disk or a command, and nothing that publishes waits for it.
package final class Outputs: Sendable {
    private struct Workers {
        /// By destination, in configuration order.
        var all: [(destination: String, source: String, worker: OutputWorker)] = []
        var vocabulary = TemplateVocabulary(routes: [], endpoints: [])
        var state: PublishedState?
    }

    /// How long commands that were told to end may take.
    private static let grace = Duration.seconds(2)

    private let workers = NIOLockedValueBox(Workers())
    private let memory: OutputMemory
    private let clock: @Sendable () -> ClockReading
    private let tell: @Sendable (Event) -> Void
    private let report: @Sendable (JournalPriority, String) -> Void

    /// - Parameters:
    ///   - stateDirectory: Where it is kept what readers were told.
    ///   - clock: Called on any thread.
    ///   - tell: Takes what happens to the files; called on their threads.
    ///   - report: Takes what is wrong with the daemon itself.
    package init(
        stateDirectory: String,
        clock: @escaping @Sendable () -> ClockReading,
        tell: @escaping @Sendable (Event) -> Void,
        report: @escaping @Sendable (JournalPriority, String) -> Void
    ) {
        memory = OutputMemory(directory: stateDirectory)
        self.clock = clock
        self.tell = tell
        self.report = report
    }

    /// Goes by another configuration from now on; files that are no longer in it stay as they are.
    package func apply(_ configuration: Configuration) {
        let vocabulary = TemplateVocabulary(configuration)
        workers.withLockedValue { workers in
            var before = workers.all
            workers.vocabulary = vocabulary
            workers.all = configuration.outputs.templates.compactMap { template in
                let plan = OutputWorker.Plan(template: template, vocabulary: vocabulary)
                if let index = before.firstIndex(where: { $0.destination == template.destination }) {
                    let known = before.remove(at: index)
                    known.worker.update(plan)
                    return (template.destination, template.source, known.worker)
                }
                return start(plan, state: workers.state).map { (template.destination, template.source, $0) }
            }
            for gone in before { gone.worker.close(until: nil) }
        }
    }

    private func start(_ plan: OutputWorker.Plan, state: PublishedState?) -> OutputWorker? {
        do throws(FileError) {
            let worker = try OutputWorker(plan, memory: memory, clock: clock, tell: tell)
            if let state { worker.offer(state) }
            return worker
        } catch {
            report(.error, "\(plan.template.destination) is not kept up to date: \(error)")
            return nil
        }
    }

    /// A state was published: the files follow it.
    package func offer(_ state: PublishedState) {
        workers.withLockedValue { workers in
            workers.state = state
            for output in workers.all { output.worker.offer(state) }
        }
    }

    /// A configuration was refused: says of each template whether it is the reason.
    package func lookAtTemplates() {
        let (all, vocabulary) = workers.withLockedValue { ($0.all, $0.vocabulary) }
        for output in all { output.worker.noteTemplate(Self.fault(of: output.source, vocabulary)) }
    }

    /// What is wrong with the template at `path`; empty if nothing is.
    private static func fault(of path: String, _ vocabulary: TemplateVocabulary) -> String {
        do throws(FileError) {
            guard let bytes = try AtomicFile.read(path, limit: Template.maximumBytes) else {
                return "\(path) is missing"
            }
            guard let text = String(validating: bytes, as: UTF8.self) else { return "\(path) is not UTF-8" }
            do throws(TemplateError) {
                _ = try Template(text, vocabulary)
                return ""
            } catch {
                return "\(path), \(error)"
            }
        } catch {
            return "\(error)"
        }
    }

    /// How each stands, by destination; `nil` if there are none.
    package var standings: [String: StateDocument.Output]? {
        let all = workers.withLockedValue { $0.all }
        guard !all.isEmpty else { return nil }
        return Dictionary(all.map { ($0.destination, $0.worker.standing) }) { first, _ in first }
    }

    /// Brings all of them up to date once more, for a bounded time.
    package func close(within limit: Duration) async {
        let all = workers.withLockedValue { workers in
            defer { workers.all = [] }
            return workers.all
        }
        let end = clock().monotonic + limit
        for output in all { output.worker.close(until: end) }
        // One end for all of them, however many hang.
        let last = end + Self.grace
        for output in all {
            _ = await output.worker.finished(within: max(last - clock().monotonic, .zero))
        }
        _ = await memory.finished(within: max(last - clock().monotonic, .zero))
    }
}
