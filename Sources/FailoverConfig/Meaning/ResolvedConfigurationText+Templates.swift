import FailoverCore

extension ResolvedConfigurationText {
    mutating func add(_ templates: [OutputTemplate]) {
        typealias Keys = TemplateKeys
        if !templates.isEmpty { line(1, "\(Keys.templates):") }
        for template in templates {
            line(2, "- \(Keys.source.name): \(YAMLText.string(template.source))")
            line(3, "\(Keys.destination.name): \(YAMLText.string(template.destination))")
            line(3, "\(Keys.mode.name): \(Keys.mode.rule.write(template.mode))")
            if let owner = template.owner {
                line(3, "\(Keys.owner.name): \(YAMLText.string(Keys.owner.rule.write(owner)))")
            }
            for (name, words) in [(Keys.check, template.check), (Keys.reload, template.reload)] where !words.isEmpty {
                line(3, "\(name): [\(words.map(YAMLText.string).joined(separator: ", "))]")
            }
            line(3, "\(Keys.timeout.name): \(DurationText.format(template.timeout))")
            line(3, "\(Keys.minimumInterval.name): \(DurationText.format(template.minimumInterval))")
        }
    }
}
