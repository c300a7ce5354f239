import Yams

extension Script {
    /// Reads a script.
    ///
    /// - Throws: Every problem of the file, in order of lines.
    package static func read(_ text: String) throws(ScriptError) -> Script {
        guard text.utf8.count <= maximumBytes else {
            let message = "found \(text.utf8.count) bytes; expected at most \(maximumBytes)"
            throw ScriptError(problems: [.init(line: nil, path: "", message: message)])
        }
        var reader = ScriptReader()
        let script = reader.script(text)
        let problems = reader.faults.reader.problems
        guard problems.isEmpty, let script else {
            throw ScriptError(problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
        }
        return script
    }
}

/// Walks over the document; what it returns counts only if the reader has no problems.
private struct ScriptReader {
    var faults = FaultReader()

    private typealias Field = NodeReader.Field

    mutating func script(_ text: String) -> Script? {
        guard let node = faults.reader.parse(text) else { return nil }
        let root: Field = ("", node)
        let keys = ["seed", "time_scale", "regions", "timeline"]
        guard let fields = faults.reader.mapping(root, allowed: keys) else { return nil }
        let seed = fields["seed"].map { faults.reader.integer($0, in: 0...Int.max) } ?? 1
        let timeScale = fields["time_scale"].map { faults.reader.number($0, in: Script.timeScales) } ?? 1
        let regions = faults.reader.required("regions", of: fields, in: root).map { self.regions($0) } ?? []
        let timeline = fields["timeline"].map { self.timeline($0, regions: regions.map(\.name)) } ?? []
        guard let seed, let timeScale else { return nil }
        return Script(seed: UInt64(seed), timeScale: timeScale, regions: regions, timeline: timeline)
    }

    // MARK: Regions

    private mutating func regions(_ field: Field) -> [RegionConfiguration] {
        guard let pairs = faults.reader.pairs(field, of: "a mapping from names to regions") else { return [] }
        guard (1...Script.maximumRegions).contains(pairs.count) else {
            let expected = "expected 1 to \(Script.maximumRegions)"
            faults.reader.report(field.node, field.path, "found \(pairs.count) regions; \(expected)")
            return []
        }
        var ports: [Int: String] = [:]
        return pairs.compactMap { key, value in
            guard RegionConfiguration.isName(key.name) else {
                let found = "found '\(key.name.prefix(80))'"
                faults.reader.report(key.node, field.path, "\(found); expected \(RegionConfiguration.nameRule)")
                return nil
            }
            let region = region(key.name, value)
            if let port = region?.port, port > 0 {
                if let other = ports[port] {
                    faults.reader.report(value.node, "\(value.path).port", "found \(port), the port of \(other) too")
                }
                ports[port] = key.name
            }
            return region
        }
    }

    private mutating func region(_ name: String, _ field: Field) -> RegionConfiguration? {
        let keys = ["port", "latency", "ttft", "max_connections", "keys"]
        guard let fields = faults.reader.mapping(field, allowed: keys) else { return nil }
        let port = faults.reader.required("port", of: fields, in: field)
            .flatMap { faults.reader.integer($0, in: 0...65_535) }
        let latency = fields["latency"].map { faults.latency($0) } ?? RegionConfiguration.measuredLatency
        let timeToFirstToken =
            fields["ttft"].map { faults.latency($0) } ?? RegionConfiguration.measuredTimeToFirstToken
        let connections =
            fields["max_connections"].map { faults.reader.integer($0, in: 1...65_536) }
            ?? RegionConfiguration.defaultMaximumConnections
        return RegionConfiguration(
            name: name,
            // A value that could not be read has its problem; the name still serves to check the timeline.
            port: port ?? 0,
            latency: latency ?? RegionConfiguration.measuredLatency,
            timeToFirstToken: timeToFirstToken ?? RegionConfiguration.measuredTimeToFirstToken,
            maximumConnections: connections ?? RegionConfiguration.defaultMaximumConnections,
            keys: fields["keys"].map { self.keys($0) } ?? []
        )
    }

    /// What clients may show; a problem tells the place of a key and never the key.
    private mutating func keys(_ field: Field) -> [String] {
        let items = faults.reader.sequence(field, limit: 1...RegionConfiguration.maximumKeys) ?? []
        return items.compactMap { item in
            if let key = item.node.scalar?.string, (1...RegionConfiguration.maximumKeyLength).contains(key.utf8.count),
                key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            {
                return key
            }
            let expected = "expected 1 to \(RegionConfiguration.maximumKeyLength) visible ASCII characters"
            faults.reader.report(item.node, item.path, "found something that is no key; \(expected)")
            return nil
        }
    }

    // MARK: Timeline

    private mutating func timeline(_ field: Field, regions: [String]) -> [TimelineStep] {
        let items = faults.reader.sequence(field, limit: 0...Script.maximumSteps) ?? []
        var previous = Duration.zero
        return items.compactMap { item in
            guard let step = step(item, regions: regions) else { return nil }
            if step.at < previous {
                let found = "found \(step.at.shortText) after \(previous.shortText)"
                faults.reader.report(item.node, "\(item.path).at", "\(found); expected steps in order of time")
            }
            previous = step.at
            return step
        }
    }

    private mutating func step(_ field: Field, regions: [String]) -> TimelineStep? {
        let keys = ["at", "region", "fault", "heal", "say"]
        guard let fields = faults.reader.mapping(field, allowed: keys) else { return nil }
        let at = faults.reader.required("at", of: fields, in: field)
            .flatMap { faults.reader.duration($0, in: .zero ... .seconds(86_400)) }
        let comment = fields["say"].flatMap { faults.reader.line($0) }
        let found = fields["fault"].map { faults.list($0) } ?? []
        if let heal = fields["heal"] { _ = faults.reader.isTrue(heal) }
        let region = fields["region"].flatMap { self.region($0, regions: regions) }
        guard fields["fault"] == nil || fields["heal"] == nil else {
            faults.reader.report(field.node, field.path, "found fault beside heal; expected one of them")
            return nil
        }
        guard fields["fault"] != nil || fields["heal"] != nil else {
            if fields["say"] == nil || fields["region"] != nil {
                let expected = "expected fault or heal with a region, or say alone"
                faults.reader.report(field.node, field.path, "found neither fault nor heal; \(expected)")
            }
            return at.map { TimelineStep(at: $0, action: .say, comment: comment) }
        }
        guard faults.reader.required("region", of: fields, in: field) != nil, let region, let at else { return nil }
        return TimelineStep(at: at, action: .setFaults(region: region, found), comment: comment)
    }

    private mutating func region(_ field: Field, regions: [String]) -> String? {
        if let name = field.node.scalar?.string, regions.contains(name) { return name }
        let expected = "expected one of \(faults.reader.list(regions))"
        faults.reader.report(field.node, field.path, "found \(faults.reader.found(field.node)); \(expected)")
        return nil
    }
}

extension RegionConfiguration {
    /// What a name may be, in words.
    package static let nameRule = "1 to 63 of the characters a-z, 0-9, '-', '_' and '.', beginning with a letter"

    /// Whether `text` can name a region; such names need no escaping anywhere.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...63).contains(text.utf8.count) else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return letters.contains(first)
            && text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || "-_.".utf8.contains($0) }
    }
}
