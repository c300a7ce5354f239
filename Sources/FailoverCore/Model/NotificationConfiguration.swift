/// One who is told of events by a command or over HTTP.
package struct NotificationConfiguration: Hashable, Sendable {
    package let name: String
    /// In the order of `EventKind.allCases`; unique.
    package let events: [EventKind]
    /// Also every event by which traffic moves, whatever its kind.
    package let includesMoves: Bool
    /// Only what is about one of these; empty for all.
    ///
    /// What is about no route at all is always told.
    package let routes: [RouteName]
    package let target: Target
    /// Of one attempt.
    package let timeout: Duration
    /// Attempts after the first one.
    package let retries: Int
    /// Between two notes about the same kind of event on the same route: those that come sooner are told as one.
    package let minimumInterval: Duration

    package enum Target: Hashable, Sendable {
        /// A program and its arguments.
        case command([String])
        case webhook(Webhook)
    }

    /// A request over HTTP.
    package struct Webhook: Hashable, Sendable {
        package let address: Address
        /// Sent as `authorization: Bearer`, unless a header or the body has a place for it.
        package let credential: Credential?
        /// In file order; values may have places for fields of the event.
        package let headers: [HeaderField]
        /// An object in whose texts places are filled; `nil` for the event itself.
        package let body: JSONTree?

        package init(
            address: Address,
            credential: Credential? = nil,
            headers: [HeaderField] = [],
            body: JSONTree? = nil
        ) {
            self.address = address
            self.credential = credential
            self.headers = headers
            self.body = body
        }
    }

    package enum Address: Hashable, Sendable {
        case url(String)
        /// The address is a secret itself.
        case secret(Credential)
    }

    package init(
        name: String,
        events: [EventKind],
        includesMoves: Bool = false,
        routes: [RouteName] = [],
        target: Target,
        timeout: Duration = .seconds(10),
        retries: Int = 4,
        minimumInterval: Duration = .seconds(60)
    ) {
        self.name = name
        self.events = events
        self.includesMoves = includesMoves
        self.routes = routes
        self.target = target
        self.timeout = timeout
        self.retries = retries
        self.minimumInterval = minimumInterval
    }
}

/// What may stand between double braces in a header or the body of a webhook.
package enum NotificationField: String, Hashable, Sendable, CaseIterable {
    case message, event, route, endpoint, from, to, share, reason, generation, vantage, at, id, folded
    case notification
    case requester = "actor"
    case reasonCode = "reason_code"
    case regionFrom = "region_from"
    case regionTo = "region_to"
    case dryRun = "dry_run"
    case credential
}

/// Text with places for fields of an event: `{{route}} moved`.
package struct NotificationText: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case text(String)
        case field(NotificationField)
    }

    private let parts: [Part]

    /// What stands between braces and is no field.
    package struct UnknownField: Error, Hashable, Sendable {
        package let name: String
    }

    package init(_ text: String) throws(UnknownField) {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            let name = String(rest[start.upperBound..<end.lowerBound].filter { $0 != " " })
            guard let field = NotificationField(rawValue: name) else { throw UnknownField(name: name) }
            parts += [.text(String(rest[..<start.lowerBound])), .field(field)]
            rest = rest[end.upperBound...]
        }
        self.parts = parts + [.text(String(rest))]
    }

    package var fields: [NotificationField] {
        parts.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    /// The text with `value` in each place.
    package func filled(_ value: (NotificationField) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .field(let field): value(field)
            }
        }.joined()
    }
}

extension JSONTree {
    /// All texts in it, but no keys.
    package var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let items): items.flatMap(\.texts)
        case .object(let members): members.flatMap(\.value.texts)
        case .null, .bool, .integer, .number: []
        }
    }

    /// The same with every text changed.
    package func mapTexts(_ change: (String) -> String) -> JSONTree {
        switch self {
        case .string(let text): .string(change(text))
        case .array(let items): .array(items.map { $0.mapTexts(change) })
        case .object(let members): .object(members.map { Member($0.key, $0.value.mapTexts(change)) })
        case .null, .bool, .integer, .number: self
        }
    }
}
