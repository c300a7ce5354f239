import FailoverCore

/// HAProxy's `fall` and `rise`: consecutive probes in both directions.
///
/// Its health is one counter, as in src/check.c: up from `rise` on, at most `rise + fall - 1`.
package struct HAProxyRule: DecisionRule {
    private let fall: Int
    private let rise: Int
    private var health: Int

    package init(fall: Int, rise: Int) {
        self.fall = fall
        self.rise = rise
        health = rise + fall - 1
    }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        let top = rise + fall - 1
        if probe.isBad {
            // Up: one step towards down. Down: the good ones in a row are lost.
            health = health > rise ? health - 1 : 0
        } else {
            health = health >= rise - 1 ? top : health + 1
        }
        return health < rise
    }
}

/// Envoy's outlier detection by consecutive failures, with ejections that grow.
///
/// So many in a row eject for 30 s times the number of ejections, at most 300 s. Every 10 s it looks: who has served the time
/// returns, and who is in for a whole look has one ejection less on record. An ejected host gets no requests.
package struct EnvoyRule: DecisionRule {
    private let consecutive: Int
    private var bad = 0
    private var ejections = 0
    private var nextLook = 0.0
    /// `nil` while it is in.
    private var ejectedUntil: Double?

    private static let look = 10.0
    private static let base = 30.0
    private static let longest = 300.0

    package init(consecutive: Int) { self.consecutive = consecutive }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        let now = Double(probe.start.nanoseconds) / 1e9
        while now >= nextLook {
            if let until = ejectedUntil {
                if nextLook >= until {
                    ejectedUntil = nil
                    bad = 0
                }
            } else if ejections > 0 {
                ejections -= 1
            }
            nextLook += Self.look
        }
        guard ejectedUntil == nil else { return true }
        bad = probe.isBad ? bad + 1 : 0
        guard bad >= consecutive else { return false }
        ejections += 1
        ejectedUntil = now + min(Self.base * Double(ejections), Self.longest)
        return true
    }
}

/// gdnsd's `down_thresh`, `ok_thresh` and `up_thresh`: bad probes are counted through good ones, until enough of those come in
/// a row.
package struct GdnsdRule: DecisionRule {
    private let down: Int
    private let ok: Int
    private let up: Int
    private var bad = 0
    private var goodInARow = 0
    private var isDown = false

    package init(down: Int, ok: Int, up: Int) {
        self.down = down
        self.ok = ok
        self.up = up
    }

    package mutating func take(_ probe: DecisionProbe) -> Bool {
        if probe.isBad {
            bad += 1
            goodInARow = 0
        } else {
            goodInARow += 1
            if !isDown, goodInARow >= ok { bad = 0 }
        }
        if !isDown {
            isDown = bad >= down
        } else if goodInARow >= up {
            isDown = false
            bad = 0
        }
        return isDown
    }
}
