import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// The schema for editors says the same as the parser.
@Suite struct SchemaTests {
    private static let path = Fixtures.root.appending(path: "docs/failoverd.schema.json").path

    // MARK: Against the parser's own tables

    @Test func schemaKnowsTheKeysOfTheParser() throws {
        let walk = try SchemaWalk(path: Self.path)
        walk.compare(table: KnownKeys.root, with: walk.root, at: "")
        #expect(walk.differences == [])
        #expect(walk.compared > 80)
    }

    @Test func differencesAreFound() throws {
        func differences(_ change: (inout String) -> Void) throws -> [String] {
            var text = try String(contentsOfFile: Self.path, encoding: .utf8)
            change(&text)
            let walk = try SchemaWalk(text: text)
            walk.compare(table: KnownKeys.root, with: walk.root, at: "")
            return walk.differences
        }
        #expect(try differences { $0.replace("\"observe\"", with: "\"observes\"") } != [])
        #expect(try differences { $0.replace("\"instant\",", with: "") } != [])
        #expect(try differences { $0.replace("from 100ms to 1h", with: "from 10ms to 1h") } != [])
        #expect(try differences { $0.replace("\"default\": \"30s\"", with: "\"default\": \"31s\"") } != [])
        #expect(try differences { $0.replace("\"maximum\": 599", with: "\"maximum\": 699") } != [])
        #expect(try differences { $0.replace("\"additionalProperties\": false,", with: "") } != [])
        #expect(try differences { $0.replace("\"2\",", with: "") } != [])
        #expect(try differences { $0.replace("\"1.3\",", with: "\"1.3\", 1.1,") } != [])
        #expect(try differences { $0.replace("\"pointer\",", with: "\"equals\",") } != [])
        #expect(try differences { $0.replace("^2[0-9]{3}-", with: "^[0-9]{4}-") } != [])
        #expect(try differences { $0.replace("\"best_of\"", with: "\"best\"") } != [])
    }

    // MARK: Against the files, with an independent validator

    /// What `validate.py` says about each of the files.
    private func validate(_ files: [String]) throws -> [String: String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: try Python.withLibraries())
        process.arguments = [Fixtures.folder.appending(path: "validate.py").path, Self.path] + files
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let pairs = lines.map { $0.split(separator: "\t").map(String.init) }
        return Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first }
    }

    @Test func goodFilesAreValid() throws {
        var files = Fixtures.names(in: "good").map { Fixtures.folder.appending(path: "good/\($0).yaml").path }
        for path in [
            "config.yaml", "examples/llm-endpoints.yaml", "examples/https-services.yaml", "examples/weighted.yaml",
        ] {
            files.append(Fixtures.root.appending(path: path).path)
        }
        #expect(try validate(files) == Dictionary(uniqueKeysWithValues: files.map { ($0, "valid") }))
    }

    /// The first line of each bad file says whether the schema can see the fault.
    @Test func badFilesAreInvalidWhereASchemaCanTell() throws {
        let words = ["refuses": "invalid", "accepts": "valid", "cannot parse": "unparsable"]
        var expected: [String: String] = [:]
        for name in Fixtures.names(in: "bad") {
            let path = Fixtures.folder.appending(path: "bad/\(name).yaml").path
            let line = try Fixtures.text("bad/\(name).yaml").prefix { $0 != "\n" }
            expected[path] = words[String(line.dropFirst("# schema: ".count))] ?? "no mark"
        }
        #expect(try validate(Array(expected.keys)) == expected)
    }
}

/// A Python that has what the validator needs.
private enum Python {
    struct Missing: Error, CustomStringConvertible {
        var description: String {
            "needs python3 with jsonschema and PyYAML: apt-get install python3-jsonschema python3-yaml"
        }
    }

    static func withLibraries() throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for path in (folders + ["/usr/bin"]).map({ "\($0)/python3" })
        where FileManager.default.isExecutableFile(atPath: path) {
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = ["-c", "import jsonschema, yaml; jsonschema.Draft202012Validator"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus == 0 { return path }
        }
        throw Missing()
    }
}

/// Walks the parser's tables and the schema side by side and collects where they differ.
private final class SchemaWalk {
    typealias Fragment = [String: Any]

    let root: Fragment
    private(set) var differences: [String] = []
    private(set) var compared = 0

    convenience init(path: String) throws {
        try self.init(text: String(contentsOfFile: path, encoding: .utf8))
    }

    init(text: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Fragment ?? [:]
    }

    private func check(_ holds: Bool, _ path: String, _ what: String) {
        compared += 1
        if !holds { differences.append("\(path): \(what)") }
    }

    /// The fragment with what its `$ref` leads to; its own words count more.
    private func resolved(_ value: Any?) -> Fragment {
        guard let fragment = value as? Fragment else { return [:] }
        guard let reference = fragment["$ref"] as? String else { return fragment }
        let target = reference.dropFirst(2).split(separator: "/").reduce(root as Any?) { current, key in
            (current as? Fragment)?[String(key)]
        }
        return resolved(target).merging(fragment) { _, own in own }
    }

    func compare(table: KeyTable, with fragment: Fragment, at path: String) {
        let properties = fragment["properties"] as? Fragment ?? [:]
        check(Set(properties.keys) == Set(table.keys.map(\.name)), path, "keys \(properties.keys.sorted())")
        check(fragment["additionalProperties"] as? Bool == false, path, "accepts unknown keys")
        let required = Set(fragment["required"] as? [String] ?? [])
        check(required == Set(table.keys.filter(\.isRequired).map(\.name)), path, "required \(required.sorted())")
        for key in table.keys {
            let property = resolved(properties[key.name])
            let path = "\(path).\(key.name)"
            check(property["description"] is String, path, "no description")
            check(Self.text(property["default"]) == key.fallback, path, "default \(property["default"] ?? "missing")")
            compare(value: key.value, with: property, at: path)
        }
    }

    /// A default in the notation of the file.
    private static func text(_ value: Any?) -> String? {
        switch value {
        case let text as String: text
        case let number as NSNumber where CFBooleanLike.isBoolean(number): number.boolValue ? "true" : "false"
        case let number as NSNumber: number.stringValue
        default: nil
        }
    }

    private func compare(value: KnownValue, with fragment: Fragment, at path: String) {
        let description = fragment["description"] as? String ?? ""
        let type = fragment["type"] as? String
        switch value {
        case .duration(let range):
            check(fragment["pattern"] as? String == DurationText.pattern, path, "pattern of durations")
            check(description.contains("A duration \(range)."), path, "does not say \(range)")
        case .percentage(let range):
            check(fragment["pattern"] as? String == PercentageText.pattern, path, "pattern of percentages")
            check(description.contains("A percentage \(range)."), path, "does not say \(range)")
        case .size(let range):
            check(fragment["pattern"] as? String == SizeText.pattern, path, "pattern of sizes")
            check(description.contains("A size \(range)."), path, "does not say \(range)")
        case .whole(let range):
            check(type == "integer", path, "type")
            check(fragment["minimum"] as? Int == range.lowerBound, path, "minimum")
            check(fragment["maximum"] as? Int == range.upperBound, path, "maximum")
        case .number(let range):
            check(type == "number", path, "type")
            check(fragment["minimum"] as? Double == range.lowerBound, path, "minimum")
            check(fragment["maximum"] as? Double == range.upperBound, path, "maximum")
        case .flag: check(type == "boolean", path, "type")
        case .version(let names): compareVersions(names, with: fragment, at: path)
        case .choice(let names): check(fragment["enum"] as? [String] == names, path, "choices")
        case .name: check(fragment["pattern"] as? String == KnownKeys.namePattern, path, "pattern of names")
        case .text(let maximum):
            check(type == "string", path, "type")
            check(fragment["maxLength"] as? Int == maximum, path, "length")
        case .date:
            check(type == "string", path, "type")
            check(fragment["pattern"] as? String == DateText.pattern, path, "pattern of dates")
        case .object(let refused):
            check(type == "object", path, "type")
            let names = fragment["propertyNames"] as? Fragment ?? [:]
            check((names["not"] as? Fragment)?["enum"] as? [String] == refused, path, "refused keys")
        case .scalar:
            check(fragment["type"] as? [String] == ["string", "number", "boolean", "null"], path, "type")
        case .mapping, .oneOf, .named, .headers: compareObject(value, with: fragment, at: path)
        case .list(let item, let maximum):
            check(type == "array", path, "type")
            check(fragment["minItems"] as? Int == 1, path, "least items")
            check(fragment["maxItems"] as? Int == maximum, path, "most items")
            compare(value: item, with: resolved(fragment["items"]), at: "\(path)[]")
        case .either(let values):
            let alternatives = fragment["anyOf"] as? [Any] ?? []
            check(alternatives.count == values.count, path, "alternatives")
            for (index, (alternative, value)) in zip(alternatives, values).enumerated() {
                compare(value: value, with: resolved(alternative), at: "\(path)|\(index)")
            }
        }
    }

    /// The versions as text, then those that look like numbers as numbers.
    private func compareVersions(_ names: [String], with fragment: Fragment, at path: String) {
        let values = fragment["enum"] as? [Any] ?? []
        check(values.compactMap { $0 as? String } == names, path, "versions")
        let numbers = names.compactMap(Double.init)
        check(values.compactMap { ($0 as? NSNumber)?.doubleValue } == numbers, path, "numbers")
        check(values.count == names.count + numbers.count, path, "other values")
    }

    private func compareObject(_ value: KnownValue, with fragment: Fragment, at path: String) {
        check(fragment["type"] as? String == "object", path, "type")
        let names = resolved(fragment["propertyNames"])
        let other = resolved(fragment["additionalProperties"])
        switch value {
        case .mapping(let table): compare(table: table, with: fragment, at: path)
        case .oneOf(let table):
            check(fragment["minProperties"] as? Int == 1, path, "least keys")
            check(fragment["maxProperties"] as? Int == 1, path, "most keys")
            compare(table: table, with: fragment, at: path)
        case .named(let item, let maximum):
            check(names["pattern"] as? String == KnownKeys.namePattern, path, "pattern of names")
            check(fragment["maxProperties"] as? Int == maximum, path, "most names")
            compare(value: item, with: other, at: "\(path).*")
        case .headers(let maximum):
            check(fragment["maxProperties"] as? Int == maximum, path, "most headers")
            check(other["type"] as? [String] == ["string", "number", "boolean"], path, "type of a value")
        default: break
        }
    }
}

/// Tells numbers from booleans, which Foundation hands out as the same class.
private enum CFBooleanLike {
    static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
