import FailoverCore
package import FailoverWire

/// What `failoverctl events` prints.
package enum EventText {
    /// One event: its time, its kind, whom it concerns, and why.
    ///
    /// Long reasons go on in further lines.
    package static func render(_ event: EventDocument, in style: TextStyle) -> String {
        let time = Wording.time(event.at, in: style)
        let kind = event.event.padded(to: longestKind)
        let indent = time.count + 2 + kind.count + 2
        let lines = Wording.wrap(sentence(of: event), width: style.width, indent: indent)
        let first = Paint.event(event.event).apply(to: kind, in: style) + "  " + (lines.first ?? "").dropFirst(indent)
        return ([Paint.dim.apply(to: time, in: style) + "  " + first] + lines.dropFirst()).joined(separator: "\n")
            + "\n"
    }

    /// Columns of `misconfigured`.
    static let longestKind = 13

    private static func sentence(of event: EventDocument) -> String {
        var parts: [String] = []
        if ["fail_open", "held"].contains(event.event), event.share == nil, let route = event.route,
            let endpoint = event.endpoint
        {
            let observing = event.dryRun ? " (observing only)" : ""
            return "\(route) stays on \(endpoint)\(observing): \(event.reason.text)"
        }
        if let route = event.route { parts.append("\(route):") }
        if event.dryRun, event.isMove { parts.append("would move") }
        // The reason of a share says who goes where.
        guard event.share == nil else { return sentence(parts, event) }
        if event.route == nil, event.endpoint == nil, let region = event.regionFrom {
            parts.append("region \(region)")
        } else if let from = event.from, let to = event.to {
            parts.append("\(from) -> \(to)")
        } else if let endpoint = event.endpoint ?? event.to ?? event.from {
            parts.append(endpoint)
        }
        return sentence(parts, event)
    }

    private static func sentence(_ parts: [String], _ event: EventDocument) -> String {
        let subject = parts.joined(separator: " ")
        let facts = [event.actor.map { "by \($0)" }, event.raisesGeneration ? "generation \(event.generation)" : nil]
            .compactMap(\.self)
        let rest = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        let separator = subject.isEmpty ? "" : subject.hasSuffix(":") ? " " : ": "
        return subject + separator + event.reason.text + rest
    }
}

extension EventDocument {
    /// Whether the generation is its own: a move, or a reload that changed where a route stands.
    fileprivate var raisesGeneration: Bool {
        guard !dryRun else { return false }
        switch EventKind(rawValue: event) {
        case .failover, .failback, .weights, .pinned, .drained: return isMove
        case .config: return route != nil
        default: return false
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    func paddedLeft(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
