import FailoverCore

/// Collects lines of metrics, in the format of Prometheus or in OpenMetrics.
package struct MetricLines: Sendable {
    package let format: MetricsFormat
    package private(set) var bytes: [UInt8] = []

    package init(_ format: MetricsFormat) { self.format = format }

    package var isEmpty: Bool { bytes.isEmpty }

    /// Takes all lines out.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// The lines before the samples of a family.
    package mutating func head(_ name: String, _ type: String, _ help: String) {
        bytes += format.head(name, type, help).utf8
    }

    /// One sample; `labels` as ``labels(_:)`` writes them, and `more` behind them.
    package mutating func sample(_ name: String, _ labels: [UInt8], more: String = "", _ value: UInt64) {
        begin(name, labels, more)
        bytes += String(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// One sample.
    package mutating func sample(_ name: String, _ labels: [UInt8], more: String = "", _ value: Double) {
        begin(name, labels, more)
        bytes += Self.number(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A histogram of times: what each bucket holds by itself, its limits in seconds but the last, and the sum in seconds.
    package mutating func histogram(
        _ name: String,
        _ labels: [UInt8],
        more: String = "",
        _ counts: some Collection<UInt32>,
        limits: [String],
        sum: Double
    ) {
        var total: UInt64 = 0
        let before = more.isEmpty ? "" : more + ","
        for (index, count) in counts.enumerated() {
            total += UInt64(count)
            let limit = index < limits.count ? limits[index] : "+Inf"
            sample(name + "_bucket", labels, more: "\(before)le=\"\(limit)\"", total)
        }
        sample(name + "_sum", labels, more: more, sum)
        sample(name + "_count", labels, more: more, total)
    }

    private mutating func begin(_ name: String, _ labels: [UInt8], _ more: String) {
        bytes += name.utf8
        if !labels.isEmpty || !more.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels
            if !labels.isEmpty, !more.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += more.utf8
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    /// Labels without their braces.
    package static func labels(_ labels: [(name: String, value: String)]) -> [UInt8] {
        var text = ""
        for (index, label) in labels.enumerated() {
            text += "\(index == 0 ? "" : ",")\(label.name)=\"\(escaped(label.value))\""
        }
        return Array(text.utf8)
    }

    /// A whole number without a fraction, as people write it.
    package static func number(_ value: Double) -> String {
        value.rounded() == value && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// A value as it stands between the quotation marks of a label.
    package static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 < 0x20 }) else {
            return text
        }
        return text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case _ where character.isNewline: result += "\\n"
            default: result.append(character)
            }
        }
    }
}

/// The limits of the buckets of a histogram of times.
package struct TimeBuckets: Hashable, Sendable {
    /// Nanoseconds, rising; one more bucket holds what is beyond them.
    let limits: [Int64]
    /// The same in seconds, as numbers with a fraction: both formats tell one series by one name then.
    let labels: [String]

    package init(seconds: [Double]) {
        limits = seconds.map { Int64(($0 * 1e9).rounded()) }
        labels = seconds.map { "\($0)" }
    }

    /// Buckets with the one beyond the limits.
    package var count: Int { limits.count + 1 }

    /// The bucket of a time in nanoseconds; what is as long as a limit belongs below it.
    @inline(__always)
    package func bucket(of nanoseconds: Int64) -> Int {
        var bucket = 0
        while bucket < limits.count, nanoseconds > limits[bucket] { bucket += 1 }
        return bucket
    }

    /// Of answers and first tokens: the defaults of Prometheus's own libraries, which are those of OpenTelemetry for HTTP but
    /// for three, and two beyond them, because an LLM may answer for a minute.
    package static let answers = TimeBuckets(
        seconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60]
    )
    /// Of what comes before an answer: a local network connects within a millisecond, and the limits of phases are 3 and 10 s.
    package static let phases = TimeBuckets(seconds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    /// Of the daemon's own work: its steps are of 0.1 s, and it counts as standing still after 0.5 s.
    package static let work = TimeBuckets(seconds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
}

/// Times, counted in buckets.
package struct TimeHistogram: Hashable, Sendable {
    package let buckets: TimeBuckets
    package private(set) var counts: [UInt32]
    /// Nanoseconds.
    private var sum: Int64 = 0

    package init(_ buckets: TimeBuckets = .work) {
        self.buckets = buckets
        counts = Array(repeating: 0, count: buckets.count)
    }

    package mutating func add(_ time: Duration) {
        let nanoseconds = max(0, time.nanoseconds)
        counts[buckets.bucket(of: nanoseconds)] &+= 1
        sum &+= nanoseconds
    }

    /// Seconds.
    package var total: Double { Double(sum) / 1e9 }

    package func write(_ name: String, to lines: inout MetricLines) {
        lines.histogram(name, [], counts, limits: buckets.labels, sum: total)
    }
}
