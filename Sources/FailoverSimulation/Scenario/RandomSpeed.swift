import FailoverCore

/// Makes lowest-latency routes, and endpoints that become faster and slower; draws of its own, so that the rest of a world stays
/// as it is.
struct RandomSpeed {
    private var random: SplitMix64
    /// Routes of this world are of that kind.
    let isOn: Bool
    /// What a reload brings is an active-standby route.
    private let isDropped: Bool

    init(seed: UInt64, otherwise: Bool) {
        random = SplitMix64(seed: seed ^ 0x5BEE_D000_1A7E_2C11)
        let isOn = Double.random(in: 0..<1, using: &random) < 0.3
        self.isOn = isOn && !otherwise
        isDropped = Double.random(in: 0..<1, using: &random) < 0.4
    }

    /// For probes that are asked so often; `nil` for the routes of a reload that drops it.
    mutating func configuration(interval: Duration, isReload: Bool) -> SpeedConfiguration? {
        let window = max(pick([.seconds(300), .seconds(600), .seconds(1200)]), interval * 30)
        let speed = SpeedConfiguration(
            margin: Ratio(pick([0.1, 0.2, 0.3])),
            minimumMargin: pick([.zero, .milliseconds(10), .milliseconds(20)]),
            window: window,
            dwell: pick([.seconds(60), .seconds(300), .seconds(600), .seconds(1800)])
        )
        return isReload && isDropped ? nil : speed
    }

    /// Who is how fast from when on: from the beginning, and again every few hours.
    mutating func entries(for names: [EndpointName], objective: Duration, duration: Duration) -> [ScenarioEntry] {
        var entries: [ScenarioEntry] = []
        for name in names {
            var at = Duration.zero
            while at < duration {
                entries.append(ScenarioEntry(at: at, change: .pace(name, pace(within: objective))))
                at += .seconds(Int.random(in: 300...28_800, using: &random))
            }
        }
        return entries
    }

    private mutating func pace(within objective: Duration) -> LatencyPace {
        LatencyPace(
            median: objective * Double.random(in: 0.05...0.5, using: &random),
            spread: pick([0.05, 0.2, 0.3, 0.5]),
            memory: pick([0, 0.5, 0.9]),
            swing: pick([0, 0, 0.3]),
            peak: .seconds(Int.random(in: 0..<86_400, using: &random))
        )
    }

    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &random)]
    }
}
