/// Follows the sections of a template and refuses names that will never have a value.
struct TemplateCheck {
    /// A section that was begun and not ended.
    private struct Section {
        let tag: TemplateTag
        /// What names inside are looked up in; `nil` where the section adds nothing.
        let shape: TemplateShape?
    }

    /// Deeper than any real template; the library that renders calls itself for each.
    static let maximumDepth = 16

    private let root: TemplateShape
    private var sections: [Section] = []

    init(_ vocabulary: TemplateVocabulary) { root = vocabulary.root }

    /// Looks through the whole of `text`.
    mutating func run(_ text: String) throws(TemplateError) {
        var tags = TemplateTags(text)
        while let tag = try tags.next() {
            switch tag.kind {
            case .variable: try useVariable(tag)
            case .section, .invertedSection: try begin(tag)
            case .end: try end(tag)
            }
        }
        if let open = sections.last {
            throw open.tag.refusal("\(open.tag.text) without an end", allowed: "{{/\(open.tag.name)}} after it")
        }
    }

    private mutating func useVariable(_ tag: TemplateTag) throws(TemplateError) {
        switch try resolve(tag) {
        case .text, .number, .flag: return
        case .optionalText:
            // A section that is not shown without a value.
            if sections.contains(where: { $0.tag.kind == .section && $0.tag.name == tag.name }) { return }
            throw tag.refusal(
                "\(tag.text), which not every endpoint has",
                allowed: "it inside {{#\(tag.name)}} and {{/\(tag.name)}}"
            )
        case .ambiguous(let why):
            throw tag.refusal("\(tag.text), which is \(why)", allowed: "names that differ in letters or digits")
        case .object(let members):
            throw tag.refusal(
                "\(tag.text), which has parts",
                allowed: Self.list(members.keys.map { "\(tag.name).\($0)" })
            )
        case .list:
            throw tag.refusal("\(tag.text), which is a list", allowed: "{{#\(tag.name)}} and {{/\(tag.name)}}")
        }
    }

    private mutating func begin(_ tag: TemplateTag) throws(TemplateError) {
        let shape = try resolve(tag)
        guard sections.count < Self.maximumDepth else {
            throw tag.refusal("a section in \(sections.count) others", allowed: "at most \(Self.maximumDepth)")
        }
        var inside: TemplateShape?
        if tag.kind == .section {
            switch shape {
            case .flag: break
            case .list(let element):
                // Its square would be rendered, which nobody wants and nothing bounds.
                if sections.contains(where: { $0.tag.name == tag.name && $0.shape == element }) {
                    throw tag.refusal("\(tag.text) inside of itself", allowed: "it once")
                }
                inside = element
            case .text, .optionalText, .ambiguous: inside = .text
            case .object: inside = shape
            case .number:
                throw tag.refusal("\(tag.text), which is a number", allowed: "a list, a flag, or what has parts")
            }
        }
        sections.append(Section(tag: tag, shape: inside))
    }

    private mutating func end(_ tag: TemplateTag) throws(TemplateError) {
        guard let section = sections.popLast() else {
            throw tag.refusal("\(tag.text) without a beginning", allowed: "{{#\(tag.name)}} before it")
        }
        guard section.tag.name == tag.name else {
            let begun = "the section of line \(section.tag.line) begins with \(section.tag.text)"
            throw tag.refusal("\(tag.text), but \(begun)", allowed: "{{/\(section.tag.name)}}")
        }
    }

    /// What the name of a tag stands for: its first part is looked for from the inside to the outside.
    private func resolve(_ tag: TemplateTag) throws(TemplateError) -> TemplateShape {
        let scopes = [root] + sections.compactMap(\.shape)
        guard tag.name != "." else {
            switch scopes.last {
            case .text?: return .text
            default: throw tag.refusal("{{.}}, which has parts", allowed: "the name of one")
            }
        }
        let path = tag.name.split(separator: ".").map(String.init)
        for scope in scopes.reversed() {
            guard case .object(let members) = scope, var shape = members[path[0]] else { continue }
            for (depth, name) in path.enumerated().dropFirst() {
                guard case .object(let members) = shape, let next = members[name] else {
                    let known: [String] = if case .object(let members) = shape { Array(members.keys) } else { [] }
                    let whole = path[..<depth].joined(separator: ".")
                    let paths = known.map { "\(whole).\($0)" }
                    throw tag.unknownName(
                        "\(whole).\(name)",
                        known: paths,
                        allowed: known.isEmpty ? whole : Self.list(paths)
                    )
                }
                shape = next
            }
            return shape
        }
        var names: Set<String> = []
        for case .object(let members) in scopes { names.formUnion(members.keys) }
        throw tag.unknownName(path[0], known: Array(names), allowed: Self.list(Array(names)))
    }

    /// Sorted, and no more than people read.
    private static func list(_ names: [String]) -> String {
        let sorted = names.sorted()
        let rest = sorted.count - maximumListed
        return sorted.prefix(maximumListed).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private static let maximumListed = 60
}
