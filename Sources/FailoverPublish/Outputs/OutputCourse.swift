package import FailoverCore

/// What a file should hold, and the decision that it tells.
package struct OutputContent: Hashable, Sendable {
    package let bytes: [UInt8]
    package let generation: UInt64

    package init(bytes: [UInt8], generation: UInt64) {
        self.bytes = bytes
        self.generation = generation
    }
}

/// How far one file that is rendered from decisions has come, and what has to be done for it next.
///
/// Newest wins: what was wanted before and is not in place yet is forgotten. Whatever fails is tried again, at once when
/// there is something new to write, otherwise with growing pauses; the file that is in place stays until then.
package struct OutputCourse: Hashable, Sendable {
    /// What can fail, in the order in which it is done.
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        case template, render, write, check, reload
    }

    package struct Failure: Hashable, Sendable {
        package let stage: Stage
        package let text: String
        /// When it began to fail.
        package let since: MonotonicInstant
        /// In a row; at least 1.
        package let count: Int

        package init(stage: Stage, text: String, since: MonotonicInstant, count: Int) {
            self.stage = stage
            self.text = text
            self.since = since
            self.count = count
        }
    }

    /// What to do next.
    package enum Step: Hashable, Sendable {
        /// Nothing, until something new is wanted.
        case rest
        case wait(until: MonotonicInstant)
        case install(OutputContent)
        case reload
    }

    /// What people are told once.
    package enum Notice: Hashable, Sendable {
        case failed(Stage, String)
        case recovered(from: Stage)
    }

    /// First pause after a failure, and the longest.
    static let pause = Duration.seconds(1)
    static let longestPause = Duration.seconds(60)

    private var hasReload: Bool
    private var minimumInterval: Duration
    /// What is not in place yet.
    private var wanted: OutputContent?
    /// The file is in place, and its reader has not been told.
    private var owesReload = false
    /// When the wanted file may be tried again.
    private var retryAt: MonotonicInstant?
    /// The same for telling the reader, which goes on while a newer file fails.
    private var reloadRetryAt: MonotonicInstant?
    /// Of the last write but the first, which only catches up with what was decided before.
    private var installedAt: MonotonicInstant?
    /// Why the wanted file is not in place.
    private var failing: Failure?
    /// Why the reader was not told.
    private var failingReload: Failure?
    /// The template was found broken since it was read; the one that was read goes on.
    private var fault: Failure?
    /// Of the decision that the file in place tells; `nil` before that is known.
    package private(set) var generation: UInt64?

    package init(hasReload: Bool, minimumInterval: Duration) {
        self.hasReload = hasReload
        self.minimumInterval = minimumInterval
    }

    /// Goes by other settings from now on; nothing is wanted of the old ones.
    package mutating func reconfigure(hasReload: Bool, minimumInterval: Duration) {
        self.hasReload = hasReload
        self.minimumInterval = minimumInterval
        owesReload = owesReload && hasReload
        wanted = nil
        retryAt = nil
        reloadRetryAt = nil
    }

    /// The daemon ends: whatever is left to do is tried once more, without any pause.
    package mutating func hurry() {
        minimumInterval = .zero
        retryAt = nil
        reloadRetryAt = nil
    }

    /// What is wrong; of several things the one that keeps the file from telling the decision.
    package var failure: Failure? { failing ?? failingReload ?? fault }

    /// Everything that was wanted is done.
    package var isCurrent: Bool { wanted == nil && !owesReload && generation != nil && failure == nil }

    /// What the next `step` may do.
    package func step(at now: MonotonicInstant) -> Step {
        var times: [MonotonicInstant] = []
        let isReloadDue = owesReload && reloadRetryAt.map { $0 <= now } ?? true
        // A file that cannot be installed does not keep the one in place from being read.
        if isReloadDue, failing != nil { return .reload }
        if let wanted {
            let earliest = installedAt.map { $0 + minimumInterval } ?? now
            let time = max(earliest, retryAt ?? now)
            if time <= now { return .install(wanted) }
            times.append(time)
        }
        if owesReload {
            if isReloadDue { return .reload }
            times.append(reloadRetryAt ?? now)
        }
        return times.min().map { .wait(until: $0) } ?? .rest
    }

    /// A newer state was rendered.
    ///
    /// `isInPlace` is whether the file holds just that, and `isTold` whether its reader is known to have read it.
    package mutating func rendered(
        _ content: OutputContent,
        isInPlace: Bool,
        isTold: Bool = true
    ) -> Notice? {
        if isInPlace {
            wanted = nil
            if generation == nil, !isTold { owesReload = hasReload }
            generation = content.generation
            return owesReload ? nil : recover()
        }
        if wanted?.bytes != content.bytes { retryAt = nil }
        wanted = content
        guard failing?.stage == .render else { return nil }
        failing = nil
        return .recovered(from: .render)
    }

    /// The wanted file is in its place.
    package mutating func installed(_ content: OutputContent, at now: MonotonicInstant) -> Notice? {
        if wanted?.bytes == content.bytes { wanted = nil }
        if generation != nil { installedAt = now }
        generation = content.generation
        retryAt = nil
        reloadRetryAt = nil
        owesReload = hasReload
        return hasReload ? nil : recover()
    }

    /// The reader of the file was told.
    package mutating func reloaded() -> Notice? {
        owesReload = false
        reloadRetryAt = nil
        if wanted == nil { return recover() }
        defer { failingReload = nil }
        return failingReload.map { .recovered(from: $0.stage) }
    }

    package mutating func failed(_ stage: Stage, _ text: String, at now: MonotonicInstant) -> Notice? {
        let last = stage == .reload ? failingReload : failing
        let before = last?.stage == stage ? last : nil
        let count = (before?.count ?? 0) + 1
        let failure = Failure(stage: stage, text: text, since: before?.since ?? now, count: count)
        let time = now + Self.pause(after: count)
        if stage == .reload {
            failingReload = failure
            reloadRetryAt = time
            // What kept the file from its place is over.
            if wanted == nil { failing = nil }
        } else {
            failing = failure
            retryAt = time
        }
        return before == nil ? .failed(stage, text) : nil
    }

    /// Somebody has looked at the template again; an empty text says that it is sound.
    package mutating func looked(_ text: String, at now: MonotonicInstant) -> Notice? {
        let before = fault
        guard !text.isEmpty else {
            fault = nil
            return before.map { .recovered(from: $0.stage) }
        }
        let count = (before?.count ?? 0) + 1
        fault = Failure(stage: .template, text: text, since: before?.since ?? now, count: count)
        return before?.text == text ? nil : .failed(.template, text)
    }

    private mutating func recover() -> Notice? {
        defer {
            failing = nil
            failingReload = nil
        }
        return (failingReload ?? failing).map { .recovered(from: $0.stage) }
    }

    private static func pause(after count: Int) -> Duration {
        count > 6 ? longestPause : min(pause * (1 << (count - 1)), longestPause)
    }
}
