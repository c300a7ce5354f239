import FailoverCore
import FailoverWire

/// What somebody at the screen is about to ask for.
package struct WatchOrder: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case pin(route: String, endpoint: String)
        case unpin(route: String)
        case drain(endpoint: String)
        case drainRegion(String)
        case undrain(endpoint: String)
        case undrainRegion(String)
        case freeze
        case unfreeze
        case failback(route: String, endpoint: String?)
    }

    let action: Action

    /// It stands for a time.
    var lasts: Bool {
        switch action {
        case .pin, .drain, .drainRegion, .freeze: true
        case .unpin, .undrain, .undrainRegion, .unfreeze, .failback: false
        }
    }

    /// The daemon refuses it without a reason.
    var needsReason: Bool {
        if case .failback = action { return true }
        return lasts
    }

    /// What is asked for, in one line: `pin chat to eu-west`.
    var title: String {
        switch action {
        case .pin(let route, let endpoint): "pin \(route) to \(endpoint)"
        case .unpin(let route): "unpin \(route)"
        case .drain(let endpoint): "drain \(endpoint)"
        case .drainRegion(let region): "drain region \(region)"
        case .undrain(let endpoint): "undrain \(endpoint)"
        case .undrainRegion(let region): "undrain region \(region)"
        case .freeze: "freeze all automatic moves"
        case .unfreeze: "unfreeze automatic moves"
        case .failback(let route, let endpoint): "return \(route)\(endpoint.map { " to \($0)" } ?? "") now"
        }
    }

    /// The same on a command line, without reason and time.
    var command: String {
        let words =
            switch action {
            case .pin(let route, let endpoint): "pin \(route) \(endpoint)"
            case .unpin(let route): "unpin \(route)"
            case .drain(let endpoint): "drain \(endpoint)"
            case .drainRegion(let region): "drain --region \(region)"
            case .undrain(let endpoint): "undrain \(endpoint)"
            case .undrainRegion(let region): "undrain --region \(region)"
            case .freeze: "freeze"
            case .unfreeze: "unfreeze"
            case .failback(let route, let endpoint): "failback \(route)\(endpoint.map { " \($0)" } ?? "")"
            }
        return "failoverctl \(words)"
    }

    /// What is sent; `length` counts only for what lasts.
    func order(reason: String, length: Duration) -> ControlOrder {
        var terms = OrderTerms(reason: reason.isEmpty ? nil : reason)
        if lasts { terms.forSeconds = length.inSeconds }
        let action: ControlOrder.Action
        switch self.action {
        case .pin(let route, let endpoint):
            action = .pin(route: route)
            terms.endpoint = endpoint
        case .unpin(let route): action = .unpin(route: route)
        case .drain(let name): action = .drain(.endpoint(EndpointName(rawValue: name)))
        case .drainRegion(let name): action = .drain(.region(RegionName(rawValue: name)))
        case .undrain(let name): action = .undrain(.endpoint(EndpointName(rawValue: name)))
        case .undrainRegion(let name): action = .undrain(.region(RegionName(rawValue: name)))
        case .freeze: action = .freeze
        case .unfreeze: action = .unfreeze
        case .failback(let route, let endpoint):
            action = .failback(route: route)
            terms.endpoint = endpoint
        }
        return ControlOrder(action: action, terms: terms)
    }

    /// A length of time as people write it: `90s`, `30m`, `4h`, `2d`; `nil` for anything else, and for what no intent may last.
    static func length(_ text: String) -> Duration? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let trimmed = text.filter { $0 != " " }
        guard let unit = trimmed.last, let factor = units[unit], let number = Double(trimmed.dropLast()),
            number.isFinite, number > 0, number < 1e7
        else { return nil }
        let length = Duration.seconds(number * factor)
        return (OperatorIntent.shortest...OperatorIntent.longest).contains(length) ? length : nil
    }

    static let allowedLengths = "1 minute to 30 days, such as 30m, 4h or 2d"
    static let usualLength = "4h"
}
