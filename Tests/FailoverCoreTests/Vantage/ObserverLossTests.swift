import Testing

@testable import FailoverCore

/// Our own network loses probes for a minute while every endpoint is well.
///
/// Three endpoints, preset balanced as it comes, 2,000 runs for each share.
@Suite("Our own network loses probes")
struct ObserverLossTests {
    private static let runs = 2000
    private static let groups = 8
    private static let timeout = Duration.seconds(3)

    /// A warmed-up engine with attempts in the phases of its schedule; each run begins with a copy.
    private struct Lab {
        private(set) var engine: Engine
        private(set) var now = MonotonicInstant.seconds(0)
        private var agenda = DeadlineQueue<Happening>()
        private var intervals: [Duration]
        private var turns = [0, 0, 0]
        private var inFlight = [0, 0, 0]
        private var attempts: UInt64 = 0
        private(set) var moves = 0
        private(set) var suspects = 0
        var loss = 0.0

        private enum Happening {
            case start(Int, turn: Int)
            case finish(Int, Observation)
            case persisted(UInt64)
        }

        init(needsWitness: Bool, _ random: inout SplitMix64) {
            let configuration = Configuration.oneRoute(
                probe: .tcp(interval: .seconds(5), timeout: ObserverLossTests.timeout),
                decision: DecisionConfiguration(rule: .evidence(.balanced))
            )
            intervals = configuration.endpoints.map { $0.probes[0].interval }
            engine = Engine(configuration: configuration, memory: nil, at: now)
            for endpoint in engine.endpoints.indices {
                engine.endpoints[endpoint].tracks[0].doubt.needsWitness = needsWitness
            }
            perform(engine.start(at: now))
            for endpoint in 0..<3 {
                let phase = Duration.milliseconds(Int.random(in: 0..<5000, using: &random))
                agenda.insert(.start(endpoint, turn: 0), at: now + phase)
            }
        }

        mutating func run(for duration: Duration, _ random: inout SplitMix64) {
            let end = now + duration
            while true {
                guard let next = earlier(agenda.next, engine.nextDeadline), next <= end else { break }
                now = max(now, next)
                guard let happening = agenda.pop(dueAt: now) else {
                    perform(engine.handle(.tick, at: now))
                    continue
                }
                happen(happening, &random)
            }
            now = end
        }

        private mutating func happen(_ happening: Happening, _ random: inout SplitMix64) {
            switch happening {
            case .start(let endpoint, let turn):
                guard turn == turns[endpoint] else { return }
                // As the schedule: a tenth of the interval either way.
                let interval = intervals[endpoint].nanoseconds
                let jitter = Int64.random(in: -interval / 10...interval / 10, using: &random)
                agenda.insert(.start(endpoint, turn: turn), at: now + .nanoseconds(interval + jitter))
                begin(endpoint, source: .probe, &random)
            case .finish(let endpoint, let observation):
                inFlight[endpoint] -= 1
                perform(engine.handle(.observed(observation), at: now), &random)
            case .persisted(let ticket): perform(engine.handle(.persisted(ticket: ticket, succeeded: true), at: now))
            }
        }

        private mutating func begin(_ endpoint: Int, source: ProbeSource, _ random: inout SplitMix64) {
            guard inFlight[endpoint] < ProbeConfiguration.maximumInFlight else { return }
            inFlight[endpoint] += 1
            attempts += 1
            let key = ProbeKey(endpoint: engine.endpoints[endpoint].name)
            let start = AttemptStart(key: key, attempt: AttemptID(attempts), source: source, start: now)
            perform(engine.handle(.attemptStarted(start), at: now), &random)
            let isLost = loss > 0 && Double.random(in: 0..<1, using: &random) < loss
            let latency = isLost ? ObserverLossTests.timeout : .milliseconds(40)
            let observation = Observation(
                key: key,
                attempt: start.attempt,
                source: source,
                start: now,
                end: now + latency,
                outcome: isLost ? .failure(.connectTimeout, isTimeout: true) : .success,
                latency: latency
            )
            agenda.insert(.finish(endpoint, observation), at: now + latency)
        }

        private mutating func perform(_ actions: [Action]) {
            var unused = SplitMix64(seed: 0)
            perform(actions, &unused)
        }

        private mutating func perform(_ actions: [Action], _ random: inout SplitMix64) {
            for action in actions {
                switch action {
                case .persist(_, let ticket): agenda.insert(.persisted(ticket), at: now + .milliseconds(5))
                case .emit(let event):
                    if event.kind == .failover || event.kind == .failback { moves += 1 }
                    if event.kind == .vantage, event.reason.code == .noCleanWitness { suspects += 1 }
                case .setInterval(let key, let interval):
                    guard let endpoint = engine.endpointIndex[key.endpoint] else { continue }
                    intervals[endpoint] = interval
                    turns[endpoint] += 1
                    agenda.insert(.start(endpoint, turn: turns[endpoint]), at: now + interval)
                case .probeNow(let key, let source):
                    guard let endpoint = engine.endpointIndex[key.endpoint] else { continue }
                    begin(endpoint, source: source, &random)
                case .publish, .answer: break
                }
            }
        }
    }

    /// Moves that nothing but our own network caused, of a part of the runs.
    private func needlessMoves(
        loss: Double,
        group: Int,
        runs: Int = runs / groups,
        needsWitness: Bool = true
    ) -> (runs: Int, suspected: Int) {
        var random = SplitMix64(seed: UInt64(group) &* 7919 &+ UInt64(loss * 1000))
        var (moved, suspected) = (0, 0)
        var warm = Lab(needsWitness: needsWitness, &random)
        for run in 0..<runs {
            // Now and then anew, with other phases.
            if run % 25 == 0 {
                warm = Lab(needsWitness: needsWitness, &random)
                warm.run(for: .seconds(35), &random)
            }
            var lab = warm
            lab.run(for: .milliseconds(Int.random(in: 0..<10_000, using: &random)), &random)
            lab.loss = loss
            lab.run(for: .seconds(60), &random)
            lab.loss = 0
            lab.run(for: .seconds(20), &random)
            // Whoever was convicted comes back in turn, which moves traffic too.
            if lab.engine.endpoints.contains(where: \.mustProve) { lab.run(for: .seconds(150), &random) }
            if lab.moves > 0 { moved += 1 }
            if lab.suspects > 0 { suspected += 1 }
        }
        return (moved, suspected)
    }

    /// What the world does to an engine that believes its eyes: it moves often.
    @Test func withoutTheVetoAMinuteOfLossMovesOften() {
        let result = needlessMoves(loss: 0.85, group: 0, runs: 50, needsWitness: false)
        #expect(result.runs > 10)
        #expect(result.suspected == 0)
    }

    /// The parts run beside each other, so that the bound on each is that on all: two in 2,000.
    @Test(arguments: [1.0, 0.85])
    func aMinuteOfLossMovesHardlyEver(loss: Double) async {
        let results = await withTaskGroup(of: (runs: Int, suspected: Int).self) { group in
            for index in 0..<Self.groups { group.addTask { needlessMoves(loss: loss, group: index) } }
            var results: [(runs: Int, suspected: Int)] = []
            for await result in group { results.append(result) }
            return results
        }
        let moved = results.reduce(0) { $0 + $1.runs }
        let suspected = results.reduce(0) { $0 + $1.suspected }
        let bound = JeffreysBound.upper(bad: moved, of: Self.runs)
        print(
            "loss \(loss): \(moved) of \(Self.runs) runs moved (at most \(bound.formatted(decimals: 5)) of runs), "
                + "\(suspected) suspected our own network"
        )
        #expect(moved <= 2)
        #expect(suspected > Self.runs * 9 / 10)
    }
}
