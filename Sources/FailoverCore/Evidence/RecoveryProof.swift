import RealModule

/// Proof that a tripped endpoint is well again: a reverse sequential test of "1 % bad" against "still 20 % bad".
///
/// 22 clean probes prove it 100 to 1 (Wald's test); for comparison, two successes in a row only show that less than
/// 78 % are bad.
package struct RecoveryProof: Sendable {
    /// Powers of ten; 100 : 1.
    package static let needed = 2.0
    /// Proof beyond the need is kept up to here: one bad step fits between the two, and a second one does not.
    package static let cap = needed + 1.5
    private static let healthyBad = 0.01
    private static let stillBad = 0.20

    package private(set) var proof = 0.0

    package init() {}

    package static let goodStep = Double.log10((1 - healthyBad) / (1 - stillBad))
    package static let badStep = Double.log10(healthyBad / stillBad)

    package var isProven: Bool { proof >= Self.needed }

    /// Clean probes that are still needed if all are clean.
    package var cleanProbesLeft: Int {
        isProven ? 0 : Int(((Self.needed - proof) / Self.goodStep).rounded(.up))
    }

    package mutating func record(isBad: Bool) {
        proof = min(max(0, proof + (isBad ? Self.badStep : Self.goodStep)), Self.cap)
    }

    package mutating func reset() { proof = 0 }

    /// Puts a proof that was reached up to the cap.
    ///
    /// It grows so slowly that a short hold-down would end first: without this, one stray bad probe in it would start
    /// the wait again; with it, only a second one does.
    package mutating func secure() { if isProven { proof = Self.cap } }
}
