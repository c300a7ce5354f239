import FailoverCore

/// What `rule` may say.
enum RuleName: String, CaseIterable, Sendable {
    case evidence, consecutive, window
}

enum DecisionKeys {
    private static let standard = DecisionConfiguration()

    static let rule = DefaultedSetting(name: "rule", rule: ChoiceRule<RuleName>(), fallback: .evidence)

    static let preset = DefaultedSetting(name: "preset", rule: ChoiceRule<Preset>(), fallback: .balanced)
    /// A year.
    static let falseFailovers = Setting(name: "false_failovers", rule: NumberRule(0.01...10_000))
    static let blip = "blip"
    static let blipErrors = Setting(name: "errors", rule: blipRule)
    static let blipSlow = Setting(name: "slow", rule: blipRule)
    static let blipTable = KeyTable([blipErrors.known, blipSlow.known])
    /// A day.
    static let blipsPerDay = Setting(name: "blips_per_day", rule: NumberRule(0.01...10_000))
    /// More is a partial outage, which the rule weighs anyhow.
    static let degradedAt = Setting(name: "degraded_at", rule: PercentageRule(Ratio(0.0101)...Ratio(0.3999)))
    static let confirmInterval = Setting(
        name: "confirm_interval",
        rule: DurationRule(.milliseconds(100)...(.seconds(3_600)))
    )

    static let fall = Setting(name: "fall", rule: countRule)
    static let rise = Setting(name: "rise", rule: countRule)
    static let bad = Setting(name: "bad", rule: countRule)
    static let of = Setting(name: "of", rule: countRule)

    static let failback = DefaultedSetting(
        name: "failback",
        rule: ChoiceRule<FailbackPolicy>(),
        fallback: standard.failback
    )
    /// The penalty for flapping ends at an hour too; who wants to wait longer wants `failback: manual`.
    static let holdDown = DefaultedSetting(
        name: "hold_down",
        rule: DurationRule(.zero...(.seconds(3_600))),
        fallback: standard.holdDown
    )
    static let maximumMoves = DefaultedSetting(
        name: "max_moves_per_hour",
        rule: MovesRule(),
        fallback: standard.maximumMovesPerHour
    )
    static let observe = DefaultedSetting(name: "observe", rule: FlagRule(), fallback: standard.observe)

    static let blipRule = DurationRule(.milliseconds(1)...(.seconds(3_600)))
    private static let countRule = WholeRule(1...1_000)

    static let table = KeyTable([
        rule.known,
        preset.known,
        falseFailovers.known,
        KnownKey(blip, .either([blipRule.known, .mapping(blipTable)])),
        blipsPerDay.known,
        degradedAt.known,
        confirmInterval.known,
        fall.known,
        rise.known,
        bad.known,
        of.known,
        failback.known,
        holdDown.known,
        maximumMoves.known,
        observe.known,
    ])

    /// The keys that set the parameters of a rule.
    static func parameters(of rule: RuleName) -> [String] {
        switch rule {
        case .evidence:
            [preset.name, falseFailovers.name, blip, blipsPerDay.name, degradedAt.name, confirmInterval.name]
        case .consecutive: [fall.name, rise.name]
        case .window: [bad.name, of.name, rise.name]
        }
    }
}

/// A number of moves, or `unlimited`.
struct MovesRule: ScalarRule {
    private static let unlimited = "unlimited"
    private static let counts = WholeRule(1...1_000)
    var known: KnownValue { .either([Self.counts.known, .choice([Self.unlimited])]) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Int? {
        if scalar.text == Self.unlimited { return nil }
        do {
            return try Self.counts.read(scalar)
        } catch {
            throw Refusal(allowed: "\(error.allowed), or \(Self.unlimited)", hint: error.hint)
        }
    }

    func write(_ value: Int?) -> String { value.map { "\($0)" } ?? Self.unlimited }
}
