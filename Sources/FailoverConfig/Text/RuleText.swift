import FailoverCore

/// Rules in one line with every parameter, so that two that differ also look different.
enum RuleText {
    static func describe(_ rule: RuleConfiguration) -> String {
        switch rule {
        case .consecutive(let fall, let rise): "consecutive (fall \(fall), rise \(rise))"
        case .window(let bad, let of, let rise): "window (bad \(bad), of \(of), rise \(rise))"
        case .evidence(let parameters): "evidence (\(describe(parameters)))"
        }
    }

    private static func describe(_ parameters: EvidenceParameters) -> String {
        [
            "preset \(parameters.preset.rawValue)",
            "false_failovers \(NumberText.format(parameters.falseFailoversPerYear))",
            "blip \(DurationText.format(parameters.availabilityBlip)) / \(DurationText.format(parameters.latencyBlip))",
            "blips_per_day \(NumberText.format(parameters.blipsPerDay))",
            "degraded_at \(PercentageText.format(parameters.degradedAt))",
            "confirm_interval \(DurationText.format(parameters.confirmInterval))",
        ].joined(separator: ", ")
    }
}
