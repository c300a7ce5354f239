import FailoverCore

extension ConfigurationMeaning: CustomStringConvertible {
    /// Several lines of plain words, without a line break at the end.
    package var description: String {
        let money = costAtMost.map { ["their cost: at most \($0)"] } ?? []
        let records = recording.map { ["recording: \($0)"] } ?? []
        let own = vantage.map { ["our own network: \($0)"] } ?? []
        let parts = [
            routes.map(\.description), [load], own, records, money, chats.map(\.description),
            connections.map(\.description),
        ]
        return parts.flatMap(\.self).joined(separator: "\n")
    }

    /// `probes: 86,400 a day for each of a, b; 172,800 in all`.
    private var load: String {
        var groups: [(probes: Int, endpoints: [String])] = []
        for entry in probesPerDay {
            if let index = groups.firstIndex(where: { $0.probes == entry.probes }) {
                groups[index].endpoints.append(entry.endpoint.rawValue)
            } else {
                groups.append((entry.probes, [entry.endpoint.rawValue]))
            }
        }
        let parts = groups.map { group in
            let each = group.endpoints.count == 1 ? "" : "each of "
            return "\(group.probes.grouped) a day for \(each)\(ShownText.list(group.endpoints))"
        }
        let total = "\(probesPerDayInAll.grouped) a day in all"
        return "probes: \((parts + [total]).joined(separator: "; "))"
    }
}

extension RouteMeaning: CustomStringConvertible {
    /// A heading and indented lines.
    package var description: String {
        let decision = route.decision
        var lines = ["route \(route.name)"]
        if let speed = route.speed {
            let isChat = leaves.contains(where: \.asksModel)
            lines += SpeedMeaning.meaning(route, speed, isChat ? .ttft : .latency)
        } else {
            lines += route.shares.isEmpty ? ["  order of preference: \(orderText)"] : WeightsText.meaning(route)
        }
        lines.append("  rule: \(RuleText.describe(decision.rule))")
        if decision.observe { lines.append("  observes only: decides and says so, never moves") }
        for leave in leaves { lines += Self.lines(leave) }
        if let costs { lines += costs.lines }
        lines.append("  \(decision.observe ? "would move" : "moves") without a fault: \(falseFailoverText)")
        lines.append("  returns: \(returnText)")
        return lines.joined(separator: "\n")
    }

    private var orderText: String {
        let preferences = route.preferences
        guard preferences.contains(where: { $0.count > 1 }) else {
            return ShownText.list(route.endpoints.map(\.rawValue))
        }
        var names = preferences.prefix(10).map { equals in
            let list = ShownText.list(equals.map(\.rawValue))
            return equals.count == 1 ? list : "[\(list)]"
        }
        if preferences.count > names.count { names.append("and \(preferences.count - names.count) more") }
        return "\(names.joined(separator: ", ")); of equals in brackets the cheaper healthy one is chosen"
    }

    private static func lines(_ leave: Leave) -> [String] {
        let objectives = [
            ProfileObjective.text(leave.ttftObjectives).map { "every first token later than \($0)" },
            ProfileObjective.text(leave.latencyObjectives).map { "every answer slower than \($0)" },
        ]
        .compactMap(\.self)
        let slow = objectives.isEmpty ? "without an objective for latency" : objectives.joined(separator: " or ")
        var lines = [
            "  leaves \(ShownText.list(leave.endpoints.map(\.rawValue)))",
            "    hard-down, every connection refused: \(text(leave.delays.hardDown))",
            "    fully slow, \(slow): \(text(leave.delays.fullySlow))",
            "    three probes in ten failing: \(text(leave.delays.thirtyPercentErrors))",
        ]
        if leave.asksModel {
            lines.insert("    hanging, every question accepted and no token: \(text(leave.hang))", at: 3)
        }
        if let crash = leave.crashWithTripwire {
            lines.insert("    crash that breaks the tripwire: \(text(crash))", at: 2)
        }
        return lines
    }

    /// Rounded to what matters: whole seconds from ten seconds on, tenths from one.
    private static func text(_ delay: Duration?) -> String {
        guard let delay else { return "never" }
        let step: Int64 = delay >= .seconds(10) ? 1_000_000_000 : delay >= .seconds(1) ? 100_000_000 : 1_000_000
        let rounded = (delay.nanoseconds + step / 2) / step * step
        return "after about \(DurationText.format(.nanoseconds(rounded)))"
    }

    private var falseFailoverText: String {
        guard route.endpoints.count > 1 else { return "none, there is nowhere to go" }
        guard case .evidence(let parameters) = route.decision.rule, let total = falseFailoversPerYear else {
            return "this rule has no bound"
        }
        let each = NumberText.format(parameters.falseFailoversPerYear)
        return "at most \(NumberText.format(total)) a year (\(each) for each of \(route.endpoints.count) endpoints)"
    }

    private var returnText: String {
        switch route.decision.failback {
        case .manual: "only by hand"
        case .automatic where route.speed != nil: "never for its own sake; whoever is faster for long gets the route"
        case .automatic where route.decision.holdDown == .zero: "by itself, once recovery is proven"
        case .automatic:
            "by itself, once recovery is proven and has held for \(DurationText.format(route.decision.holdDown))"
        }
    }
}
