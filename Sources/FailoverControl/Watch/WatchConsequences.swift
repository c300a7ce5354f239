import FailoverCore
import FailoverWire

/// What an order will do to traffic, said before it is given.
struct WatchConsequences {
    let state: StateDocument

    /// Sentences, the most important first.
    func lines(of order: WatchOrder) -> [String] {
        switch order.action {
        case .pin(let route, let endpoint): pinning(route, to: endpoint)
        case .unpin(let route):
            [
                "\(route) is judged as usual again. Nothing moves because of that alone; an endpoint that is down is left, "
                    + "and a preferred one that is well gets its traffic back."
            ]
        case .drain(let name): draining("\(name)") { $0 == name }
        case .drainRegion(let region): draining("region \(region)") { state.endpoints[$0]?.region == region }
        case .undrain(let name):
            ["\(name) may carry traffic again; routes that prefer it return to it if it has nothing to prove."]
        case .undrainRegion(let region):
            [
                "The endpoints of region \(region) may carry traffic again; routes that prefer them return if they have "
                    + "nothing to prove."
            ]
        case .freeze:
            ["No route moves by itself, not even away from an endpoint that is down. Pins and drains still work."]
        case .unfreeze: ["Routes move by themselves again, at once where a move is due."]
        case .failback(let route, let endpoint): returning(route, to: endpoint)
        }
    }

    private func pinning(_ name: String, to endpoint: String) -> [String] {
        guard let route = state.routes[name] else { return [] }
        var lines: [String] = []
        if route.dryRun {
            lines.append("\(name) only observes: no traffic moves.")
        } else if route.shares != nil {
            lines.append("All of the traffic of \(name) goes to \(endpoint) at once, and stays until the pin ends.")
        } else if route.active == endpoint {
            lines.append(
                "Traffic of \(name) is on \(endpoint), and stays there until the pin ends, whatever happens to it."
            )
        } else {
            lines.append(
                "Traffic of \(name) moves from \(route.active) to \(endpoint) at once, and stays there until the pin ends, "
                    + "whatever happens to it."
            )
        }
        guard let target = state.endpoints[endpoint] else { return lines }
        if target.verdict != Verdict.healthy.rawValue {
            lines.append("\(endpoint) is \(target.verdict): \(target.reason.text)")
        }
        if target.drained != nil { lines.append("\(endpoint) is drained: the daemon will refuse this.") }
        return lines
    }

    private func draining(_ what: String, _ isMeant: (String) -> Bool) -> [String] {
        var (leaving, stuck, others): ([String], [String], [String]) = ([], [], [])
        for (name, route) in state.routes.sorted(by: { $0.key < $1.key })
        where route.endpoints.contains(where: isMeant) {
            let carries =
                route.shares == nil ? isMeant(route.active) : route.weights.contains { $0.value > 0 && isMeant($0.key) }
            let rest = route.order.filter { !isMeant($0) }
            if !carries {
                others.append(name)
            } else if rest.isEmpty {
                stuck.append(name)
            } else {
                leaving.append(name)
            }
        }
        var lines: [String] = []
        if !leaving.isEmpty {
            lines.append("Traffic of \(list(leaving)) leaves \(what) as soon as another endpoint has confirmed.")
        }
        if !stuck.isEmpty { lines.append("\(list(stuck)) has nowhere else to go: the daemon will refuse this.") }
        if !others.isEmpty { lines.append("Nothing of \(list(others)) is there, and nothing goes there meanwhile.") }
        return lines.isEmpty ? ["No route uses \(what)."] : lines
    }

    private func returning(_ name: String, to endpoint: String?) -> [String] {
        guard let route = state.routes[name] else { return [] }
        let place = endpoint ?? (route.shares == nil ? route.endpoints.first : nil)
        guard let place else {
            return ["Every share of \(name) returns to its owner now, without waiting for a hold-down."]
        }
        if route.dryRun { return ["\(name) only observes: no traffic moves."] }
        let share = route.shares == nil ? "Traffic" : "The share of \(place)"
        return [
            "\(share) of \(name) returns to \(place) now, without waiting for a hold-down, if it is fit for traffic."
        ]
    }

    /// A few by name, more by number.
    private func list(_ names: [String]) -> String {
        guard names.count > 4 else { return names.joined(separator: ", ") }
        return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }
}
