import FailoverCore

extension RecordedEntry {
    static func command(_ line: RecordingLine, origin: MonotonicInstant) throws(LineFault) -> OperatorCommand {
        guard let word = try line.word("order", CommandWord.self) else {
            let allowed = CommandWord.allCases.map(\.rawValue).joined(separator: ", ")
            throw LineFault(field: "order", found: "nothing", allowed: allowed)
        }
        let order: OperatorCommand.Order
        switch word {
        case .pin:
            let endpoint = EndpointName(rawValue: try line.required("endpoint"))
            order = .pin(RouteName(rawValue: try line.required("route")), to: endpoint)
        case .unpin: order = .unpin(RouteName(rawValue: try line.required("route")))
        case .drain: order = .drain(try target(line), at: try exact("at", line, origin: origin))
        case .undrain: order = .undrain(try target(line))
        case .freeze: order = .freeze
        case .unfreeze: order = .unfreeze
        case .failback:
            let endpoint = try line.text("endpoint").map { EndpointName(rawValue: $0) }
            order = .failback(RouteName(rawValue: try line.required("route")), to: endpoint)
        }
        var expiry = OperatorCommand.Expiry.usual
        if let duration = try line.seconds("for") { expiry = .after(.nanoseconds(duration)) }
        if let end = try exact("until", line, origin: origin) { expiry = .at(end) }
        return OperatorCommand(
            ticket: try line.whole("ticket") ?? 0,
            order: order,
            by: try line.text("by") ?? "",
            reason: try line.text("reason"),
            expiry: expiry,
            force: try line.flag("force") ?? false
        )
    }

    private static func target(_ line: RecordingLine) throws(LineFault) -> DrainTarget {
        if let region = try line.text("region") { return .region(RegionName(rawValue: region)) }
        return .endpoint(EndpointName(rawValue: try line.required("endpoint")))
    }

    private static func exact(
        _ name: String,
        _ line: RecordingLine,
        origin: MonotonicInstant
    ) throws(LineFault) -> MonotonicInstant? {
        try line.seconds(name).map { origin + .nanoseconds($0) }
    }
}
