/// An operator's word that traffic returns where it belongs, now.
extension Engine {
    /// Lets a route return to its preferred endpoint, or shares to their owners, without waiting for a hold-down.
    ///
    /// All that was asked for is done, or nothing.
    mutating func bringBack(
        _ route: RouteName,
        to endpoint: EndpointName?,
        _ command: OperatorCommand,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) throws(OperatorRefusal) {
        try checkName(of: .route(route))
        let reason = try Self.checkedReason(command.reason)
        var (returning, stopped, notes): ([(index: Int, target: Int)], [Int], [String]) = ([], [], [])
        var objections: [String] = []
        for (index, homes) in try homes(in: route, endpoint) {
            if routes[index].share?.stopped != nil { stopped.append(index) }
            let isHome = homes.contains(routes[index].decided) && !isMoving(index)
            if isHome, routes[index].share?.stopped == nil {
                notes.append("\(label(of: index)) is on \(name(routes[index].decided))")
                continue
            }
            switch home(of: index, among: homes, at: now) {
            case .success(let target) where isHome:
                notes.append("\(label(of: index)) stays on \(name(target))")
            case .success(let target):
                returning.append((index, target))
                notes.append("\(label(of: index)) returns to \(name(target))")
            case .failure(let why): objections.append(why.text)
            }
        }
        var receipt = OperatorReceipt(intent: nil, stands: false, generation: generation, notes: notes)
        if returning.isEmpty, stopped.isEmpty, objections.isEmpty {
            receipt = complete(receipt, [route], isPersisted, at: now)
            return actions.append(.answer(command.ticket, .accepted(receipt)))
        }
        try checkNothingForbidsReturning(of: route)
        guard objections.isEmpty else {
            throw OperatorRefusal(.conflict, "\(route) cannot return now", objections: Array(objections.prefix(20)))
        }
        receipt.stands = true
        // Of those that return it ends with the move.
        for index in stopped where !returning.contains(where: { $0.index == index }) {
            routes[index].share?.stopped = nil
            actions.append(.emit(mayGoOn(index, by: command.by, reason, at: now)))
        }
        for (index, target) in returning {
            routes[index].phase = .returning(ReturnOrder(target: target, by: command.by, reason: reason))
        }
        let before = persistence.ticket
        for index in indices(of: route) { evaluate(index, at: now, &actions) }
        if persistence.ticket == before { actions.append(persist()) }
        actions.append(.publish)
        orders.append(
            WaitingOrder(ticket: command.ticket, diskTicket: persistence.ticket, receipt: receipt, routes: [route])
        )
        deadlines.insert(.persistence(ticket: persistence.ticket), at: now + Persistence.patience)
    }

    /// Carries an order out as soon as no other move waits for the disk.
    mutating func bringBack(
        _ index: Int,
        _ order: ReturnOrder,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        // That the canary itself was stopped is what the order ends.
        guard order.target != routes[index].decided else {
            routes[index].phase = .settled
            return
        }
        guard endpoints[order.target].isEligible else {
            let why =
                "\(name(order.target)) is no target any more: \(endpoints[order.target].whyNoTarget(at: now, false))"
            return giveUp(order, of: index, why, at: now, &actions)
        }
        let move = Move(
            route: index,
            from: routes[index].decided,
            to: order.target,
            kind: .failback,
            reason: Reason(.failbackOrdered, "brought back by \(order.by): \(order.reason)"),
            at: now,
            order: order
        )
        begin(move, at: now, &actions)
    }

    /// Says that an order that was accepted will not be carried out.
    mutating func giveUp(
        _ order: ReturnOrder,
        of index: Int,
        _ why: String,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        routes[index].phase = .settled
        let text = "the return to \(name(order.target)) that \(order.by) ordered (\(order.reason)) is given up: \(why)"
        let event = Event(
            kind: .held,
            at: now,
            route: routes[index].configuration.name,
            endpoint: name(routes[index].decided),
            share: owner(of: index),
            reason: Reason(.failbackOrdered, text),
            generation: generation,
            requester: order.by,
            dryRun: routes[index].isObserving
        )
        actions.append(.emit(event))
    }

    // MARK: - What speaks against it

    /// Why something cannot return.
    private struct Objection: Error { let text: String }

    /// For each state of the route that is meant the endpoints that it may return to, best first.
    private func homes(
        in route: RouteName,
        _ endpoint: EndpointName?
    ) throws(OperatorRefusal) -> [(index: Int, homes: [Int])] {
        var homes = indices(of: route).map { index in
            let members = routes[index].members
            return (index: index, homes: members.prefix { $0.rank == members[0].rank }.map(\.endpoint))
        }
        guard let endpoint else { return homes }
        let allowed = homes.flatMap { $0.homes.map { name($0).rawValue } }
        homes = homes.map { ($0.index, $0.homes.filter { name($0) == endpoint }) }.filter { !$0.homes.isEmpty }
        guard !homes.isEmpty else {
            let isWeighted = index(of: route).map { routes[$0].share != nil } ?? false
            let text = isWeighted ? "\(endpoint) has no share of \(route)" : "\(endpoint) is not preferred by \(route)"
            throw OperatorRefusal(.unknownName, text, allowed: allowed)
        }
        return homes
    }

    private func isMoving(_ index: Int) -> Bool {
        switch routes[index].phase {
        case .persisting, .waiting: true
        case .settled, .confirming, .returning: false
        }
    }

    private func home(of index: Int, among homes: [Int], at now: MonotonicInstant) -> Result<Int, Objection> {
        guard !isMoving(index) else {
            return .failure(Objection(text: "\(label(of: index)) is about to move; try again in a few seconds"))
        }
        // Whoever says so ends what closes it to others.
        if let target = ranked(homes.filter { endpoints[$0].isEligible }, in: routes[index], at: now).first {
            return .success(target)
        }
        let why = homes.prefix(4).map { "\(name($0)) is no target: \(endpoints[$0].whyNoTarget(at: now, false))" }
        return .failure(Objection(text: why.joined(separator: ", ")))
    }

    private func checkNothingForbidsReturning(of route: RouteName) throws(OperatorRefusal) {
        if let pin = intents.pin(of: route), case .pin(_, let endpoint) = pin.kind {
            let text = "\(route) is pinned to \(endpoint) by \(pin.by) (\(pin.reason)); unpin it first"
            throw OperatorRefusal(.conflict, text)
        }
        if let freeze = intents.freeze {
            let text = "automatic moves are frozen by \(freeze.by) (\(freeze.reason)); unfreeze them first"
            throw OperatorRefusal(.conflict, text)
        }
        if !vantage.watch.isClear {
            let why = vantage.watch.snapshot.reason?.text ?? "our own vantage is in doubt"
            throw OperatorRefusal(.conflict, "nothing moves at present: \(why)")
        }
    }

    /// A canary that an operator has set where it belongs may stay there.
    private func mayGoOn(_ index: Int, by requester: String, _ reason: String, at now: MonotonicInstant) -> Event {
        let owner = owner(of: index)
        let text = Reason(.failbackOrdered, reason)
        return Event(
            kind: .weights,
            at: now,
            route: routes[index].configuration.name,
            endpoint: owner,
            share: owner,
            reason: tellingShare(index, "may stay on \(owner ?? "its owner")", text),
            generation: generation,
            requester: requester,
            dryRun: routes[index].isObserving
        )
    }
}
