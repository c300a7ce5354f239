import FailoverCore

extension EvidenceParameters {
    /// The same rule with another budget, or with another interval while there is suspicion.
    func with(falseFailoversPerYear budget: Double? = nil, confirmInterval: Duration? = nil) -> EvidenceParameters {
        EvidenceParameters(
            preset: preset,
            falseFailoversPerYear: budget ?? falseFailoversPerYear,
            availabilityBlip: availabilityBlip,
            latencyBlip: latencyBlip,
            blipsPerDay: blipsPerDay,
            degradedAt: degradedAt,
            confirmInterval: confirmInterval ?? self.confirmInterval
        )
    }
}
