/// One thing that is wrong with a recording: where, what was found and what is allowed.
package struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; `nil` where the whole file is meant.
    package let line: Int?
    /// `nil` where the whole line is meant.
    package let field: String?
    package let found: String
    package let allowed: String

    package init(file: String, line: Int?, field: String? = nil, found: String, allowed: String) {
        self.file = file
        self.line = line
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): \(field.map { "\($0): " } ?? "")found \(found), allowed: \(allowed)"
    }
}

/// What is wrong with a line, before it is known which.
struct LineFault: Error {
    var field: String?
    let found: String
    let allowed: String
    /// The line ends in the middle of something.
    var isCutOff = false
}
