import FailoverCore

/// What one probe of one endpoint costs the engine, on virtual time.
struct EngineBenchmarks {
    let benchmark: Benchmark

    /// One probe a second, as dense as large installations probe.
    static let probe = ProbeConfiguration(
        request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
        interval: .seconds(1),
        latencyObjective: .seconds(1)
    )

    func rows() -> [Row] {
        // First, while the process is still as small as it was.
        var rows = full()
        for endpoints in [100, 10_000] {
            for traffic in Traffic.allCases { rows.append(check(endpoints: endpoints, traffic)) }
        }
        return rows
    }

    private func check(endpoints: Int, _ traffic: Traffic) -> Row {
        let seconds = endpoints == 100 ? 300 : 20
        let name = "engine, one check of \(endpoints) endpoints, \(traffic.rawValue)"
        return benchmark.measure(name, operations: endpoints * seconds) {
            var drive = Drive(endpoints: endpoints, traffic: traffic)
            drive.run(seconds: 5)
            return drive
        } body: { drive in
            drive.run(seconds: seconds)
        }
    }

    /// Windows as full as they get: a quarter of an hour at one probe a second.
    private func full() -> [Row] {
        let endpoints = 10_000
        let configuration = Drive.configuration(endpoints: endpoints)
        let resident = Memory.resident
        var drive = Drive(configuration: configuration, traffic: .oneInHundredBad)
        drive.run(seconds: 905)
        var rows = [
            Row(
                name: "engine, resident per endpoint, full windows",
                operations: endpoints,
                value: Double(Memory.resident - resident) / Double(endpoints),
                unit: .bytes
            )
        ]
        keep(drive.engine.snapshot(at: drive.now))
        // Every figure has changed since the snapshot before, as when one is taken every second.
        var best = Double.infinity
        for _ in 0..<benchmark.repeats {
            drive.run(seconds: 1)
            let start = CPUTime.now
            keep(drive.engine.snapshot(at: drive.now))
            best = min(best, CPUTime.now - start)
        }
        rows.append(Row(name: "engine, snapshot of 10000 endpoints", operations: 1, value: best))
        return rows
    }
}

/// What the probes meet.
enum Traffic: String, CaseIterable {
    case healthy = "all good"
    case oneInHundredBad = "1 % bad"
    /// Every answer takes a second and a half, so that two are always under way.
    case overlapping
}

/// Feeds an engine as probes would.
struct Drive {
    var engine: Engine
    private(set) var now = MonotonicInstant(nanoseconds: 0)
    private let keys: [ProbeKey]
    private let traffic: Traffic
    private var random = SplitMix64(seed: 1)
    private var attempt: UInt64 = 0
    /// Observations to tell one second after they were made.
    private var late: [Observation?] = []
    private var actions: [Action] = []

    init(endpoints: Int, traffic: Traffic) {
        self.init(configuration: Self.configuration(endpoints: endpoints), traffic: traffic)
    }

    init(configuration: Configuration, traffic: Traffic) {
        engine = Engine(configuration: configuration, memory: nil, at: now)
        keys = configuration.endpoints.map { ProbeKey(endpoint: $0.name) }
        self.traffic = traffic
        if traffic == .overlapping { late = Array(repeating: nil, count: keys.count) }
        perform(engine.start(at: now))
    }

    /// Routes of three endpoints each.
    static func configuration(endpoints: Int) -> Configuration {
        let names = (0..<endpoints).map { EndpointName(rawValue: "endpoint-\($0)") }
        let routes = stride(from: 0, to: endpoints, by: 3).map { first in
            RouteConfiguration(
                name: RouteName(rawValue: "route-\(first)"),
                endpoints: Array(names[first..<min(first + 3, endpoints)])
            )
        }
        let configured = names.map { name in
            EndpointConfiguration(name: name, region: "here", publicURL: "tcp://x:1", probes: [EngineBenchmarks.probe])
        }
        return Configuration(vantage: "here", endpoints: configured, routes: routes, outputs: OutputConfiguration())
    }

    mutating func run(seconds: Int) {
        let step = Int64(1_000_000_000) / Int64(keys.count)
        for _ in 0..<seconds {
            for index in keys.indices {
                now = now + .nanoseconds(step)
                check(index)
                // A loop that is woken for a few inputs at a time.
                if index.isMultiple(of: 16), let next = engine.nextDeadline, next <= now { handle(.tick) }
            }
        }
    }

    private mutating func check(_ index: Int) {
        attempt += 1
        let key = keys[index]
        handle(.attemptStarted(AttemptStart(key: key, attempt: AttemptID(attempt), start: now)))
        switch traffic {
        case .healthy: handle(.observed(observation(key, isBad: false)))
        case .oneInHundredBad:
            handle(.observed(observation(key, isBad: Int.random(in: 0..<100, using: &random) == 0)))
        case .overlapping:
            if let observation = late[index] { handle(.observed(observation)) }
            late[index] = observation(key, isBad: false)
        }
    }

    private mutating func observation(_ key: ProbeKey, isBad: Bool) -> Observation {
        let latency = WindowBenchmarks.latency(&random)
        return Observation(
            key: key,
            attempt: AttemptID(attempt),
            start: now,
            end: now + latency,
            outcome: isBad ? .failure(.connectRefused, isTimeout: false) : .success,
            latency: isBad ? nil : latency
        )
    }

    private mutating func handle(_ input: Input) {
        engine.handle(input, at: now, &actions)
        guard !actions.isEmpty else { return }
        let ordered = actions
        actions.removeAll(keepingCapacity: true)
        perform(ordered)
    }

    /// A disk that answers at once.
    private mutating func perform(_ actions: [Action]) {
        for case .persist(_, let ticket) in actions { handle(.persisted(ticket: ticket, succeeded: true)) }
    }
}
