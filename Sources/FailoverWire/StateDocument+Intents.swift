package import FailoverCore

extension StateDocument {
    /// An operator wants a route on one endpoint.
    package struct Pin: Codable, Hashable, Sendable {
        package var endpoint: String
        package var by: String
        package var reason: String
        package var since: WallTime
        package var until: WallTime
    }

    /// A drain that begins later.
    package struct ScheduledDrain: Codable, Hashable, Sendable {
        package var at: WallTime
        package var by: String
        package var reason: String
        package var until: WallTime
        /// The region that is drained; absent for the endpoint alone.
        package var region: String?
    }
}

/// Intents as they are shown beside what they are about.
struct ShownIntents: Sendable {
    private let intents: [OperatorIntent]
    private let clock: ClockReading

    init(_ intents: [OperatorIntent], at clock: ClockReading) {
        self.intents = intents
        self.clock = clock
    }

    var freeze: StateDocument.Freeze? {
        intents.first { $0.kind == .freeze }.map { intent in
            StateDocument.Freeze(
                by: intent.by,
                reason: intent.reason,
                since: clock.wallTime(of: intent.since),
                until: clock.wallTime(of: intent.until)
            )
        }
    }

    func pin(of route: RouteName) -> StateDocument.Pin? {
        for intent in intents {
            guard case .pin(route, let endpoint) = intent.kind else { continue }
            return StateDocument.Pin(
                endpoint: endpoint.rawValue,
                by: intent.by,
                reason: intent.reason,
                since: clock.wallTime(of: intent.since),
                until: clock.wallTime(of: intent.until)
            )
        }
        return nil
    }

    /// The pin to an endpoint, whichever route's lasts longest.
    func pin(to endpoint: EndpointName) -> StateDocument.Intent? {
        longest { intent in
            guard case .pin(_, endpoint) = intent.kind else { return false }
            return true
        }
    }

    /// The drain of an endpoint or of its region, whichever lasts longer.
    func drain(of endpoint: EndpointConfiguration) -> StateDocument.Intent? {
        longest { $0.isBegun && $0.drains(endpoint) }
    }

    /// The first drain to come.
    func scheduledDrain(of endpoint: EndpointConfiguration) -> StateDocument.ScheduledDrain? {
        let next = intents.filter { !$0.isBegun && $0.drains(endpoint) }.min { $0.from < $1.from }
        return next.map { intent in
            StateDocument.ScheduledDrain(
                at: clock.wallTime(of: intent.from),
                by: intent.by,
                reason: intent.reason,
                until: clock.wallTime(of: intent.until),
                region: intent.region
            )
        }
    }

    private func longest(_ isMeant: (OperatorIntent) -> Bool) -> StateDocument.Intent? {
        guard !intents.isEmpty else { return nil }
        return intents.filter(isMeant).max { $0.until < $1.until }.map { intent in
            StateDocument.Intent(
                by: intent.by,
                reason: intent.reason,
                until: clock.wallTime(of: intent.until),
                region: intent.region
            )
        }
    }
}

extension OperatorIntent {
    /// Whether it takes traffic off the endpoint, by its own name or its region's.
    package func drains(_ endpoint: EndpointConfiguration) -> Bool {
        switch kind {
        case .drain(.endpoint(endpoint.name)), .drain(.region(endpoint.region)): true
        case .drain, .pin, .freeze: false
        }
    }

    fileprivate var region: String? {
        if case .drain(.region(let region)) = kind { region.rawValue } else { nil }
    }
}

extension StateDocument.Decision {
    /// What operators wanted, as far as readers were told so beside the routes: pins, and a freeze.
    package func intents(at clock: ClockReading) -> [OperatorIntent] {
        var intents: [OperatorIntent] = []
        for (name, route) in routes.sorted(by: { $0.key < $1.key }) {
            guard let pin = route.pinned else { continue }
            intents.append(
                OperatorIntent(
                    kind: .pin(RouteName(rawValue: name), to: EndpointName(rawValue: pin.endpoint)),
                    by: pin.by,
                    reason: pin.reason,
                    since: clock.instant(of: pin.since),
                    until: clock.instant(ofAny: pin.until)
                )
            )
        }
        if let frozen, let until = frozen.until {
            intents.append(
                OperatorIntent(
                    kind: .freeze,
                    by: frozen.by,
                    reason: frozen.reason,
                    since: clock.instant(of: frozen.since),
                    until: clock.instant(ofAny: until)
                )
            )
        }
        return intents
    }
}

extension StateDocument.Pin: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("by", by)
            writer.field("endpoint", endpoint)
            writer.field("reason", reason)
            writer.field("since", since)
            writer.field("until", until)
        }
    }
}

extension StateDocument.ScheduledDrain: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("at", at)
            writer.field("by", by)
            writer.field("reason", reason)
            if let region { writer.field("region", region) }
            writer.field("until", until)
        }
    }
}
