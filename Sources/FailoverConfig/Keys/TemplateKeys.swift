import FailoverCore

/// One file that is rendered from decisions.
enum TemplateKeys {
    static let templates = "templates"
    /// Each has a thread of its own.
    static let maximum = 32
    static let maximumArguments = 64
    static let maximumArgument = 4_096

    private static let standard = OutputTemplate(source: "", text: "", destination: "")

    static let source = Setting(
        name: "source",
        rule: PathRule(maximum: OutputKeys.maximumPath),
        isRequired: true,
        wanted: "the absolute path of a template"
    )
    static let destination = Setting(
        name: "destination",
        rule: PathRule(maximum: OutputKeys.maximumPath),
        isRequired: true,
        wanted: "the absolute path of the file to write"
    )
    static let mode = DefaultedSetting(name: "mode", rule: ModeRule(), fallback: standard.mode)
    static let owner = Setting(name: "owner", rule: OwnerRule())
    static let check = "check"
    static let reload = "reload"
    static let timeout = DefaultedSetting(
        name: "timeout",
        rule: DurationRule(.milliseconds(100)...(.seconds(300))),
        fallback: standard.timeout
    )
    static let minimumInterval = DefaultedSetting(
        name: "min_interval",
        rule: DurationRule(.zero...(.seconds(3_600))),
        fallback: standard.minimumInterval
    )

    private static let command = KnownValue.list(.text(maximum: maximumArgument), maximum: maximumArguments)

    static let table = KeyTable(
        [
            source.known, destination.known, mode.known, owner.known, KnownKey(check, command),
            KnownKey(reload, command), timeout.known, minimumInterval.known,
        ],
        hints: [
            "perms": "write mode", "user": "write owner", "command": "write reload", "template": "write source",
            "target": "write destination", "dest": "write destination",
        ]
    )
    static let known = KnownKey(templates, .list(.mapping(table), maximum: maximum))
}

/// Permissions in octal digits.
struct ModeRule: ScalarRule {
    private static let allowed = "three octal digits with or without a 0 in front, such as 0644"
    /// A reader of YAML may take 0644 for a number.
    var known: KnownValue { .either([.text(maximum: 4), .whole(0...777)]) }

    func read(_ scalar: ScalarText) throws(Refusal) -> UInt32 {
        let digits =
            scalar.text.utf8.count == 4 && scalar.text.hasPrefix("0") ? scalar.text.dropFirst() : scalar.text[...]
        guard digits.utf8.count == 3, let mode = UInt32(digits, radix: 8), digits.utf8.allSatisfy(ASCII.isDigit) else {
            throw Refusal(allowed: Self.allowed)
        }
        guard mode & 0o400 != 0 else {
            throw Refusal(allowed: "\(Self.allowed); the owner must be able to read the file")
        }
        return mode
    }

    func write(_ value: UInt32) -> String {
        let digits = String(value, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// `user` or `user:group`.
struct OwnerRule: ScalarRule {
    var known: KnownValue { .text(maximum: 65) }

    func read(_ scalar: ScalarText) throws(Refusal) -> FileOwner {
        let parts = scalar.text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard 1...2 ~= parts.count, parts.allSatisfy(Self.isName) else {
            throw Refusal(allowed: "a user, or a user and a group, such as root:nginx")
        }
        return FileOwner(user: parts[0], group: parts.count == 2 ? parts[1] : nil)
    }

    func write(_ value: FileOwner) -> String { value.user + (value.group.map { ":\($0)" } ?? "") }

    /// As useradd takes it; a number is an id.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 32 else { return false }
        return (ASCII.isLetterOrDigit(first) || first == UInt8(ascii: "_")) && text.utf8.allSatisfy(ASCII.isNameByte)
    }
}
