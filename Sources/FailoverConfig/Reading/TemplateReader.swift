import FailoverCore
import FailoverTemplates

/// Reads the files that are rendered from decisions, and looks into their templates.
struct TemplateReader {
    private typealias Keys = TemplateKeys

    let findings: Findings
    /// The names that templates may use.
    let vocabulary: TemplateVocabulary
    /// Without it templates are taken for good unread: for a configuration of another machine.
    let inspectsFiles: Bool

    /// The templates at `node`, without those that were refused.
    func read(_ node: SettingNode) -> [OutputTemplate] {
        guard case .list(let items) = node.content else {
            findings.refuse(
                node,
                found: node.foundKind,
                allowed: "a list of templates",
                hint: "begin each with a dash: - source: /etc/failoverd/templates/file.mustache"
            )
            return []
        }
        guard 1...Keys.maximum ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) templates"
            findings.refuse(node, found: found, allowed: "1 to \(Keys.maximum) templates")
            return []
        }
        var seen: [[Substring]: SettingNode] = [:]
        return items.compactMap { item in
            guard let template = template(item) else { return nil }
            if let other = seen.updateValue(item, forKey: OutputReader.segments(template.destination)) {
                findings.refuse(
                    item[Keys.destination.name] ?? item,
                    found: "\(ShownText.quoted(template.destination)), which is that of line \(other.line) too",
                    allowed: "a path of its own for each"
                )
                return nil
            }
            return template
        }
    }

    private func template(_ node: SettingNode) -> OutputTemplate? {
        guard let reader = MappingReader(node, table: Keys.table, findings: findings) else { return nil }
        let check = command(reader[Keys.check])
        let reload = command(reader[Keys.reload])
        let source = reader.value(Keys.source)
        let destination = reader.value(Keys.destination)
        let (mode, owner) = (reader.value(Keys.mode), reader.value(Keys.owner))
        let (timeout, minimumInterval) = (reader.value(Keys.timeout), reader.value(Keys.minimumInterval))
        // After all else was read, so that everything that is wrong is told at once.
        guard let source, let place = reader[Keys.source.name], let text = text(of: source, place), let destination
        else { return nil }
        if OutputReader.segments(source) == OutputReader.segments(destination) {
            findings.refuse(
                reader[Keys.destination.name] ?? node,
                found: "the source itself",
                allowed: "a path of its own for each"
            )
        }
        warnOfMissingDirectory(destination, reader[Keys.destination.name] ?? node)
        return OutputTemplate(
            source: source,
            text: text,
            destination: destination,
            mode: mode,
            owner: owner,
            check: check,
            reload: reload,
            timeout: timeout,
            minimumInterval: minimumInterval
        )
    }

    /// Nothing is written without a directory, and it is not for us to make one.
    private func warnOfMissingDirectory(_ destination: String, _ node: SettingNode) {
        // What is in /run comes and goes with its service, ours included.
        guard inspectsFiles, !destination.hasPrefix("/run/"), let slash = destination.lastIndex(of: "/") else { return }
        let directory = String(destination[...slash])
        guard !BoundedFile.isDirectory(directory) else { return }
        findings.warn(node, "\(ShownText.quoted(directory)) is no directory; nothing is written there until it is one")
    }

    // MARK: Templates

    /// The text of a template that was found to be sound; `nil` after a refusal.
    private func text(of path: String, _ node: SettingNode) -> String? {
        guard inspectsFiles else { return "" }
        let shown = ShownText.quoted(path)
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.bytes(of: path, maximumBytes: Template.maximumBytes)
        } catch {
            findings.refuse(node, found: "\(shown), cannot read it: \(error)", allowed: "a readable template")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            findings.refuse(node, found: "\(shown) with bytes that are not UTF-8", allowed: "text in UTF-8")
            return nil
        }
        // Names of endpoints that were refused would be refused again here.
        guard !findings.hasRefusals else { return text }
        do throws(TemplateError) {
            _ = try Template(text, vocabulary)
            return text
        } catch {
            let place = error.place.map { ", \($0)" } ?? ""
            let hint = error.unknown.flatMap { Suggestion.hint(for: $0.name, among: $0.known) }
            findings.refuse(node, found: "\(shown)\(place): \(error.found)", allowed: error.allowed, hint: hint)
            return nil
        }
    }

    // MARK: Commands

    /// A program and its arguments; empty without one, and after a refusal.
    func command(_ node: SettingNode?) -> [String] {
        guard let node else { return [] }
        guard case .list(let items) = node.content else {
            findings.refuse(
                node,
                found: node.foundKind,
                allowed: "a list of a program and its arguments, such as [nginx, -s, reload]",
                hint: "no shell reads it; where one is meant write [/bin/sh, -c, \"...\"]"
            )
            return []
        }
        guard 1...Keys.maximumArguments ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) items"
            findings.refuse(node, found: found, allowed: "1 to \(Keys.maximumArguments)")
            return []
        }
        let words = items.compactMap(argument)
        guard words.count == items.count else { return [] }
        guard let program = words.first, !program.isEmpty, !program.hasPrefix("-") else {
            findings.refuse(items[0], allowed: "the name or the path of a program")
            return []
        }
        if inspectsFiles, program.hasPrefix("/"), !BoundedFile.isProgram(program) {
            findings.warn(items[0], "\(ShownText.quoted(program)) is no program that we may run")
        }
        return words
    }

    private func argument(_ node: SettingNode) -> String? {
        guard case .scalar(let scalar) = node.content, scalar.kind != .nothing else {
            findings.refuse(node, allowed: "text")
            return nil
        }
        guard scalar.text.utf8.count <= Keys.maximumArgument, !scalar.text.utf8.contains(0) else {
            findings.refuse(
                node,
                found: "\(scalar.text.utf8.count) bytes",
                allowed: "at most \(Keys.maximumArgument) bytes, none of them NUL"
            )
            return nil
        }
        return scalar.text
    }
}
