/// What speaks against an order.
extension Engine {
    func checkNames(of kind: OperatorIntent.Kind) throws(OperatorRefusal) {
        switch kind {
        case .freeze: return
        case .drain(.endpoint(let endpoint)): try checkName(of: .endpoint(endpoint))
        case .drain(.region(let region)): try checkName(of: .region(region))
        case .pin(let route, let endpoint):
            try checkName(of: .route(route))
            guard let index = index(of: route) else { return }
            let members = routes[index].configuration.endpoints
            guard members.contains(endpoint) else {
                let allowed = members.prefix(Self.maximumNames).map(\.rawValue)
                throw OperatorRefusal(.unknownName, "\(endpoint) is no endpoint of \(route)", allowed: allowed)
            }
        }
    }

    func checkName(of subject: IntentSubject) throws(OperatorRefusal) {
        let (text, names): (String, [String])
        switch subject {
        case .everything: return
        case .route(let name):
            if routeIndex[name] != nil { return }
            (text, names) = ("there is no route \(name)", configuration.routes.map(\.name.rawValue))
        case .endpoint(let name):
            if endpointIndex[name] != nil { return }
            (text, names) = ("there is no endpoint \(name)", endpoints.map(\.name.rawValue))
        case .region(let name):
            let regions = Set(endpoints.map(\.configuration.region))
            if regions.contains(name) { return }
            (text, names) = ("there is no region \(name)", regions.sorted().map(\.rawValue))
        }
        throw OperatorRefusal(.unknownName, text, allowed: Array(names.prefix(Self.maximumNames)))
    }

    /// Names that an error lists.
    private static let maximumNames = 200

    /// Why an intent is taken only by force, one line each.
    ///
    /// - Throws: What no force helps against.
    func objections(to intent: OperatorIntent) throws(OperatorRefusal) -> [String] {
        switch intent.kind {
        case .freeze: return []
        case .pin(_, let endpoint):
            guard let index = endpointIndex[endpoint],
                let drain = intents.drain(of: endpoints[index].configuration)
            else { return [] }
            return ["\(endpoint) is drained by \(drain.by): \(drain.reason)"]
        case .drain(let target):
            // Put off, it would have to end first, and traffic would come back in between.
            if !intent.isBegun, let standing = intents.intent(about: intent.subject), standing.isBegun {
                let text = "\(target) is drained already, by \(standing.by): \(standing.reason)"
                throw OperatorRefusal(.conflict, "\(text); undrain it first, or drain it now for longer")
            }
            let leaving = Set(endpoints.indices.filter { target.covers(endpoints[$0].configuration) })
            return routes.indices.compactMap { objection(of: $0, toLosing: leaving) }
        }
    }

    private func objection(of index: Int, toLosing leaving: Set<Int>) -> String? {
        let route = routes[index]
        let name = route.configuration.name
        if let pin = intents.pin(of: name), case .pin(_, let endpoint) = pin.kind, let pinned = endpointIndex[endpoint],
            leaving.contains(pinned)
        {
            guard index == self.index(of: name) else { return nil }
            return "\(name) is pinned to \(endpoint) by \(pin.by): \(pin.reason)"
        }
        // An operator may have set a share beside its chain.
        let lost = (route.members.map(\.endpoint) + [route.decided]).filter(leaving.contains)
        guard !lost.isEmpty else { return nil }
        let others = route.members.map(\.endpoint).filter { !leaving.contains($0) }
        guard !others.contains(where: { mayTake($0, of: index) }) else { return nil }
        // What was no place for traffic before is no loss, unless the traffic is there.
        guard lost.contains(where: { $0 == route.decided || endpoints[$0].isEligible }) else { return nil }
        let states = others.prefix(8).map { other in
            "\(endpoints[other].name) is \(standingInWords(of: other, for: index))"
        }
        let rest = states.isEmpty ? "it has no other" : states.joined(separator: ", ")
        return "\(label(of: index)) would have no eligible endpoint left: \(rest)"
    }
}

extension Engine {
    private func standingInWords(of endpoint: Int, for index: Int) -> String {
        if endpoints[endpoint].isDrained { return "drained" }
        return isClosed(endpoint, to: index) ? "a stopped canary" : endpoints[endpoint].standingInWords
    }
}

extension EndpointState {
    /// Its verdict, and that it is no target although it sounds like one.
    fileprivate var standingInWords: String {
        switch verdict {
        case .unknown, .unhealthy: verdict.rawValue
        case .healthy, .degraded: "\(verdict.rawValue), but no target at present"
        }
    }
}
