import FailoverCore
import FailoverPublish
import FailoverWire
import FoundationEssentials

/// What an earlier process decided and learned, from everything that it left behind.
///
/// The memory in the state directory is the authority; the state file stands above it where readers have seen more.
struct Recollection: Sendable {
    let store: MemoryStore
    let learned: BaselineStore
    /// The path of the state file.
    let stateFile: String
    let report: @Sendable (JournalPriority, String) -> Void

    /// Far more than the largest configuration can fill, in bytes.
    private static let maximumBytes = 64 * 1024 * 1024

    /// What to go on from; `nil` on a first start.
    ///
    /// Call once: the memory is tidied up while it is read.
    func memory(at clock: ClockReading) -> Memory? {
        let decided = decided(at: clock)
        switch learned.load(clock: clock) {
        case .none:
            return decided
        case .baselines(let baselines):
            guard !baselines.isEmpty else { return decided }
            let memory = decided ?? Memory(generation: 0, routes: [], endpoints: [])
            return memory.with(baselines, at: clock.monotonic)
        case .setAside(let path, let reason):
            let text = "what was learned of endpoints cannot be used (\(reason)); it was kept as \(path): "
            report(.error, text + "they are judged as configured")
            return decided
        }
    }

    private func decided(at clock: ClockReading) -> Memory? {
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
        guard let published = published(at: clock), published.isNews(to: remembered) else { return remembered }
        let known = remembered.map { "generation \($0.generation)" } ?? "nothing"
        report(
            .warning,
            "readers have seen generation \(published.generation), and the state directory remembers \(known): "
                + "going on from what was published"
        )
        return published.memory(after: remembered)
    }

    /// `nil` for a file that is missing, unusable or written under other rules.
    private func published(at clock: ClockReading) -> SeenDecision? {
        guard let bytes = try? AtomicFile.read(stateFile, limit: Self.maximumBytes),
            let document = try? Wire.decode(StateDocument.Decision.self, from: Data(bytes)),
            document.schema == StateDocument.schema, document.term == 0,
            document.generation <= MemoryDocument.largestGeneration
        else { return nil }
        let routes = document.routes.sorted { $0.key < $1.key }.map { name, route in
            RouteMemory(seen: route, named: name, at: clock)
        }
        return SeenDecision(generation: document.generation, routes: routes, intents: document.intents(at: clock))
    }
}
