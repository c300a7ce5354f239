/// One thing that is wrong with a configuration file: where, what was found and what is allowed.
///
/// Values of headers never appear in it.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As given by the caller.
    package let file: String
    /// Counted from 1; `nil` where the whole file is meant.
    package let line: Int?
    /// The way to the setting, such as `routes.chat.decision.preset`; empty where the whole file is meant.
    package let keyPath: String
    package let found: String
    package let allowed: String
    /// What probably helps; `nil` where nothing is known.
    package let hint: String?

    package init(file: String, line: Int?, keyPath: String, found: String, allowed: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.keyPath = keyPath
        self.found = found
        self.allowed = allowed
        self.hint = hint
    }

    package var description: String {
        let place = Place.text(file: file, line: line, keyPath: keyPath)
        return "\(place): found \(found), allowed: \(allowed)\(hint.map { " (\($0))" } ?? "")"
    }
}

/// Everything that is wrong with a configuration file, so that one look is enough to put it right.
package struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// By line; at least one, at most ``maximumCount``.
    package let errors: [ConfigurationError]
    /// Errors beyond the bound.
    package let omitted: Int

    package init(_ errors: [ConfigurationError], omitted: Int = 0) {
        self.errors = errors
        self.omitted = omitted
    }

    /// Bound of the list: nobody reads further, and a broken default would repeat itself for every endpoint.
    package static let maximumCount = 100

    /// One line for each error.
    package var description: String {
        var lines = errors.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more") }
        return lines.joined(separator: "\n")
    }
}

/// Something that is allowed and probably not meant.
package struct ConfigurationWarning: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1.
    package let line: Int
    package let keyPath: String
    /// One sentence without a full stop.
    package let text: String

    package init(file: String, line: Int, keyPath: String, text: String) {
        self.file = file
        self.line = line
        self.keyPath = keyPath
        self.text = text
    }

    package var description: String { "\(Place.text(file: file, line: line, keyPath: keyPath)): \(text)" }
}

/// Renders where something stands in a file.
private enum Place {
    static func text(file: String, line: Int?, keyPath: String) -> String {
        let position = line.map { "\(file):\($0)" } ?? file
        return keyPath.isEmpty ? position : "\(position): \(keyPath)"
    }
}
