/// Something to tell once of an endpoint, beside its verdict.
struct EndpointNews: Sendable, Equatable {
    let kind: EventKind
    let reason: Reason

    init(_ kind: EventKind, _ code: ReasonCode, _ text: String) {
        self.kind = kind
        reason = Reason(code, text)
    }
}

extension ProbeKey {
    /// How a sentence about an endpoint begins that has several probes: nothing for the only one.
    var prefix: String { probe == .default ? "" : "\(probe): " }
}
