import FailoverCore

/// Every key of the file.
///
/// The parser refuses what is not listed here.
package enum KnownKeys {
    package static let root = KeyTable([
        version.known,
        KnownKey("vantage", .mapping(vantage)),
        KnownKey("defaults", .mapping(defaults)),
        KnownKey("endpoints", .named(.mapping(EndpointKeys.table), maximum: maximumEndpoints), isRequired: true),
        KnownKey("routes", .named(.mapping(RouteKeys.table), maximum: maximumRoutes), isRequired: true),
        KnownKey(SpendKeys.spend, .mapping(SpendKeys.rootTable)),
        KnownKey("outputs", .mapping(OutputKeys.table)),
        NotificationKeys.known,
        KnownKey(RecordKeys.record, .mapping(RecordKeys.table)),
        KnownKey(HistoryKeys.history, .mapping(HistoryKeys.table)),
    ])

    static let version = Setting(name: "version", rule: WholeRule(1...1), isRequired: true)
    static let vantageName = DefaultedSetting(name: "name", rule: NameRule<VantageName>(), fallback: "local")
    static let vantage = KeyTable([vantageName.known, AnchorKeys.known])
    static let defaults = KeyTable([
        KnownKey("probe", .mapping(ProbeKeys.table)),
        KnownKey("decision", .mapping(DecisionKeys.table)),
    ])

    /// Bounds of the number of names, so that a generated file cannot exhaust memory.
    package static let maximumEndpoints = 16_384
    package static let maximumRoutes = 1_024
    /// The regular expression of every name, for the JSON Schema.
    package static let namePattern = NameText.pattern
    /// The largest file that is read, in bytes; 16,384 endpoints of one line each fit.
    package static let maximumBytes = 1_048_576
    /// The largest resolved text that is read back, in bytes: with its defaults filled in a line of the file is many.
    package static let maximumResolvedBytes = 32 * 1_048_576
}

enum EndpointKeys {
    static let region = Setting(name: "region", rule: NameRule<RegionName>(), isRequired: true)
    static let provider = Setting(name: "provider", rule: NameRule<ProviderName>())
    static let url = Setting(name: "url", rule: TextRule(maximum: 2_048), isRequired: true, wanted: EndpointURL.allowed)
    static let attributes = "attributes"
    static let probe = "probe"
    static let probes = "probes"
    static let maximumAttributes = 64
    static let maximumProbes = 16

    static let table = KeyTable(
        [
            region.known,
            provider.known,
            url.known,
            KnownKey(attributes, .named(.scalar, maximum: maximumAttributes)),
            CredentialKeys.credential.known,
            CredentialKeys.file.known,
            KnownKey(PriceKeys.price, .mapping(PriceKeys.table)),
            KnownKey(SpendKeys.spend, .mapping(SpendKeys.table)),
            KnownKey(probe, .mapping(ProbeKeys.table)),
            KnownKey(probes, .named(.mapping(ProbeKeys.table), maximum: maximumProbes)),
        ],
        hints: ChatKeys.hints
    )
}

/// What `policy` may say.
enum RoutePolicy: String, CaseIterable, Sendable {
    case activeStandby = "active-standby"
    case weighted
    case lowestLatency = "lowest-latency"
}

enum RouteKeys {
    static let policy = DefaultedSetting(
        name: "policy",
        rule: ChoiceRule<RoutePolicy>(),
        fallback: .activeStandby
    )
    static let endpoints = "endpoints"
    static let slo = "slo"
    static let decision = "decision"
    /// Less than half good is no objective; more nines than six cannot be told apart from none failing.
    static let availability = DefaultedSetting(
        name: "availability",
        rule: PercentageRule(Ratio(0.5)...Ratio(0.999999)),
        fallback: AvailabilityObjective().ratio
    )
    static let period = DefaultedSetting(
        name: "period",
        rule: DurationRule(.seconds(3_600)...(.seconds(365 * 86_400))),
        fallback: AvailabilityObjective().period
    )
    static let objective = KeyTable([availability.known, period.known])

    /// A route needs its endpoints or their weights, as its policy says.
    static let table = KeyTable(
        [
            policy.known,
            KnownKey(endpoints, .list(preference, maximum: KnownKeys.maximumEndpoints)),
            KnownKey(slo, .mapping(objective)),
            KnownKey(decision, .mapping(DecisionKeys.table)),
            KnownKey(SpendKeys.spend, .mapping(SpendKeys.table)),
            KnownKey(WorkloadKeys.workload, .mapping(WorkloadKeys.table)),
            WorkloadKeys.maximumRatio.known,
        ] + WeightKeys.known + SpeedKeys.known
    )
    /// An endpoint, or several that are equally good.
    private static let preference = KnownValue.either([.name, .list(.name, maximum: KnownKeys.maximumEndpoints)])
}

enum OutputKeys {
    private static let standard = OutputConfiguration()
    /// Longest path that Linux accepts, without the NUL at its end.
    static let maximumPath = 4_095
    /// `sun_path` of a Unix socket holds 108 bytes with the NUL at its end.
    static let maximumSocketPath = 107

    static let stateFile = DefaultedSetting(
        name: "state_file",
        rule: PathRule(maximum: maximumPath),
        fallback: standard.stateFile
    )
    static let socket = DefaultedSetting(
        name: "socket",
        rule: PathRule(maximum: maximumSocketPath),
        fallback: standard.socket
    )
    static let stateDirectory = DefaultedSetting(
        name: "state_directory",
        rule: PathRule(maximum: maximumPath),
        fallback: standard.stateDirectory
    )
    static let journal = DefaultedSetting(name: "journal", rule: FlagRule(), fallback: standard.journal)
    /// Readers are promised a fresh file every five seconds.
    static let writeInterval = DefaultedSetting(
        name: "write_interval",
        rule: DurationRule(.milliseconds(100)...(.seconds(5))),
        fallback: standard.writeInterval
    )
    static let validFor = DefaultedSetting(
        name: "valid_for",
        rule: DurationRule(.seconds(1)...(.seconds(3_600))),
        fallback: standard.validFor
    )

    static let table = KeyTable([
        stateFile.known, socket.known, stateDirectory.known, journal.known, writeInterval.known, validFor.known,
        HAProxyAgentKeys.known,
        HTTPOutputKeys.known,
        TemplateKeys.known,
    ])
}

/// An absolute path without detours.
struct PathRule: ScalarRule {
    /// In bytes.
    let maximum: Int
    var known: KnownValue { .text(maximum: maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        guard scalar.text.utf8.count <= maximum else {
            throw Refusal(found: "\(scalar.text.utf8.count) bytes", allowed: "at most \(maximum) bytes")
        }
        let text = try TextRule(maximum: maximum).read(scalar)
        guard text.hasPrefix("/"), text.utf8.count > 1, !text.hasSuffix("/") else {
            throw Refusal(allowed: "an absolute path, such as /etc/failoverd/file")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw Refusal(allowed: "a path without control characters")
        }
        guard !text.split(separator: "/").contains("..") else { throw Refusal(allowed: "a path without \"..\"") }
        return text
    }

    func write(_ value: String) -> String { value }
}
