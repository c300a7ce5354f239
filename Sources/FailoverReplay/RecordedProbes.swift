import FailoverCore
import FailoverWire

/// The recorded results of each probe, in the order of their starts.
struct RecordedProbes: Sendable {
    private var results: [ProbeKey: [Observation]] = [:]

    /// Beyond a minute a later result says nothing of how a question would have been answered now.
    private static let longestWait = Duration.seconds(60)
    /// One that begins so soon is told by the recording itself.
    private static let soon = Duration.milliseconds(250)

    init(_ entries: [RecordedEntry]) {
        for entry in entries {
            switch entry.content {
            case .bare(let observation), .input(.observed(let observation)):
                results[observation.key, default: []].append(observation)
            case .started, .input, .configuration, .lost: continue
            }
        }
        for key in Array(results.keys) {
            // Sorted by time and then as told, so that equal starts keep their order.
            let list = (results[key] ?? []).enumerated()
            results[key] = list.sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
        }
    }

    /// In the order of their starts; empty for a probe without any.
    subscript(key: ProbeKey) -> [Observation] { results[key] ?? [] }

    /// How the probe would have been answered at an instant: as its next recorded one was.
    ///
    /// `nil` where the recording tells that one soon enough by itself, and where there is none within a minute.
    func answer(of key: ProbeKey, at now: MonotonicInstant) -> Observation? {
        let list = self[key]
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle].start < now { low = middle + 1 } else { high = middle }
        }
        guard list.indices.contains(low) else { return nil }
        let wait = list[low].start - now
        return wait > Self.soon && wait <= Self.longestWait ? list[low] : nil
    }
}
