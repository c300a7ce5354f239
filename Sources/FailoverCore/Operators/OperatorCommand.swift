/// What an operator asks of the engine.
package struct OperatorCommand: Hashable, Sendable {
    package enum Order: Hashable, Sendable {
        case pin(RouteName, to: EndpointName)
        case unpin(RouteName)
        /// At once, or at that instant.
        case drain(DrainTarget, at: MonotonicInstant?)
        case undrain(DrainTarget)
        case freeze
        case unfreeze
        /// Return to the preferred endpoint, or those of a weighted route's shares that have left, or one of them.
        case failback(RouteName, to: EndpointName?)
    }

    package enum Expiry: Hashable, Sendable {
        /// `OperatorIntent.usual` after it takes effect.
        case usual
        /// So long after it takes effect.
        case after(Duration)
        case at(MonotonicInstant)
    }

    /// Comes back with the answer.
    package let ticket: UInt64
    package let order: Order
    /// Who asks, as the kernel knows them.
    package let by: String
    /// Required but for orders that lift an intent.
    package let reason: String?
    package let expiry: Expiry
    /// Also where it takes the last eligible endpoint away, or goes against another intent.
    package let force: Bool

    package init(
        ticket: UInt64,
        order: Order,
        by: String,
        reason: String?,
        expiry: Expiry = .usual,
        force: Bool = false
    ) {
        self.ticket = ticket
        self.order = order
        self.by = by
        self.reason = reason
        self.expiry = expiry
        self.force = force
    }
}

/// The answer to an operator, once it is known whether the disk has it.
package enum OperatorAnswer: Hashable, Sendable {
    case accepted(OperatorReceipt)
    case refused(OperatorRefusal)
}

/// What became of an order that was accepted.
package struct OperatorReceipt: Hashable, Sendable {
    /// What stands now, or what was lifted; `nil` if there was nothing to lift.
    package var intent: OperatorIntent?
    /// The intent stands; otherwise it was lifted.
    package var stands: Bool
    /// It took the place of one with the same subject.
    package var isRenewed: Bool
    /// It is on disk; otherwise a crash forgets it.
    package var isPersisted: Bool
    package var generation: UInt64
    /// The routes that it concerns as they stand now, in configuration order; at most ``maximumRoutes``.
    package var routes: [Route]
    /// What else the operator should know.
    package var notes: [String]

    package static let maximumRoutes = 100

    package struct Route: Hashable, Sendable {
        package let name: RouteName
        package let active: EndpointName
        package let mode: RouteMode
        /// Where it would be if it were not only observed; `nil` for a route that moves.
        package let wouldBeActive: EndpointName?
        /// Operators want no traffic where it is, and it moves away once another endpoint has confirmed.
        package let isLeaving: Bool

        package init(
            name: RouteName,
            active: EndpointName,
            mode: RouteMode,
            wouldBeActive: EndpointName? = nil,
            isLeaving: Bool = false
        ) {
            self.name = name
            self.active = active
            self.mode = mode
            self.wouldBeActive = wouldBeActive
            self.isLeaving = isLeaving
        }
    }

    package init(
        intent: OperatorIntent?,
        stands: Bool,
        isRenewed: Bool = false,
        isPersisted: Bool = true,
        generation: UInt64,
        routes: [Route] = [],
        notes: [String] = []
    ) {
        self.intent = intent
        self.stands = stands
        self.isRenewed = isRenewed
        self.isPersisted = isPersisted
        self.generation = generation
        self.routes = routes
        self.notes = notes
    }
}

/// Why an order was refused; nothing has changed.
package struct OperatorRefusal: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// There is no route, endpoint or region of that name.
        case unknownName
        /// What was asked for is not allowed whatever stands.
        case notAllowed
        /// It goes against what stands; most of these can be forced.
        case conflict
        /// Too many orders wait for the disk.
        case busy
    }

    package let kind: Kind
    /// One sentence: what was found, and what is allowed.
    package let text: String
    /// The names that there are; empty unless a name is wrong.
    package let allowed: [String]
    /// What each route has against it, one line each; at most 20.
    package let objections: [String]

    package init(_ kind: Kind, _ text: String, allowed: [String] = [], objections: [String] = []) {
        self.kind = kind
        self.text = text
        self.allowed = allowed
        self.objections = objections
    }
}
