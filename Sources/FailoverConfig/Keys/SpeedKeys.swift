import FailoverCore

/// The keys that only lowest-latency routes have.
enum SpeedKeys {
    private static let standard = SpeedConfiguration()

    static let speed = "speed"
    /// Less is noise, and more is another service.
    static let margin = DefaultedSetting(
        name: "margin",
        rule: PercentageRule(Ratio(0.05)...Ratio(0.9)),
        fallback: standard.margin
    )
    static let minimumMargin = DefaultedSetting(
        name: "min_margin",
        rule: DurationRule(.zero...(.seconds(10)), usualUnit: "ms"),
        fallback: standard.minimumMargin
    )
    /// The default is longer where probes are rare.
    static let window = Setting(name: "window", rule: DurationRule(.seconds(60)...(.seconds(86_400))))
    static let dwell = DefaultedSetting(
        name: "dwell",
        rule: DurationRule(.seconds(60)...(.seconds(86_400))),
        fallback: standard.dwell
    )
    static let table = KeyTable([margin.known, minimumMargin.known, window.known, dwell.known])
    static let known = [KnownKey(speed, .mapping(table))]
}
