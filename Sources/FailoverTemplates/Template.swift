import Mustache

/// A template that was found to be sound: it parses, and every name in it has a value.
package struct Template: Sendable {
    private let vocabulary: TemplateVocabulary
    private let parsed: MustacheTemplate

    /// Largest text of a template, in bytes.
    package static let maximumBytes = 262_144
    /// Largest result, in bytes: a line of a thousand bytes for each of 16,384 endpoints.
    package static let maximumResultBytes = 16 * 1_048_576

    /// The library escapes for HTML unless it is told otherwise, and the line that says so leaves nothing behind.
    private static let plainText = "{{% CONTENT_TYPE:TEXT}}\n"

    package init(_ text: String, _ vocabulary: TemplateVocabulary) throws(TemplateError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw TemplateError(
                line: nil,
                column: nil,
                found: "\(text.utf8.count) bytes",
                allowed: "at most \(Self.maximumBytes)"
            )
        }
        var check = TemplateCheck(vocabulary)
        try check.run(text)
        self.vocabulary = vocabulary
        do {
            parsed = try MustacheTemplate(string: Self.plainText + text)
        } catch {
            let place = (error as? MustacheTemplate.ParserError)?.context
            throw TemplateError(
                line: place.map { max(1, $0.lineNumber - 1) },
                column: place?.columnNumber,
                found: "what the library for templates does not take",
                allowed: TemplateTags.allowed
            )
        }
    }

    /// Why there is no result.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The configuration has changed in between.
        case otherNames
        case empty
        case tooLarge(bytes: Int)

        package var description: String {
            switch self {
            case .otherNames: "the state has other routes or endpoints than the template was made for"
            case .empty: "the result is empty"
            case .tooLarge(let bytes): "the result has \(bytes) bytes, allowed: at most \(Template.maximumResultBytes)"
            }
        }
    }

    /// The bytes of the file; never nothing but white space.
    package func render(_ facts: TemplateFacts) throws(Failure) -> [UInt8] {
        guard let values = TemplateValues(facts, vocabulary).root else { throw .otherNames }
        let text = parsed.render(values)
        guard text.contains(where: { !$0.isWhitespace }) else { throw .empty }
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumResultBytes else { throw .tooLarge(bytes: bytes.count) }
        return bytes
    }
}
