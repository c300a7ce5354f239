package import FailoverCore
import FailoverWire

/// One probe for people, phase by phase.
package enum ProbeText {
    package static func render(
        _ observation: Observation,
        of probe: ProbeConfiguration,
        at endpoint: EndpointConfiguration,
        style: TextStyle
    ) -> String {
        let name = probe.name == .default ? "\(endpoint.name)" : "\(endpoint.name)/\(probe.name)"
        var lines = ["\(Paint.bold.apply(to: name, in: style)) (\(endpoint.region))  \(endpoint.publicURL)", ""]
        let phases = observation.phases.inOrder.contains { $0.end != nil }
        if phases { lines.append(row("phase", "took", "at")) }
        var before = Duration.zero
        for (phase, end) in observation.phases.inOrder {
            guard let end else { continue }
            lines.append(row(phase.replacing("_", with: " "), milliseconds(end - before), milliseconds(end)))
            before = end
        }
        if phases { lines.append("") }
        // It has ended just now, as far as people can tell.
        let clock = ClockReading(monotonic: observation.end, wall: style.now)
        let document = ProbeDocument(observation, of: probe, at: clock)
        if let connection = document.connection { lines += self.lines(of: connection, style: style) }
        lines += ChatText.lines(of: document, in: style)
        lines.append(verdict(of: observation, document: document, probe: probe, style: style))
        if case .chat = probe.request, observation.tier == .shallow {
            lines.append("shallow evidence: it can prove the endpoint down, never up")
        }
        if let detail = observation.detail { lines.append(detail.printable) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of connection: StateDocument.Connection, style: TextStyle) -> [String] {
        var lines = Wording.wrap(ConnectionText.way(of: connection), width: style.width, indent: 0)
        if let certificate = connection.certificate {
            let paint: Paint = certificate.expiresSoon ? .yellow : .plain
            lines.append(paint.apply(to: ConnectionText.certificate(certificate, in: style), in: style))
        }
        return lines
    }

    private static func verdict(
        of observation: Observation,
        document: ProbeDocument,
        probe: ProbeConfiguration,
        style: TextStyle
    ) -> String {
        let paint: Paint = document.isGood ? .green : document.outcome == "success" ? .yellow : .red
        let flaw = document.isSlow ? "slow" : "poor"
        let word = document.isGood ? "good" : document.outcome == "success" ? flaw : document.outcome
        let code = observation.outcome.reason.map { ": \($0)" } ?? ""
        let wait = observation.retryAfter.map { "; asks to wait \(self.wait($0))" } ?? ""
        return "\(paint.apply(to: word, in: style))\(code)\(times(of: observation, document, probe))\(wait)"
    }

    /// How long it took, told by the objective that it missed.
    private static func times(
        of observation: Observation,
        _ document: ProbeDocument,
        _ probe: ProbeConfiguration
    ) -> String {
        func against(_ objective: Duration?) -> String {
            objective.map { " (objective \(milliseconds($0)))" } ?? ""
        }
        let took = observation.latency ?? (observation.end - observation.start)
        let whole = " after \(milliseconds(took))"
        guard document.outcome == "success", let ttft = observation.ttft, let objective = probe.ttftObjective,
            ttft > objective
        else { return whole + against(probe.latencyObjective) }
        let first = "\(milliseconds(ttft))\(against(objective))"
        let isLate = probe.latencyObjective.map { took > $0 } ?? false
        return isLate
            ? "\(whole)\(against(probe.latencyObjective)), first token \(first)"
            : " to the first token: \(first); whole answer\(whole)"
    }

    /// No longer wait is obeyed, nor told by the probe.
    private static let longestWait = Duration.seconds(300)

    private static func wait(_ asked: Duration) -> String {
        Wording.limit(milliseconds: asked.inMilliseconds) + (asked >= longestWait ? " or longer" : "")
    }

    private static func row(_ phase: String, _ took: String, _ at: String) -> String {
        "  \(phase.padded(to: 12))\(took.paddedLeft(to: 12))\(at.paddedLeft(to: 12))"
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(duration.inMilliseconds.formatted(decimals: duration < .milliseconds(100) ? 1 : 0)) ms"
    }
}
