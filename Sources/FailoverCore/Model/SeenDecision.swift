/// The last decision of an earlier process that readers have seen.
///
/// The memory is the authority. But a dead endpoint is left even when its disk fails, and a memory may be damaged: then readers
/// know a later decision, and a generation must not fall under their eyes.
package struct SeenDecision: Hashable, Sendable {
    package let generation: UInt64
    /// In an order that does not vary; their moves are not known.
    package let routes: [RouteMemory]
    /// What operators wanted, as far as readers are told.
    package let intents: [OperatorIntent]

    package init(generation: UInt64, routes: [RouteMemory], intents: [OperatorIntent] = []) {
        self.generation = generation
        self.routes = routes
        self.intents = intents
    }

    /// Whether it is not remembered; of two with one number, the one that was seen counts.
    package func isNews(to remembered: Memory?) -> Bool {
        guard let remembered, generation <= remembered.generation else { return true }
        guard generation == remembered.generation else { return false }
        return remembered.routes.contains { route in
            routes.first { $0.name == route.name }.map { Self.isNews($0, to: route) } ?? false
        }
    }

    private static func isNews(_ seen: RouteMemory, to remembered: RouteMemory) -> Bool {
        guard seen.generation <= remembered.generation else { return true }
        return seen.generation == remembered.generation
            && (seen.active != remembered.active || seen.weights != remembered.weights)
    }

    /// What to go on from: what is remembered, with what was seen above it.
    package func memory(after remembered: Memory?) -> Memory {
        var memory = remembered ?? Memory(generation: 0, routes: [], endpoints: [], intents: intents)
        memory.generation = generation
        for var seen in routes {
            let index = memory.routes.firstIndex { $0.name == seen.name }
            let before = index.map { memory.routes[$0] }
            // All of it: a memory that is no newer as a whole may hold a move that was dropped while its disk was slow.
            if let before, before.active == seen.active, before.generation == seen.generation,
                before.weights == seen.weights
            {
                continue
            }
            let hasMoved = before.map { $0.active != seen.active } ?? false
            seen.moves = (before?.moves ?? []) + (hasMoved ? [seen.since] : [])
            seen.shares = seen.shares.map { $0.continuing(before?.share(of: $0.owner)) }
            if let index { memory.routes[index] = seen } else { memory.routes.append(seen) }
        }
        return memory
    }
}

extension ShareMemory {
    /// With the moves that are remembered of it, and the one that was only seen.
    fileprivate func continuing(_ before: RouteMemory?) -> ShareMemory {
        var share = self
        let hasMoved = before.map { $0.active != active } ?? false
        share.moves = (before?.moves ?? []) + (hasMoved ? [since] : [])
        return share
    }
}
