import FailoverCore
import FailoverWire

/// What can be selected.
package enum WatchRow: Hashable, Sendable {
    case route(String)
    case endpoint(String, of: String)

    var route: String {
        switch self {
        case .route(let route), .endpoint(_, let route): route
        }
    }

    var endpoint: String? {
        if case .endpoint(let name, _) = self { name } else { nil }
    }
}

extension WatchModel {
    /// The routes that are shown, in their order on the screen.
    var routes: [String] {
        guard let state else { return [] }
        let names = state.routes.keys.filter { route == nil || $0 == route }.sorted()
        guard isWorstFirst else { return names }
        // Those that are equally bad by name: nothing moves under a reader's hand without need.
        let severities = Dictionary(uniqueKeysWithValues: names.map { ($0, severity(of: $0, in: state)) })
        return names.sorted { ((severities[$1] ?? 0), $0) < ((severities[$0] ?? 0), $1) }
    }

    /// Each route with its endpoints, in order of preference.
    var rows: [WatchRow] {
        guard let state else { return [] }
        return routes.flatMap { name in
            let members = (state.routes[name]?.endpoints ?? []).filter { state.endpoints[$0] != nil }
            return [WatchRow.route(name)] + members.map { .endpoint($0, of: name) }
        }
    }

    /// How soon somebody should look: higher is worse.
    private func severity(of name: String, in state: StateDocument) -> Int {
        guard let route = state.routes[name] else { return 0 }
        let carriers = route.endpoints.filter { route.carries($0) }.compactMap { state.endpoints[$0] }
        if route.mode == RouteMode.failOpen.rawValue { return 6 }
        if carriers.contains(where: { $0.verdict == Verdict.unhealthy.rawValue }) { return 5 }
        if route.mode == RouteMode.held.rawValue { return 4 }
        if carriers.contains(where: { $0.verdict == Verdict.unknown.rawValue || $0.isRefused }) { return 3 }
        if route.mode != RouteMode.preferred.rawValue { return 2 }
        let members = route.endpoints.compactMap { state.endpoints[$0] }
        return members.contains { $0.verdict != Verdict.healthy.rawValue || $0.drained != nil } ? 1 : 0
    }

    /// Routes whose waiting has an end that only their explanation knows, nearest to the selection first.
    package var routesToExplain: [String] {
        guard let state else { return [] }
        var names = routes.filter { name in
            (state.routes[name]?.endpoints ?? []).contains { state.endpoints[$0]?.mayHaveToProve ?? false }
        }
        names = Array(names.prefix(Self.mostExplained))
        guard let selected = selection?.route else { return names }
        if case .detail = page { return [selected] + names.filter { $0 != selected } }
        return names
    }

    private static let mostExplained = 16

    /// The endpoints around the selection, as many as a screen may show.
    package var endpointsInView: [String] {
        let rows = rows
        let middle = selection.flatMap { rows.firstIndex(of: $0) } ?? 0
        let near = rows[max(0, middle - Self.reach)..<min(rows.count, middle + Self.reach)]
        var seen: Set<String> = []
        return near.compactMap(\.endpoint).filter { seen.insert($0).inserted }
    }

    private static let reach = 60
}

extension StateDocument.Route {
    /// Whether an endpoint has traffic of it.
    func carries(_ endpoint: String) -> Bool {
        shares == nil ? endpoint == active : weights[endpoint] ?? 0 > 0
    }
}

extension StateDocument.Endpoint {
    /// It has tripped, or is on its way back.
    var mayHaveToProve: Bool {
        verdict == Verdict.unhealthy.rawValue || reason.code == ReasonCode.holdDown.rawValue
            || reason.code == ReasonCode.recovering.rawValue
    }
}
