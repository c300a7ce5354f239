import FailoverCore
import FailoverTemplates
import FailoverWire
import Glibc
import NIOConcurrencyHelpers

/// What the thread of one output does in one turn, and what it remembers from the turn before.
struct OutputTurn: Sendable {
    private var plan: OutputWorker.Plan
    private var template: Template?
    private var course: OutputCourse
    private var runner: CommandRunner
    private var state: PublishedState?
    /// What `content` was rendered from.
    private var facts: TemplateFacts?
    private var content: OutputContent?
    /// What the file holds, as far as we know.
    private var inPlace: [UInt8]?
    private var writtenAt: WallTime?
    private var isTidy = false
    /// The file is to have another owner or mode than it has.
    private var mustReplace = false

    private let memory: OutputMemory
    private let clock: @Sendable () -> ClockReading
    private let tell: @Sendable (Event) -> Void
    private let shared: OutputWorker.Shared

    init(
        _ plan: OutputWorker.Plan,
        memory: OutputMemory,
        clock: @escaping @Sendable () -> ClockReading,
        tell: @escaping @Sendable (Event) -> Void,
        shared: OutputWorker.Shared
    ) {
        self.plan = plan
        self.memory = memory
        self.clock = clock
        self.tell = tell
        self.shared = shared
        template = try? Template(plan.template.text, plan.vocabulary)
        course = OutputCourse(
            hasReload: !plan.template.reload.isEmpty,
            minimumInterval: plan.template.minimumInterval
        )
        runner = CommandRunner { clock().monotonic }
    }

    /// - Returns: How long nothing has to be done unless something new comes; `nil` for as long as it takes.
    mutating func run(_ mail: OutputWorker.Mail) -> Duration? {
        if let plan = mail.plan { apply(plan) }
        if let fault = mail.fault { notice(course.looked(fault, at: clock().monotonic)) }
        if let state = mail.state { self.state = state }
        if mail.state != nil || mail.plan != nil { render() }
        if mail.isClosed { course.hurry() }
        defer { show() }
        while true {
            show()
            let now = clock().monotonic
            switch course.step(at: now) {
            case .rest: return nil
            case .wait(let time): return time - now
            case .install(let content):
                guard !shared.isAbandoned(at: now) else { return nil }
                install(content)
            case .reload:
                guard !shared.isAbandoned(at: now) else { return nil }
                reload()
            }
            // Whatever came meanwhile is newer than what is left to do.
            if shared.mail.withLockedValue({ $0.state != nil || $0.plan != nil }) { return .zero }
        }
    }

    // MARK: What is wanted

    private mutating func apply(_ plan: OutputWorker.Plan) {
        notice(course.looked("", at: clock().monotonic))
        guard plan != self.plan else { return }
        mustReplace = plan.template.mode != self.plan.template.mode || plan.template.owner != self.plan.template.owner
        self.plan = plan
        template = try? Template(plan.template.text, plan.vocabulary)
        facts = nil
        course.reconfigure(
            hasReload: !plan.template.reload.isEmpty,
            minimumInterval: plan.template.minimumInterval
        )
    }

    /// Compares what the file should hold with what it holds: one that somebody else has changed heals.
    private mutating func render() {
        guard let state, let template else { return }
        if !isTidy {
            isTidy = true
            _ = try? AtomicFile.removeLeftovers(of: plan.template.destination)
        }
        let facts = TemplateFacts(state)
        if facts != self.facts || content == nil {
            do throws(Template.Failure) {
                content = OutputContent(bytes: try template.render(facts), generation: facts.generation)
                self.facts = facts
            } catch {
                // A state of the configuration before, or of the one to come: the next one is on its way.
                if error != .otherNames { notice(course.failed(.render, "\(error)", at: clock().monotonic)) }
                return
            }
        }
        guard let content else { return }
        let destination = plan.template.destination
        let found = (try? AtomicFile.read(destination, limit: Template.maximumResultBytes)) ?? nil
        inPlace = found
        let isTold = memory.isTold(content.bytes, at: destination)
        notice(course.rendered(content, isInPlace: found == content.bytes && !mustReplace, isTold: isTold))
    }

    // MARK: What is done

    private mutating func install(_ content: OutputContent) {
        let plan = plan.template
        do throws(FileError) {
            let owner: FileOwnerID? =
                if let owner = plan.owner { try FileOwnerID(owner, for: plan.destination) } else { nil }
            let file = try StagedFile(content.bytes, for: plan.destination, mode: plan.mode, owner: owner)
            if !plan.check.isEmpty {
                let outcome = run(plan.check, candidate: file.path, generation: content.generation)
                if case .failed(let text) = outcome {
                    file.discard()
                    notice(course.failed(.check, text, at: clock().monotonic))
                    return
                }
            }
            guard !shared.isAbandoned(at: clock().monotonic) else { return file.discard() }
            try file.commit()
            mustReplace = false
            inPlace = content.bytes
            let clock = clock()
            writtenAt = clock.wall
            notice(course.installed(content, at: clock.monotonic))
        } catch {
            notice(course.failed(.write, "\(error)", at: clock().monotonic))
        }
    }

    private mutating func reload() {
        switch run(plan.template.reload, candidate: nil, generation: course.generation ?? 0) {
        case .failed(let text): notice(course.failed(.reload, text, at: clock().monotonic))
        case .succeeded:
            // What it has read, which is not what was rendered since.
            if let inPlace { memory.note(inPlace, at: plan.template.destination) }
            notice(course.reloaded())
        }
    }

    private mutating func run(_ words: [String], candidate: String?, generation: UInt64) -> CommandRunner.Outcome {
        let destination = plan.template.destination
        let words = words.map { word in
            let word = word.replacing(OutputTemplate.placeholder, with: destination)
            return candidate.map { word.replacing(OutputTemplate.candidate, with: $0) } ?? word
        }
        var variables = [("FAILOVERD_DESTINATION", destination), ("FAILOVERD_GENERATION", "\(generation)")]
        if let candidate { variables.append(("FAILOVERD_CANDIDATE", candidate)) }
        return runner.run(words, variables: variables, timeout: plan.template.timeout) { [shared, clock] in
            shared.isAbandoned(at: clock().monotonic)
        }
    }

    // MARK: What is told

    private func notice(_ notice: OutputCourse.Notice?) {
        let destination = plan.template.destination
        let reason: Reason
        switch notice {
        case nil: return
        case .failed(let stage, let text):
            let sentence = stage.sentence(text, destination: destination, hasFile: inPlace != nil)
            reason = Reason(stage.reasonCode, OutputCourse.Stage.fitted(sentence))
        case .recovered(let stage):
            reason = Reason("output_recovered", stage.end(destination: destination))
        }
        let now = clock().monotonic
        let generation = state?.imprint.generation ?? 0
        tell(Event(kind: .output, at: now, reason: reason, generation: generation, output: destination))
    }

    private func show() {
        let clock = clock()
        let failure = course.failure.map { failure in
            StateDocument.OutputFailure(
                code: failure.stage.reasonCode.rawValue,
                text: failure.text,
                since: clock.wallTime(of: failure.since),
                count: failure.count
            )
        }
        let standing = StateDocument.Output(
            state: failure != nil ? "failing" : course.isCurrent ? "current" : "pending",
            generation: course.generation,
            writtenAt: writtenAt,
            failure: failure
        )
        shared.standing.withLockedValue { $0 = standing }
    }
}
