package import FailoverCore
import FoundationEssentials

/// What an operator wants, as it is remembered and as it is answered to those who ask for it.
package struct IntentDocument: Codable, Hashable, Sendable {
    /// `pin`, `drain` or `freeze`.
    package var kind: String
    /// Of a pin.
    package var route: String?
    /// Of a pin, or of the drain of one endpoint.
    package var endpoint: String?
    /// Of the drain of a region.
    package var region: String?
    package var by: String
    package var reason: String
    /// When it was asked for.
    package var since: WallTime
    /// When it takes effect; later than `since` only for a drain that was scheduled.
    package var from: WallTime
    package var until: WallTime
    /// It has taken effect.
    package var begun: Bool
}

extension IntentDocument {
    package init(_ intent: OperatorIntent, at clock: ClockReading) {
        let (kind, route, endpoint, region): (String, String?, String?, String?) =
            switch intent.kind {
            case .pin(let name, let target): ("pin", name.rawValue, target.rawValue, nil)
            case .drain(.endpoint(let name)): ("drain", nil, name.rawValue, nil)
            case .drain(.region(let name)): ("drain", nil, nil, name.rawValue)
            case .freeze: ("freeze", nil, nil, nil)
            }
        self.init(
            kind: kind,
            route: route,
            endpoint: endpoint,
            region: region,
            by: intent.by,
            reason: intent.reason,
            since: clock.wallTime(of: intent.since),
            from: clock.wallTime(of: intent.from),
            until: clock.wallTime(of: intent.until),
            begun: intent.isBegun
        )
    }

    /// `nil` for a kind that this version does not know.
    package func intent(at clock: ClockReading) -> OperatorIntent? {
        let known: OperatorIntent.Kind
        switch (kind, route, endpoint, region) {
        case ("pin", let route?, let endpoint?, nil):
            known = .pin(RouteName(rawValue: route), to: EndpointName(rawValue: endpoint))
        case ("drain", nil, let endpoint?, nil): known = .drain(.endpoint(EndpointName(rawValue: endpoint)))
        case ("drain", nil, nil, let region?): known = .drain(.region(RegionName(rawValue: region)))
        case ("freeze", nil, nil, nil): known = .freeze
        default: return nil
        }
        return OperatorIntent(
            kind: known,
            by: by,
            reason: reason,
            since: clock.instant(of: since),
            from: clock.instant(ofAny: from),
            until: clock.instant(ofAny: until),
            isBegun: begun
        )
    }
}

extension IntentDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("begun", begun)
            writer.field("by", by)
            if let endpoint { writer.field("endpoint", endpoint) }
            writer.field("from", from)
            writer.field("kind", kind)
            writer.field("reason", reason)
            if let region { writer.field("region", region) }
            if let route { writer.field("route", route) }
            writer.field("since", since)
            writer.field("until", until)
        }
    }
}

extension ClockReading {
    /// The instant of a time in the past or in the future.
    package func instant(ofAny time: WallTime) -> MonotonicInstant {
        // A century either way is more than anything lasts, and far from where nanoseconds end.
        let distance = min(max(time.date.timeIntervalSince(wall.date), -Self.century), Self.century)
        return monotonic + .seconds(distance)
    }

    private static let century = 3.2e9
}

/// The answer to an order of an operator that was accepted.
package struct ReceiptDocument: Codable, Hashable, Sendable {
    /// What stands now, or what was lifted; absent if there was nothing to lift.
    package var intent: IntentDocument?
    /// The intent stands; otherwise it was lifted.
    package var stands: Bool
    /// It took the place of one about the same.
    package var renewed: Bool
    /// It is on disk; otherwise a crash forgets it.
    package var persisted: Bool
    package var generation: UInt64
    /// The routes that it concerns as they stand now, by name; at most 100.
    package var routes: [String: Route]
    /// What else there is to know.
    package var notes: [String]

    package struct Route: Codable, Hashable, Sendable {
        package var active: String
        package var mode: String
        /// Where it would be; absent unless the route is only observed.
        package var wouldBeActive: String?
        /// Operators want no traffic where it is, and it moves away once another endpoint has confirmed; absent if not.
        package var leaving: Bool?

        private enum CodingKeys: String, CodingKey {
            case active, mode, leaving
            case wouldBeActive = "would_be_active"
        }

        package init(active: String, mode: String, wouldBeActive: String? = nil, leaving: Bool? = nil) {
            self.active = active
            self.mode = mode
            self.wouldBeActive = wouldBeActive
            self.leaving = leaving
        }
    }

    package init(_ receipt: OperatorReceipt, at clock: ClockReading) {
        intent = receipt.intent.map { IntentDocument($0, at: clock) }
        stands = receipt.stands
        renewed = receipt.isRenewed
        persisted = receipt.isPersisted
        generation = receipt.generation
        routes = Dictionary(
            receipt.routes.map { route in
                let document = Route(
                    active: route.active.rawValue,
                    mode: route.mode.rawValue,
                    wouldBeActive: route.wouldBeActive?.rawValue,
                    leaving: route.isLeaving ? true : nil
                )
                return (route.name.rawValue, document)
            }
        ) { first, _ in first }
        notes = receipt.notes
    }
}
