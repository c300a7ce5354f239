import FailoverWire
import Foundation
import TestSupport

/// A daemon that moves its route at every single bad and good probe, and the regions that make it do so.
struct Unrest: Sendable {
    let stage: Stage
    let regions: Regions
    var setup: Setup

    /// Route `main` prefers `a`, which is toggled; `b` and `c` are always well.
    static func make(on stage: Stage) async throws -> Unrest {
        let regions = try await Regions.start(["a", "b", "c"], on: stage)
        var setup = Setup(regions.endpoints(["a", "b"]))
        setup.decision = Setup.restless
        setup.timeouts = "{ first_byte: 2s, total: 2s }"
        setup.objective = "1500ms"
        try stage.configure(setup)
        return Unrest(stage: stage, regions: regions, setup: setup)
    }

    func breakPreferred() throws { try regions.fault("a", #"{"status": 503}"#) }
    func healPreferred() throws { try regions.heal("a") }

    /// Nobody answers any more, so nothing is judged and nothing moves.
    func silence() throws { for name in ["a", "b"] { try regions.fault(name, "blackhole") } }
    /// Everybody answers again.
    func speak(preferredIsWell: Bool) throws {
        if preferredIsWell { try healPreferred() } else { try breakPreferred() }
        try regions.heal("b")
    }

    /// Breaks or heals the preferred endpoint and waits until the route has followed.
    func move(toPreferred isPreferred: Bool) async throws {
        if isPreferred { try healPreferred() } else { try breakPreferred() }
        try await condition("the route follows") {
            guard let active = (try? stage.state())?.routes["main"]?.active else { return false }
            return (active == "a") == isPreferred
        }
    }
}
