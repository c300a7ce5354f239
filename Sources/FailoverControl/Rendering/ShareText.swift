import FailoverCore
import FailoverWire

/// Weighted routes in the words that people read.
enum ShareText {
    /// `cheap 70 %, long 24 %`: what is published now, in the order of the route; those with nothing are left out.
    static func weights(of route: StateDocument.Route) -> String { list(route.weights, in: route.endpoints) }

    /// The same of an explanation, as it is or as it would be if the route did not only observe; `nil` without shares.
    static func weights(of document: ExplainDocument, isWish: Bool = false) -> String? {
        guard let shares = document.shares else { return nil }
        let places = shares.values.map { (isWish ? $0.wouldBeActive : $0.active, $0.weight) }
        return list(Dictionary(places, uniquingKeysWith: +), in: document.endpoints.map(\.endpoint))
    }

    static func list(_ weights: [String: Int], in endpoints: [String]) -> String {
        endpoints.compactMap { name in
            let weight = weights[name] ?? 0
            return weight > 0 ? "\(name) \(weight) %" : nil
        }.joined(separator: ", ")
    }

    /// `70 %`, and `0 % (70 %)` where an endpoint carries more or less than its own share.
    static func percent(of endpoint: String, in route: StateDocument.Route) -> String {
        let weight = route.weights[endpoint] ?? 0
        let own = route.shares?[endpoint]?.weight ?? 0
        return weight == own ? "\(weight) %" : "\(weight) % (\(own) %)"
    }

    /// The title above those percentages.
    static func title(of route: StateDocument.Route) -> String {
        guard let shares = route.shares else { return "" }
        let isOwn = route.endpoints.allSatisfy { route.weights[$0] ?? 0 == shares[$0]?.weight ?? 0 }
        return isOwn ? "SHARE" : "SHARE (OWN)"
    }

    /// Shares that are not where they belong or cannot leave, and canaries that were stopped, in the order of the route.
    static func notes(on route: StateDocument.Route, named name: String, in style: TextStyle) -> [String] {
        let isToldOnce = isHeldAsOne(route)
        return shares(of: route).flatMap { owner, share in
            var notes: [String] = []
            if let stopped = share.stopped {
                let what = share.isStopOnlyWished(of: owner) ? "would be stopped" : "stopped"
                notes.append(
                    "canary \(owner) \(what) \(since(stopped.since, in: style)): \(stopped.reason.text); "
                        + "failoverctl failback \(name) \(owner) ends that"
                )
            }
            let place = "\(share.weight) % of \(owner)"
            switch RouteMode(rawValue: share.mode) {
            // A pin is told of the route.
            case .preferred, .pinned: break
            case .held where isToldOnce:
                if share.active != owner {
                    notes.append("\(place) is on \(share.active) \(since(share.since, in: style))")
                }
            case .failover:
                guard notes.isEmpty else { break }
                notes.append(
                    "\(place) is on \(share.active) \(since(share.since, in: style)), "
                        + "\(Wording.mode(share.mode)): \(share.reason.text)"
                )
            case .held, .failOpen, nil: notes.append("\(place) \(standing(share, in: style)): \(share.reason.text)")
            }
            return notes
        }
    }

    /// Whether one thing holds all shares, as a freeze does, so that it is told once.
    static func isHeldAsOne(_ route: StateDocument.Route) -> Bool {
        guard let shares = route.shares, route.mode == RouteMode.held.rawValue else { return false }
        return shares.values.allSatisfy { $0.mode == route.mode && $0.reason == route.reason }
    }

    /// For each share why it is where it is, and what it would take to leave and to return.
    static func lines(of document: ExplainDocument, in style: TextStyle) -> [String] {
        guard let shares = document.shares else { return [] }
        let endpoints = document.endpoints
        return endpoints.compactMap { endpoint in shares[endpoint.endpoint].map { (endpoint, $0) } }
            .flatMap { owner, share in
                [""] + Wording.wrap(heading(owner.endpoint, share, document, in: style), width: style.width, indent: 0)
                    + ([ShareProspect(share, document).words] + returning(owner, share, document, in: style))
                    .flatMap { Wording.wrap($0, width: style.width, indent: 2) }
            }
    }

    private static func heading(
        _ owner: String,
        _ share: StateDocument.Share,
        _ document: ExplainDocument,
        in style: TextStyle
    ) -> String {
        let canary = share.canary ? ", a canary" : ""
        // What holds the route is told above.
        let isTold = share.mode == RouteMode.held.rawValue && share.reason == document.reason
        return "\(share.weight) % of \(owner)\(canary): \(share.active), \(standing(share, in: style))"
            + (isTold ? "" : ": \(share.reason.text)")
    }

    /// `failed over since 12:52:16`; `fail-open (on cheap since 12:52:16)` where the time is that of an earlier move.
    private static func standing(_ share: StateDocument.Share, in style: TextStyle) -> String {
        let since = since(share.since, in: style)
        let mode = Wording.mode(share.mode)
        return Wording.beganWithMove(share.mode) ? "\(mode) \(since)" : "\(mode) (on \(share.active) \(since))"
    }

    private static func returning(
        _ owner: ExplainDocument.Endpoint,
        _ share: StateDocument.Share,
        _ document: ExplainDocument,
        in style: TextStyle
    ) -> [String] {
        if let stopped = share.stopped {
            let isWish = share.isStopOnlyWished(of: owner.endpoint)
            return [
                "\(isWish ? "would be " : "")stopped \(since(stopped.since, in: style)): "
                    + "\(isWish ? "would return" : "returns") only by "
                    + "failoverctl failback \(document.route) \(owner.endpoint) --reason TEXT"
            ]
        }
        guard share.wouldBeActive != owner.endpoint else { return [] }
        let words = owner.recovery.map { ExplainText.words(for: $0, in: style) } ?? "\(owner.verdict), nothing to prove"
        return ["back to \(owner.endpoint): \(words)"]
    }

    private static func shares(of route: StateDocument.Route) -> [(owner: String, share: StateDocument.Share)] {
        route.endpoints.compactMap { name in route.shares?[name].map { (name, $0) } }
    }

    private static func since(_ time: WallTime, in style: TextStyle) -> String {
        "since \(Wording.time(time, in: style))"
    }
}

extension StateDocument.Share {
    /// Of a route that only observes: the canary still carries its share.
    fileprivate func isStopOnlyWished(of owner: String) -> Bool { stopped != nil && active == owner }
}
