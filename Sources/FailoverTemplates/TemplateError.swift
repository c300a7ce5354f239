/// Where a template is wrong, and what is allowed there.
package struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; `nil` where the whole template is meant.
    package let line: Int?
    /// In characters, from 1.
    package let column: Int?
    package let found: String
    package let allowed: String
    /// `nil` unless a name has no meaning where it stands.
    package let unknown: UnknownName?

    /// A name without a meaning, and those that have one there.
    package struct UnknownName: Hashable, Sendable {
        package let name: String
        /// Sorted.
        package let known: [String]

        package init(name: String, known: [String]) {
            self.name = name
            self.known = known
        }
    }

    package init(line: Int?, column: Int?, found: String, allowed: String, unknown: UnknownName? = nil) {
        self.line = line
        self.column = column
        self.found = found
        self.allowed = allowed
        self.unknown = unknown
    }

    /// `line 3, column 7`; `nil` where the whole template is meant.
    package var place: String? {
        guard let line else { return nil }
        return "line \(line)" + (column.map { ", column \($0)" } ?? "")
    }

    package var description: String { "\(place.map { "\($0): " } ?? "")found \(found), allowed: \(allowed)" }
}
