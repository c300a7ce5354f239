package import FailoverCore

/// One line of what happened in a world.
package struct TimelineLine: Hashable, Sendable, Encodable {
    /// Where a line comes from.
    package enum Origin: String, Hashable, Sendable, Encodable {
        /// The network, the machine, the operator's hand: the script.
        case world
        /// What the engine told once.
        case event
        /// What readers of the state file see from now on.
        case published
    }

    package let at: MonotonicInstant
    package let origin: Origin
    /// An event's kind, or what the world did, such as `fault`.
    package let kind: String
    package let text: String
    package var route: String?
    package var endpoint: String?
    package var from: String?
    package var to: String?
    package var reason: String?
    package var generation: UInt64?

    package init(at: MonotonicInstant, origin: Origin, kind: String, text: String) {
        self.at = at
        self.origin = origin
        self.kind = kind
        self.text = text
    }

    private enum CodingKeys: String, CodingKey {
        case at = "t"
        case origin, kind, text, route, endpoint, from, to, reason, generation
    }

    /// `t` is in seconds since the beginning, in whole microseconds.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Double(at.nanoseconds / 1000) / 1e6, forKey: .at)
        try container.encode(origin, forKey: .origin)
        try container.encode(kind, forKey: .kind)
        try container.encode(text, forKey: .text)
        try container.encodeIfPresent(route, forKey: .route)
        try container.encodeIfPresent(endpoint, forKey: .endpoint)
        try container.encodeIfPresent(from, forKey: .from)
        try container.encodeIfPresent(to, forKey: .to)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(generation, forKey: .generation)
    }
}

extension TimelineLine {
    init(_ event: Event) {
        self.init(at: event.at, origin: .event, kind: event.kind.rawValue, text: event.reason.text)
        route = event.route?.rawValue
        endpoint = event.endpoint?.rawValue
        from = event.from?.rawValue
        to = event.to?.rawValue
        reason = event.reason.code.rawValue
        generation = event.generation
    }

    init(_ route: RouteSnapshot, generation: UInt64, at now: MonotonicInstant) {
        let mode = route.mode.rawValue
        let wish = route.wouldBeActive == route.active ? "" : ", would be \(route.wouldBeActive)"
        self.init(
            at: now,
            origin: .published,
            kind: mode,
            text: "\(route.placeText)\(wish), mode \(mode), generation \(generation)"
        )
        self.route = route.name.rawValue
        to = route.active.rawValue
        self.generation = generation
    }

    /// The line for people, in columns: time, who, what; wrapped at `width`.
    package func text(width: Int) -> String {
        let time = String(repeating: " ", count: max(0, 12 - ClockText.text(at).count)) + ClockText.text(at)
        let who = origin == .world ? "world" : route ?? endpoint ?? "daemon"
        let name = who + String(repeating: " ", count: max(0, Self.nameWidth - who.count))
        let head = "\(time)  \(name)  "
        let indent = String(repeating: " ", count: time.count + Self.nameWidth + 4)
        return head
            + LineFill.lines(of: sentence.split(separator: " "), width: max(20, width - indent.count)).joined(
                separator: "\n\(indent)"
            )
    }

    private static let nameWidth = 12

    /// What happened, with its kind where the text does not say it.
    private var sentence: String {
        switch origin {
        case .world: return text
        case .published: return "now \(text)"
        case .event:
            let way = from.flatMap { from in to.map { " \(from) -> \($0)" } } ?? ""
            return kind == EventKind.verdict.rawValue ? text : "\(kind)\(way): \(text)"
        }
    }
}

extension RouteSnapshot {
    /// `active us-east`, or `weights us-east 70 %, eu-west 30 %`.
    fileprivate var placeText: String {
        guard !shares.isEmpty else { return "active \(active)" }
        let words = zip(endpoints, weights).filter { $0.1 > 0 }.map { "\($0.0) \($0.1) %" }
        return "weights \(words.joined(separator: ", "))"
    }
}

extension Change {
    /// What the script says happens, in words.
    func line(at now: MonotonicInstant, text: String?) -> TimelineLine {
        var line = TimelineLine(at: now, origin: .world, kind: kind, text: text ?? sentence)
        switch self {
        case .fault(let endpoint, _), .heal(let endpoint), .pace(let endpoint, _): line.endpoint = endpoint.rawValue
        case .observer, .disk, .noise, .stall, .kill, .reboot, .stepWallClock, .order, .reload: break
        }
        return line
    }

    private var kind: String {
        switch self {
        case .fault: "fault"
        case .heal: "heal"
        case .observer: "observer"
        case .disk: "disk"
        case .noise: "noise"
        case .pace: "pace"
        case .stall: "stall"
        case .kill: "kill"
        case .reboot: "reboot"
        case .stepWallClock: "clock"
        case .order: "order"
        case .reload: "reload"
        }
    }

    private var sentence: String {
        switch self {
        case .fault(let endpoint, let fault): "\(endpoint) \(fault.sentence)"
        case .heal(let endpoint): "\(endpoint) is well again"
        case .observer(.loss(let share)?): "the observer loses \(share.percent) of all attempts"
        case .observer(.offline?): "the observer's machine has no network"
        case .observer(.slowResolver(let time)?): "names take \(time.short)"
        case .observer(nil): "the observer is well again"
        case .disk(.fails): "the disk fails"
        case .disk(.hangs): "the disk hangs"
        case .disk(.answers(let time)): "the disk answers within \(time.short)"
        case .noise(let isOn): isOn ? "stray errors and slow answers, as usual" : "no stray errors any more"
        case .pace(let endpoint, let pace?): "\(endpoint) answers in \(pace.median.short), more or less"
        case .pace(let endpoint, nil): "\(endpoint) answers as fast as any"
        case .stall(let time): "the daemon stands still for \(time.short)"
        case .kill(let time): "the daemon is killed, and comes back after \(time.short)"
        case .reboot(let time): "the machine restarts, and the daemon is back after \(time.short)"
        case .stepWallClock(let step):
            "the wall clock is set \(step < .zero ? "back" : "forward") by \((step < .zero ? .zero - step : step).short)"
        case .order(let order, let time): order.sentence(for: time)
        case .reload: "the configuration is replaced"
        }
    }
}

extension EndpointFault {
    fileprivate var sentence: String {
        switch self {
        case .crash: "crashes: connections are refused"
        case .blackhole: "swallows every packet"
        case .errors(let share): "answers \(share.percent) of requests with errors"
        case .slow(let time, let share): "takes \(time.short) for \(share.percent) of its answers"
        case .throttled: "limits our rate"
        case .misconfigured: "refuses our key"
        case .flaps(let bad, let good): "flaps: down for \(bad.short), up for \(good.short)"
        }
    }
}

extension Ratio {
    fileprivate var percent: String {
        let percent = value * 100
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent.formatted(decimals: 1)) %"
    }
}

extension Duration {
    /// In seconds, or milliseconds below one.
    fileprivate var short: String {
        let seconds = inSeconds
        if seconds != 0, abs(seconds) < 1 { return "\((seconds * 1000).formatted(decimals: 0)) ms" }
        return "\(seconds == seconds.rounded() ? seconds.formatted(decimals: 0) : seconds.formatted(decimals: 1)) s"
    }
}

extension OperatorCommand.Order {
    fileprivate func sentence(for time: Duration) -> String {
        switch self {
        case .pin(let route, let endpoint): "an operator pins \(route) to \(endpoint) for \(time.short)"
        case .unpin(let route): "an operator unpins \(route)"
        case .drain(let target, _): "an operator drains \(target) for \(time.short)"
        case .undrain(let target): "an operator undrains \(target)"
        case .freeze: "an operator freezes all moves for \(time.short)"
        case .unfreeze: "an operator lifts the freeze"
        case .failback(let route, nil): "an operator brings \(route) back"
        case .failback(let route, let endpoint?): "an operator brings \(route) back to \(endpoint)"
        }
    }
}
