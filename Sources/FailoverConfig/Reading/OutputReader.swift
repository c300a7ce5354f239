import FailoverCore

/// Reads where decisions are published.
enum OutputReader {
    static func read(
        _ node: SettingNode,
        templates: TemplateReader,
        cache: FileAndPatternCache,
        findings: Findings
    ) -> OutputConfiguration {
        guard let reader = MappingReader(node, table: OutputKeys.table, findings: findings) else {
            return OutputConfiguration()
        }
        let outputs = OutputConfiguration(
            stateFile: reader.value(OutputKeys.stateFile),
            socket: reader.value(OutputKeys.socket),
            stateDirectory: reader.value(OutputKeys.stateDirectory),
            journal: reader.value(OutputKeys.journal),
            writeInterval: reader.value(OutputKeys.writeInterval),
            validFor: reader.value(OutputKeys.validFor),
            haproxyAgent: HAProxyAgentReader.read(in: reader),
            templates: reader[TemplateKeys.templates].map(templates.read) ?? [],
            http: HTTPOutputReader.read(in: reader, cache: cache)
        )
        checkPaths(outputs, reader)
        checkDestinations(outputs, reader)
        if outputs.validFor < outputs.writeInterval * 3 {
            let place = reader[OutputKeys.validFor.name] ?? reader[OutputKeys.writeInterval.name] ?? node
            findings.refuse(
                path: SettingNode.path(node.path, OutputKeys.validFor.name),
                line: place.line,
                found: DurationText.format(outputs.validFor),
                allowed: "at least three times write_interval (\(DurationText.format(outputs.writeInterval * 3)))",
                hint: "one late write must not send readers to their own order"
            )
        }
        return outputs
    }

    /// Three different things cannot stand in one place.
    private static func checkPaths(_ outputs: OutputConfiguration, _ reader: MappingReader) {
        let places =
            [
                (OutputKeys.stateFile.name, outputs.stateFile), (OutputKeys.socket.name, outputs.socket),
                (OutputKeys.stateDirectory.name, outputs.stateDirectory),
            ] + outputs.templates.map { (TemplateKeys.templates, $0.destination) }
        for (index, place) in places.enumerated() {
            for other in places[..<min(index, 3)] where segments(place.1) == segments(other.1) {
                let node = reader[place.0] ?? reader[other.0] ?? reader.node
                reader.findings.refuse(
                    node,
                    found: "\(ShownText.quoted(place.1)) for \(other.0) and \(place.0)",
                    allowed: "a path of its own for each"
                )
            }
        }
    }

    /// What failoverd writes for itself would be overwritten, and what it writes would overwrite the file.
    private static func checkDestinations(_ outputs: OutputConfiguration, _ reader: MappingReader) {
        let places = [
            (segments(outputs.stateDirectory), "the files of failoverd itself"),
            (Array(segments(outputs.stateFile).dropLast()) + ["routes"], "the route files"),
        ]
        for template in outputs.templates {
            let destination = segments(template.destination)
            for (place, what) in places where destination.count > place.count && destination.starts(with: place) {
                reader.findings.refuse(
                    reader[TemplateKeys.templates] ?? reader.node,
                    found: "the destination \(ShownText.quoted(template.destination)), which is among \(what)",
                    allowed: "a place outside of /\(place.joined(separator: "/"))"
                )
            }
        }
    }

    static func segments(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
}
