import FailoverCore
import FailoverWire

/// What applications report about their own requests, beside the figures of the probes.
enum ReportedText {
    /// One sentence for the note beneath an endpoint, or for a line that is labelled already.
    static func note(on reported: StateDocument.Reported, in style: TextStyle, isLabelled: Bool = false) -> String {
        var parts: [String] = []
        if let rate = reported.errorRate {
            parts.append("\(count(reported.samples, "request")) in the last minute, \(Wording.percent(rate)) bad")
        } else {
            parts.append("no judged request in the last minute")
        }
        if reported.void > 0 { parts.append("\(reported.void.grouped) void") }
        if let times = times(reported.p50, reported.p99) { parts.append("p50 / p99 \(times)") }
        if let times = times(reported.ttftP50, reported.ttftP99) { parts.append("ttft \(times)") }
        if let tokens = reported.inFlightTokens {
            parts.append("\(count(tokens, "token")) in flight at \(Wording.count(reported.workers ?? 0, "worker"))")
        }
        if reported.errorRate == nil { parts.append("last heard \(Wording.ago(reported.lastAt, in: style))") }
        return (isLabelled ? "" : "reported by users: ") + parts.joined(separator: ", ")
    }

    private static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func times(_ p50: Double?, _ p99: Double?) -> String? {
        guard let p50, let p99 else { return nil }
        let inSeconds = p99 >= 1000
        let words = [p50, p99].map { Wording.milliseconds($0, inSeconds: inSeconds) }
        return words.joined(separator: " / ")
    }
}
