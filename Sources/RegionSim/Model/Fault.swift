/// One way in which a region misbehaves, and for which share of its requests.
package struct Fault: Hashable, Sendable {
    /// What happens to a request.
    package enum Kind: Hashable, Sendable {
        /// Answers at once with this status (200...599) and, from 400, an error object.
        case status(Int, retryAfter: Duration?)
        /// Nothing listens: connections are refused, and open ones are closed.
        case refuse
        /// Accepts and reads, and never answers.
        case blackhole
        /// Sends the head and the first half of the body, or the first token of a stream, and then nothing.
        case stall
        /// Closes in the middle of the body or stream.
        case truncate
        /// Sends the body one byte per interval.
        case drip(interval: Duration)
        /// Resets the connection when the request has been read.
        case reset
        /// Answers with bytes that are not HTTP.
        case garbage
        /// Answers well, but later than usual.
        case slow(Slowness)
        /// Sends a body without end.
        case endless
        /// Answers 200 with an empty body.
        case empty
        /// Answers chats, and nothing else, in an odd or a broken way.
        case chat(ChatQuirk)
    }

    /// How `slow` changes the region's latencies.
    package enum Slowness: Hashable, Sendable {
        /// Multiplies both latencies.
        case factor(Double)
        /// Takes the place of the region's latencies; a `nil` keeps the region's own.
        case replaced(latency: LatencyModel?, timeToFirstToken: LatencyModel?)
    }

    package let kind: Kind
    /// The share of requests that the fault hits, 0...1.
    ///
    /// Always 1 for `refuse`: a listener is open or closed.
    package let share: Double

    /// - Precondition: `share` lies in 0...1.
    package init(_ kind: Kind, share: Double = 1) {
        precondition((0...1).contains(share), "a share is a ratio")
        self.kind = kind
        self.share = kind == .refuse ? 1 : share
    }

    /// The most faults that a region has at once.
    package static let maximumPerRegion = 8
}

extension Fault.Kind {
    /// The key of the kind in scripts and in the control API.
    package var name: String {
        switch self {
        case .status: "status"
        case .refuse: "refuse"
        case .blackhole: "blackhole"
        case .stall: "stall"
        case .truncate: "truncate"
        case .drip: "drip"
        case .reset: "reset"
        case .garbage: "garbage"
        case .slow: "slow"
        case .endless: "endless"
        case .empty: "empty"
        case .chat: "chat"
        }
    }

    /// Every key, in the order in which messages list them.
    package static let names = [
        "status", "refuse", "blackhole", "stall", "truncate", "drip", "reset", "garbage", "slow", "endless", "empty",
        "chat",
    ]
}

extension Fault: CustomStringConvertible {
    /// A few words for people, such as `status 503 for 30 % of requests`.
    package var description: String {
        let what =
            switch kind {
            case .status(let code, retryAfter: nil): "status \(code)"
            case .status(let code, retryAfter: .some(let wait)): "status \(code), retry after \(wait.shortText)"
            case .drip(let interval): "drip one byte per \(interval.shortText)"
            case .slow(.factor(let factor)): "slow, \(factor) times the time"
            case .slow(.replaced(let latency, let timeToFirstToken)):
                "slow"
                    + (latency.map { ", p50 \($0.p50.shortText) p99 \($0.p99.shortText)" } ?? "")
                    + (timeToFirstToken.map { ", first token p50 \($0.p50.shortText) p99 \($0.p99.shortText)" } ?? "")
            case .chat(let quirk): "chat \(quirk)"
            case .refuse, .blackhole, .stall, .truncate, .reset, .garbage, .endless, .empty: kind.name
            }
        guard share < 1 else { return what }
        let percent = "\((share * 1000).rounded() / 10)"
        return "\(what) for \(percent.hasSuffix(".0") ? String(percent.dropLast(2)) : percent) % of requests"
    }
}
