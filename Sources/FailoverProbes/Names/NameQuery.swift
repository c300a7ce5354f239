import FailoverCore

/// One look-up in progress: which full names are asked for, and what has been said so far.
struct NameQuery: Sendable {
    enum Step: Hashable, Sendable {
        /// Something is still being asked.
        case wait
        /// Ask for the addresses of both families of this full name.
        case ask(String)
        case finished(NameOutcome)
    }

    let host: String
    private var candidates: ArraySlice<String>
    private var ipv6: FamilyAnswer?
    private var ipv4: FamilyAnswer?
    /// Trouble with an earlier candidate: if no other has addresses, nothing is known about the name.
    private var trouble: FamilyAnswer?

    init(host: String, search: SearchList) {
        self.host = host
        candidates = search.candidates(for: host)[...]
    }

    /// The full name that is being asked for.
    var current: String { candidates.first ?? host }

    /// Takes in an answer about ``current``.
    ///
    /// Like the C library, goes on to the next domain after "no such name" and after trouble, and not after a silence,
    /// which the next name would meet too.
    mutating func receive(_ answer: FamilyAnswer, for family: IPAddress.Family, isSilence: Bool = false) -> Step {
        switch family {
        case .ipv6: ipv6 = answer
        case .ipv4: ipv4 = answer
        }
        guard let ipv6, let ipv4 else { return .wait }
        let outcome = NameOutcome(ipv6: ipv6, ipv4: ipv4)
        let both = [ipv6, ipv4]
        guard candidates.count > 1, !isSilence else { return .finished(last(outcome)) }
        let troubles = both.filter { if case .trouble = $0 { true } else { false } }
        switch outcome {
        case .failure where !troubles.isEmpty: trouble = trouble ?? troubles.first
        case .failure(.notFound) where both.allSatisfy { $0 == .noSuchName }: break
        case .addresses, .failure: return .finished(last(outcome))
        }
        candidates = candidates.dropFirst()
        self.ipv6 = nil
        self.ipv4 = nil
        return .ask(current)
    }

    /// What has been said so far, if one family has usable addresses.
    var partial: NameOutcome? {
        let outcome = NameOutcome(ipv6: ipv6, ipv4: ipv4)
        if case .addresses = outcome { return outcome }
        return nil
    }

    private func last(_ outcome: NameOutcome) -> NameOutcome {
        guard case .failure(.notFound) = outcome, case .trouble(let failure) = trouble else { return outcome }
        return .failure(failure)
    }
}
