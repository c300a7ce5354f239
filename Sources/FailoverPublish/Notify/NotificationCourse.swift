import FailoverCore
import FailoverWire

/// What is to be told to one who is told of events, and when: the queue, the folding, and the attempts.
///
/// Pure: time and jitter are arguments.
struct NotificationCourse {
    /// One thing to tell.
    struct Note: Hashable {
        var event: EventDocument
        /// Earlier ones of the same kind and route that this one stands for too.
        var folded = 0
    }

    /// What an attempt came to.
    enum Result: Hashable {
        case sent
        /// `retryAfter` is what the other side has asked for.
        case failed(String, isLasting: Bool, retryAfter: Duration?)
    }

    enum Step: Hashable {
        case send(Note)
        /// Nothing to do until then, or until something happens.
        case wait(until: MonotonicInstant?)
    }

    /// What an attempt has led to.
    enum Consequence: Hashable {
        case done
        case retries
        case givenUp
    }

    /// What was told lately, and what has come since: those are told as one.
    private struct Hold {
        let key: String
        var until: MonotonicInstant
        var note: Note?
    }

    /// The queue: far more than a storm leaves after folding.
    static let capacity = 100
    /// Kinds and routes that are held apart; beyond that the oldest is told at once.
    static let maximumHolds = 512
    /// Identities that are remembered, so that nothing is told twice.
    static let remembered = 512
    /// Between the first attempt and the second; it doubles from there.
    static let firstDelay = Duration.seconds(1)
    static let longestDelay = Duration.seconds(60)
    /// The longest that another side may ask us to wait.
    static let longestRetryAfter = Duration.seconds(300)

    var minimumInterval: Duration
    var retries: Int
    private var queue: [Note] = []
    private var holds: [Hold] = []
    private var seen = BoundedNames(capacity: remembered)
    /// Failed attempts at the first of the queue.
    private var attempts = 0
    private var notBefore: MonotonicInstant?
    private(set) var dropped: UInt64 = 0

    init(minimumInterval: Duration, retries: Int) {
        self.minimumInterval = minimumInterval
        self.retries = retries
    }

    /// Notes that wait, also those that are held back.
    var waiting: Int { queue.count + holds.count { $0.note != nil } }

    /// Something happened; the same event counts once.
    ///
    /// - Returns: Whether a note was lost for it.
    mutating func offer(_ event: EventDocument, at now: MonotonicInstant) -> Bool {
        guard seen.insert(event.id) else { return false }
        guard minimumInterval > .zero else { return enqueue(Note(event: event)) }
        let key = "\(event.event) \(event.route ?? "")"
        if let index = holds.firstIndex(where: { $0.key == key }) {
            guard holds[index].until > now || holds[index].note != nil else {
                holds[index].until = now + minimumInterval
                return enqueue(Note(event: event))
            }
            let folded = holds[index].note.map { $0.folded + 1 } ?? 0
            holds[index].note = Note(event: event, folded: folded)
            return false
        }
        var isLost = false
        if holds.count >= Self.maximumHolds, let note = holds.removeFirst().note { isLost = enqueue(note) }
        holds.append(Hold(key: key, until: now + minimumInterval))
        return enqueue(Note(event: event)) || isLost
    }

    /// What is to be done now.
    mutating func next(at now: MonotonicInstant) -> Step {
        release(at: now)
        guard let first = queue.first else { return .wait(until: holds.map(\.until).min()) }
        if let notBefore, notBefore > now { return .wait(until: notBefore) }
        return .send(first)
    }

    /// An attempt at the first of the queue ended; `jitter` is 0...1.
    mutating func settle(_ result: Result, at now: MonotonicInstant, jitter: Double) -> Consequence {
        switch result {
        case .sent: return finish(.done)
        case .failed(_, let isLasting, let retryAfter):
            attempts += 1
            guard !isLasting, attempts <= retries else { return finish(.givenUp) }
            let doubled = Self.firstDelay * (1 << min(attempts - 1, 10))
            // From half to one and a half: many daemons must not come back at once.
            let delay = min(doubled, Self.longestDelay) * (0.5 + jitter)
            notBefore = now + max(delay, min(retryAfter ?? .zero, Self.longestRetryAfter))
            return .retries
        }
    }

    /// The end is near: all that is held back is told now, and nothing waits for its next attempt.
    mutating func hurry() {
        retries = 0
        notBefore = nil
        for hold in holds { if let note = hold.note { _ = enqueue(note) } }
        holds = []
    }

    private mutating func finish(_ consequence: Consequence) -> Consequence {
        if !queue.isEmpty { queue.removeFirst() }
        attempts = 0
        notBefore = nil
        return consequence
    }

    /// Tells what was held back, and forgets holds that are over.
    private mutating func release(at now: MonotonicInstant) {
        var due: [Note] = []
        for index in holds.indices where holds[index].until <= now {
            guard let note = holds[index].note else { continue }
            due.append(note)
            holds[index].note = nil
            holds[index].until = now + minimumInterval
        }
        holds.removeAll { $0.until <= now }
        for note in due { _ = enqueue(note) }
    }

    /// - Returns: Whether another one was lost for it.
    private mutating func enqueue(_ note: Note) -> Bool {
        queue.append(note)
        guard queue.count > Self.capacity else { return false }
        // The first may be under way, so the oldest that only waits goes.
        queue.remove(at: 1)
        dropped += 1
        return true
    }
}

/// The last names that were seen.
private struct BoundedNames {
    private var names: Set<String> = []
    private var order: [String] = []
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// - Returns: Whether it is new.
    mutating func insert(_ name: String) -> Bool {
        guard names.insert(name).inserted else { return false }
        order.append(name)
        if order.count > capacity { names.remove(order.removeFirst()) }
        return true
    }
}
