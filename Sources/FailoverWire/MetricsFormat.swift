/// The two formats in which metrics are told.
///
/// They differ in the names of counters and infos in heads, in units, and in the end; every part of the metrics is written in
/// the first one, and what differs is changed on the way out.
package enum MetricsFormat: String, Hashable, Sendable, CaseIterable {
    /// The text format of Prometheus, version 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What comes after all metrics.
    package var end: String { self == .openMetrics ? "# EOF\n" : "" }

    /// The format that an `Accept` header prefers; the one of Prometheus without one, and where both are as welcome.
    package init(accept: String?) {
        self = .prometheus
        guard let accept else { return }
        var (open, plain, any) = (0.0, nil as Double?, 0.0)
        for range in accept.split(separator: ",").prefix(Self.mostRanges) {
            let parts = range.split(separator: ";").map { Self.trimmed($0) }
            guard let type = parts.first else { continue }
            var (quality, version) = (1.0, nil as String?)
            for part in parts.dropFirst() {
                if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 0 }
                if part.hasPrefix("version=") { version = part.dropFirst(8).filter { $0 != "\"" } }
            }
            switch type {
            // 0.0.1 was the draft of the same.
            case "application/openmetrics-text" where version == nil || version == "1.0.0" || version == "0.0.1":
                open = max(open, quality)
            case "text/plain" where version == nil || version == "0.0.4": plain = max(plain ?? 0, quality)
            case "text/*", "*/*": any = max(any, quality)
            default: continue
            }
        }
        // What a wildcard allows as well is no wish.
        if open > 0, open >= plain ?? min(any, open) { self = .openMetrics }
    }

    /// More than anybody sends.
    private static let mostRanges = 32

    private static func trimmed(_ text: Substring) -> String { text.filter { $0 != " " && $0 != "\t" }.lowercased() }

    /// The lines before the samples of a family.
    package func head(_ name: String, _ type: String, _ help: String) -> String {
        guard self == .openMetrics else { return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" }
        let isInfo = type == "gauge" && name.hasSuffix("_info")
        var family = Substring(name)
        if type == "counter", family.hasSuffix("_total") { family = family.dropLast(6) }
        if isInfo { family = family.dropLast(5) }
        let unit = ["seconds", "bytes", "ratio"].first { family.hasSuffix("_" + $0) }
        return "# HELP \(family) \(help)\n# TYPE \(family) \(isInfo ? "info" : type)\n"
            + (unit.map { "# UNIT \(family) \($0)\n" } ?? "")
    }

    /// What was written in the format of Prometheus, in this one.
    package func adapted(_ text: String) -> String {
        guard self == .openMetrics, !text.isEmpty else { return text }
        var (result, name, help) = ("", Substring(), Substring())
        result.reserveCapacity(text.utf8.count)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP "), words.count > 2 {
                (name, help) = (words[2], words.count > 3 ? words[3] : "")
            } else if line.hasPrefix("# TYPE "), words.count == 4 {
                result += head(String(words[2]), String(words[3]), words[2] == name ? String(help) : "")
            } else {
                result += line
                result += "\n"
            }
        }
        return result
    }
}
