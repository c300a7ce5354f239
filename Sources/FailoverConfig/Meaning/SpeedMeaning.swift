import FailoverCore

/// A lowest-latency route in the notation of the file, and in words.
enum SpeedMeaning {
    /// `endpoints: [a, b]` and the margins again, one line each.
    static func settings(_ route: RouteConfiguration) -> [String] {
        let names = route.endpoints.map { YAMLText.string($0.rawValue) }
        let endpoints = "\(RouteKeys.endpoints): [\(names.joined(separator: ", "))]"
        guard let speed = route.speed else { return [endpoints] }
        let parts = [
            "\(SpeedKeys.margin.name): \(PercentageText.format(speed.margin))",
            "\(SpeedKeys.minimumMargin.name): \(DurationText.format(speed.minimumMargin))",
            "\(SpeedKeys.window.name): \(DurationText.format(speed.window))",
            "\(SpeedKeys.dwell.name): \(DurationText.format(speed.dwell))",
        ]
        return [endpoints, "\(SpeedKeys.speed): { \(parts.joined(separator: ", ")) }"]
    }

    /// For people: who competes, and what it takes to win; indented.
    static func meaning(_ route: RouteConfiguration, _ speed: SpeedConfiguration, _ figure: SpeedFigure) -> [String] {
        let names = ShownText.list(route.endpoints.map(\.rawValue))
        var lines = ["  the fastest healthy one of: \(names); until that is known the first of them"]
        guard route.decision.failback == .automatic else {
            return lines + ["  moves for speed: only by hand"]
        }
        if let limit = route.decision.maximumMovesPerHour, limit < 2 {
            let key = DecisionKeys.maximumMoves.name
            return lines + ["  moves for speed: never, \(key): \(limit) is kept for failovers"]
        }
        let margin = "\(PercentageText.format(speed.margin)) and \(DurationText.format(speed.minimumMargin))"
        lines.append(
            "  moves for speed: to one whose median \(figure.words) of \(DurationText.format(speed.window)) has been "
                + "shorter by \(margin) for \(DurationText.format(speed.dwell))"
        )
        return lines
    }
}
