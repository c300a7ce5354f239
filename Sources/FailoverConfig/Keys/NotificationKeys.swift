import FailoverCore

/// Who is told of events.
enum NotificationKeys {
    static let notifications = "notifications"
    /// Each has a thread of its own.
    static let maximum = 32

    /// Words that stand for several kinds of events.
    static let moves = "moves"
    static let all = "all"
    static let eventWords = [moves, all] + EventKind.allCases.map(\.rawValue)

    private static let standard = NotificationConfiguration(name: "", events: [], target: .command([]))

    static let name = Setting(name: "name", rule: NameRule<NotificationName>(), isRequired: true)
    static let events = "events"
    static let routes = "routes"
    static let command = "command"
    static let webhook = "webhook"
    static let timeout = DefaultedSetting(
        name: "timeout",
        rule: DurationRule(.milliseconds(100)...(.seconds(60))),
        fallback: standard.timeout
    )
    static let retries = DefaultedSetting(name: "retries", rule: WholeRule(0...20), fallback: standard.retries)
    static let minimumInterval = DefaultedSetting(
        name: "min_interval",
        rule: DurationRule(.zero...(.seconds(3_600))),
        fallback: standard.minimumInterval
    )

    private static let program = KnownValue.list(
        .text(maximum: TemplateKeys.maximumArgument),
        maximum: TemplateKeys.maximumArguments
    )

    static let table = KeyTable(
        [
            name.known,
            KnownKey(events, .list(.choice(eventWords), maximum: eventWords.count), isRequired: true),
            KnownKey(routes, .list(.name, maximum: KnownKeys.maximumRoutes)),
            KnownKey(command, program),
            KnownKey(webhook, .mapping(WebhookKeys.table)),
            timeout.known, retries.known, minimumInterval.known,
        ],
        hints: [
            "url": "write webhook: { url: ... }", "url_credential": "write webhook: { url_credential: ... }",
            "exec": "write command", "event": "write events", "route": "write routes", "retry": "write retries",
        ]
    )
    static let known = KnownKey(notifications, .list(.mapping(table), maximum: maximum))
}

/// The name of one who is told of events.
struct NotificationName: Name {
    let rawValue: String
}

/// A request over HTTP that tells of an event.
enum WebhookKeys {
    static let url = Setting(name: "url", rule: WebhookURLRule())
    static let urlCredential = Setting(name: "url_credential", rule: CredentialNameRule())
    static let urlFile = Setting(name: "url_file", rule: PathRule(maximum: OutputKeys.maximumPath))
    static let headers = "headers"
    static let body = "body"

    static let table = KeyTable(
        [
            url.known, urlCredential.known, urlFile.known, CredentialKeys.credential.known, CredentialKeys.file.known,
            KnownKey(headers, .headers(maximum: ProbeKeys.maximumHeaders)), KnownKey(body, .object(except: [])),
        ],
        hints: [
            "token": "put the secret into a file, and name it with credential or credential_file",
            "template": "write body", "json": "write body", "header": "write headers",
        ]
    )
}

/// An address that is no secret.
struct WebhookURLRule: ScalarRule {
    static let allowed = "a URL of http or https, such as https://hooks.example/failover"
    private static let text = TextRule(maximum: 2_048)
    var known: KnownValue { Self.text.known }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = try Self.text.read(scalar)
        // Its path often is what lets one in, so none of it is repeated.
        guard let url = try? EndpointURL(text), url.scheme == .http || url.scheme == .https else {
            throw Refusal(found: "another URL (hidden)", allowed: Self.allowed, hint: "user info belongs into a header")
        }
        return text
    }

    func write(_ value: String) -> String { value }
}
