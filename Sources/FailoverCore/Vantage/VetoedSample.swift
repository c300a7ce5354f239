/// A bad sample that does not count, because no witness showed that our own network worked.
package struct VetoedSample: Hashable, Sendable {
    package let key: ProbeKey
    package let start: MonotonicInstant

    package init(key: ProbeKey, start: MonotonicInstant) {
        self.key = key
        self.start = start
    }
}

extension Engine {
    /// Keeps the samples that are vetoed from now on: for replays, which end.
    package mutating func keepVetoes() { vetoes = vetoes ?? [] }

    /// Those that were kept, in the order of the rulings; empty unless ``keepVetoes()`` was called.
    package var keptVetoes: [VetoedSample] { vetoes ?? [] }
}
