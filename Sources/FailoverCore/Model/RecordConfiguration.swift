/// How much of what the engine was fed is kept for replays.
package struct RecordConfiguration: Hashable, Sendable {
    /// What is older is removed; `zero` records nothing.
    package let keep: Duration
    /// Of all files together; the oldest is removed first.
    package let maximumBytes: Int

    package init(keep: Duration = .seconds(3600), maximumBytes: Int = 64 * 1024 * 1024) {
        self.keep = keep
        self.maximumBytes = maximumBytes
    }

    package var isOn: Bool { keep > .zero }
}

// MARK: - What is usual

extension RecordConfiguration {
    /// What one attempt takes in a recording, in bytes: a line for its start and one for its end.
    private static let bytesPerAttempt = 450
    /// A ring that is overwritten sooner answers no question, and wears the disk for nothing.
    private static let shortestReach = 600

    /// What is kept where nobody says: nothing if the endpoints are asked so often that little would be left of it.
    package static func usual(for endpoints: [EndpointConfiguration]) -> RecordConfiguration {
        let usual = RecordConfiguration()
        let perSecond = attemptsPerSecond(endpoints) * Double(bytesPerAttempt)
        let isWorthIt = perSecond * Double(shortestReach) <= Double(usual.maximumBytes)
        return isWorthIt ? usual : RecordConfiguration(keep: .zero)
    }

    /// Why nothing is recorded though nobody asked for that; `nil` if something is, or somebody did.
    package static func whyOff(in configuration: Configuration) -> String? {
        guard !configuration.record.isOn, !usual(for: configuration.endpoints).isOn else { return nil }
        let rate = Int(attemptsPerSecond(configuration.endpoints).rounded())
        let seconds = RecordConfiguration().maximumBytes / max(1, rate * bytesPerAttempt)
        return "off: \(rate.grouped) probes a second fill the usual 64 MiB within \(seconds) s; set record to keep them"
    }

    private static func attemptsPerSecond(_ endpoints: [EndpointConfiguration]) -> Double {
        endpoints.reduce(0) { $1.probes.reduce($0) { $0 + 1 / $1.interval.inSeconds } }
    }
}
