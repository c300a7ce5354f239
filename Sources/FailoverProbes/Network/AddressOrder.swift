import FailoverCore

/// In which order the addresses of a name are tried, and which family lately did not answer.
///
/// Source: RFC 8305 ("Happy Eyeballs"), sections 4 and 5: families take turns, IPv6 first, and a family that failed is not
/// tried first again for ten minutes.
struct AddressOrder: Sendable {
    /// How long a try stays alone before the next address joins it.
    static let stagger = Duration.milliseconds(250)
    /// How long a family that failed comes second.
    static let memory = Duration.seconds(600)
    /// More addresses than this are not tried in one attempt.
    static let maximum = 8

    private var failed: (family: AddressFamily, until: MonotonicInstant)?

    /// The family that is known not to answer, `nil` for none.
    var failedFamily: AddressFamily? { failed?.family }

    /// The addresses to try, best first; those of another family than `source` are left out.
    mutating func arranged(
        _ addresses: [IPAddress],
        source: IPAddress?,
        at now: MonotonicInstant
    ) -> [IPAddress] {
        if let failed, failed.until <= now { self.failed = nil }
        let usable = source.map { source in addresses.filter { $0.family == source.family } } ?? addresses
        guard usable.count > 1 else { return usable }
        let first: AddressFamily = failed?.family == .ipv6 ? .ipv4 : .ipv6
        var preferred = usable.filter { $0.family == first }[...]
        var others = usable.filter { $0.family != first }[...]
        var arranged: [IPAddress] = []
        while arranged.count < Self.maximum, !(preferred.isEmpty && others.isEmpty) {
            if let address = preferred.popFirst() { arranged.append(address) }
            if let address = others.popFirst(), arranged.count < Self.maximum { arranged.append(address) }
        }
        return arranged
    }

    /// Notes who won: `loser` is a family that was tried earlier and did not answer.
    mutating func won(by winner: AddressFamily, over loser: AddressFamily?, at now: MonotonicInstant) {
        if let loser {
            failed = (loser, now + Self.memory)
        } else if failed?.family == winner {
            failed = nil
        }
    }
}
