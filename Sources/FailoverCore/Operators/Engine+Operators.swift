/// An order that was accepted, until it is known whether the disk has it.
struct WaitingOrder: Sendable {
    /// The operator's.
    let ticket: UInt64
    /// Of the order to the disk that contains it.
    var diskTicket: UInt64
    let receipt: OperatorReceipt
    let routes: [RouteName]

    /// More operators at a time than any machine has.
    static let maximum = 64
}

extension Engine {
    /// Does what an operator asks, or says why not.
    mutating func execute(_ command: OperatorCommand, at now: MonotonicInstant, _ actions: inout [Action]) {
        changeIntents(at: now, &actions)
        do throws(OperatorRefusal) {
            guard orders.count < WaitingOrder.maximum else {
                throw OperatorRefusal(
                    .busy,
                    "\(orders.count) orders wait for the disk already; try again in a few seconds"
                )
            }
            switch command.order {
            case .pin(let route, let endpoint):
                try establish(.pin(route, to: endpoint), from: nil, command, at: now, &actions)
            case .drain(let target, let start):
                try establish(.drain(target), from: start, command, at: now, &actions)
            case .freeze: try establish(.freeze, from: nil, command, at: now, &actions)
            case .unpin(let route): try lift(.route(route), command, at: now, &actions)
            case .undrain(.endpoint(let endpoint)): try lift(.endpoint(endpoint), command, at: now, &actions)
            case .undrain(.region(let region)): try lift(.region(region), command, at: now, &actions)
            case .unfreeze: try lift(.everything, command, at: now, &actions)
            case .failback(let route, let endpoint):
                try bringBack(route, to: endpoint, command, at: now, &actions)
            }
        } catch {
            actions.append(.answer(command.ticket, .refused(error)))
        }
    }

    /// Answers the orders that this answer of the disk is about.
    mutating func answerOrders(
        through diskTicket: UInt64,
        durable: Bool,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) {
        guard orders.contains(where: { $0.diskTicket <= diskTicket }) else { return }
        if durable { awaitFurtherShares(after: diskTicket) }
        for order in orders where order.diskTicket <= diskTicket {
            actions.append(.answer(order.ticket, .accepted(complete(order.receipt, order.routes, durable, at: now))))
        }
        orders.removeAll { $0.diskTicket <= diskTicket }
    }

    /// An order about a weighted route is done when its last share has moved: they move one after the other.
    private mutating func awaitFurtherShares(after diskTicket: UInt64) {
        guard let pending = persistence.pending, routes[pending.move.route].isShare else { return }
        let route = routes[pending.move.route].configuration.name
        for index in orders.indices where orders[index].diskTicket <= diskTicket && orders[index].routes.contains(route)
        {
            orders[index].diskTicket = pending.ticket
        }
    }

    func complete(
        _ receipt: OperatorReceipt,
        _ names: [RouteName],
        _ isPersisted: Bool,
        at now: MonotonicInstant
    ) -> OperatorReceipt {
        var receipt = receipt
        receipt.isPersisted = isPersisted
        receipt.generation = generation
        receipt.routes = names.compactMap { route(named: $0, at: now) }.map { route in
            OperatorReceipt.Route(
                name: route.name,
                active: route.active,
                mode: route.mode,
                wouldBeActive: route.dryRun ? route.wouldBeActive : nil,
                isLeaving: route.mode != .pinned && !route.dryRun
                    && endpointIndex[route.active].map { endpoints[$0].isDrained } ?? false
            )
        }
        return receipt
    }

    // MARK: - Intents that begin

    private mutating func establish(
        _ kind: OperatorIntent.Kind,
        from start: MonotonicInstant?,
        _ command: OperatorCommand,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) throws(OperatorRefusal) {
        let intent = try intent(kind, from: start, command, at: now)
        let objections = try objections(to: intent)
        if !objections.isEmpty, !command.force {
            let lines =
                objections.count > 20 ? objections.prefix(19) + ["and \(objections.count - 19) more"] : objections[...]
            let text = "\(intent.orderInWords) is refused unless it is forced"
            throw OperatorRefusal(.conflict, text, objections: Array(lines))
        }
        // A pin that moves traffic is told when it has.
        let isToldByMove = if case .pin = kind { !isInPlace(intent) } else { false }
        let old = intents.set(intent)
        if !isToldByMove { actions.append(.emit(event(begunBy: intent, at: now))) }
        let receipt = OperatorReceipt(
            intent: intent,
            stands: true,
            isRenewed: old != nil,
            generation: generation,
            notes: objections.prefix(OperatorReceipt.maximumRoutes).map { "forced: \($0)" }
        )
        carryOut([intent], at: now, receipt, for: command.ticket, &actions)
    }

    private func intent(
        _ kind: OperatorIntent.Kind,
        from start: MonotonicInstant?,
        _ command: OperatorCommand,
        at now: MonotonicInstant
    ) throws(OperatorRefusal) -> OperatorIntent {
        try checkNames(of: kind)
        let reason = try Self.checkedReason(command.reason)
        // A clock on the wall and the way here: what has just begun begins now.
        if let start, start < now - OperatorIntent.shortest {
            throw OperatorRefusal(.notAllowed, "it would begin \((now - start).inWords) ago; allowed: now or later")
        }
        let from = max(start ?? now, now)
        guard from - now <= OperatorIntent.longest else {
            let allowed = "at most \(OperatorIntent.longest.inWords) from now"
            throw OperatorRefusal(.notAllowed, "it would begin in \((from - now).inWords); allowed: \(allowed)")
        }
        let length: Duration =
            switch command.expiry {
            case .usual: OperatorIntent.usual
            case .after(let duration): duration
            case .at(let end): end - from
            }
        guard length >= OperatorIntent.shortest, length <= OperatorIntent.longest else {
            let found = length <= .zero ? "it would be over before it begins" : "it would last \(length.inWords)"
            let allowed = "\(OperatorIntent.shortest.inWords) to \(OperatorIntent.longest.inWords)"
            throw OperatorRefusal(.notAllowed, "\(found); allowed: \(allowed)")
        }
        return OperatorIntent(
            kind: kind,
            by: command.by,
            reason: reason,
            since: now,
            from: from,
            until: from + length,
            isBegun: from <= now
        )
    }

    static func checkedReason(_ reason: String?) throws(OperatorRefusal) -> String {
        let words = (reason ?? "").trimmed
        let allowed = "a reason is one line of 1 to \(OperatorIntent.longestReason) characters"
        guard !words.isEmpty else { throw OperatorRefusal(.notAllowed, "there is no reason; \(allowed)") }
        guard words.count <= OperatorIntent.longestReason else {
            throw OperatorRefusal(.notAllowed, "the reason has \(words.count) characters; \(allowed)")
        }
        guard !words.unicodeScalars.contains(where: \.steersTerminals) else {
            throw OperatorRefusal(.notAllowed, "the reason has control characters; \(allowed)")
        }
        return words
    }

    // MARK: - Intents that end

    private mutating func lift(
        _ subject: IntentSubject,
        _ command: OperatorCommand,
        at now: MonotonicInstant,
        _ actions: inout [Action]
    ) throws(OperatorRefusal) {
        try checkName(of: subject)
        let reason: String? = if let given = command.reason { try Self.checkedReason(given) } else { nil }
        let notes = try leftovers(of: subject)
        guard let intent = intents.remove(subject) else {
            let receipt = OperatorReceipt(intent: nil, stands: false, generation: generation, notes: notes)
            let routes = names(of: concerned(by: subject))
            return actions.append(.answer(command.ticket, .accepted(complete(receipt, routes, isPersisted, at: now))))
        }
        let text = reason ?? "\(intent.nounInWords) is lifted"
        let kind = intent.endKind
        let code = ReasonCode(rawValue: kind.rawValue)
        actions.append(.emit(event(kind, of: intent, Reason(code, text), requester: command.by, at: now)))
        let receipt = OperatorReceipt(intent: intent, stands: false, generation: generation, notes: notes)
        carryOut([intent], at: now, receipt, for: command.ticket, &actions)
    }

    /// What still drains after a drain was lifted.
    ///
    /// An endpoint that is drained with its region cannot be had back alone: whoever asks for that would believe that it is.
    private func leftovers(of subject: IntentSubject) throws(OperatorRefusal) -> [String] {
        switch subject {
        case .route, .everything: return []
        case .endpoint(let name):
            guard let index = endpointIndex[name] else { return [] }
            let region = endpoints[index].configuration.region
            guard let drain = intents.intent(about: .region(region)), drain.isBegun else { return [] }
            guard intents.intent(about: subject) != nil else {
                let text =
                    "\(name) is drained with its region, by \(drain.by) (\(drain.reason)); undrain region \(region)"
                throw OperatorRefusal(.conflict, text)
            }
            return ["\(name) stays drained with region \(region), by \(drain.by): \(drain.reason)"]
        case .region(let region):
            return endpoints.compactMap { endpoint in
                guard endpoint.configuration.region == region,
                    let drain = intents.intent(about: .endpoint(endpoint.name)),
                    drain.isBegun
                else { return nil }
                return "\(endpoint.name) stays drained itself, by \(drain.by): \(drain.reason)"
            }
        }
    }

    // MARK: - Carrying out

    /// Looks again at whatever changed intents are about, and makes them durable; the answer follows the disk's.
    mutating func carryOut(
        _ changed: [OperatorIntent],
        at now: MonotonicInstant,
        _ receipt: OperatorReceipt,
        for ticket: UInt64,
        _ actions: inout [Action]
    ) {
        applyIntents(changed, at: now, &actions)
        let routes = changed.flatMap { names(of: concerned(by: $0.subject)) }
        orders.append(
            WaitingOrder(ticket: ticket, diskTicket: persistence.ticket, receipt: receipt, routes: routes)
        )
        deadlines.insert(.persistence(ticket: persistence.ticket), at: now + Persistence.patience)
    }

    func names(of indices: [Int]) -> [RouteName] {
        var names: [RouteName] = []
        // The shares of a route stand side by side.
        for index in indices where names.count < OperatorReceipt.maximumRoutes {
            let name = routes[index].configuration.name
            if names.last != name { names.append(name) }
        }
        return names
    }
}

extension OperatorIntent {
    /// `draining us-east`.
    fileprivate var orderInWords: String {
        switch kind {
        case .pin(let route, let endpoint): "pinning \(route) to \(endpoint)"
        case .drain(let target): "draining \(target)"
        case .freeze: "freezing"
        }
    }

    /// `the drain of us-east`.
    fileprivate var nounInWords: String {
        switch kind {
        case .pin(let route, let endpoint): "the pin of \(route) to \(endpoint)"
        case .drain(let target): "the drain of \(target)"
        case .freeze: "the freeze"
        }
    }

    /// What lifting it is called.
    var endKind: EventKind {
        switch kind {
        case .pin: .unpinned
        case .drain: .undrained
        case .freeze: .unfrozen
        }
    }
}

extension Duration {
    /// `90 s`, `12 min`, `3 h`, `30 d`: the largest unit of which there are at least two, rounded down.
    var inWords: String {
        let seconds = components.seconds
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}

extension String {
    /// Without white space around it.
    fileprivate var trimmed: String {
        var words = self[...]
        while let first = words.first, first.isWhitespace { words.removeFirst() }
        while let last = words.last, last.isWhitespace { words.removeLast() }
        return String(words)
    }
}

extension Unicode.Scalar {
    /// Could break a line, steer a terminal or turn the direction of what follows.
    fileprivate var steersTerminals: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: ("\u{202A}"..."\u{202E}").contains(self) || ("\u{2066}"..."\u{2069}").contains(self)
        default: false
        }
    }
}
