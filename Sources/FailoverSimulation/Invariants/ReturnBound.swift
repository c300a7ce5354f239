package import FailoverCore
import RealModule

/// How long a route may take back to its preferred endpoint once nothing is wrong any more.
///
/// The parts, one after the other, each at its worst: attempts under way end badly, an endpoint that limited our rate is left
/// alone; evidence short of the threshold fades, or the recovery is proven; the hold-down; the limit on moves, once for each
/// rank on the way; the disk is asked again.
package enum ReturnBound {
    /// No bound is shorter.
    static let least = Duration.seconds(30)
    /// A report that never comes is given up so long after the limit of its attempt.
    private static let reporting = Duration.seconds(5)
    /// The longest Retry-After that is obeyed.
    private static let longestRetryAfter = Duration.seconds(300)
    /// Throttled or refused for the last time, an endpoint is so long no target.
    private static let caution = Duration.seconds(240)
    /// The longest hold-down, unless the route says a longer one.
    private static let longestHoldDown = Duration.seconds(3600)
    private static let moveWindow = Duration.seconds(3600)
    /// Patience with the disk, and twice the time between two questions.
    private static let disk = Duration.seconds(15)

    /// `nil` for a route that never returns by itself.
    package static func time(of route: RouteConfiguration, in configuration: Configuration) -> Duration? {
        let decision = route.decision
        guard decision.failback == .automatic, !decision.observe, decision.maximumMovesPerHour != 0 else { return nil }
        let members = configuration.endpoints.filter { route.endpoints.contains($0.name) }
        let probes = members.flatMap(\.probes)
        guard let interval = probes.map(\.interval).max(), let total = probes.map(\.timeouts.total).max() else {
            return nil
        }
        let late = total + reporting + longestRetryAfter + caution
        // Jitter moves a start by a tenth of the interval, and two that are planned close together share one.
        let judged = interval * Int(probesToBeWell(decision.rule, members, route).rounded(.up) * 1.2 + 10)
        let holdDowns = configuration.routes.map(\.decision.holdDown)
        let holdDown = holdDowns.max().map { $0 > .zero ? max($0, longestHoldDown) : .zero } ?? .zero
        let ranks = Set(route.ranks).count
        let limit: Duration = decision.maximumMovesPerHour == nil ? .zero : moveWindow * max(1, ranks - 1)
        return late + judged + holdDown + limit + disk
    }

    /// Clean probes until an endpoint is healthy, from the worst that it can be.
    private static func probesToBeWell(
        _ rule: RuleConfiguration,
        _ members: [EndpointConfiguration],
        _ route: RouteConfiguration
    ) -> Double {
        switch rule {
        case .consecutive(_, let rise): return Double(rise + 3)
        case .window(_, let of, let rise): return Double(of + rise + 3)
        case .evidence(let parameters):
            let proof = RecoveryProof.cap / RecoveryProof.goodStep
            var fading = 0.0
            for member in members {
                for probe in member.probes {
                    let detector = rule.detector(
                        for: probe,
                        availability: route.availability.ratio,
                        probes: member.probes.count
                    )
                    let thresholds = IndicatorKind.allCases.flatMap { detector.explanation(for: $0).thresholds }
                    let threshold = thresholds.max() ?? 0
                    // Of the weakest alternative, at the larger of the budgets: 1 % for a p99.
                    let budget = max(0.01, 1 - route.availability.ratio.value)
                    let bad = max(parameters.degradedAt.value, budget * 1.5)
                    let step = Double.log10((1 - budget) / (1 - bad))
                    fading = max(fading, threshold / step)
                }
            }
            return proof + fading
        }
    }
}
