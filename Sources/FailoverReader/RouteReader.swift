import FailoverThreads
package import FoundationEssentials
import Synchronization

/// Answers for one route where its traffic goes now.
///
/// ```swift
/// let chat = RouteReader("chat", order: [Endpoint("us-east", url: "https://us-east.example/v1")])
/// for endpoint in chat.decision.picked() {
///     // Ask endpoint.url; go on with the next one if it fails before it has said anything.
/// }
/// ```
///
/// It may be asked for each request and from any thread: it looks at the state file at most every 50 ms, and keeps what it
/// read. Your own order is used whenever nobody decides for you: failoverd does not run, has been silent until
/// `valid_until`, or does not know the route. A file that is missing, torn or of another schema changes nothing: what was
/// read last holds until its end.
public final class RouteReader: Sendable {
    /// The route's name.
    public let route: String
    /// Where failoverd's word is read.
    public let source: StateSource

    private let fallback: Decision
    private let pause: Duration
    private let now: @Sendable () -> Date
    private let memory = Mutex(Memory())

    private struct Memory {
        var nextLook: ContinuousClock.Instant?
        /// A slow answer keeps nobody waiting but the one that asked.
        var isLooking = false
        var seen: FileLook.Identity?
        var known: StateReading?
    }

    /// A reader that has read nothing yet, and reads when it is asked.
    ///
    /// - Parameters:
    ///   - route: As failoverd's configuration names it.
    ///   - order: Your own, best first, for when nobody decides. Its URLs also stand for those of the state file.
    ///   - source: The state file where packages put it, by default.
    public convenience init(_ route: String, order: [Endpoint] = [], source: StateSource = .usual) {
        self.init(route, order: order, source: source, now: { Date.now })
    }

    /// The same with a clock and a pause between two looks of its own, for tests.
    package init(
        _ route: String,
        order: [Endpoint],
        source: StateSource,
        pause: Duration? = nil,
        now: @escaping @Sendable () -> Date
    ) {
        self.route = route
        self.source = source
        self.now = now
        self.pause = pause ?? (source.isSocket ? .seconds(1) : .milliseconds(50))
        fallback = Decision(order: order, word: nil)
    }

    /// What holds now.
    ///
    /// With a socket for its source the first question of each second may wait for up to a second.
    public var decision: Decision {
        look(if: .due)
        return current.decision
    }

    /// What holds now, and then each change of it, until the task that iterates is cancelled.
    ///
    /// A thread waits for the file's directory, so that a decision is seen within milliseconds; where the system cannot
    /// watch it, it is looked at four times a second, a socket once a second. Whoever is slow gets the newest, not each one.
    /// The sequence ends by itself only if the system has no thread or descriptor left.
    public func changes() -> some AsyncSequence<Decision, Never> & Sendable {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            guard let watch = DirectoryWatch(directory: directory) else { return continuation.finish() }
            continuation.onTermination = { _ in watch.stop() }
            do throws(ThreadError) {
                try DetachedThread.start(name: "failover-reader") { [self] in
                    follow(watch) { continuation.yield($0) }
                    watch.close()
                }
            } catch {
                continuation.onTermination = nil
                watch.close()
                continuation.finish()
            }
        }
    }

    // MARK: Following

    /// Runs until the watch is told to stop.
    private func follow(_ watch: DirectoryWatch, _ tell: (Decision) -> Void) {
        var told: Decision?
        repeat {
            // Before the look, so that nothing falls between the two.
            let isWatching = watch.isWatching()
            let looked = look(if: .free)
            let (decision, end) = current
            if decision != told { tell(decision) }
            told = decision
            // Somebody else's look may have begun before the news.
            let pause = looked ? (isWatching ? 1000 : unwatchedPause) : 5
            if !watch.wait(atMost: min(pause, end)) { return }
        } while true
    }

    private var directory: String? {
        guard case .stateFile(let path) = source else { return nil }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = parts.joined(separator: "/")
        return directory.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : directory
    }

    /// Milliseconds.
    private var unwatchedPause: Int { source.isSocket ? 1000 : 250 }

    // MARK: Reading

    /// What holds, and for how many milliseconds more if nothing is read meanwhile.
    private var current: (decision: Decision, end: Int) {
        let known = memory.withLock { $0.known }
        guard let known, let decision = known.decision(urlsOf: fallback.order) else { return (fallback, .max) }
        let rest = known.validUntil.timeIntervalSince(now())
        guard rest >= 0 else { return (fallback, .max) }
        // A millisecond more, so that it is over then.
        return (decision, Int(min(rest, 86_400) * 1000) + 1)
    }

    private enum Occasion {
        /// Not if the last look was a moment ago.
        case due
        /// Whenever nobody else is looking.
        case free
    }

    /// - Returns: Whether it looked.
    @discardableResult
    private func look(if occasion: Occasion) -> Bool {
        let instant = ContinuousClock.now
        let seen: FileLook.Identity?? = memory.withLock { memory in
            let isEarly = occasion == .due && memory.nextLook.map { instant < $0 } ?? false
            if memory.isLooking || isEarly { return nil }
            memory.isLooking = true
            return .some(memory.seen)
        }
        guard let seen else { return false }
        let found = found(seen: seen)
        let next = ContinuousClock.now + pause
        memory.withLock { memory in
            memory.isLooking = false
            memory.nextLook = next
            guard let found else { return }
            memory.known = found.reading
            memory.seen = found.identity
        }
        return true
    }

    /// `nil` if there is nothing new, or nothing that can be used.
    private func found(seen: FileLook.Identity?) -> (reading: StateReading, identity: FileLook.Identity?)? {
        switch source {
        case .stateFile(let path):
            guard case .content(let document, let identity) = FileLook.look(at: path, seen: seen),
                let reading = try? StateReading(document: document, route: route)
            else { return nil }
            return (reading, identity)
        case .socket(let path):
            guard let document = SocketLook.look(at: path),
                let reading = try? StateReading(document: document, route: route)
            else { return nil }
            return (reading, nil)
        }
    }
}
