import FailoverCore

/// What `type` may say.
enum ProbeType: String, CaseIterable, Sendable {
    case http
    case chat = "openai-chat"
    case tls, tcp

    init(_ request: ProbeRequest) {
        switch request {
        case .http: self = .http
        case .chat: self = .chat
        case .tls: self = .tls
        case .tcp: self = .tcp
        }
    }
}

enum ProbeKeys {
    static let type = DefaultedSetting(name: "type", rule: ChoiceRule<ProbeType>(), fallback: .http)
    /// Shorter intervals measure the checker, longer ones find nothing in useful time.
    static let interval = DefaultedSetting(
        name: "interval",
        rule: DurationRule(.milliseconds(100)...(.seconds(3_600))),
        fallback: .seconds(5)
    )
    static let slo = "slo"
    static let latency = "latency"
    static let ttft = "ttft"
    static let p99 = Setting(name: "p99", rule: DurationRule(timeoutRange))
    static let timeouts = "timeouts"
    static let version = DefaultedSetting(
        name: "http_version",
        rule: VersionRule<HTTPVersion>(),
        fallback: .automatic
    )
    static let method = DefaultedSetting(name: "method", rule: MethodRule(), fallback: "GET")
    static let path = Setting(name: "path", rule: TextRule(maximum: 2_048))
    static let headersName = "headers"
    static let maximumHeaders = 64
    static let body = Setting(name: "body", rule: TextRule(maximum: 262_144))
    static let expect = "expect"
    static let tls = "tls"

    /// An answer of a long generation takes minutes; beyond ten nobody waits.
    private static let timeoutRange: ClosedRange<Duration> = .milliseconds(1)...(.seconds(600))

    static let objective = KeyTable([p99.known])
    static let objectives = KeyTable([KnownKey(latency, .mapping(objective)), KnownKey(ttft, .mapping(objective))])

    static let table = KeyTable(
        [
            type.known,
            interval.known,
            KnownKey(slo, .mapping(objectives)),
            KnownKey(timeouts, .mapping(Timeouts.table)),
        ] + ConnectionKeys.known + [
            version.known,
            method.known,
            path.known,
            KnownKey(headersName, .headers(maximum: maximumHeaders)),
            body.known,
            KnownKey(expect, .mapping(Expect.table)),
            KnownKey(tls, .mapping(TLSKeys.table)),
        ] + ChatKeys.known,
        hints: ChatKeys.hints
    )

    /// The types of probes that `key` means something to.
    static func types(of key: String) -> [ProbeType] {
        switch key {
        case method.name, body.name: [.http]
        case version.name, path.name, headersName, expect, ConnectionKeys.connection.name,
            ConnectionKeys.freshEvery.name:
            [.http, .chat]
        case tls: [.http, .chat, .tls]
        case _ where ChatKeys.contains(key): [.chat]
        default: ProbeType.allCases
        }
    }

    /// The types of probes that may have the objective `key`.
    static func objectiveTypes(of key: String) -> [ProbeType] { key == ttft ? [.chat] : ProbeType.allCases }

    enum Timeouts {
        private static let standard = ProbeTimeouts()
        private static func limit(_ name: String, _ fallback: Duration) -> DefaultedSetting<DurationRule> {
            DefaultedSetting(name: name, rule: DurationRule(timeoutRange), fallback: fallback)
        }

        static let resolve = limit("resolve", standard.resolve)
        static let connect = limit("connect", standard.connect)
        static let tls = limit("tls", standard.tls)
        static let firstByte = limit("first_byte", standard.firstByte)
        static let ttft = limit("ttft", standard.ttft)
        static let idle = limit("idle", standard.idle)
        static let total = Setting(name: "total", rule: DurationRule(timeoutRange))

        static let table = KeyTable([
            resolve.known, connect.known, tls.known, firstByte.known, ttft.known, idle.known, total.known,
        ])

        /// An answer that is written word by word takes longer than a page.
        static func standardTotal(of type: ProbeType) -> Duration { type == .chat ? .seconds(30) : standard.total }

        /// The types of probes that have the phase `key`.
        static func types(of key: String) -> [ProbeType] {
            switch key {
            case ttft.name, idle.name: [.chat]
            case firstByte.name: [.http, .chat]
            case tls.name: [.http, .chat, .tls]
            default: ProbeType.allCases
            }
        }
    }

    enum Expect {
        static let status = "status"
        static let body = "body"
        static let contains = Setting(name: "contains", rule: TextRule(maximum: 4_096))
        static let regex = Setting(name: "regex", rule: TextRule(maximum: 1_024))
        static let json = "json"
        static let pointer = Setting(
            name: "pointer",
            rule: TextRule(maximum: 1_024),
            isRequired: true,
            wanted: "a JSON pointer (RFC 6901), such as /choices/0/finish_reason"
        )
        static let equals = Setting(
            name: "equals",
            rule: ScalarValueRule(),
            isRequired: true,
            wanted: "text, a number, true, false or null"
        )
        static let maximumItems = 16
        /// Interim answers are skipped by the probe and never final.
        static let statusRange = 200...599
        /// For the JSON Schema.
        static let statusPattern = "^[2-5][0-9]{2}-[2-5][0-9]{2}$"

        static let jsonTable = KeyTable([pointer.known, equals.known])
        static let bodyTable = KeyTable([contains.known, regex.known, KnownKey(json, .mapping(jsonTable))])
        private static let statusItem = KnownValue.either([.whole(statusRange), .text(maximum: 7)])
        static let table = KeyTable([
            KnownKey(
                status,
                .either([statusItem, .list(statusItem, maximum: maximumItems)]),
                fallback: "200-299"
            ),
            KnownKey(body, demands),
            KnownKey(ChatKeys.Expect.answer, demands),
            ChatKeys.Expect.model.known,
            ChatKeys.Expect.repetition.known,
        ])
        private static let demands = KnownValue.either([
            .oneOf(bodyTable), .list(.oneOf(bodyTable), maximum: maximumItems),
        ])

        /// The types of probes that `key` means something to.
        static func types(of key: String) -> [ProbeType] { ChatKeys.Expect.names.contains(key) ? [.chat] : [.http] }
    }
}

/// The method of a request: a token in capitals, since methods are case-sensitive and `post` is a slip.
struct MethodRule: ScalarRule {
    private static let common = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "PATCH", "DELETE"]
    var known: KnownValue { .text(maximum: 32) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let isToken = scalar.text.utf8.allSatisfy {
            ASCII.isTokenByte($0) && !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0)
        }
        guard isToken, 1...32 ~= scalar.text.utf8.count, scalar.text != "CONNECT", scalar.kind == .text else {
            throw Refusal(
                allowed: "a method in capitals, such as \(Self.common.joined(separator: ", "))",
                hint: Suggestion.hint(for: scalar.text, among: Self.common)
            )
        }
        return scalar.text
    }

    func write(_ value: String) -> String { value }
}
