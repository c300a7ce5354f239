package import FailoverCore
package import FailoverWire

/// What an operator asks for over the socket.
package struct ControlOrder: Hashable, Sendable {
    /// What the path says.
    package enum Action: Hashable, Sendable {
        case pin(route: String)
        case unpin(route: String)
        case drain(DrainTarget)
        case undrain(DrainTarget)
        case freeze
        case unfreeze
        case failback(route: String)
    }

    package let action: Action
    /// What the body says.
    package let terms: OrderTerms

    package init(action: Action, terms: OrderTerms) {
        self.action = action
        self.terms = terms
    }

    /// The same for the engine, with `ticket` to come back with the answer; times of the wall become instants by `clock`.
    package func command(ticket: UInt64, by requester: Operator, at clock: ClockReading) -> OperatorCommand {
        OperatorCommand(
            ticket: ticket,
            order: order(at: clock),
            by: requester.description,
            reason: terms.reason,
            expiry: expiry(at: clock),
            force: terms.force ?? false
        )
    }

    private func order(at clock: ClockReading) -> OperatorCommand.Order {
        switch action {
        case .pin(let route): .pin(RouteName(rawValue: route), to: EndpointName(rawValue: terms.endpoint ?? ""))
        case .unpin(let route): .unpin(RouteName(rawValue: route))
        case .drain(let target): .drain(target, at: terms.at.map(clock.instant(ofAny:)))
        case .undrain(let target): .undrain(target)
        case .freeze: .freeze
        case .unfreeze: .unfreeze
        case .failback(let route):
            .failback(RouteName(rawValue: route), to: terms.endpoint.map { EndpointName(rawValue: $0) })
        }
    }

    private func expiry(at clock: ClockReading) -> OperatorCommand.Expiry {
        if let seconds = terms.forSeconds { return .after(.seconds(seconds)) }
        return terms.until.map { .at(clock.instant(ofAny: $0)) } ?? .usual
    }

    /// The fields that the body of this action may have, in the order in which an error lists them.
    var fields: [OrderTerms.Field] {
        switch action {
        case .pin: [.endpoint, .reason, .forSeconds, .until, .force]
        case .drain: [.reason, .forSeconds, .until, .at, .force]
        case .freeze: [.reason, .forSeconds, .until]
        case .unpin, .undrain, .unfreeze: [.reason]
        case .failback: [.endpoint, .reason]
        }
    }
}

/// The body of an order: one object of JSON, none of whose fields is `null`.
package struct OrderTerms: Codable, Hashable, Sendable {
    /// Of a pin, and of one share that is to return.
    package var endpoint: String?
    package var reason: String?
    /// How long it is to last.
    package var forSeconds: Double?
    /// Or until when.
    package var until: WallTime?
    /// When a drain begins; at once if absent.
    package var at: WallTime?
    package var force: Bool?

    package init(
        endpoint: String? = nil,
        reason: String? = nil,
        forSeconds: Double? = nil,
        until: WallTime? = nil,
        at: WallTime? = nil,
        force: Bool? = nil
    ) {
        self.endpoint = endpoint
        self.reason = reason
        self.forSeconds = forSeconds
        self.until = until
        self.at = at
        self.force = force
    }

    enum Field: String, CaseIterable, CodingKey {
        case endpoint, reason, until, at, force
        case forSeconds = "for_seconds"
    }

    private typealias CodingKeys = Field
}

extension ControlOrder.Action {
    /// Where to ask for it.
    package var path: String {
        switch self {
        case .pin(let route): "/v1/routes/\(route.escaped)/pin"
        case .unpin(let route): "/v1/routes/\(route.escaped)/unpin"
        case .drain(.endpoint(let name)): "/v1/endpoints/\(name.rawValue.escaped)/drain"
        case .undrain(.endpoint(let name)): "/v1/endpoints/\(name.rawValue.escaped)/undrain"
        case .drain(.region(let name)): "/v1/regions/\(name.rawValue.escaped)/drain"
        case .undrain(.region(let name)): "/v1/regions/\(name.rawValue.escaped)/undrain"
        case .freeze: "/v1/freeze"
        case .unfreeze: "/v1/unfreeze"
        case .failback(let route): "/v1/routes/\(route.escaped)/failback"
        }
    }
}

extension String {
    /// As one part of a path: names that exist stay as they are, and whatever somebody typed breaks no request.
    var escaped: String {
        utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                return String(character)
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
