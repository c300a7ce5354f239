/// A way in which the answer to a chat goes wrong, or is odd and yet a good answer.
///
/// docs/regionsim.md lists them, with what a probe should make of each.
package struct ChatQuirk: Hashable, Sendable {
    /// One of ``names``.
    package let name: String
    package let settings: Settings

    /// What a script may say about a quirk; `nil` for the quirk's own.
    package struct Settings: Hashable, Sendable {
        /// Tokens before it happens.
        package var tokens: Int?
        /// Between two events of those that come forever.
        package var every: Duration?
        /// What a throttled client is asked to wait.
        package var wait: Duration?
        /// Of the answer, 400...599.
        package var status: Int?
        /// The three texts of an error object.
        package var code: String?
        package var type: String?
        package var message: String?

        package init() {}

        /// Those that are there.
        package var used: Set<Setting> {
            let isThere: [(Setting, Bool)] = [
                (.tokens, tokens != nil), (.every, every != nil), (.wait, wait != nil), (.status, status != nil),
                (.code, code != nil), (.type, type != nil), (.message, message != nil),
            ]
            return Set(isThere.filter(\.1).map(\.0))
        }
    }

    /// The keys of the settings in scripts and in the control API.
    package enum Setting: String, Hashable, Sendable, CaseIterable {
        case tokens, every, wait, status, code, type, message
    }

    /// `nil` for an unknown name, or with a setting that the quirk does not take.
    package init?(named name: String, _ settings: Settings = Settings()) {
        guard let entry = QuirkTable.entry(name), settings.used.isSubset(of: entry.takes) else { return nil }
        self.name = name
        self.settings = settings
    }

    /// Every name, in the order in which messages list them.
    package static let names = QuirkTable.all.map(\.name)

    /// The settings that a quirk takes, in the order of their declaration; none for an unknown name.
    package static func settings(of name: String) -> [Setting] {
        let taken = QuirkTable.entry(name)?.takes ?? []
        return Setting.allCases.filter(taken.contains)
    }
}

extension ChatQuirk: ExpressibleByStringLiteral {
    /// The quirk of this name, without settings.
    ///
    /// - Precondition: The name is known.
    package init(stringLiteral name: String) {
        guard let quirk = ChatQuirk(named: name) else { preconditionFailure("no quirk is named '\(name)'") }
        self = quirk
    }
}

extension ChatQuirk: CustomStringConvertible {
    /// A few words for people, such as `stalled (tokens 2)`.
    package var description: String {
        let used = settings.used
        let words = Setting.allCases.filter(used.contains).map { "\($0.rawValue) \(text(of: $0))" }
        return words.isEmpty ? name : "\(name) (\(words.joined(separator: ", ")))"
    }

    private func text(of setting: Setting) -> String {
        switch setting {
        case .tokens: settings.tokens.map(String.init) ?? ""
        case .every: settings.every?.shortText ?? ""
        case .wait: settings.wait?.shortText ?? ""
        case .status: settings.status.map(String.init) ?? ""
        case .code: settings.code ?? ""
        case .type: settings.type ?? ""
        case .message: settings.message ?? ""
        }
    }
}
