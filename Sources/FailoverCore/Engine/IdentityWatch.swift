/// Which model or build answers, told when it changes.
///
/// Several machines behind one name answer in turn: a change to what was seen within the last hour is told once an hour at
/// most, and a name that is different each time a few times.
struct IdentityWatch: Sendable {
    private struct Seen: Sendable {
        let name: String
        var at: MonotonicInstant
    }

    /// The one that answered last comes last; at most `kept`.
    private var seen: [Seen] = []
    /// When changes were told in the last hour, oldest first; at most `mostTold`.
    private var told: [MonotonicInstant] = []

    /// What people were told last; the first name before anything was told.
    private var heard: String?

    private static let memory = Duration.seconds(3600)
    private static let kept = 8
    private static let mostTold = 4

    /// Takes the name that an answer carries.
    ///
    /// - Returns: The name that was told last, or came first, if the change has to be told.
    mutating func see(_ name: String, at now: MonotonicInstant) -> String? {
        let isKnown = seen.contains { $0.name == name && now - $0.at < Self.memory }
        if let last = seen.last, last.name == name {
            seen[seen.count - 1].at = now
        } else {
            seen.removeAll { $0.name == name }
            if seen.count == Self.kept { seen.removeFirst() }
            seen.append(Seen(name: name, at: now))
        }
        told.removeAll { now - $0 >= Self.memory }
        guard let before = heard else {
            heard = name
            return nil
        }
        // One that came back while that could not be told is told when the hour is over, if it is still there.
        guard name != before, isKnown ? told.isEmpty : told.count < Self.mostTold else { return nil }
        told.append(now)
        heard = name
        return before
    }
}
