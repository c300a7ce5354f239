/// Keeps a burst from using up what journald takes from one service, so that it never drops an event that moves something.
///
/// Verdicts, what else is told of single endpoints, and lines of the daemon about itself are counted in windows; those beyond
/// the allowance are left out, and told as one entry when their window ends. All other events always pass.
struct JournalBurst {
    /// What journald takes within this time is limited per service; its own default, and that of the unit.
    static let window = Duration.seconds(30)
    /// Entries of a window that may be left out, and are not.
    ///
    /// A tenth of journald's default (10,000 within 30 s): two windows of ours may lie in one of journald's, and moves have the
    /// rest.
    static let allowance = 1_000

    /// What is told of single endpoints, in any number at once, and moves nothing by itself.
    private static let boundedKinds: Set<String> = [
        "verdict", "throttled", "misconfigured", "quality", "spend", "certificate",
    ]

    private var count = 0
    private var leftOut = QueueDrops()

    /// What becomes of an entry.
    enum Answer: Equatable {
        case pass
        /// The first of a window, which ends ``window`` later.
        case passAndStartWindow
        case leaveOut
    }

    mutating func answer(to entry: JournalEntry) -> Answer {
        guard entry.event.map(Self.boundedKinds.contains) ?? true else { return .pass }
        count += 1
        if count == 1 { return .passAndStartWindow }
        guard count > Self.allowance else { return .pass }
        leftOut.byKind[entry.event ?? "line", default: 0] += 1
        return .leaveOut
    }

    /// Begins anew, and says what was left out; `nil` if nothing was.
    mutating func endWindow() -> QueueDrops? {
        defer { self = JournalBurst() }
        return leftOut.total > 0 ? leftOut : nil
    }
}
