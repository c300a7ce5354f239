import FailoverCore
import FailoverSimulation

/// Reads what one entry of a timeline says happens.
struct ScenarioChangeReader {
    let reader: MappingReader
    /// `nil` where the world itself was refused, so that none can be missed.
    let endpoints: [EndpointName]?
    private var findings: Findings { reader.findings }

    /// What happens, and what ends it; `nil` after a refusal.
    func read() -> (change: Change, end: Change?)? {
        let isOfEndpoint = reader[EntryKeys.endpoint.name] != nil
        let kinds = EntryKeys.others.filter { reader[$0] != nil }
        guard kinds.count + (isOfEndpoint ? 1 : 0) == 1 else {
            let found = ((isOfEndpoint ? [EntryKeys.endpoint.name] : []) + kinds).joined(separator: " and ")
            findings.refuse(
                reader.node,
                found: found.isEmpty ? "nothing that happens" : found,
                allowed: "exactly one of endpoint, \(EntryKeys.others.joined(separator: ", "))"
            )
            return nil
        }
        for key in [EntryKeys.fault, EntryKeys.heal.name] where !isOfEndpoint {
            if let node = reader[key] { findings.refuse(node, found: "no endpoint", allowed: "\(key) beside endpoint") }
        }
        guard !isOfEndpoint else { return ofEndpoint() }
        let node = reader[kinds[0]] ?? reader.node
        switch kinds[0] {
        case EntryKeys.observer: return observer(node).map { (.observer($0), .observer(nil)) }
        case EntryKeys.disk: return disk(node).map { (.disk($0), .disk(.well)) }
        case EntryKeys.daemon: return daemon(node).map { ($0, nil) }
        default: return clock(node).map { ($0, nil) }
        }
    }

    // MARK: - Kinds

    private func ofEndpoint() -> (change: Change, end: Change?)? {
        let name = reader.value(EntryKeys.endpoint)
        if let name, let endpoints, !endpoints.contains(name) {
            let names = endpoints.map(\.rawValue)
            findings.refuse(
                reader[EntryKeys.endpoint.name] ?? reader.node,
                allowed: ShownText.list(names),
                hint: Suggestion.hint(for: name.rawValue, among: names)
            )
        }
        let node = reader[EntryKeys.fault]
        let heals = reader.value(EntryKeys.heal) ?? false
        let fault = node.flatMap { self.fault($0) }
        guard (node != nil) != heals else {
            let found = heals ? "fault and heal" : "neither fault nor heal: true"
            findings.refuse(reader.node, found: found, allowed: "fault, or heal: true")
            return nil
        }
        guard let name else { return nil }
        guard node != nil else { return (.heal(name), nil) }
        return fault.map { (.fault(name, $0), .heal(name)) }
    }

    private func fault(_ node: SettingNode) -> EndpointFault? {
        let allowed =
            "crash, blackhole, throttled, misconfigured, { errors: 20% }, { slow: 4s, share: 50% }, { throttled: 30s } or "
            + "{ down: 10s, up: 20s }"
        switch word(node) {
        case "crash": return .crash
        case "blackhole": return .blackhole
        case "throttled": return .throttled(retryAfter: nil)
        case "misconfigured": return .misconfigured
        case nil: break
        default: return refuse(node, allowed)
        }
        switch node.entries.map({ $0.map(\.key).sorted() }) ?? [] {
        case ["errors"]: return share(node["errors"]).map { .errors($0) }
        case ["throttled"]: return span(node["throttled"]).map { .throttled(retryAfter: $0) }
        case ["slow"]: return span(node["slow"]).map { .slow($0, share: Ratio(1)) }
        case ["share", "slow"]:
            let (time, share) = (span(node["slow"]), share(node["share"]))
            guard let time, let share else { return nil }
            return .slow(time, share: share)
        case ["down", "up"]:
            let (down, up) = (span(node["down"]), span(node["up"]))
            guard let down, let up else { return nil }
            return .flaps(bad: down, good: up)
        default: return refuse(node, allowed)
        }
    }

    private func observer(_ node: SettingNode) -> ObserverFault? {
        if word(node) == "offline" { return .offline }
        switch node.entries.map({ $0.map(\.key) }) ?? [] {
        case ["loss"]: return share(node["loss"]).map { .loss($0) }
        case ["resolver"]: return span(node["resolver"]).map { .slowResolver($0) }
        default: return refuse(node, "offline, { loss: 85% } or { resolver: 3s }")
        }
    }

    private func disk(_ node: SettingNode) -> DiskState? {
        switch word(node) {
        case "fails": return .fails
        case "hangs": return .hangs
        default: break
        }
        guard node.entries?.map(\.key) == ["slow"] else { return refuse(node, "fails, hangs or { slow: 4s }") }
        return span(node["slow"]).map { .answers(after: $0) }
    }

    private func daemon(_ node: SettingNode) -> Change? {
        switch node.entries.map({ $0.map(\.key) }) ?? [] {
        case ["stall"]: return span(node["stall"]).map { .stall($0) }
        case ["kill"]: return pause(node["kill"]).map { .kill(downFor: $0) }
        case ["reboot"]: return pause(node["reboot"]).map { .reboot(downFor: $0) }
        default: return refuse(node, "{ stall: 20s }, { kill: 5s } or { reboot: 1m }")
        }
    }

    private func clock(_ node: SettingNode) -> Change? {
        switch node.entries.map({ $0.map(\.key) }) ?? [] {
        case ["forward"]: return pause(node["forward"]).map { .stepWallClock($0) }
        case ["back"]: return pause(node["back"]).map { .stepWallClock(.zero - $0) }
        default: return refuse(node, "{ forward: 1d } or { back: 1d }")
        }
    }

    // MARK: - Values

    private func word(_ node: SettingNode) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return scalar.text
    }

    private func span(_ node: SettingNode?) -> Duration? { node.flatMap { findings.read($0, as: EntryKeys.span) } }
    private func pause(_ node: SettingNode?) -> Duration? { node.flatMap { findings.read($0, as: EntryKeys.pause) } }
    private func share(_ node: SettingNode?) -> Ratio? { node.flatMap { findings.read($0, as: EntryKeys.share) } }

    private func refuse<Value>(_ node: SettingNode, _ allowed: String) -> Value? {
        findings.refuse(node, allowed: allowed)
        return nil
    }
}
