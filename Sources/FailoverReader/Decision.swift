/// Where the traffic of a route goes.
public struct Decision: Hashable, Sendable {
    /// The endpoints to use, best first; empty only if failoverd is silent and you gave no order of your own.
    public let order: [Endpoint]
    /// What failoverd says of it; `nil` if it is gone, silent or does not know the route, and `order` is your own.
    public let word: Word?

    /// A decision that you make up, for a test.
    public init(order: [Endpoint], word: Word?) {
        self.order = order
        self.word = word
    }

    /// What failoverd says of a decision of its own.
    public struct Word: Hashable, Sendable {
        /// How the route stands.
        public let mode: Mode
        /// Which decision it is: never falls while failoverd's state directory lives.
        public let generation: UInt64

        /// For a decision that you make up.
        public init(mode: Mode, generation: UInt64) {
            self.mode = mode
            self.generation = generation
        }
    }

    /// How a route stands: open, because a newer failoverd may know more of them.
    public struct Mode: RawRepresentable, Hashable, Sendable {
        /// As the state file has it.
        public let rawValue: String

        /// Any mode, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The first choice is active.
        public static let preferred = Mode(rawValue: "preferred")
        /// Another one is.
        public static let failover = Mode(rawValue: "failover")
        /// The active endpoint is bad, and nobody else can take over: it stays.
        public static let failOpen = Mode(rawValue: "fail_open")
        /// A move is due, and is withheld.
        public static let held = Mode(rawValue: "held")
        /// An operator wants this endpoint.
        public static let pinned = Mode(rawValue: "pinned")
    }

    /// Whether failoverd has decided it, and not your own order.
    public var isFresh: Bool { word != nil }

    /// The endpoint to use: of a weighted route the one with the largest share; `nil` only if `order` is empty.
    public var active: Endpoint? { order.first }

    /// The endpoints to try for one request, best first: the first one is drawn by the weights.
    public func picked() -> [Endpoint] {
        var generator = SystemRandomNumberGenerator()
        return picked(using: &generator)
    }

    /// The same with randomness of your own.
    public func picked(using generator: inout some RandomNumberGenerator) -> [Endpoint] {
        let sum = order.reduce(0) { $0 + $1.weight }
        guard sum > 0 else { return order }
        var point = Int.random(in: 0..<sum, using: &generator)
        for (index, endpoint) in order.enumerated() {
            guard point >= endpoint.weight else {
                return [endpoint] + order[..<index] + order[(index + 1)...]
            }
            point -= endpoint.weight
        }
        return order
    }
}
