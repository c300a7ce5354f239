import FailoverCore
package import FailoverWire

/// Replays as JSON Lines: one transition each, and a summary last.
package enum ReplayJSON {
    /// The lines of one or more replays of a recording, each ended by a line feed.
    package static func bytes(of results: [ReplayResult]) throws(JSONWriterError) -> [UInt8] {
        var writer = JSONWriter(.compact)
        for result in results {
            for transition in result.transitions {
                writer.object { write(transition, rule: results.count > 1 ? result.name : nil, &$0) }
                writer.literal("\n")
            }
        }
        writer.object { writer in
            writer.field("summary") { write(results, &$0) }
        }
        writer.literal("\n")
        return try writer.finish()
    }

    /// A transition on a line of its own, without a line feed.
    package static func line(of transition: ReplayTransition) throws(JSONWriterError) -> [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object { write(transition, rule: nil, &$0) }
        return try writer.finish()
    }

    private static func write(_ transition: ReplayTransition, rule: String?, _ writer: inout JSONWriter) {
        writer.field("t", transition.at.exactSeconds)
        if let rule { writer.field("rule", rule) }
        writer.field("route", transition.route.rawValue)
        writer.field("event", transition.event.rawValue)
        writer.field("from", transition.from?.rawValue)
        writer.field("to", transition.to?.rawValue)
        if let share = transition.share { writer.field("share", share.rawValue) }
        if let endpoint = transition.endpoint { writer.field("endpoint", endpoint.rawValue) }
        writer.field("reason", ReasonDocument(transition.reason))
        writer.field("generation", transition.generation)
        if transition.isDryRun { writer.field("dry_run", true) }
        if let evidence = transition.evidence {
            writer.field("evidence", SixDecimals(evidence.sum))
            writer.field("threshold", SixDecimals(evidence.threshold))
        }
    }

    private static func write(_ results: [ReplayResult], _ writer: inout JSONWriter) {
        let first = results[0]
        writer.field("exact", first.isExact)
        writer.field("length_seconds", first.length.exactSeconds)
        writer.field("probes", first.probes)
        writer.field("notes", first.notes)
        writer.field("rules", results.map(Summary.init))
    }

    private struct Summary: JSONWritable {
        let result: ReplayResult

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("rule", result.name)
                writer.field("transitions", result.transitions.count)
                writer.field("routes", result.routes.map(Route.init))
            }
        }
    }

    private struct Route: JSONWritable {
        let route: ReplayResult.Route

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("route", route.name.rawValue)
                writer.field("moves", route.moves)
                writer.field("on_bad_endpoint_seconds", route.onBadEndpoint.exactSeconds)
                writer.field("first_failover_seconds", route.firstFailover?.exactSeconds)
                writer.field("after_trouble_began_seconds", route.afterTroubleBegan?.exactSeconds)
            }
        }
    }
}

/// A number as it is always told of evidence: with six decimals.
private struct SixDecimals: JSONWritable {
    let value: Double
    init(_ value: Double) { self.value = value }

    func write(to writer: inout JSONWriter) { writer.number(exactly: value.formatted(decimals: 6)) }
}

extension Duration {
    /// Whole microseconds, in seconds.
    fileprivate var exactSeconds: Microseconds { Microseconds(count: nanoseconds / 1000) }
}

/// Seconds without a rounding error in their digits.
private struct Microseconds: JSONWritable {
    let count: Int64

    func write(to writer: inout JSONWriter) {
        let (whole, rest) = count.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        var text = "\(count < 0 ? "-" : "")\(whole)"
        if rest > 0 {
            // The leading 1 keeps the zeros behind the decimal point.
            var digits = "\(1_000_000 + rest)".dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += ".\(digits)"
        }
        writer.number(exactly: text)
    }
}
