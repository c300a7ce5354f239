/// Everything that operators want at present, one intent for each subject.
struct IntentBook: Sendable {
    /// In the order of their subjects; no more than there are routes, endpoints and regions, and one.
    private(set) var intents: [OperatorIntent] = []
    /// Looked at with every sample.
    private var pins: [RouteName: OperatorIntent] = [:]
    private(set) var freeze: OperatorIntent?

    init(_ intents: [OperatorIntent] = []) {
        for intent in intents { set(intent) }
    }

    var isEmpty: Bool { intents.isEmpty }

    func pin(of route: RouteName) -> OperatorIntent? { pins.isEmpty ? nil : pins[route] }

    func intent(about subject: IntentSubject) -> OperatorIntent? { intents.first { $0.subject == subject } }

    /// The drain in force of an endpoint: its own or that of its region, whichever lasts longer.
    func drain(of endpoint: EndpointConfiguration) -> OperatorIntent? {
        let drains = intents.filter { intent in
            guard intent.isBegun, case .drain(let target) = intent.kind else { return false }
            return target.covers(endpoint)
        }
        return drains.max { $0.until < $1.until }
    }

    /// When the next one begins or ends; `nil` if none does.
    var nextChange: MonotonicInstant? { intents.map { $0.isBegun ? $0.until : $0.from }.min() }

    /// - Returns: The one whose place it takes.
    @discardableResult
    mutating func set(_ intent: OperatorIntent) -> OperatorIntent? {
        let old = remove(intent.subject)
        let place = intents.firstIndex { intent.subject < $0.subject } ?? intents.endIndex
        intents.insert(intent, at: place)
        switch intent.kind {
        case .pin(let route, _): pins[route] = intent
        case .drain: break
        case .freeze: freeze = intent
        }
        return old
    }

    @discardableResult
    mutating func remove(_ subject: IntentSubject) -> OperatorIntent? {
        guard let place = intents.firstIndex(where: { $0.subject == subject }) else { return nil }
        switch subject {
        case .route(let route): pins[route] = nil
        case .endpoint, .region: break
        case .everything: freeze = nil
        }
        return intents.remove(at: place)
    }

    /// Ends what is over, and begins what is due.
    mutating func advance(to now: MonotonicInstant) -> (begun: [OperatorIntent], expired: [OperatorIntent]) {
        let expired = intents.filter { $0.until <= now }
        for intent in expired { remove(intent.subject) }
        var begun: [OperatorIntent] = []
        for place in intents.indices where !intents[place].isBegun && intents[place].from <= now {
            intents[place].isBegun = true
            begun.append(intents[place])
        }
        return (begun, expired)
    }
}

extension DrainTarget {
    func covers(_ endpoint: EndpointConfiguration) -> Bool {
        switch self {
        case .endpoint(let name): endpoint.name == name
        case .region(let name): endpoint.region == name
        }
    }
}
