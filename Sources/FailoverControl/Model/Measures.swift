package import FailoverWire

/// What the metrics tell beside the state.
package struct Measures: Sendable {
    /// `nil` where nobody counts.
    package let daemon: DaemonFigures?
    /// `nil` where nobody counts.
    package let probes: ProbeTally.Figures?

    package init(daemon: DaemonFigures? = nil, probes: ProbeTally.Figures? = nil) {
        self.daemon = daemon
        self.probes = probes
    }
}

extension ControlSource {
    package func measures() async -> Measures { Measures() }

    package func noteAnswer(status: Int) {}

    package func noteRefusedConnection() {}

    package func noteRefusedFollower() {}
}
