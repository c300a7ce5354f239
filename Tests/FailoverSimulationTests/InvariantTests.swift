import FailoverCore
import Testing

@testable import FailoverSimulation

@Suite("Every invariant fires when its guard is gone")
struct InvariantTests {
    /// A history in which this invariant, and no other, is broken.
    private static func broken(_ invariant: Invariant) -> History {
        var history = History()
        switch invariant {
        case .oneActive:
            history.add(at: 1) { $0.routes[0] = History.route(active: "us", mode: .preferred, generation: 1) }
            history.add(at: 2) { step in
                // The active endpoint is taken away, and the route stays on it.
                let configuration = step.configuration
                step.cause = .reloaded
                step.configuration = Configuration(
                    vantage: "here",
                    endpoints: Array(configuration.endpoints.dropFirst()),
                    routes: [RouteConfiguration(name: "chat", endpoints: ["eu", "ap"])],
                    outputs: OutputConfiguration()
                )
            }
        case .generationCounts:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover) { step in
                step.generation += 1
                step.durableGeneration = step.generation
            }
        case .generationNeverFalls:
            // A machine that restarts without what it said was on disk.
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
            history.add(at: 12, .restarted(Step.Restart(isReboot: true, hadPendingMove: true))) { step in
                step.generation = 1
                step.routes[0] = History.route(active: "us", mode: .preferred, generation: 1)
            }
        case .movesAreTold:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover) { $0.events = [] }
        case .targetIsWell:
            history.judge(at: 9, "eu", .unknown)
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
        case .holdDownIsKept:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
            history.judge(at: 200, "us", .healthy)
            history.move(at: 229.9, to: "us", .failback, mode: .preferred)
        case .observingMovesNothing:
            history = History(observe: true)
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover) { step in
                step.routes[0] = History.route(
                    active: "eu",
                    mode: .failover,
                    generation: step.generation,
                    observe: true
                )
            }
        case .nobodyWellStays:
            for name in History.members { history.judge(at: 10, name, .unhealthy) }
            history.add(at: 11) { $0.routes[0] = History.route(active: "us", mode: .preferred, generation: 1) }
            history.add(at: 100)
        case .durableBeforePublished:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover) { $0.durableGeneration = 1 }
        case .restartKeepsDecisions:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
            history.add(at: 12, .restarted(Step.Restart())) { step in
                step.generation += 1
                step.durableGeneration = step.generation
                step.routes[0] = History.route(active: "us", mode: .preferred, generation: step.generation)
            }
        case .preferredReturns:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
            history.judge(at: 200, "us", .healthy)
            history.add(at: 20_000) { $0.calmSince = .seconds(150) }
        case .weightsAddUp:
            history = History(weighted: ())
            history.add(at: 5) { step in
                step.generation += 1
                step.durableGeneration = step.generation
                step.routes[0] = History.weighted([("us", 70, "us"), ("eu", 25, "eu"), ("ap", 4, "ap")])
            }
        case .stoppedCanaryStays:
            history = History(weighted: ())
            history.judge(at: 10, "ap", .unhealthy)
            history.shift(at: 11, [("us", 70, "us"), ("eu", 25, "eu"), ("ap", 5, "us")], of: "ap", stopped: true)
            history.judge(at: 20, "ap", .healthy)
            history.shift(at: 5000, [("us", 70, "us"), ("eu", 25, "eu"), ("ap", 5, "ap")], of: "ap", stopped: true)
        case .deadlinesPass:
            history.add(at: 20, .tick) { $0.nextDeadline = .seconds(20) }
        case .operatorsAreObeyed:
            history.add(at: 5) { step in
                step.isPublished = true
                step.intents = [
                    OperatorIntent(kind: .freeze, by: "o", reason: "so", since: .seconds(5), until: .seconds(500))
                ]
            }
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover)
        case .vantageMovesNothing:
            history.judge(at: 10, "us", .unhealthy)
            history.move(at: 11, to: "eu", .failover, mode: .failover) { $0.vantage = .suspect }
        case .speedIsPatient:
            history = History(speed: ())
            history.hurry(at: 599.5, to: "eu")
        case .sameSeedSameBytes:
            break
        }
        return history
    }

    @Test func anOrdinaryHistoryBreaksNone() {
        #expect(History.ordinary().violations == [])
        #expect(History.ordinaryWeighted().violations == [])
    }

    /// Whatever holds of a route holds of each share: the same faults, made to one of them.
    @Test func aFaultyShareBreaksWhatAFaultyRouteBreaks() {
        let away: [History.Part] = [("us", 70, "eu"), ("eu", 25, "eu"), ("ap", 5, "ap")]
        func broken(_ change: (inout History) -> Void) -> Set<Invariant> {
            var history = History(weighted: ())
            change(&history)
            return Set(history.violations.map(\.invariant))
        }
        let targetIsBad = broken { history in
            history.judge(at: 9, "eu", .unknown)
            history.judge(at: 10, "us", .unhealthy)
            history.shift(at: 11, away, of: "us")
        }
        let returnsEarly = broken { history in
            history.judge(at: 10, "us", .unhealthy)
            history.shift(at: 11, away, of: "us")
            history.judge(at: 200, "us", .healthy)
            history.shift(at: 229.9, History.parts, of: "us")
        }
        let neverReturns = broken { history in
            history.judge(at: 10, "us", .unhealthy)
            history.shift(at: 11, away, of: "us")
            history.judge(at: 200, "us", .healthy)
            history.add(at: 20_000) { $0.calmSince = .seconds(150) }
        }
        let untold = broken { history in
            history.judge(at: 10, "us", .unhealthy)
            history.add(at: 11) { step in
                step.generation += 1
                step.durableGeneration = step.generation
                step.routes[0] = History.weighted(away, generation: step.generation)
            }
        }
        let found = [targetIsBad, returnsEarly, neverReturns, untold]
        #expect(found == [[.targetIsWell], [.holdDownIsKept], [.preferredReturns], [.movesAreTold]])
    }

    @Test(arguments: Invariant.allCases.filter { $0 != .sameSeedSameBytes })
    func aFaultyHistoryBreaksItsOwn(invariant: Invariant) {
        let violations = Self.broken(invariant).violations
        #expect(violations.map(\.invariant).first == invariant)
        #expect(Set(violations.map(\.invariant)) == [invariant])
        #expect(violations.allSatisfy { !$0.found.isEmpty })
    }

    @Test func differentBytesBreakTheirs() {
        var other = Digest()
        other.add(UInt64(1))
        #expect(RandomRun.difference(of: Digest(), and: Digest()) == nil)
        #expect(
            RandomRun.difference(of: Digest(), and: other)
                == "the seed gave cbf29ce484222325, and af63bc4c8601b62c the second time"
        )
    }

    @Test func aFindingSaysWhenAndWhat() {
        #expect(
            Self.broken(.holdDownIsKept).violations.map(\.description) == [
                "0:03:49.900 hold_down_is_kept: failback of chat to us, well for 29.900 s of the 29.970 s that it has to be"
            ]
        )
        #expect(
            Self.broken(.generationCounts).violations.map(\.description) == [
                "0:00:11.000 generation_counts: generation 1 -> 3, and 1 route changed"
            ]
        )
    }

    @Test func aSecondFlapDoublesTheHoldDown() {
        var history = History.ordinary()
        history.judge(at: 300, "us", .unhealthy)
        history.move(at: 301, to: "eu", .failover, mode: .failover)
        history.judge(at: 400, "us", .healthy)
        var late = history
        // Two flaps within minutes: nearly twice thirty seconds.
        history.move(at: 440, to: "us", .failback, mode: .preferred)
        late.move(at: 460, to: "us", .failback, mode: .preferred)
        #expect(history.broken == [.holdDownIsKept])
        #expect(late.broken == [])
    }

    @Test func aTrippedEndpointIsLeftForOneInItsHoldDown() {
        var history = History.ordinary()
        history.judge(at: 300, "us", .unhealthy)
        history.move(at: 301, to: "eu", .failover, mode: .failover)
        history.judge(at: 400, "us", .healthy)
        history.judge(at: 401, "eu", .unhealthy)
        history.move(at: 402, to: "us", .failover, mode: .preferred)
        #expect(history.broken == [])
    }

    @Test func aStallIsNoTimeInWhichNobodyIsWell() {
        var history = History()
        for name in History.members { history.judge(at: 10, name, .unhealthy) }
        history.add(at: 100, .resumed)
        history.add(at: 101)
        #expect(history.broken == [])
        history.add(at: 200)
        #expect(history.broken == [.nobodyWellStays])
    }

    @Test(arguments: [
        (Step.Restart(), [Invariant.restartKeepsDecisions]),
        // A decision that was on its way to readers may come with the restart.
        (Step.Restart(hadPendingMove: true), []),
    ])
    func aRestartMayFinishAMoveThatWasOnDisk(restart: Step.Restart, broken: [Invariant]) {
        var history = History()
        history.judge(at: 10, "us", .unhealthy)
        history.add(at: 11, .restarted(restart)) { step in
            step.generation = 2
            step.durableGeneration = 2
            step.routes[0] = History.route(active: "eu", mode: .failover, generation: 2)
        }
        #expect(history.broken == Set(broken))
    }

    @Test func aConfigurationThatTookTheEndpointAwayIsNoLossOfMemory() {
        var history = History()
        history.add(at: 11, .restarted(Step.Restart())) { step in
            step.configuration = Configuration(
                vantage: "here",
                endpoints: Array(step.configuration.endpoints.dropFirst()),
                routes: [RouteConfiguration(name: "chat", endpoints: ["eu", "ap"])],
                outputs: OutputConfiguration()
            )
            step.endpoints.removeFirst()
            step.generation = 2
            step.durableGeneration = 2
            step.routes[0] = History.route(active: "eu", mode: .preferred, generation: 2)
        }
        #expect(history.broken == [])
    }

    @Test func onlyTheFirstViolationsAreKept() {
        var history = History()
        for second in 1...50 { history.add(at: Double(second), .tick) { $0.nextDeadline = .seconds(0) } }
        #expect(history.violations.count == Invariants.kept)
    }
}
