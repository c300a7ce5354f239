import FailoverCore

extension RecordedEntry {
    /// What `type` may say.
    private enum LineType: String, CaseIterable { case observation, command, config, local }

    /// What `event` may say in a line about ourselves.
    private enum LocalEvent: String, CaseIterable {
        case started, attempt, waits, overdue, spent, skipped, stalled, tick, persisted, lost
    }

    /// What `outcome` may say.
    private enum OutcomeWord: String, CaseIterable { case success, failure, throttled, misconfigured, inconclusive }

    /// What a result without a reason is called.
    private static let unspecified: ReasonCode = "unspecified"

    init(_ line: RecordingLine, origin: MonotonicInstant) throws(LineFault) {
        at = (origin + .nanoseconds(try line.time())).inMicroseconds
        switch try line.word("type", LineType.self) ?? .observation {
        case .observation: content = try Self.observation(line, at: at, origin: origin)
        case .config: content = .configuration(try Self.configuration(line))
        case .local: content = try Self.local(line, at: at, origin: origin)
        case .command: content = .input(.command(try Self.command(line, origin: origin)))
        }
    }

    // MARK: - About ourselves

    private static func local(
        _ line: RecordingLine,
        at: MonotonicInstant,
        origin: MonotonicInstant
    ) throws(LineFault) -> Content {
        guard let event = try line.word("event", LocalEvent.self) else {
            let allowed = LocalEvent.allCases.map(\.rawValue).joined(separator: ", ")
            throw LineFault(field: "event", found: "nothing", allowed: allowed)
        }
        switch event {
        case .started: return .started
        case .tick: return .input(.tick)
        case .stalled: return .input(.stalled(since: try instant("since", line, origin: origin) ?? at))
        case .lost: return .lost(Int(clamping: try line.whole("count") ?? 0))
        case .attempt:
            let start = AttemptStart(
                key: try key(line),
                attempt: try attempt(line),
                source: try source(line),
                start: try instant("start", line, origin: origin) ?? at
            )
            return .input(.attemptStarted(start))
        case .waits:
            return .input(.attemptWaits(try key(line), try attempt(line), onUs: try line.flag("on_us") ?? false))
        case .overdue:
            let kind = try line.word("indicator", IndicatorKind.self) ?? .latency
            return .input(.overdue(try key(line), try attempt(line), kind))
        case .skipped:
            return .input(.skipped(try key(line), count: Int(clamping: try line.whole("count") ?? 0)))
        case .persisted:
            guard let ticket = try line.whole("ticket") else {
                throw LineFault(field: "ticket", found: "nothing", allowed: "a whole number from 0")
            }
            return .input(.persisted(ticket: ticket, succeeded: try line.flag("succeeded") ?? true))
        case .spent:
            let report = SpendReport(
                endpoint: EndpointName(rawValue: try line.required("endpoint")),
                day: 0,
                cost: .zero,
                tokens: 0,
                cap: nil,
                pace: try line.word("pace", SpendPace.self) ?? .full,
                news: try reason("reason", line)
            )
            return .input(.spent(report))
        }
    }

    private static func configuration(_ line: RecordingLine) throws(LineFault) -> RecordedConfiguration {
        var changed: [EndpointName] = []
        if case .nested(let bytes)? = line["changed"] {
            // Names need no escapes, so that the quotes alone tell them apart.
            let words = bytes.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
            for index in words.indices where index % 2 == 1 {
                changed.append(EndpointName(rawValue: String(decoding: words[index], as: UTF8.self)))
            }
        }
        return RecordedConfiguration(
            hash: try line.text("config_hash"),
            yaml: try line.text("yaml"),
            isReload: try line.flag("reload") ?? true,
            changed: changed
        )
    }

    // MARK: - Parts

    private static func key(_ line: RecordingLine) throws(LineFault) -> ProbeKey {
        let probe = try line.text("probe").map { ProbeName(rawValue: $0) }
        return ProbeKey(endpoint: EndpointName(rawValue: try line.required("endpoint")), probe: probe ?? .default)
    }

    private static func attempt(_ line: RecordingLine) throws(LineFault) -> AttemptID {
        guard let attempt = try line.whole("attempt") else {
            throw LineFault(field: "attempt", found: "nothing", allowed: "a whole number from 0")
        }
        return AttemptID(attempt)
    }

    /// Sources that this version does not know are probes like any other.
    private static func source(_ line: RecordingLine) throws(LineFault) -> ProbeSource {
        try line.text("source").flatMap { ProbeSource(rawValue: $0) } ?? .probe
    }

    private static func instant(
        _ name: String,
        _ line: RecordingLine,
        origin: MonotonicInstant
    ) throws(LineFault) -> MonotonicInstant? {
        guard let seconds = try line.seconds(name) else { return nil }
        return (origin + .nanoseconds(seconds)).inMicroseconds
    }

    private static func reason(_ name: String, _ line: RecordingLine) throws(LineFault) -> Reason? {
        guard let reason = try line.object(name) else { return nil }
        return Reason(ReasonCode(rawValue: try reason.required("code")), try reason.text("text") ?? "")
    }

    // MARK: - Results

    private static func observation(
        _ line: RecordingLine,
        at: MonotonicInstant,
        origin: MonotonicInstant
    ) throws(LineFault) -> Content {
        let latency = try line.milliseconds("latency_ms")
        let start = try instant("start", line, origin: origin) ?? (at - (latency ?? .zero)).inMicroseconds
        guard start <= at else {
            let found = line["start"]?.found ?? "nothing"
            throw LineFault(field: "start", found: found, allowed: "at most t (\(line["t"]?.found ?? ""))")
        }
        let attempt = try line.whole("attempt")
        let observation = Observation(
            key: try key(line),
            attempt: AttemptID(attempt ?? 0),
            source: try source(line),
            start: start,
            end: try instant("end", line, origin: origin) ?? at,
            outcome: try outcome(line),
            latency: latency,
            ttft: try line.milliseconds("ttft_ms"),
            connection: try certificate(line, origin: origin),
            chat: try chat(line),
            tier: try line.word("tier", EvidenceTier.self) ?? .deep,
            retryAfter: try line.milliseconds("retry_after_ms"),
            detail: try line.text("detail")
        )
        return attempt == nil ? .bare(observation) : .input(.observed(observation))
    }

    private static func outcome(_ line: RecordingLine) throws(LineFault) -> Outcome {
        guard let word = try line.word("outcome", OutcomeWord.self) else {
            let allowed = OutcomeWord.allCases.map(\.rawValue).joined(separator: ", ")
            throw LineFault(field: "outcome", found: "nothing", allowed: allowed)
        }
        let code = try line.text("kind").map { ReasonCode(rawValue: $0) } ?? unspecified
        switch word {
        case .success: return .success
        case .failure:
            let isTimeout = try line.flag("timeout") ?? code.rawValue.hasSuffix("timeout")
            return .failure(code, isTimeout: isTimeout)
        case .throttled: return .throttled(code)
        case .misconfigured: return .misconfigured(code)
        case .inconclusive: return .inconclusive(code)
        }
    }

    private static func chat(_ line: RecordingLine) throws(LineFault) -> ChatReport? {
        guard let chat = try line.object("chat") else { return nil }
        return ChatReport(
            model: try chat.text("model"),
            fingerprint: try chat.text("fingerprint"),
            poorQuality: try reason("poor", chat)
        )
    }

    /// The way itself is not recorded: only how long its certificate is good.
    private static func certificate(
        _ line: RecordingLine,
        origin: MonotonicInstant
    ) throws(LineFault) -> ConnectionFacts? {
        guard let certificate = try line.object("certificate"), let expires = try certificate.seconds("expires") else {
            return nil
        }
        let facts = CertificateFacts(
            expires: origin + .nanoseconds(expires),
            lifetime: .nanoseconds(try certificate.seconds("lifetime") ?? 0)
        )
        return ConnectionFacts(address: HostPort(host: "recorded", port: 1), family: .ipv4, certificate: facts)
    }
}
