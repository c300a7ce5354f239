import FailoverCore

@testable import FailoverSimulation

/// A history of steps, made by hand: one route over three endpoints, well in every step unless a test says otherwise.
struct History {
    static let members: [EndpointName] = ["us", "eu", "ap"]
    private(set) var steps: [Step] = []
    private var step: Step

    static func configuration(
        holdDown: Duration = .seconds(30),
        failback: FailbackPolicy = .automatic,
        observe: Bool = false
    ) -> Configuration {
        let probe = ProbeConfiguration(
            request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
            interval: .seconds(5),
            latencyObjective: .seconds(1)
        )
        let endpoints = members.map { name in
            EndpointConfiguration(
                name: name,
                region: RegionName(rawValue: name.rawValue),
                publicURL: "tcp://192.0.2.1:443",
                probes: [probe]
            )
        }
        let decision = DecisionConfiguration(failback: failback, holdDown: holdDown, observe: observe)
        let route = RouteConfiguration(name: "chat", endpoints: members, decision: decision)
        return Configuration(vantage: "here", endpoints: endpoints, routes: [route], outputs: OutputConfiguration())
    }

    /// Begins with a process that starts and finds everybody well.
    init(observe: Bool = false) {
        step = Step(
            at: .seconds(0),
            cause: .started,
            configuration: Self.configuration(observe: observe),
            generation: 1,
            durableGeneration: 1,
            isPublished: true,
            routes: [Self.route(active: "us", mode: .preferred, generation: 1, observe: observe)],
            endpoints: Self.members.map { Step.Judged($0, .healthy) }
        )
        steps = [step]
    }

    static func route(
        active: EndpointName,
        mode: RouteMode,
        generation: UInt64,
        observe: Bool = false
    ) -> RouteSnapshot {
        RouteSnapshot(
            name: "chat",
            active: active,
            mode: mode,
            generation: generation,
            since: .seconds(0),
            reason: Reason(.initial, "as a test says"),
            order: [active] + members.filter { $0 != active },
            provisional: false,
            dryRun: observe,
            wouldBeActive: active,
            endpoints: members
        )
    }

    /// One step more, which `change` may spoil; events and publication are those of this step alone.
    mutating func add(at seconds: Double, _ cause: Step.Cause = .input, _ change: (inout Step) -> Void = { _ in }) {
        step.at = .seconds(seconds)
        step.cause = cause
        step.events = []
        step.isPublished = false
        change(&step)
        steps.append(step)
    }

    /// A move as it should be: told, counted, durable.
    mutating func move(
        at seconds: Double,
        to endpoint: EndpointName,
        _ kind: EventKind,
        mode: RouteMode,
        _ change: (inout Step) -> Void = { _ in }
    ) {
        add(at: seconds) { step in
            let from = step.routes[0].active
            step.generation += 1
            step.durableGeneration = step.generation
            step.isPublished = true
            step.routes[0] = Self.route(active: endpoint, mode: mode, generation: step.generation)
            let reason = Reason(.availability, "as a test says")
            step.events = [
                Event(
                    kind: kind,
                    at: step.at,
                    route: "chat",
                    from: from,
                    to: endpoint,
                    reason: reason,
                    generation: step.generation
                )
            ]
            change(&step)
        }
    }

    mutating func judge(at seconds: Double, _ endpoint: EndpointName, _ verdict: Verdict) {
        add(at: seconds) { step in
            step.isPublished = true
            if let index = step.endpoints.firstIndex(where: { $0.name == endpoint }) {
                step.endpoints[index] = Step.Judged(endpoint, verdict)
            }
        }
    }

    /// us is lost and left, comes back, and is returned to after its hold-down.
    static func ordinary() -> History {
        var history = History()
        history.judge(at: 10, "us", .unhealthy)
        history.move(at: 11, to: "eu", .failover, mode: .failover)
        history.judge(at: 200, "us", .healthy)
        history.move(at: 230, to: "us", .failback, mode: .preferred)
        history.add(at: 231, .restarted(Step.Restart()))
        history.add(at: 232, .tick) { $0.nextDeadline = .seconds(233) }
        return history
    }

    var violations: [Violation] {
        var invariants = Invariants()
        for step in steps { invariants.check(step) }
        return invariants.violations
    }

    /// Which invariants are broken, each once.
    var broken: Set<Invariant> { Set(violations.map(\.invariant)) }
}

extension History {
    /// Who owns a share, how much it is, and where it is.
    typealias Part = (owner: EndpointName, weight: Int, active: EndpointName)

    static let parts: [Part] = [("us", 70, "us"), ("eu", 25, "eu"), ("ap", 5, "ap")]

    /// The same beginning with one weighted route, whose last share is a canary.
    init(weighted: Void) {
        self.init()
        let first = steps[0].configuration
        let shares = Self.parts.map { part in
            let others = Self.members.filter { $0 != part.owner }
            return ShareConfiguration(weight: part.weight, chain: [part.owner] + others, isCanary: part.owner == "ap")
        }
        let route = RouteConfiguration(name: "chat", endpoints: Self.members, shares: shares)
        add(at: 1, .reloaded) { step in
            step.configuration = Configuration(
                vantage: "here",
                endpoints: first.endpoints,
                routes: [route],
                outputs: OutputConfiguration()
            )
            step.generation += 3
            step.durableGeneration = step.generation
            step.routes = [Self.weighted(Self.parts)]
            step.events = Self.parts.map { part in
                Event(
                    kind: .config,
                    at: step.at,
                    route: "chat",
                    to: part.active,
                    share: part.owner,
                    reason: Reason(.configured, "as a test says"),
                    generation: step.generation
                )
            }
        }
    }

    static func weighted(
        _ parts: [Part],
        generation: UInt64 = 4,
        stopped owner: EndpointName? = nil
    ) -> RouteSnapshot {
        let shares = parts.map { part in
            ShareSnapshot(
                owner: part.owner,
                weight: part.weight,
                isCanary: part.owner == "ap",
                active: part.active,
                mode: part.owner == part.active ? .preferred : .failover,
                generation: generation,
                since: .seconds(0),
                reason: Reason(.initial, "as a test says"),
                chain: [part.owner] + members.filter { $0 != part.owner },
                stopped: part.owner == owner
                    ? StoppedCanary(since: .seconds(11), reason: Reason(.canaryStopped, "it failed")) : nil
            )
        }
        return RouteSnapshot(
            name: "chat",
            active: "us",
            mode: .preferred,
            generation: generation,
            since: .seconds(0),
            reason: Reason(.initial, "as a test says"),
            order: members,
            provisional: false,
            dryRun: false,
            wouldBeActive: "us",
            endpoints: members,
            policy: .weighted(shares)
        )
    }

    /// A move of one share as it should be: told, counted, durable.
    mutating func shift(at seconds: Double, _ parts: [Part], of owner: EndpointName, stopped: Bool = false) {
        add(at: seconds) { step in
            let from = step.routes[0].shares.first { $0.owner == owner }?.active
            let to = parts.first { $0.owner == owner }?.active
            step.generation += 1
            step.durableGeneration = step.generation
            step.isPublished = true
            step.routes[0] = Self.weighted(parts, generation: step.generation, stopped: stopped ? owner : nil)
            step.events = [
                Event(
                    kind: .weights,
                    at: step.at,
                    route: "chat",
                    from: from,
                    to: to,
                    share: owner,
                    reason: Reason(to == owner ? .recovered : .availability, "as a test says"),
                    generation: step.generation
                )
            ]
        }
    }

    /// A share leaves and returns.
    static func ordinaryWeighted() -> History {
        var history = History(weighted: ())
        history.judge(at: 10, "us", .unhealthy)
        history.shift(at: 11, [("us", 70, "eu"), ("eu", 25, "eu"), ("ap", 5, "ap")], of: "us")
        history.judge(at: 200, "us", .healthy)
        history.shift(at: 231, parts, of: "us")
        return history
    }
}
