package import FailoverWire

/// The answer of `failoverctl status --exit-code`, for monitoring.
package enum StatusExitCode: Int32, Hashable, Sendable {
    case preferred = 0
    /// Also where our own probes of the active endpoint are refused, or automatic moves are held: an outage of it would
    /// not be noticed, or not be left.
    case failedOverOrDegraded = 1
    case failOpenOrUnhealthy = 2
    case unknown = 3

    /// The worst of the routes: trouble that is known is worse than not knowing.
    package init(_ state: StateDocument, routes: [String], now: WallTime) {
        let codes = routes.map { Self.code(of: $0, in: state, now: now) }
        self = codes.max { $0.severity < $1.severity } ?? .unknown
    }

    private static func code(of name: String, in state: StateDocument, now: WallTime) -> StatusExitCode {
        guard let route = state.routes[name], now <= state.validUntil else { return .unknown }
        // All that carry traffic; of an active-standby route that is one.
        let names = route.shares == nil ? [route.active] : route.endpoints.filter { route.weights[$0] ?? 0 > 0 }
        let carriers = names.compactMap { state.endpoints[$0] }
        guard carriers.count == names.count else { return .unknown }
        if route.mode == "fail_open" || carriers.contains(where: { $0.verdict == "unhealthy" }) {
            return .failOpenOrUnhealthy
        }
        // While our own eyes are in doubt nothing is known, whatever the verdicts were.
        guard state.vantage.state == "clear" else { return .unknown }
        if route.provisional || carriers.contains(where: { $0.verdict == "unknown" }) { return .unknown }
        // Several endpoints may be preferred alike, and then the first of the list need not be active.
        // One that is held would not be left in an outage.
        let isPreferred =
            route.mode == "preferred" || (route.mode != "held" && route.isWhereItBelongs)
        let isSound = carriers.allSatisfy { $0.verdict != "degraded" && !$0.isRefused }
        return isPreferred && isSound ? .preferred : .failedOverOrDegraded
    }

    private var severity: Int {
        switch self {
        case .preferred: 0
        case .failedOverOrDegraded: 1
        case .unknown: 2
        case .failOpenOrUnhealthy: 3
        }
    }
}

extension StateDocument.Route {
    /// On the first endpoint of its list, or every share on its own.
    fileprivate var isWhereItBelongs: Bool {
        shares.map { $0.allSatisfy { $0.key == $0.value.active } } ?? (active == endpoints.first)
    }
}
