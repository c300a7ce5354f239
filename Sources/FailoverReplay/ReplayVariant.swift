package import FailoverCore

/// Another rule that a recording is replayed under, as on the command line.
package struct ReplayVariant: Hashable, Sendable {
    /// As it was given.
    package let name: String
    package let rule: RuleConfiguration

    package static let allowed =
        "evidence:PRESET (\(Preset.allCases.map(\.rawValue).joined(separator: ", "))), consecutive:FALL,RISE, "
        + "window:BAD,OF or window:BAD,OF,RISE, with counts from 1 to 1000"

    /// `nil` for what is no rule.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let numbers = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let counts = numbers.compactMap { $0 }.filter { 1...1000 ~= $0 }
        let isCounted = counts.count == numbers.count
        switch parts[0] {
        case "evidence":
            guard let preset = Preset(rawValue: String(parts[1])) else { return nil }
            rule = .evidence(.preset(preset))
        case "consecutive" where isCounted && counts.count == 2: rule = .consecutive(fall: counts[0], rise: counts[1])
        case "window" where isCounted && (2...3 ~= counts.count) && counts[0] <= counts[1]:
            rule = .window(bad: counts[0], of: counts[1], rise: counts.count == 3 ? counts[2] : counts[1])
        default: return nil
        }
        name = text
    }
}
