import FailoverCore
package import FailoverWire

/// How the routes stand, in one line for `systemctl status`; at most 200 characters, what needs attention first.
package func statusLine(for state: some PublishableState) -> String {
    let routes = state.routes.sorted { left, right in
        (left.value.mode == "preferred" ? 1 : 0, left.key) < (right.value.mode == "preferred" ? 1 : 0, right.key)
    }
    let head = routes.count == 1 ? "" : "\(routes.count) routes: "
    let tail = state.persisted ? "" : "; NOT persisted"
    var line = head
    for (index, (name, route)) in routes.enumerated() {
        let part = (index == 0 ? "" : ", ") + "\(name) on \(route.active) (\(standing(of: route)))"
        guard (line + part + tail).count <= maximumCharacters - ", …".count || index == routes.count - 1 else {
            return cut(line + (index == 0 ? "…" : ", …") + tail)
        }
        line += part
    }
    return cut(line + tail)
}

/// Source: a terminal of 200 columns; `systemctl status` cuts longer lines anyway.
private let maximumCharacters = 200

private func cut(_ line: String) -> String {
    let line = line.onOneLine
    return line.count <= maximumCharacters ? line : line.prefix(maximumCharacters - 1) + "…"
}

private func standing(of route: StateDocument.Route) -> String {
    let time = route.since.description
    let ofDay = time.split(separator: "T").last.map { $0.prefix(8) + "Z" } ?? ""
    let standing =
        switch route.mode {
        case "preferred": "preferred"
        case "failover": "failed over \(ofDay)"
        case "fail_open": "fail-open, nobody else is healthy"
        default: route.mode
        }
    if route.dryRun {
        return route.wouldBeActive == route.active
            ? "\(standing), observing" : "observing, would be \(route.wouldBeActive)"
    }
    return route.provisional ? "\(standing), not judged yet" : standing
}
