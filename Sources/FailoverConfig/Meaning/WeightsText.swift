import FailoverCore

/// A weighted route in the notation of the file.
enum WeightsText {
    /// `weights: { a: 70, b: 30 }` and whatever else says the same again, one line each.
    static func settings(_ route: RouteConfiguration) -> [String] {
        func text(_ name: EndpointName) -> String { YAMLText.string(name.rawValue) }
        let weights = route.shares.map { "\(text($0.owner)): \($0.weight)" }
        var lines = ["\(WeightKeys.weights): { \(weights.joined(separator: ", ")) }"]
        let chains = route.shares.filter { $0.chain.count > 1 }.map { share in
            "\(text(share.owner)): [\(share.chain.dropFirst().map(text).joined(separator: ", "))]"
        }
        if !chains.isEmpty { lines.append("\(WeightKeys.fallback): { \(chains.joined(separator: ", ")) }") }
        let canaries = route.shares.filter(\.isCanary).map { text($0.owner) }
        if !canaries.isEmpty { lines.append("\(WeightKeys.canary): [\(canaries.joined(separator: ", "))]") }
        return lines
    }

    /// For people: who carries how much, and who takes over; indented.
    static func meaning(_ route: RouteConfiguration) -> [String] {
        let weights = route.shares.map { "\($0.owner) \($0.weight) %" }
        var lines = ["  weights: \(ShownText.list(weights))"]
        for share in route.shares.prefix(10) {
            let others = share.chain.dropFirst().map(\.rawValue)
            let canary = share.isCanary ? "; as a canary it does not return by itself" : ""
            let way = others.isEmpty ? "stays" : "goes to \(ShownText.list(others))"
            lines.append("    that of \(share.owner) \(way)\(canary)")
        }
        if route.shares.count > 10 { lines.append("    and \(route.shares.count - 10) more") }
        return lines
    }
}
