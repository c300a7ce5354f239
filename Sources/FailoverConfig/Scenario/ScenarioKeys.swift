import FailoverCore
import FailoverSimulation

/// Every key of a scenario file.
enum ScenarioKeys {
    static let version = Setting(name: "version", rule: WholeRule(1...1), isRequired: true)
    /// As far as a number of YAML goes without losing digits elsewhere.
    static let seed = DefaultedSetting(name: "seed", rule: WholeRule(0...9_007_199_254_740_992), fallback: 1)
    /// A week is more than anybody reads.
    static let duration = Setting(
        name: "duration",
        rule: DurationRule(.seconds(1)...(.seconds(7 * 86_400))),
        isRequired: true
    )
    static let noise = DefaultedSetting(name: "noise", rule: FlagRule(), fallback: false)
    static let world = "world"
    static let timeline = "timeline"
    static let maximumEntries = 1000

    static let root = KeyTable([
        version.known, seed.known, duration.known, noise.known,
        KnownKey(world, .mapping(WorldKeys.table)),
        KnownKey(timeline, .list(.mapping(EntryKeys.table), maximum: maximumEntries), isRequired: true),
    ])
}

/// A world of its own, where no configuration is given: endpoints that are all alike, and one route over them.
enum WorldKeys {
    static let endpoints = "endpoints"
    static let maximumEndpoints = 64
    static let interval = DefaultedSetting(
        name: "interval",
        rule: DurationRule(.milliseconds(100)...(.seconds(3600))),
        fallback: .seconds(5)
    )
    static let objective = DefaultedSetting(
        name: "objective",
        rule: DurationRule(.milliseconds(1)...(.seconds(60))),
        fallback: .seconds(1)
    )
    static let timeout = DefaultedSetting(
        name: "timeout",
        rule: DurationRule(.milliseconds(10)...(.seconds(300))),
        fallback: .seconds(15)
    )
    static let preset = DefaultedSetting(name: "preset", rule: ChoiceRule<Preset>(), fallback: .balanced)
    static let holdDown = DefaultedSetting(
        name: "hold_down",
        rule: DurationRule(.zero...(.seconds(86_400))),
        fallback: DecisionConfiguration().holdDown
    )

    static let table = KeyTable([
        KnownKey(endpoints, .list(.name, maximum: maximumEndpoints), isRequired: true),
        interval.known, objective.known, timeout.known, preset.known, holdDown.known,
    ])
}

/// One entry of the timeline: when, for how long, and exactly one thing that happens.
enum EntryKeys {
    private static let longest = Duration.seconds(7 * 86_400)
    static let at = Setting(name: "at", rule: DurationRule(.zero...longest), isRequired: true)
    static let lasts = Setting(name: "for", rule: DurationRule(.milliseconds(1)...longest))
    static let say = Setting(name: "say", rule: TextRule(maximum: 200))
    static let endpoint = Setting(name: "endpoint", rule: NameRule<EndpointName>())
    static let heal = Setting(name: "heal", rule: FlagRule())
    static let fault = "fault"
    static let observer = "observer"
    static let disk = "disk"
    static let daemon = "daemon"
    static let clock = "clock"
    /// Besides `endpoint` with `fault` or `heal`.
    static let others = [observer, disk, daemon, clock]

    static let table = KeyTable([
        at.known, lasts.known, say.known, endpoint.known, KnownKey(fault, .scalar), heal.known,
        KnownKey(observer, .scalar), KnownKey(disk, .scalar), KnownKey(daemon, .scalar), KnownKey(clock, .scalar),
    ])

    /// How long something may take.
    static let span = DurationRule(.milliseconds(1)...(.seconds(86_400)))
    /// How long a process is away, or what a clock is set by.
    static let pause = DurationRule(.zero...(.seconds(30 * 86_400)))
    static let share = PercentageRule(Ratio(0.0001)...Ratio(1))
}
