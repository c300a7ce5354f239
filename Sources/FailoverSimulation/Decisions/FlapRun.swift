import FailoverCore
import RealModule

/// An endpoint that is bad now and then, probed every 5 s.
package enum FlapPattern: String, Sendable, CaseIterable {
    case blip2 = "2-probe blip"
    case blip3 = "3-probe blip"
    case seconds15 = "15s/15s"
    case minute = "60s/60s"
    case minutes5 = "5m/5m"
    case minutes5Long = "5m/5m 4h"
    case outageThenErrors = "5m then 30%"

    /// One blip: the question is whether it moves traffic, not how often.
    package var isBlip: Bool { self == .blip2 || self == .blip3 }

    /// How long it is watched.
    package var hours: Int { self == .minutes5Long ? 4 : 1 }
    package var probes: Int { hours * 720 }

    /// Whether it is bad at this probe, from 0.
    ///
    /// What alternates begins with a good phase.
    func isBad(at index: Int, _ random: inout SplitMix64) -> Bool {
        switch self {
        case .blip2: index < 2
        case .blip3: index < 3
        case .seconds15: index % 6 >= 3
        case .minute: index % 24 >= 12
        case .minutes5, .minutes5Long: index % 120 >= 60
        case .outageThenErrors: index < 60 || random.unit() < 0.3
        }
    }
}

/// What a pattern did to a route whose other endpoint is always good.
package struct FlapCounts: Sendable, Equatable {
    package var runs = 0
    package var runsWithSwitch = 0
    package var switches = 0
    /// For the standard error.
    package var squaredSwitches = 0
    /// Probes that the pattern made bad.
    package var bad = 0
    /// Those of them after which the endpoint was active.
    package var hit = 0
    package var squaredHit = 0

    package static func + (left: FlapCounts, right: FlapCounts) -> FlapCounts {
        FlapCounts(
            runs: left.runs + right.runs,
            runsWithSwitch: left.runsWithSwitch + right.runsWithSwitch,
            switches: left.switches + right.switches,
            squaredSwitches: left.squaredSwitches + right.squaredSwitches,
            bad: left.bad + right.bad,
            hit: left.hit + right.hit,
            squaredHit: left.squaredHit + right.squaredHit
        )
    }
}

/// One route with one rule: away when the rule says down, and back.
struct FlapRun<Rule: DecisionRule> {
    private var rule: Rule
    private let isEvidence: Bool
    private var isActive = true
    private var way = WayBack()

    init(_ rule: Rule, isEvidence: Bool) {
        self.rule = rule
        self.isEvidence = isEvidence
    }

    mutating func play(_ probes: [DecisionProbe], isFaulty: [Bool]) -> FlapCounts {
        // What comes before is healthy.
        let watched = (probes.count - isFaulty.count)..<probes.count
        var counts = FlapCounts(runs: 1)
        for index in probes.indices {
            let probe = probes[index]
            let wasActive = isActive
            step(probe)
            guard watched.contains(index) else { continue }
            if isActive != wasActive { counts.switches += 1 }
            if isFaulty[index - watched.lowerBound] {
                counts.bad += 1
                if isActive { counts.hit += 1 }
            }
        }
        counts.squaredSwitches = counts.switches * counts.switches
        counts.squaredHit = counts.hit * counts.hit
        counts.runsWithSwitch = counts.switches > 0 ? 1 : 0
        return counts
    }

    private mutating func step(_ probe: DecisionProbe) {
        let isDown = rule.take(probe)
        way.record(probe)
        if isActive {
            guard isDown else { return }
            isActive = false
            way.leave(at: probe.start)
        } else {
            isActive = isEvidence ? way.isOpen(isDown: isDown, at: probe.start) : !isDown
        }
    }
}

/// This project's way back: the proof, and a hold-down that doubles with each failover of the last hours.
private struct WayBack {
    private var proof = RecoveryProof()
    private var failovers = 0.0
    private var lastLeft: MonotonicInstant?
    private var provenSince: MonotonicInstant?

    private static let holdDown = 30.0
    private static let longest = 3600.0
    private static let halfLife = 3600.0

    mutating func record(_ probe: DecisionProbe) { proof.record(isBad: probe.isBad) }

    mutating func leave(at now: MonotonicInstant) {
        let since = lastLeft.map { (now - $0).inSeconds } ?? 0
        failovers = failovers * Double.exp2(-since / Self.halfLife) + 1
        lastLeft = now
        proof.reset()
        provenSince = nil
    }

    mutating func isOpen(isDown: Bool, at now: MonotonicInstant) -> Bool {
        guard !isDown, proof.isProven else {
            provenSince = nil
            return false
        }
        let since = provenSince ?? now
        if provenSince == nil { proof.secure() }
        provenSince = since
        return (now - since).inSeconds >= min(Self.longest, Self.holdDown * Double.exp2(failovers - 1))
    }
}
