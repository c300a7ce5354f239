extension OperatorCommand {
    /// A command in plain parts, for those who write it down and read it again, as recordings do.
    package struct Parts: Hashable, Sendable {
        /// `pin`, `unpin`, `drain`, `undrain`, `freeze`, `unfreeze` or `failback`.
        package var order: String
        package var route: RouteName?
        package var endpoint: EndpointName?
        package var region: RegionName?
        /// When a drain begins; `nil` for at once.
        package var start: MonotonicInstant?
        /// How long it lasts; `nil` with an end, and for the usual time.
        package var length: Duration?
        package var end: MonotonicInstant?

        package init(
            order: String,
            route: RouteName? = nil,
            endpoint: EndpointName? = nil,
            region: RegionName? = nil,
            start: MonotonicInstant? = nil,
            length: Duration? = nil,
            end: MonotonicInstant? = nil
        ) {
            self.order = order
            self.route = route
            self.endpoint = endpoint
            self.region = region
            self.start = start
            self.length = length
            self.end = end
        }
    }

    package var parts: Parts {
        var parts: Parts
        switch order {
        case .pin(let route, let endpoint): parts = Parts(order: "pin", route: route, endpoint: endpoint)
        case .unpin(let route): parts = Parts(order: "unpin", route: route)
        case .drain(.endpoint(let name), let start): parts = Parts(order: "drain", endpoint: name, start: start)
        case .drain(.region(let name), let start): parts = Parts(order: "drain", region: name, start: start)
        case .undrain(.endpoint(let name)): parts = Parts(order: "undrain", endpoint: name)
        case .undrain(.region(let name)): parts = Parts(order: "undrain", region: name)
        case .freeze: parts = Parts(order: "freeze")
        case .unfreeze: parts = Parts(order: "unfreeze")
        case .failback(let route, let endpoint): parts = Parts(order: "failback", route: route, endpoint: endpoint)
        }
        switch expiry {
        case .usual: break
        case .after(let length): parts.length = length
        case .at(let end): parts.end = end
        }
        return parts
    }

    /// The command that such parts make; `nil` if they make none.
    package init?(ticket: UInt64, parts: Parts, by: String, reason: String?, force: Bool) {
        let order: Order
        switch (parts.order, parts.route, parts.endpoint, parts.region) {
        case ("pin", let route?, let endpoint?, nil): order = .pin(route, to: endpoint)
        case ("unpin", let route?, nil, nil): order = .unpin(route)
        case ("drain", nil, let endpoint?, nil): order = .drain(.endpoint(endpoint), at: parts.start)
        case ("drain", nil, nil, let region?): order = .drain(.region(region), at: parts.start)
        case ("undrain", nil, let endpoint?, nil): order = .undrain(.endpoint(endpoint))
        case ("undrain", nil, nil, let region?): order = .undrain(.region(region))
        case ("freeze", nil, nil, nil): order = .freeze
        case ("unfreeze", nil, nil, nil): order = .unfreeze
        case ("failback", let route?, let endpoint, nil): order = .failback(route, to: endpoint)
        default: return nil
        }
        let expiry: Expiry
        switch (parts.length, parts.end) {
        case (nil, nil): expiry = .usual
        case (let length?, nil): expiry = .after(length)
        case (nil, let end?): expiry = .at(end)
        case (_?, _?): return nil
        }
        self.init(ticket: ticket, order: order, by: by, reason: reason, expiry: expiry, force: force)
    }
}
