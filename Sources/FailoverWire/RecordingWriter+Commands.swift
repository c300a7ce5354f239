import FailoverCore

extension RecordingWriter {
    /// What an operator asked for; its times are exact.
    func write(_ command: OperatorCommand, _ writer: inout JSONWriter) {
        writer.field("type", "command")
        writer.field("ticket", command.ticket)
        writer.field("order", CommandWord(command.order).rawValue)
        switch command.order {
        case .pin(let route, let endpoint):
            writer.field("route", route.rawValue)
            writer.field("endpoint", endpoint.rawValue)
        case .unpin(let route): writer.field("route", route.rawValue)
        case .drain(let target, let instant):
            write(target, &writer)
            if let instant { writer.field("at", exact(instant)) }
        case .undrain(let target): write(target, &writer)
        case .freeze, .unfreeze: break
        case .failback(let route, let endpoint):
            writer.field("route", route.rawValue)
            if let endpoint { writer.field("endpoint", endpoint.rawValue) }
        }
        writer.field("by", command.by)
        writer.field("reason", command.reason)
        switch command.expiry {
        case .usual: break
        case .after(let duration): writer.field("for", ExactDecimal(duration.nanoseconds, decimals: 9))
        case .at(let instant): writer.field("until", exact(instant))
        }
        if command.force { writer.field("force", true) }
    }

    private func write(_ target: DrainTarget, _ writer: inout JSONWriter) {
        switch target {
        case .endpoint(let name): writer.field("endpoint", name.rawValue)
        case .region(let name): writer.field("region", name.rawValue)
        }
    }

    private func exact(_ instant: MonotonicInstant) -> ExactDecimal {
        ExactDecimal((instant - origin).nanoseconds, decimals: 9)
    }
}

/// What `order` may say.
enum CommandWord: String, CaseIterable {
    case pin, unpin, drain, undrain, freeze, unfreeze, failback

    init(_ order: OperatorCommand.Order) {
        switch order {
        case .pin: self = .pin
        case .unpin: self = .unpin
        case .drain: self = .drain
        case .undrain: self = .undrain
        case .freeze: self = .freeze
        case .unfreeze: self = .unfreeze
        case .failback: self = .failback
        }
    }
}
