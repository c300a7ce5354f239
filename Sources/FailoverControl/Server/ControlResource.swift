/// What a path of the API stands for.
enum ControlResource: Hashable, Sendable {
    case status
    case route(String)
    case active(route: String)
    case explain(route: String)
    case events
    case health
    case metrics
    case reload

    /// Every path, for those who ask for one that does not exist.
    static let paths = [
        "/v1/status", "/v1/routes/NAME", "/v1/routes/NAME/active", "/v1/routes/NAME/explain", "/v1/events",
        "/v1/reload", "/metrics", "/healthz",
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
        case ["v1", "reload"]: self = .reload
        default:
            guard parts.starts(with: ["v1", "routes"]), parts.count > 2, !parts[2].isEmpty else { return nil }
            switch Array(parts[3...]) {
            case []: self = .route(parts[2])
            case ["active"]: self = .active(route: parts[2])
            case ["explain"]: self = .explain(route: parts[2])
            default: return nil
            }
        }
    }

    /// The methods that it answers to, as in an `Allow` header.
    var methods: [String] {
        switch self {
        case .reload: ["OPTIONS", "POST"]
        case .status, .route, .active, .explain, .events, .health, .metrics: ["GET", "HEAD", "OPTIONS"]
        }
    }
}
