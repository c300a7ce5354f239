import FailoverCore

/// Reads how a route decides, merged from its own settings and the defaults.
struct DecisionReader {
    private typealias Keys = DecisionKeys

    private let reader: MappingReader
    private var node: SettingNode { reader.node }
    private var findings: Findings { reader.findings }

    /// Checks `defaults.decision` by itself: what a rule needs may stand in the routes.
    static func check(defaults: SettingNode, findings: Findings) {
        guard let reader = MappingReader(defaults, table: Keys.table, findings: findings) else { return }
        let decision = DecisionReader(reader: reader)
        if reader.has(Keys.rule) { decision.refuseForeignParameters(of: reader.value(Keys.rule), own: defaults) }
        _ = decision.evidence()
        for count in [Keys.fall, Keys.rise, Keys.bad, Keys.of] { _ = reader.value(count) }
        _ = decision.configuration(rule: .evidence(.balanced))
    }

    /// The decision settings of a route; defaults where they were refused.
    static func read(
        own: SettingNode,
        defaults: SettingNode?,
        availability: Ratio,
        findings: Findings
    ) -> DecisionConfiguration {
        let merged = own.merged(over: defaults, table: Keys.table)
        guard let reader = MappingReader(merged, table: Keys.table, findings: findings) else {
            return DecisionConfiguration()
        }
        let decision = DecisionReader(reader: reader)
        return decision.configuration(rule: decision.rule(own: own, availability: availability))
    }

    private func configuration(rule: RuleConfiguration) -> DecisionConfiguration {
        DecisionConfiguration(
            rule: rule,
            failback: reader.value(Keys.failback),
            holdDown: reader.value(Keys.holdDown),
            maximumMovesPerHour: reader.value(Keys.maximumMoves),
            observe: reader.value(Keys.observe)
        )
    }

    // MARK: Rules

    private func rule(own: SettingNode, availability: Ratio) -> RuleConfiguration {
        let name = reader.value(Keys.rule)
        refuseForeignParameters(of: name, own: own)
        switch name {
        case .evidence:
            let parameters = evidence()
            check(parameters, availability: availability)
            return .evidence(parameters)
        case .consecutive:
            let fall = required(Keys.fall, of: name)
            let rise = required(Keys.rise, of: name)
            return .consecutive(fall: fall, rise: rise)
        case .window:
            let bad = required(Keys.bad, of: name)
            let of = required(Keys.of, of: name)
            if bad > of, reader[Keys.of.name] != nil, let place = reader[Keys.bad.name] {
                findings.refuse(place, allowed: "at most of (\(of))")
            }
            return .window(bad: bad, of: of, rise: reader.value(Keys.rise) ?? of)
        }
    }

    /// Refuses parameters of other rules, unless they come from the defaults, which may serve several rules.
    private func refuseForeignParameters(of rule: RuleName, own: SettingNode) {
        let allowed = Keys.parameters(of: rule)
        for other in RuleName.allCases where other != rule {
            for name in Keys.parameters(of: other) where !allowed.contains(name) {
                guard let place = own[name] else { continue }
                let ruleNode = reader[Keys.rule.name]
                let inherited = ruleNode.map { !$0.isBelow(own) } ?? false
                findings.refuse(
                    place,
                    found: "a parameter of rule: \(other.rawValue)",
                    allowed: "with rule: \(rule.rawValue): \(allowed.joined(separator: ", "))",
                    hint: inherited
                        ? "the rule comes from defaults.decision"
                        : ruleNode == nil ? "add rule: \(other.rawValue)" : nil
                )
            }
        }
    }

    private func required(_ setting: Setting<WholeRule>, of rule: RuleName) -> Int {
        if reader[setting.name] == nil {
            let range = setting.rule.range
            reader.refuseMissing(
                setting.name,
                allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
                hint: "rule: \(rule.rawValue) needs it"
            )
        }
        return reader.value(setting) ?? setting.rule.range.lowerBound
    }

    // MARK: Evidence

    private func evidence() -> EvidenceParameters {
        let preset = reader.value(Keys.preset)
        let standard = EvidenceParameters.preset(preset)
        let blip = blips(standard)
        return EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: reader.value(Keys.falseFailovers) ?? standard.falseFailoversPerYear,
            availabilityBlip: blip.errors,
            latencyBlip: blip.slow,
            blipsPerDay: reader.value(Keys.blipsPerDay) ?? standard.blipsPerDay,
            degradedAt: reader.value(Keys.degradedAt) ?? standard.degradedAt,
            confirmInterval: reader.value(Keys.confirmInterval) ?? standard.confirmInterval
        )
    }

    /// One duration for both indicators, or one for each.
    private func blips(_ standard: EvidenceParameters) -> (errors: Duration, slow: Duration) {
        guard let place = reader[Keys.blip] else { return (standard.availabilityBlip, standard.latencyBlip) }
        switch place.content {
        case .mapping:
            let blips = MappingReader(place, table: Keys.blipTable, findings: findings)
            return (
                blips?.value(Keys.blipErrors) ?? standard.availabilityBlip,
                blips?.value(Keys.blipSlow) ?? standard.latencyBlip
            )
        case .scalar, .list:
            let both = findings.read(place, as: Keys.blipRule)
            return (both ?? standard.availabilityBlip, both ?? standard.latencyBlip)
        }
    }

    /// A rate that the objectives allow can never be a reason to leave.
    private func check(_ parameters: EvidenceParameters, availability: Ratio) {
        let budget = IndicatorKind.availability.budget(availability: availability)
        // One part in a billion absorbs the rounding of 1 - 0.95.
        guard parameters.degradedAt.value <= budget * (1 + 1e-9) else { return }
        let place = reader[Keys.degradedAt.name]
        findings.refuse(
            path: place?.path ?? SettingNode.path(node.path, Keys.degradedAt.name),
            line: place?.line ?? node.line,
            found: PercentageText.format(parameters.degradedAt) + (place == nil ? " (the default)" : ""),
            allowed: "more than the errors that slo.availability allows (\(PercentageText.format(Ratio(budget))))"
        )
    }
}
