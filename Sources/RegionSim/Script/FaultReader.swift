import Yams

/// Reads faults as scripts and the control API write them.
///
/// A fault is a word (`refuse`), or a mapping with the fault's name as a key (`{status: 503, share: 0.3}`); several
/// make a list.
struct FaultReader {
    var reader = NodeReader()

    /// Kinds without a parameter.
    private static let plain: [String: Fault.Kind] = [
        "refuse": .refuse, "blackhole": .blackhole, "stall": .stall, "truncate": .truncate, "reset": .reset,
        "garbage": .garbage, "endless": .endless, "empty": .empty, "drip": .drip(interval: defaultDrip),
    ]
    private static let defaultDrip: Duration = .seconds(1)

    /// Latencies: up to the longest time that a model produces.
    static let latencies: ClosedRange<Duration> = .zero...LatencyModel.maximum

    /// Reads the body of a control request; JSON is YAML, so both are accepted.
    static func read(_ text: String) throws(ScriptError) -> [Fault] {
        var faults = FaultReader()
        let root = faults.reader.parse(text)
        let found = root.map { faults.list(("fault", $0)) } ?? []
        guard faults.reader.problems.isEmpty else { throw ScriptError(problems: faults.reader.problems) }
        return found
    }

    /// One fault or a list of them; counts only if the reader has no problems.
    mutating func list(_ field: NodeReader.Field) -> [Fault] {
        guard field.node.sequence != nil else { return fault(field).map { [$0] } ?? [] }
        let items = reader.sequence(field, limit: 1...Fault.maximumPerRegion) ?? []
        return items.compactMap { fault($0) }
    }

    private mutating func fault(_ field: NodeReader.Field) -> Fault? {
        if let word = field.node.scalar?.string {
            if let kind = Self.plain[word] { return Fault(kind) }
            let words = reader.list(Fault.Kind.names.filter { Self.plain[$0] != nil })
            let needs = Fault.Kind.names.contains(word) ? "which needs a value, such as {\(Self.example(word))}; " : ""
            reader.report(field.node, field.path, "found '\(word.prefix(60))'; \(needs)expected one of \(words)")
            return nil
        }
        let allowed = Fault.Kind.names + ["share", "retry_after"]
        guard let fields = reader.mapping(field, allowed: allowed) else { return nil }
        let names = Fault.Kind.names.filter { fields[$0] != nil }
        guard names.count == 1, let name = names.first, let value = fields[name] else {
            let found = names.isEmpty ? "no fault" : reader.list(names)
            let expected = "expected exactly one of \(reader.list(Fault.Kind.names)) (several faults make a list)"
            reader.report(field.node, field.path, "found \(found); \(expected)")
            return nil
        }
        let kind = kind(name, value, retryAfter: fields["retry_after"])
        let share = fields["share"].map { reader.number($0, in: 0...1) } ?? 1
        if let place = fields["share"], name == "refuse" {
            reader.report(place.node, place.path, "refuse takes no share: a listener is open or closed")
        }
        if let place = fields["retry_after"], name != "status" {
            reader.report(place.node, place.path, "found beside \(name); only status takes it")
        }
        guard let kind, let share else { return nil }
        return Fault(kind, share: share)
    }

    private static func example(_ name: String) -> String {
        switch name {
        case "slow": "slow: {factor: 4}"
        case "chat": "chat: keepalives_only"
        default: "\(name): 503"
        }
    }

    private mutating func kind(
        _ name: String,
        _ value: NodeReader.Field,
        retryAfter: NodeReader.Field?
    ) -> Fault.Kind? {
        switch name {
        case "status":
            let wait = retryAfter.flatMap { reader.duration($0, in: .zero ... .seconds(3600)) }
            return reader.integer(value, in: 200...599).map { .status($0, retryAfter: wait) }
        case "chat":
            return quirk(value).map { .chat($0) }
        case "slow":
            return slowness(value).map { .slow($0) }
        case "drip" where reader.plainText(value.node) != "true":
            return reader.duration(value, in: .milliseconds(1) ... .seconds(60)).map { .drip(interval: $0) }
        default:
            return reader.isTrue(value) ? Self.plain[name] : nil
        }
    }

    private mutating func slowness(_ field: NodeReader.Field) -> Fault.Slowness? {
        guard let fields = reader.mapping(field, allowed: ["factor", "latency", "ttft"]) else { return nil }
        let latency = fields["latency"].flatMap { self.latency($0) }
        let timeToFirstToken = fields["ttft"].flatMap { self.latency($0) }
        if let place = fields["factor"] {
            guard fields.count == 1 else {
                reader.report(field.node, field.path, "found factor beside latency or ttft; expected one or the other")
                return nil
            }
            return reader.number(place, in: 1...1000).map { .factor($0) }
        }
        guard !fields.isEmpty else {
            reader.report(field.node, field.path, "found nothing; expected factor, or latency or ttft or both")
            return nil
        }
        return .replaced(latency: latency, timeToFirstToken: timeToFirstToken)
    }

    /// `{p50: 900ms, p99: 2.4s}`.
    mutating func latency(_ field: NodeReader.Field) -> LatencyModel? {
        guard let fields = reader.mapping(field, allowed: ["p50", "p99"]) else { return nil }
        let p50 = reader.required("p50", of: fields, in: field).flatMap { reader.duration($0, in: Self.latencies) }
        let p99 = reader.required("p99", of: fields, in: field).flatMap { reader.duration($0, in: Self.latencies) }
        guard let p50, let p99 else { return nil }
        guard p50 <= p99 else {
            let found = "found p50 \(p50.shortText) above p99 \(p99.shortText)"
            reader.report(field.node, field.path, "\(found); expected at most as much")
            return nil
        }
        return LatencyModel(p50: p50, p99: p99)
    }
}
