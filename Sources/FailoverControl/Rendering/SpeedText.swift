import FailoverCore
import FailoverWire

/// Lowest-latency routes in the words that people read.
enum SpeedText {
    /// The figures and who is ahead, a sentence each; empty for any other route.
    static func notes(on route: StateDocument.Route, in style: TextStyle) -> [String] {
        guard let speed = route.speed else { return [] }
        let span = Wording.span(seconds: Int(speed.window))
        let figures = "\(figure(of: speed)), median of \(span): \(paces(speed, in: route.endpoints))"
        return [figures] + [challenge(speed, in: style)].compactMap(\.self)
    }

    /// The same with the number of answers, and what it would take; empty for any other route.
    static func lines(of document: ExplainDocument, in style: TextStyle) -> [String] {
        guard let speed = document.speed else { return [] }
        let paces = document.endpoints.compactMap { endpoint -> String? in
            guard let pace = speed.endpoints[endpoint.endpoint] else { return nil }
            return "\(endpoint.endpoint) \(time(pace)) of \(Wording.count(pace.samples, "answer"))"
        }
        let span = Wording.span(seconds: Int(speed.window))
        let least = SpeedConfiguration.minimumSamples
        let few = speed.endpoints.values.contains { $0.samples < least } ? "; \(least) answers are needed" : ""
        let needed =
            "nobody well has been faster than \(document.active) by \(Wording.percent(speed.margin)) and "
            + Wording.limit(milliseconds: speed.minMargin)
        return ExplainText.labelled(
            "speed",
            "\(figure(of: speed)), median of \(span): \(paces.joined(separator: ", "))\(few)",
            in: style
        ) + ExplainText.labelled("faster", challenge(speed, in: style) ?? needed, in: style)
    }

    private static func figure(of speed: StateDocument.Speed) -> String {
        SpeedFigure(rawValue: speed.figure)?.words ?? speed.figure
    }

    private static func paces(_ speed: StateDocument.Speed, in endpoints: [String]) -> String {
        endpoints.compactMap { name in speed.endpoints[name].map { "\(name) \(time($0))" } }.joined(separator: ", ")
    }

    private static func time(_ pace: StateDocument.Speed.Pace) -> String {
        pace.median.map { Wording.milliseconds($0, inSeconds: false) } ?? "unknown"
    }

    private static func challenge(_ speed: StateDocument.Speed, in style: TextStyle) -> String? {
        guard let challenger = speed.challenger else { return nil }
        let since = "\(challenger.endpoint) has been faster since \(Wording.time(challenger.since, in: style))"
        guard let due = challenger.due else { return "\(since); nothing moves by itself (failback: manual)" }
        guard due > style.now else { return "\(since), long enough for a move" }
        return "\(since); traffic goes there at \(Wording.time(due, in: style)) if that stays so"
    }
}
