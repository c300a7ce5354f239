import FailoverCore

/// What a path of the API stands for.
enum ControlResource: Hashable, Sendable {
    case status
    case route(String)
    case active(route: String)
    case explain(route: String)
    case events
    case series
    case budgets
    case report
    case health
    case metrics
    case reload
    case observations
    /// One of those who are told of events, or all of them.
    case notificationTest(String?)
    case order(ControlOrder.Action)

    /// Every path, for those who ask for one that does not exist.
    static let paths = [
        "/v1/status", "/v1/routes/NAME", "/v1/routes/NAME/active", "/v1/routes/NAME/explain", "/v1/events",
        "/v1/reload", "/v1/routes/NAME/pin", "/v1/routes/NAME/unpin", "/v1/routes/NAME/failback",
        "/v1/endpoints/NAME/drain", "/v1/endpoints/NAME/undrain", "/v1/regions/NAME/drain", "/v1/regions/NAME/undrain",
        "/v1/freeze",
        "/v1/unfreeze", "/v1/observations", "/v1/history/series", "/v1/history/report", "/v1/budgets", "/metrics",
        "/healthz", "/v1/notifications/test", "/v1/notifications/NAME/test",
    ]

    /// `nil` for a path that means nothing.
    ///
    /// Names are taken as they are: the configuration allows none that would need escaping.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch parts {
        case ["healthz"]: self = .health
        case ["metrics"]: self = .metrics
        case ["v1", "status"]: self = .status
        case ["v1", "events"]: self = .events
        case ["v1", "history", "series"]: self = .series
        case ["v1", "history", "report"]: self = .report
        case ["v1", "budgets"]: self = .budgets
        case ["v1", "reload"]: self = .reload
        case ["v1", "observations"]: self = .observations
        case ["v1", "notifications", "test"]: self = .notificationTest(nil)
        case ["v1", "freeze"]: self = .order(.freeze)
        case ["v1", "unfreeze"]: self = .order(.unfreeze)
        default:
            if let action = Self.action(parts) {
                self = .order(action)
                return
            }
            if parts.count == 4, parts.starts(with: ["v1", "notifications"]), parts[3] == "test", !parts[2].isEmpty {
                self = .notificationTest(parts[2])
                return
            }
            guard parts.starts(with: ["v1", "routes"]), parts.count > 2, !parts[2].isEmpty else { return nil }
            switch Array(parts[3...]) {
            case []: self = .route(parts[2])
            case ["active"]: self = .active(route: parts[2])
            case ["explain"]: self = .explain(route: parts[2])
            default: return nil
            }
        }
    }

    /// An order about something that has a name.
    private static func action(_ parts: [String]) -> ControlOrder.Action? {
        guard parts.count == 4, parts[0] == "v1", !parts[2].isEmpty else { return nil }
        let name = parts[2]
        return switch (parts[1], parts[3]) {
        case ("routes", "pin"): .pin(route: name)
        case ("routes", "unpin"): .unpin(route: name)
        case ("routes", "failback"): .failback(route: name)
        case ("endpoints", "drain"): .drain(.endpoint(EndpointName(rawValue: name)))
        case ("endpoints", "undrain"): .undrain(.endpoint(EndpointName(rawValue: name)))
        case ("regions", "drain"): .drain(.region(RegionName(rawValue: name)))
        case ("regions", "undrain"): .undrain(.region(RegionName(rawValue: name)))
        default: nil
        }
    }

    /// The methods that it answers to, as in an `Allow` header.
    var methods: [String] {
        switch self {
        case .status, .route, .active, .explain, .events, .series, .budgets, .report, .health, .metrics:
            ["GET", "HEAD", "OPTIONS"]
        case .reload, .observations, .notificationTest, .order: ["OPTIONS", "POST"]
        }
    }
}
