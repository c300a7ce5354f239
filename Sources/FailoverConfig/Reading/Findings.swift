/// Collects what is wrong with one file while it is read, so that everything is told at once.
///
/// A default that many endpoints inherit is told once.
final class Findings {
    let file: String
    private var errors: [ConfigurationError] = []
    private var seen: Set<ConfigurationError> = []
    private var omitted = 0
    private var warned: Set<ConfigurationWarning> = []
    /// In the order found; at most ``ConfigurationErrors/maximumCount``.
    private(set) var warnings: [ConfigurationWarning] = []

    init(file: String) { self.file = file }

    /// Refuses what stands at `node`.
    func refuse(_ node: SettingNode, found: String? = nil, allowed: String, hint: String? = nil) {
        refuse(path: node.path, line: node.line, found: found ?? node.found, allowed: allowed, hint: hint)
    }

    /// Refuses what stands, or is missing, at `path`.
    func refuse(path: String, line: Int?, found: String, allowed: String, hint: String? = nil) {
        let error = ConfigurationError(
            file: file,
            line: line,
            keyPath: path,
            found: found,
            allowed: allowed,
            hint: hint
        )
        guard !seen.contains(error) else { return }
        guard errors.count < ConfigurationErrors.maximumCount else {
            omitted += 1
            return
        }
        seen.insert(error)
        errors.append(error)
    }

    func warn(_ node: SettingNode, _ text: String) {
        let warning = ConfigurationWarning(file: file, line: node.line, keyPath: node.path, text: text)
        guard warnings.count < ConfigurationErrors.maximumCount, warned.insert(warning).inserted else { return }
        warnings.append(warning)
    }

    var hasRefusals: Bool { !errors.isEmpty }

    /// Everything that was refused, by line, or `nil` if nothing was.
    var refusals: ConfigurationErrors? {
        guard !errors.isEmpty else { return nil }
        let sorted = errors.enumerated().sorted { left, right in
            (left.element.line ?? 0, left.offset) < (right.element.line ?? 0, right.offset)
        }
        return ConfigurationErrors(sorted.map(\.element), omitted: omitted)
    }
}

/// Why a piece of text is not accepted.
struct Refusal: Error {
    /// Set where the text itself must not be repeated, or says too little.
    var found: String?
    let allowed: String
    var hint: String?

    init(found: String? = nil, allowed: String, hint: String? = nil) {
        self.found = found
        self.allowed = allowed
        self.hint = hint
    }
}
