/// One tag of a template and where it begins.
struct TemplateTag: Hashable {
    enum Kind: Hashable {
        case variable, section, invertedSection, end
    }

    let kind: Kind
    let name: String
    /// From 1.
    let line: Int
    /// In characters, from 1.
    let column: Int

    /// As it is written.
    var text: String {
        switch kind {
        case .variable: "{{\(name)}}"
        case .section: "{{#\(name)}}"
        case .invertedSection: "{{^\(name)}}"
        case .end: "{{/\(name)}}"
        }
    }

    func refusal(_ found: String, allowed: String) -> TemplateError {
        TemplateError(line: line, column: column, found: found, allowed: allowed)
    }

    /// For a name that, up to `part` of it, means nothing, where `known` would.
    func unknownName(_ part: String, known: [String], allowed: String) -> TemplateError {
        let unknown = TemplateError.UnknownName(name: part, known: known.sorted())
        return TemplateError(
            line: line,
            column: column,
            found: "the unknown name \(name)",
            allowed: allowed,
            unknown: unknown
        )
    }
}

/// The tags of a text, one after the other.
///
/// Only what needs no other file and no other delimiters: what else the language of Mustache has is refused, and the place is
/// told, which the library that renders does not do for everything.
struct TemplateTags {
    private let text: [Character]
    private var position = 0
    private var line = 1
    private var column = 1

    static let allowed =
        "{{name}}, {{#name}} to begin a section, {{^name}} for one that is shown without, {{/name}} to end one, {{! comment }}"

    init(_ text: String) { self.text = Array(text) }

    /// The next tag that is no comment; `nil` at the end.
    mutating func next() throws(TemplateError) -> TemplateTag? {
        while position < text.count {
            guard starts(with: "{{") else {
                advance()
                continue
            }
            let (line, column) = (line, column)
            func refusal(_ found: String) -> TemplateError {
                TemplateError(line: line, column: column, found: found, allowed: Self.allowed)
            }
            advance(2)
            guard position < text.count else { throw refusal("a tag without an end") }
            switch text[position] {
            case "!":
                while position < text.count, !starts(with: "}}") { advance() }
                guard position < text.count else { throw refusal("a comment without an end") }
                advance(2)
                continue
            case "#": return try tag(.section, skipping: 1, "}}", refusal)
            case "^": return try tag(.invertedSection, skipping: 1, "}}", refusal)
            case "/": return try tag(.end, skipping: 1, "}}", refusal)
            case "&": return try tag(.variable, skipping: 1, "}}", refusal)
            case "{": return try tag(.variable, skipping: 1, "}}}", refusal)
            case ">", "<", "$": throw refusal("{{\(text[position]): templates inside of templates")
            case "=": throw refusal("{{=: other delimiters")
            case "%": throw refusal("{{%: a pragma")
            default: return try tag(.variable, skipping: 0, "}}", refusal)
            }
        }
        return nil
    }

    private mutating func tag(
        _ kind: TemplateTag.Kind,
        skipping count: Int,
        _ end: String,
        _ refusal: (String) -> TemplateError
    ) throws(TemplateError) -> TemplateTag {
        let (line, column) = (line, column - 2)
        advance(count)
        let start = position
        while position < text.count, !text[position].isNewline, !starts(with: end) { advance() }
        let inside = String(text[start..<position])
        guard position < text.count, starts(with: end) else { throw refusal("a tag that does not end in its line") }
        advance(end.count)
        let name = inside.drop { $0 == " " }.prefix { $0 != " " }
        guard inside.allSatisfy({ $0 == " " || Self.nameCharacters.contains($0) }),
            inside.split(separator: " ").count == 1, name == "." || Self.isPath(name)
        else { throw refusal("the name \"\(inside.prefix(40))\"") }
        return TemplateTag(kind: kind, name: String(name), line: line, column: column)
    }

    private static let nameCharacters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")

    /// Names with single dots between them.
    private static func isPath(_ name: Substring) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    private func starts(with mark: String) -> Bool {
        text[position...].prefix(mark.count).elementsEqual(mark)
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < text.count {
            if text[position].isNewline {
                line += 1
                column = 1
            } else {
                column += 1
            }
            position += 1
        }
    }
}
