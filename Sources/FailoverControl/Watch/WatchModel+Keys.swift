import FailoverCore
import FailoverWire

/// What keys do.
extension WatchModel {
    mutating func take(_ key: WatchKey, at clock: ClockReading) -> [Action] {
        message = nil
        if key == .redraw { return [.redraw] }
        if dialog != nil { return takeInDialog(key) }
        switch page {
        case .help:
            if [.escape, .enter, .character("q"), .character("?")].contains(key) { page = .list }
            return []
        case .detail(let scroll): return takeInDetail(key, scroll: scroll, at: clock)
        case .list: return takeInList(key, at: clock)
        }
    }

    private mutating func takeInDialog(_ key: WatchKey) -> [Action] {
        switch dialog?.take(key) {
        case .send(let order): return [.send(order)]
        case .ends: dialog = nil
        case .stays, nil: break
        }
        return []
    }

    private mutating func takeInDetail(_ key: WatchKey, scroll: Int, at clock: ClockReading) -> [Action] {
        switch key {
        case .escape, .character("q"): page = .list
        case .up, .character("k"): page = .detail(scroll: max(0, min(scroll, scrollLimit) - 1))
        case .down, .character("j"): page = .detail(scroll: min(scrollLimit, scroll + 1))
        case .pageUp: page = .detail(scroll: max(0, min(scroll, scrollLimit) - Self.pageStep))
        case .pageDown, .character(" "): page = .detail(scroll: min(scrollLimit, scroll + Self.pageStep))
        case .home, .character("g"): page = .detail(scroll: 0)
        case .end, .character("G"): page = .detail(scroll: scrollLimit)
        default: return takeAnywhere(key, at: clock)
        }
        return []
    }

    private mutating func takeInList(_ key: WatchKey, at clock: ClockReading) -> [Action] {
        switch key {
        case .up, .character("k"): select(by: -1)
        case .down, .character("j"): select(by: 1)
        case .pageUp: select(by: -Self.pageStep)
        case .pageDown, .character(" "): select(by: Self.pageStep)
        case .home, .character("g"): select(by: .min / 2)
        case .end, .character("G"): select(by: .max / 2)
        case .enter where selection != nil: page = .detail(scroll: 0)
        case .character("s"):
            isWorstFirst.toggle()
            message = isWorstFirst ? "sorted: the worst first" : "sorted by name"
        case .character("q"): return [.leave]
        default: return takeAnywhere(key, at: clock)
        }
        return []
    }

    private static let pageStep = 10

    private mutating func select(by steps: Int) {
        let rows = rows
        guard !rows.isEmpty else { return }
        let current = selection.flatMap { rows.firstIndex(of: $0) } ?? 0
        selection = rows[min(max(0, current + steps), rows.count - 1)]
    }

    private mutating func takeAnywhere(_ key: WatchKey, at clock: ClockReading) -> [Action] {
        switch key {
        case .character("?"): page = .help
        case .character("p"): open(at: clock) { $0.pinChoices(of: $1) }
        case .character("d"): open(at: clock) { $0.drainChoices(of: $1) }
        case .character("f"): open(at: clock) { model, _ in model.freezeChoices }
        case .character("b"): open(at: clock) { $0.failbackChoices(of: $1) }
        default: break
        }
        return []
    }

    // MARK: Orders

    private mutating func open(
        at clock: ClockReading,
        _ choices: (WatchModel, WatchRow) -> (title: String, [WatchDialog.Choice])
    ) {
        guard !isReadOnly else {
            message = "this view is read-only (--read-only)"
            return
        }
        guard contact.silence(at: clock.wall) == nil else {
            message = "the daemon does not answer: nothing can be changed now"
            return
        }
        guard let selection else { return }
        let (title, choices) = choices(self, selection)
        dialog = WatchDialog(title: title, choices: choices)
    }

    private func choice(_ action: WatchOrder.Action, _ more: String = "") -> WatchDialog.Choice {
        let order = WatchOrder(action: action)
        return WatchDialog.Choice(label: order.title + more, order: order)
    }

    private func pinChoices(of row: WatchRow) -> (title: String, [WatchDialog.Choice]) {
        let name = row.route
        guard let route = state?.routes[name] else { return ("", []) }
        let lift = route.pinned.map { _ in [choice(.unpin(route: name))] } ?? []
        let places = row.endpoint.map { [$0] } ?? route.endpoints
        let pins = places.map { endpoint in
            choice(.pin(route: name, endpoint: endpoint), suffix(of: endpoint, in: route))
        }
        return ("pin \(name)", lift + pins)
    }

    private func suffix(of endpoint: String, in route: StateDocument.Route) -> String {
        let verdict = state?.endpoints[endpoint]?.verdict ?? Verdict.unknown.rawValue
        let drained = state?.endpoints[endpoint]?.drained == nil ? "" : ", drained"
        return " (\(verdict)\(drained)\(route.carries(endpoint) ? ", active" : ""))"
    }

    private func drainChoices(of row: WatchRow) -> (title: String, [WatchDialog.Choice]) {
        guard let state, let route = state.routes[row.route] else { return ("", []) }
        let places = row.endpoint.map { [$0] } ?? route.endpoints
        var choices: [WatchDialog.Choice] = []
        var regions: [String] = []
        for name in places {
            guard let endpoint = state.endpoints[name] else { continue }
            if let region = endpoint.drained?.region {
                if !regions.contains(region) { choices.append(choice(.undrainRegion(region))) }
                regions.append(region)
            } else if endpoint.drained != nil {
                choices.append(choice(.undrain(endpoint: name)))
            } else {
                choices.append(choice(.drain(endpoint: name), suffix(of: name, in: route)))
            }
        }
        if let name = row.endpoint, let endpoint = state.endpoints[name], endpoint.drained == nil {
            let size = state.endpoints.values.count { $0.region == endpoint.region }
            if size > 1 {
                choices.append(choice(.drainRegion(endpoint.region), " (\(Wording.count(size, "endpoint")))"))
            }
        }
        return ("drain", choices)
    }

    private var freezeChoices: (title: String, [WatchDialog.Choice]) {
        state?.frozen == nil ? ("freeze", [choice(.freeze)]) : ("unfreeze", [choice(.unfreeze)])
    }

    private func failbackChoices(of row: WatchRow) -> (title: String, [WatchDialog.Choice]) {
        let name = row.route
        guard let route = state?.routes[name] else { return ("", []) }
        let title = "return \(name)"
        let whole = choice(.failback(route: name, endpoint: nil))
        // Of equals one must be named, and a share is that of its owner.
        guard route.shares != nil || route.speed != nil else { return (title, [whole]) }
        if let endpoint = row.endpoint { return (title, [choice(.failback(route: name, endpoint: endpoint))]) }
        let places = route.endpoints.filter { route.shares == nil || route.shares?[$0] != nil }
        let single = places.map { choice(.failback(route: name, endpoint: $0), suffix(of: $0, in: route)) }
        return (title, route.shares == nil ? single : [whole] + single)
    }
}
