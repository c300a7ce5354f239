import FailoverCore
import FailoverPublish
import FailoverWire
import FoundationEssentials

/// What an earlier process decided, from everything that it left behind.
///
/// The memory in the state directory is the authority. But a dead endpoint is left even when that disk fails, and a memory
/// may be damaged: then readers of the state file know a later decision, and a generation must not fall under their eyes.
struct Recollection: Sendable {
    let store: MemoryStore
    /// The path of the state file.
    let stateFile: String
    let report: @Sendable (JournalPriority, String) -> Void

    /// Far more than the largest configuration can fill, in bytes.
    private static let maximumBytes = 64 * 1024 * 1024

    /// What to go on from; `nil` on a first start.
    ///
    /// Call once: the memory is tidied up while it is read.
    func memory(at clock: ClockReading) -> Memory? {
        let remembered: Memory?
        switch store.load(clock: clock) {
        case .none:
            remembered = nil
        case .memory(let memory):
            remembered = memory
        case .setAside(let path, let reason):
            report(.error, "what was remembered cannot be used (\(reason)); it was kept as \(path)")
            remembered = nil
        }
        guard let published = published(), isNews(published, to: remembered) else { return remembered }
        let known = remembered.map { "generation \($0.generation)" } ?? "nothing"
        report(
            .warning,
            "readers have seen generation \(published.generation), and the state directory remembers \(known): "
                + "going on from what was published"
        )
        return Self.memory(remembered, after: published, at: clock)
    }

    /// Whether readers have seen a decision that is not remembered; of two with one number, the one that was seen counts.
    private func isNews(_ published: StateDocument.Decision, to remembered: Memory?) -> Bool {
        guard let remembered, published.generation <= remembered.generation else { return true }
        guard published.generation == remembered.generation else { return false }
        return remembered.routes.contains { route in
            published.routes[route.name.rawValue].map { Self.isNews($0, to: route) } ?? false
        }
    }

    private static func isNews(_ seen: StateDocument.Route, to remembered: RouteMemory?) -> Bool {
        guard let remembered, seen.generation <= remembered.generation else { return true }
        return seen.generation == remembered.generation && seen.active != remembered.active.rawValue
    }

    /// `nil` for a file that is missing, unusable or written under other rules.
    private func published() -> StateDocument.Decision? {
        guard let bytes = try? AtomicFile.read(stateFile, limit: Self.maximumBytes),
            let document = try? Wire.decode(StateDocument.Decision.self, from: Data(bytes)),
            document.schema == StateDocument.schema, document.term == 0,
            document.generation <= MemoryDocument.largestGeneration
        else { return nil }
        return document
    }

    private static func memory(
        _ remembered: Memory?,
        after published: StateDocument.Decision,
        at clock: ClockReading
    ) -> Memory {
        var memory =
            remembered ?? Memory(generation: 0, routes: [], endpoints: [], intents: published.intents(at: clock))
        memory.generation = published.generation
        for (name, route) in published.routes.sorted(by: { $0.key < $1.key }) {
            let index = memory.routes.firstIndex { $0.name.rawValue == name }
            let before = index.map { memory.routes[$0] }
            // All of it: a memory that is no newer as a whole may hold a move that was dropped while its disk was slow.
            if let before, before.active.rawValue == route.active, before.generation == route.generation { continue }
            let since = clock.instant(of: route.since)
            let hasMoved = before.map { $0.active.rawValue != route.active } ?? false
            let seen = RouteMemory(
                name: RouteName(rawValue: name),
                active: EndpointName(rawValue: route.active),
                generation: route.generation,
                since: since,
                reason: Reason(ReasonCode(rawValue: route.reason.code), route.reason.text),
                moves: (before?.moves ?? []) + (hasMoved ? [since] : [])
            )
            if let index { memory.routes[index] = seen } else { memory.routes.append(seen) }
        }
        return memory
    }
}
