package import FailoverCore

/// How often lowest-latency routes move for speed where they should and where they should not.
package struct SpeedRun: Sendable {
    /// What becomes of the times of three endpoints.
    package struct Case: Sendable {
        package let name: String
        let days: Int
        let entries: [ScenarioEntry]
    }

    package let played: Case
    package private(set) var days = 0
    package private(set) var moves = 0
    package private(set) var broken = 0
    /// When each world moved first, since its beginning.
    private var firsts: [Duration] = []

    package init(_ played: Case) { self.played = played }

    /// One world of that case with the usual margins.
    package static func play(_ played: Case, seed: UInt64, speed: SpeedConfiguration = SpeedConfiguration()) -> SpeedRun
    {
        let duration = Duration.seconds(86_400) * played.days
        let scenario = Scenario(
            seed: seed,
            configurations: [configuration(speed)],
            duration: duration,
            entries: played.entries
        )
        var world = World<Engine>(scenario, keepsTimeline: true)
        world.run()
        let moves = world.timeline.filter { $0.reason == ReasonCode.faster.rawValue && $0.from != nil }
        var run = SpeedRun(played)
        run.days = played.days
        run.moves = moves.count
        run.broken = world.violations.count
        run.firsts = moves.prefix(1).map { $0.at - MonotonicInstant(nanoseconds: 0) }
        return run
    }

    package mutating func add(_ run: SpeedRun) {
        days += run.days
        moves += run.moves
        broken += run.broken
        firsts += run.firsts
    }

    /// `equal: 3 moves in 300 days (0.010 a day)`, and when the middle one of the worlds moved first.
    package var line: String {
        let each = (Double(moves) / Double(max(1, days))).formatted(decimals: 3)
        var line = "\(played.name): \(moves.counted("move")) in \(days.counted("day")) (\(each) a day)"
        if !firsts.isEmpty {
            let middle = firsts.sorted()[firsts.count / 2]
            let time = ClockText.text(MonotonicInstant(nanoseconds: 0) + middle)
            line += ", the first in \(firsts.count.counted("world")), at \(time)"
        }
        return broken == 0 ? line : "\(line); \(broken) invariants broken"
    }

    package static let names: [EndpointName] = ["us-east", "eu-west", "ap-south"]

    package static func configuration(_ speed: SpeedConfiguration?) -> Configuration {
        let probe = ProbeConfiguration(
            request: .http(HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            latencyObjective: .seconds(3)
        )
        let endpoints = names.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                publicURL: "https://\(name)",
                probes: [probe]
            )
        }
        let route = RouteConfiguration(name: "chat", endpoints: names, speed: speed)
        return Configuration(vantage: "here", endpoints: endpoints, routes: [route], outputs: OutputConfiguration())
    }
}

extension SpeedRun.Case {
    /// In the order in which they are told.
    package static let all = [equal, spells, wild, near, crossing, spikes, daily]

    /// As fast as each other; answers differ by 30 %.
    package static let equal = SpeedRun.Case(name: "equal", days: 30, entries: everybody(time(200)))
    /// The same, and slow answers come in spells.
    static let spells = SpeedRun.Case(
        name: "equal, each answer keeps 70 % of the last one's deviation",
        days: 30,
        entries: everybody(time(200, memory: 0.7))
    )
    static let wild = SpeedRun.Case(
        name: "equal, answers differ by 60 %, and keep 90 %",
        days: 30,
        entries: everybody(time(200, spread: 0.6, memory: 0.9))
    )
    static let near = SpeedRun.Case(
        name: "200, 180 and 220 ms",
        days: 30,
        entries: [pace(0, time(200)), pace(1, time(180)), pace(2, time(220))]
    )
    /// Another one becomes faster for good after twelve hours.
    package static let crossing = SpeedRun.Case(
        name: "another one becomes 40 % faster after 12 h",
        days: 1,
        entries: everybody(time(200, memory: 0.7)) + [pace(1, at: 43_200, time(120, memory: 0.7))]
    )
    /// Each of them is slow for five minutes of each hour, one after the other.
    package static let spikes = SpeedRun.Case(
        name: "each is three times as slow for 5 min of each hour",
        days: 3,
        entries: everybody(time(200, memory: 0.7))
            + (1..<72).flatMap { hour in
                names.indices.flatMap { name in
                    [
                        pace(name, at: hour * 3600 + name * 900, time(600, memory: 0.7)),
                        pace(name, at: hour * 3600 + name * 900 + 300, time(200, memory: 0.7)),
                    ]
                }
            }
    )
    /// Two that are slow at opposite times of the day.
    package static let daily = SpeedRun.Case(
        name: "two swing by 40 % with the day, against each other",
        days: 10,
        entries: [
            pace(0, LatencyPace(median: .milliseconds(200), memory: 0.7, swing: 0.4)),
            pace(1, LatencyPace(median: .milliseconds(200), memory: 0.7, swing: 0.4, peak: .seconds(43_200))),
            pace(2, time(400, memory: 0.7)),
        ]
    )

    private static var names: [EndpointName] { SpeedRun.names }

    private static func pace(_ name: Int, at seconds: Int = 0, _ pace: LatencyPace) -> ScenarioEntry {
        ScenarioEntry(at: .seconds(seconds), change: .pace(names[name], pace))
    }

    private static func everybody(_ pace: LatencyPace) -> [ScenarioEntry] {
        names.indices.map { Self.pace($0, pace) }
    }

    private static func time(_ milliseconds: Int, spread: Double = 0.3, memory: Double = 0) -> LatencyPace {
        LatencyPace(median: .milliseconds(milliseconds), spread: spread, memory: memory)
    }
}
