@testable import FailoverCore

/// Probers that ask a ledger, get answers and settle, over simulated days.
struct SpendDay {
    struct Script {
        /// What an answer costs.
        var bill: @Sendable (ProbeKey, inout SplitMix64) -> SpendBill = { _, _ in
            .used(TokenUsage(prompt: 25, completion: 2))
        }
        /// Whether an endpoint is under suspicion; it is probed every second then.
        var isSuspect: @Sendable (EndpointName, Int64) -> Bool = { _, _ in false }
        /// How long an answer takes, in seconds.
        var latency = 1.5
        /// The process dies and starts again every so many seconds; `nil` for never.
        var restartEvery: Int64?
        /// Where the wall clock jumps by how much, both in seconds of the simulation; ascending.
        var jumps: [(at: Int64, by: Double)] = []
        /// Starts are early or late by up to this part of an interval.
        var jitter = 0.0
    }

    struct Probe {
        let key: ProbeKey
        let interval: Double
        var next: Double
        var deep: [Double] = []
        var any: [Double] = []
        var shallow = 0
    }

    struct Flight {
        let reservation: SpendReservation
        let end: Double
    }

    let configuration: Configuration
    let script: Script
    var ledger: SpendLedger
    var probes: [Probe]
    var flights: [Flight] = []
    var random: SplitMix64
    /// What the bills say, by day and endpoint, added up beside the ledger.
    var spent: [Int: [EndpointName: SpendTotal]] = [:]
    var news: [(at: Double, reason: Reason)] = []
    /// Where a cap was exceeded by what was settled and reserved.
    var violations: [String] = []
    private var offset = 0.0
    private var jumped = 0

    init(_ configuration: Configuration, seed: UInt64 = 1, _ script: Script = Script()) {
        self.configuration = configuration
        self.script = script
        random = SplitMix64(seed: seed)
        ledger = SpendLedger(SpendPlan(configuration), at: .seconds(0))
        probes = configuration.endpoints.flatMap { endpoint in
            endpoint.probes.map {
                Probe(
                    key: ProbeKey(endpoint: endpoint.name, probe: $0.name),
                    interval: $0.interval.inSeconds,
                    next: 0
                )
            }
        }
    }

    func wall(_ time: Double) -> UnixTime { .seconds(time + offset) }

    /// Runs until that many seconds after the first midnight; may be called again for more.
    mutating func run(from start: Double = 0, until end: Double) {
        for index in probes.indices { probes[index].next = max(probes[index].next, start) }
        var restart = script.restartEvery.map { start + Double($0) } ?? .infinity
        var now = start
        while now < end {
            let index = probes.indices.min { probes[$0].next < probes[$1].next } ?? 0
            let flight = flights.indices.min { flights[$0].end < flights[$1].end }
            let flightEnd = flight.map { flights[$0].end } ?? .infinity
            now = min(probes[index].next, flightEnd, restart)
            guard now < end else { return }
            while jumped < script.jumps.count, Double(script.jumps[jumped].at) <= now {
                offset += script.jumps[jumped].by
                jumped += 1
            }
            if now == restart {
                restartNow(at: now)
                restart += Double(script.restartEvery ?? 1)
            } else if let flight, flightEnd <= probes[index].next {
                settle(flights.remove(at: flight), at: now)
            } else {
                ask(index, at: now)
            }
        }
    }

    private mutating func ask(_ index: Int, at now: Double) {
        let probe = probes[index]
        let isSuspect = script.isSuspect(probe.key.endpoint, Int64(now))
        let interval = isSuspect ? min(1, probe.interval) : probe.interval
        var next = now + interval
        switch ledger.request(probe.key, isUrgent: isSuspect, at: wall(now)) {
        case .deep(let reservation):
            probes[index].deep.append(now)
            probes[index].any.append(now)
            if let reservation {
                flights.append(Flight(reservation: reservation, end: now + script.latency))
                check(at: now)
            }
        case .shallow:
            probes[index].any.append(now)
            probes[index].shallow += 1
        case .later(let wait):
            next = now + (max(wait.inSeconds, 1e-9) / interval).rounded(.up) * interval
        }
        let jitter = script.jitter * interval * (Double(random.next() >> 11) / Double(1 << 53) * 2 - 1)
        probes[index].next = max(next + jitter, now + 1e-3)
    }

    private mutating func settle(_ flight: Flight, at now: Double) {
        let bill = script.bill(flight.reservation.key, &random)
        let endpoint = flight.reservation.key.endpoint
        let price = configuration.endpoints.first { $0.name == endpoint }?.price
        let used: SpendTotal =
            switch bill {
            case .nothing: SpendTotal()
            case .unknown: flight.reservation.total
            case .used(let usage):
                SpendTotal(
                    cost: price?.cost(input: usage.prompt, output: usage.completion) ?? .zero,
                    tokens: usage.prompt + usage.completion
                )
            }
        spent[flight.reservation.day, default: [:]][endpoint, default: SpendTotal()] += used
        let report = ledger.settle(flight.reservation, bill, at: wall(now))
        if let reason = report.news { news.append((now, reason)) }
        check(at: now)
    }

    /// What was in flight has used its worst case, as far as anybody knows.
    private mutating func restartNow(at now: Double) {
        for flight in flights {
            spent[flight.reservation.day, default: [:]][flight.reservation.key.endpoint, default: SpendTotal()] +=
                flight.reservation.total
        }
        flights = []
        ledger = SpendLedger(SpendPlan(configuration), memory: ledger.memory, at: wall(now))
    }

    // MARK: What must hold

    /// Adds up what each cap of the configuration covers, without the ledger's own sums.
    private mutating func check(at now: Double) {
        let day = wall(now).day
        func used(by endpoints: [EndpointName]) -> SpendTotal {
            let settled = endpoints.reduce(SpendTotal()) { $0 + (spent[day]?[$1] ?? SpendTotal()) }
            return flights.filter { $0.reservation.day == day && endpoints.contains($0.reservation.key.endpoint) }
                .reduce(settled) { $0 + $1.reservation.total }
        }
        func compare(_ owner: String, _ cap: SpendCap?, _ endpoints: [EndpointName]) {
            guard let cap else { return }
            let used = used(by: endpoints)
            if let cost = cap.cost, used.cost > cost {
                violations.append("\(now): \(owner) \(used.cost.exact()) of \(cost.exact())")
            }
            if let tokens = cap.tokens, used.tokens > tokens {
                violations.append("\(now): \(owner) \(used.tokens) of \(tokens)")
            }
        }
        for endpoint in configuration.endpoints {
            compare(endpoint.name.rawValue, endpoint.dailyCap, [endpoint.name])
        }
        for route in configuration.routes { compare(route.name.rawValue, route.cost.dailyCap, route.endpoints) }
        compare("all", configuration.spend.daily, configuration.endpoints.map(\.name))
    }

    /// The longest time between two probes of any kind, in intervals.
    func longestGap(of index: Int) -> Double {
        let times = probes[index].any
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        return (gaps.max() ?? 0) / probes[index].interval
    }
}
