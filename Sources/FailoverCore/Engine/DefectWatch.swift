/// A probe that cannot be made as it is configured: its key is missing, a file cannot be read.
///
/// Says nothing about the endpoint, and it is nobody's fault but ours; but nobody is watched either, so it is told. It begins
/// with the first such attempt and is over with the first that can be made, so that a probe that works pays nothing.
struct DefectWatch: Sendable {
    /// What the last such attempt said, for people.
    private(set) var reason: Reason
    /// When it was last told; `nil` if not yet.
    private var told: MonotonicInstant?
    /// Such attempts with no other between them.
    private var inARow = 0

    /// Fewer may be a file that is being replaced.
    private static let least = 3
    /// How long it is not told again while it goes on.
    private static let silence = Duration.seconds(3600)

    init(_ reason: Reason) { self.reason = reason }

    var isTold: Bool { told != nil }

    /// Counts such an attempt, the first one included.
    ///
    /// - Returns: Whether it has to be told now.
    mutating func count(_ reason: Reason, at now: MonotonicInstant) -> Bool {
        self.reason = reason
        inARow = min(inARow + 1, Self.least)
        guard inARow >= Self.least, told.map({ now - $0 >= Self.silence }) ?? true else { return false }
        told = now
        return true
    }
}

extension ProbeTrack {
    /// Notes whether an attempt could be made at all.
    mutating func noteDefect(_ observation: Observation, at now: MonotonicInstant, _ news: inout [EndpointNews]) {
        if case .inconclusive(.localConfiguration) = observation.outcome {
            let text = "\(key.prefix)the probe cannot be made: \(observation.detail ?? "it cannot work as configured")"
            let reason = Reason(.localConfiguration, text)
            if defects.isEmpty { defects = Rare(DefectWatch(reason)) }
            guard defects.change({ $0.count(reason, at: now) }) == true else { return }
            news.append(EndpointNews(.misconfigured, .localConfiguration, text))
        } else if !defects.isEmpty {
            // What our own machine did otherwise does not show that it can be made.
            if case .inconclusive(let code) = observation.outcome, code != .filtered { return }
            if defects.read(\.isTold) == true {
                news.append(EndpointNews(.misconfigured, .clear, "\(key.prefix)the probe can be made again"))
            }
            defects = Rare()
        }
    }
}
