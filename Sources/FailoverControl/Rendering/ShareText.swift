import FailoverCore
import FailoverWire

/// Weighted routes in the words that people read.
enum ShareText {
    /// `cheap 70 %, long 24 %`: what is published now, in the order of the route; those with nothing are left out.
    static func weights(of route: StateDocument.Route) -> String {
        route.endpoints.compactMap { name in
            let weight = route.weights[name] ?? 0
            return weight > 0 ? "\(name) \(weight) %" : nil
        }.joined(separator: ", ")
    }

    /// `70 %`, and `0 % of 70` where an endpoint carries more or less than its own share.
    static func percent(of endpoint: String, in route: StateDocument.Route) -> String {
        let weight = route.weights[endpoint] ?? 0
        let own = route.shares?[endpoint]?.weight ?? 0
        return weight == own ? "\(weight) %" : "\(weight) % of \(own)"
    }

    /// Shares that are not where they belong, and canaries that were stopped, in the order of the route.
    static func notes(on route: StateDocument.Route, named name: String, in style: TextStyle) -> [String] {
        shares(of: route).compactMap { owner, share in
            if let stopped = share.stopped {
                return "canary \(owner) stopped \(since(stopped.since, in: style)): \(stopped.reason.text); "
                    + "failoverctl failback \(name) \(owner) ends that"
            }
            // A pin is told of the route, and so is what holds all of it.
            let isTold = share.mode == RouteMode.pinned.rawValue || share.reason == route.reason
            let isAtHome = share.active == owner
            guard !isAtHome || (share.mode != RouteMode.preferred.rawValue && !isTold) else { return nil }
            guard share.mode != RouteMode.pinned.rawValue else { return nil }
            let what = share.active == owner ? "stays" : "is on \(share.active)"
            return "\(share.weight) % of \(owner) \(what) \(since(share.since, in: style)), "
                + "\(Wording.mode(share.mode)): \(share.reason.text)"
        }
    }

    /// For each share why it is where it is, and what it would take to leave and to return.
    static func lines(of document: ExplainDocument, in style: TextStyle) -> [String] {
        guard let shares = document.shares else { return [] }
        let endpoints = document.endpoints
        let closed = shares.filter { $0.value.stopped != nil }.map(\.key)
        return endpoints.compactMap { endpoint in shares[endpoint.endpoint].map { (endpoint, $0) } }
            .flatMap { owner, share in
                [""] + Wording.wrap(heading(owner.endpoint, share, in: style), width: style.width, indent: 0)
                    + (leaving(share, closed: closed) + returning(owner, share, document, in: style))
                    .flatMap { Wording.wrap($0, width: style.width, indent: 2) }
            }
    }

    private static func heading(_ owner: String, _ share: StateDocument.Share, in style: TextStyle) -> String {
        let canary = share.canary ? ", a canary" : ""
        return "\(share.weight) % of \(owner)\(canary): \(share.active), \(Wording.mode(share.mode)) "
            + "\(since(share.since, in: style)): \(share.reason.text)"
    }

    private static func leaving(_ share: StateDocument.Share, closed: [String]) -> [String] {
        let others = share.chain.filter { $0 != share.active && !closed.contains($0) }
        let text = others.isEmpty ? "stays whatever happens" : "leaves if \(share.active) trips, for the best of "
        return [text + others.joined(separator: ", ")]
    }

    private static func returning(
        _ owner: ExplainDocument.Endpoint,
        _ share: StateDocument.Share,
        _ document: ExplainDocument,
        in style: TextStyle
    ) -> [String] {
        if let stopped = share.stopped {
            return [
                "stopped \(since(stopped.since, in: style)): returns only by "
                    + "failoverctl failback \(document.route) \(owner.endpoint) --reason TEXT"
            ]
        }
        guard share.active != owner.endpoint else { return [] }
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
