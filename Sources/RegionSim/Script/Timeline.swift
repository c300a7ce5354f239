extension RegionSimulator {
    /// Carries out the steps at their times and returns after the last one.
    ///
    /// - Parameters:
    ///   - timeline: In order of time.
    ///   - timeScale: Multiplies every time.
    ///   - start: What the times count from.
    ///   - narrate: Called for steps that only say something.
    /// - Throws: `CancellationError`, or a ``SimulatorError`` where a region cannot listen again.
    package func play(
        _ timeline: [TimelineStep],
        timeScale: Double = 1,
        from start: ContinuousClock.Instant = .now,
        narrate: @Sendable (String) -> Void = { _ in }
    ) async throws {
        let clock = ContinuousClock()
        for step in timeline {
            try await clock.sleep(until: start + step.at * timeScale)
            switch step.action {
            case .setFaults(let region, let faults):
                try await setFaults(region, faults, comment: step.comment)
            case .say:
                if let comment = step.comment { narrate(comment) }
            }
        }
    }
}
