package import FailoverCore

/// Tells a recording line by line.
///
/// Unlike other documents, lines begin with what people look for first: the time, then the type.
package struct RecordingWriter: Sendable {
    /// The instant that is 0 in the lines.
    package let origin: MonotonicInstant

    package init(origin: MonotonicInstant) { self.origin = origin }

    /// The line that a file begins with, ended by a line feed.
    package static func line(of header: RecordingHeader) throws(JSONWriterError) -> [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object { writer in
            writer.field("schema", Recording.schema)
            writer.field("vantage", header.vantage)
            writer.field("seed", header.seed.map(Self.hexadecimal))
            writer.field("config_hash", header.configHash)
            writer.field("started_at", header.startedAt)
            writer.field("origin", ExactDecimal(header.origin.nanoseconds / 1000, decimals: 6))
            writer.field("instance", header.instance)
            writer.field("segment", header.segment)
            writer.field("continues", header.continues)
            writer.field("complete", header.isComplete)
            writer.field("snapshot", header.snapshot.map(Embedded.init))
        }
        writer.literal("\n")
        return try writer.finish()
    }

    /// The lines of some entries, each ended by a line feed.
    package func lines(of entries: some Collection<RecordedEntry>) throws(JSONWriterError) -> [UInt8] {
        var writer = JSONWriter(.compact, capacity: entries.count * 160)
        for entry in entries {
            writer.object { write(entry, &$0) }
            writer.literal("\n")
        }
        return try writer.finish()
    }

    private static func hexadecimal(_ seed: UInt64) -> String {
        let digits = String(seed, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private func seconds(_ instant: MonotonicInstant) -> ExactDecimal {
        ExactDecimal((instant - origin).nanoseconds / 1000, decimals: 6)
    }

    private func write(_ entry: RecordedEntry, _ writer: inout JSONWriter) {
        writer.field("t", seconds(entry.at))
        switch entry.content {
        case .started: local("started", &writer)
        case .lost(let count):
            local("lost", &writer)
            writer.field("count", count)
        case .bare(let observation): write(observation, hasAttempt: false, &writer)
        case .configuration(let configuration): write(configuration, &writer)
        case .input(let input): write(input, &writer)
        }
    }

    private func local(_ event: StaticString, _ writer: inout JSONWriter) {
        writer.field("type", Word("local"))
        writer.field("event", Word(event))
    }

    private func write(_ key: ProbeKey, _ writer: inout JSONWriter) {
        writer.field("endpoint", key.endpoint.rawValue)
        writer.field("probe", key.probe.rawValue)
    }

    private func write(_ input: Input, _ writer: inout JSONWriter) {
        switch input {
        case .observed(let observation): write(observation, hasAttempt: true, &writer)
        case .attemptStarted(let start):
            local("attempt", &writer)
            write(start.key, &writer)
            writer.field("source", start.source.rawValue)
            writer.field("start", seconds(start.start))
            writer.field("attempt", start.attempt.rawValue)
        case .attemptWaits(let key, let attempt, let onUs):
            local("waits", &writer)
            write(key, &writer)
            writer.field("attempt", attempt.rawValue)
            writer.field("on_us", onUs)
        case .overdue(let key, let attempt, let indicator):
            local("overdue", &writer)
            write(key, &writer)
            writer.field("attempt", attempt.rawValue)
            writer.field("indicator", indicator.rawValue)
        case .spent(let report):
            local("spent", &writer)
            writer.field("endpoint", report.endpoint.rawValue)
            writer.field("pace", report.pace.rawValue)
            writer.field("reason", report.news.map { ReasonDocument($0) })
        case .skipped(let key, let count):
            local("skipped", &writer)
            write(key, &writer)
            writer.field("count", count)
        case .tick: local("tick", &writer)
        case .stalled(let since):
            local("stalled", &writer)
            writer.field("since", seconds(since))
        case .command(let command): write(command, &writer)
        case .persisted(let ticket, let succeeded):
            local("persisted", &writer)
            writer.field("ticket", ticket)
            writer.field("succeeded", succeeded)
        case .reconfigured: write(RecordedConfiguration(yaml: nil, isReload: true), &writer)
        }
    }

    private func write(_ configuration: RecordedConfiguration, _ writer: inout JSONWriter) {
        writer.field("type", Word("config"))
        writer.field("reload", configuration.isReload)
        writer.field("config_hash", configuration.hash)
        writer.field("changed", configuration.changed.map(\.rawValue))
        writer.field("yaml", configuration.yaml)
    }

    private func write(_ observation: Observation, hasAttempt: Bool, _ writer: inout JSONWriter) {
        let words = OutcomeWords(observation.outcome)
        writer.field("type", Word("observation"))
        write(observation.key, &writer)
        writer.field("source", observation.source.rawValue)
        writer.field("start", seconds(observation.start))
        writer.field("outcome", Word(words.outcome))
        writer.field("kind", observation.outcome.reason?.rawValue)
        writer.field("latency_ms", observation.latency.map(ExactDecimal.init(milliseconds:)))
        writer.field("ttft_ms", observation.ttft.map(ExactDecimal.init(milliseconds:)))
        writer.field("end", seconds(observation.end))
        if hasAttempt { writer.field("attempt", observation.attempt.rawValue) }
        if words.isTimeout { writer.field("timeout", true) }
        if observation.tier == .shallow { writer.field("tier", observation.tier.rawValue) }
        if let wait = observation.retryAfter { writer.field("retry_after_ms", ExactDecimal(milliseconds: wait)) }
        // Only refusals are told with what the server said.
        if case .misconfigured = observation.outcome, let detail = observation.detail {
            writer.field("detail", detail)
        }
        if let report = observation.chat {
            writer.field("chat") { writer in
                writer.field("model", report.model)
                writer.field("fingerprint", report.fingerprint)
                writer.field("poor", report.poorQuality.map { ReasonDocument($0) })
            }
        }
        if let certificate = observation.connection?.certificate {
            writer.field("certificate") { writer in
                writer.field("expires", ExactDecimal((certificate.expires - origin).nanoseconds, decimals: 9))
                writer.field("lifetime", ExactDecimal(certificate.lifetime.nanoseconds, decimals: 9))
            }
        }
    }
}

/// How an outcome is called in a recording.
struct OutcomeWords {
    let outcome: StaticString
    var isTimeout = false

    init(_ outcome: Outcome) {
        switch outcome {
        case .success: self.outcome = "success"
        case .failure(_, let isTimeout):
            self.outcome = "failure"
            self.isTimeout = isTimeout
        case .throttled: self.outcome = "throttled"
        case .misconfigured: self.outcome = "misconfigured"
        case .inconclusive: self.outcome = "inconclusive"
        }
    }
}

/// A fixed word as a value.
private struct Word: JSONWritable {
    let text: StaticString
    init(_ text: StaticString) { self.text = text }

    func write(to writer: inout JSONWriter) {
        writer.literal("\"")
        writer.literal(text)
        writer.literal("\"")
    }
}

/// An exact decimal fraction, without zeros at its end.
struct ExactDecimal: JSONWritable {
    let units: Int64
    let decimals: Int

    init(_ units: Int64, decimals: Int) {
        self.units = units
        self.decimals = decimals
    }

    init(milliseconds duration: Duration) { self.init(duration.nanoseconds / 1000, decimals: 3) }

    func write(to writer: inout JSONWriter) { writer.number(exactly: text) }

    private var text: String {
        let scale = (0..<decimals).reduce(UInt64(1)) { power, _ in power * 10 }
        let (whole, rest) = units.magnitude.quotientAndRemainder(dividingBy: scale)
        let sign = units < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        // The leading 1 keeps the zeros behind the decimal point.
        var digits = "\(scale + rest)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}

/// A document within a line.
private struct Embedded: JSONWritable {
    let document: MemoryDocument

    func write(to writer: inout JSONWriter) { document.write(to: &writer) }
}
