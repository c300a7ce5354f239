import FailoverCore
package import FailoverSystemd
package import FailoverWire

/// How urgent an entry is, as syslog counts; smaller is more urgent.
package enum JournalPriority: Int, Hashable, Comparable, Sendable {
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7

    package static func < (left: JournalPriority, right: JournalPriority) -> Bool { left.rawValue < right.rawValue }
}

/// One thing that is said: an event with its fields, or a line of the daemon about itself.
package struct JournalEntry: Hashable, Sendable {
    package let at: WallTime
    package let priority: JournalPriority
    /// The event as in `FAILOVERD_EVENT=`; `nil` for a line about the daemon itself.
    package let event: String?
    /// One line, complete in itself: `MESSAGE=`.
    package let message: String
    /// One line for people at a terminal, where the event stands in front of it.
    package let summary: String
    /// `MESSAGE_ID=` and `FAILOVERD_…=`, only those that apply.
    package let fields: [JournalField]

    /// A line of the daemon about itself.
    package init(_ priority: JournalPriority, _ text: String, at time: WallTime) {
        at = time
        self.priority = priority
        event = nil
        message = text.onOneLine
        summary = message
        fields = []
    }

    /// All fields of the entry in the journal.
    package var journalFields: [JournalField] {
        [
            JournalField("MESSAGE", message), JournalField("PRIORITY", "\(priority.rawValue)"),
            JournalField("SYSLOG_IDENTIFIER", "failoverd"),
        ] + fields
    }
}

extension JournalEntry {
    package init(_ event: EventDocument) {
        let words = EventWords(event)
        at = event.at
        priority = Self.priority(of: event)
        self.event = event.event
        message = words.message.onOneLine
        summary = words.summary.onOneLine
        fields = Self.fields(of: event)
    }

    /// Says what the journal itself has lost.
    package init(dropped drops: QueueDrops, at time: WallTime) {
        self.init(drops, code: "queue_full", "lost, because nobody took them in time", at: time)
    }

    /// Says what was left out of a burst.
    init(leftOut drops: QueueDrops, at time: WallTime) {
        self.init(drops, code: "burst", "left out, as too many came at once", at: time)
    }

    private init(_ drops: QueueDrops, code: String, _ what: String, at time: WallTime) {
        let kinds = drops.byKind.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let text = "\(drops.total) \(drops.total == 1 ? "entry was" : "entries were") \(what): \(kinds)"
        at = time
        priority = .warning
        event = "dropped"
        message = text.onOneLine
        summary = message
        fields = [
            JournalField("MESSAGE_ID", MessageID.of(event: "dropped") ?? ""),
            JournalField("FAILOVERD_EVENT", "dropped"),
            JournalField("FAILOVERD_REASON_CODE", code), JournalField("FAILOVERD_REASON", message),
            JournalField("FAILOVERD_DROPPED", "\(drops.total)"),
        ]
    }

    private static func priority(of event: EventDocument) -> JournalPriority {
        let code = ReasonCode(rawValue: event.reason.code)
        return switch event.event {
        case "fail_open": .critical
        case "failover", "held", "dropped": .warning
        // Away from what has failed, as a failover; a return, or an operator's word, is as expected.
        case "weights" where event.actor == nil && code != .recovered: .warning
        case "certificate": code == .certificateRenewed ? .notice : .warning
        case "error_budget": code == .clear ? .notice : .warning
        case "vantage", "misconfigured": [.clear, .anchorOK].contains(code) ? .notice : .warning
        // Another build answers now and then with many providers; poor answers or another model are what users feel.
        case "quality": [.clear, .fingerprintChanged].contains(code) ? .notice : .warning
        case "spend": [.reasoningLeak, .spendExhausted, .costlyFailover].contains(code) ? .warning : .notice
        case "config": event.reason.code == "reload_refused" ? .error : .notice
        case "output": event.reason.code == "output_recovered" ? .notice : .warning
        case "started": .info
        default: .notice
        }
    }

    private static func fields(of event: EventDocument) -> [JournalField] {
        let values: [(String, String?)] = [
            ("MESSAGE_ID", MessageID.of(event: event.event)),
            ("FAILOVERD_EVENT", event.event),
            ("FAILOVERD_ROUTE", event.route),
            ("FAILOVERD_ENDPOINT", event.endpoint),
            ("FAILOVERD_FROM", event.from),
            ("FAILOVERD_TO", event.to),
            ("FAILOVERD_SHARE", event.share),
            ("FAILOVERD_OUTPUT", event.output),
            ("FAILOVERD_REGION_FROM", event.regionFrom),
            ("FAILOVERD_REGION_TO", event.regionTo),
            ("FAILOVERD_REASON_CODE", event.reason.code),
            ("FAILOVERD_REASON", event.reason.text),
            ("FAILOVERD_GENERATION", "\(event.generation)"),
            ("FAILOVERD_TERM", "\(event.term)"),
            ("FAILOVERD_VANTAGE", event.vantage),
            ("FAILOVERD_INSTANCE", event.instance),
            ("FAILOVERD_ACTOR", event.actor),
            ("FAILOVERD_DRY_RUN", event.dryRun ? "1" : "0"),
        ]
        return values.compactMap { name, value in value.map { JournalField(name, $0.onOneLine) } }
    }
}

/// An event in the words that people read.
private struct EventWords {
    let message: String
    let summary: String

    init(_ event: EventDocument) {
        let reason = event.reason.text.isEmpty ? event.reason.code : event.reason.text
        let route = event.route ?? "a route"
        let move = "\(event.from ?? "nowhere") -> \(event.to ?? "nowhere")"
        // Without a reason of its own the sentence would end in the air; the generation tells one move from another.
        let end = ": \(reason) (generation \(event.generation)\(event.dryRun ? ", observing only" : ""))"
        let would = event.dryRun ? "would have " : ""
        switch event.event {
        case "failover":
            message = "\(route) \(would)failed over, \(move)\(end)"
            summary = "\(route) \(move)  \(end.dropFirst(2))"
        case "failback":
            message = "\(route) \(would)failed back, \(move)\(end)"
            summary = "\(route) \(move)  \(end.dropFirst(2))"
        case "weights":
            let actor = event.actor.map { " (by \($0))" } ?? ""
            message =
                "\(route) \(event.dryRun ? "would have shifted" : "shifts") \(reason)\(actor) (generation \(event.generation)\(event.dryRun ? ", observing only" : ""))"
            summary =
                "\(route)  \(reason)\(actor) (generation \(event.generation)\(event.dryRun ? ", observing only" : ""))"
        case "fail_open" where event.share != nil, "held" where event.share != nil:
            message = "\(route): \(reason) (generation \(event.generation)\(event.dryRun ? ", observing only" : ""))"
            summary = message
        case "fail_open", "held":
            let rest = event.event == "held" ? "a move is withheld" : "nobody else is healthy"
            message = "\(route) stays on \(event.endpoint ?? "its endpoint"), \(rest)\(end)"
            summary = "\(route) stays on \(event.endpoint ?? "its endpoint")  \(end.dropFirst(2))"
        case "pinned", "unpinned", "drained", "undrained", "frozen", "unfrozen":
            let words = OperatorWords(event, reason: reason)
            message = words.message
            summary = words.summary
        case "spend" where event.isMove:
            message = "\(route), \(move): \(reason)"
            summary = "\(route) \(move)  \(reason)"
        case "verdict", "certificate", "throttled", "misconfigured", "quality", "spend":
            message = "\(event.endpoint ?? event.route ?? "an endpoint"): \(reason)"
            summary = message
        case "vantage":
            message = "vantage \(event.vantage): \(reason)"
            summary = message
        case "config" where event.isMove:
            message = "\(route) moved by the configuration, \(move)\(end)"
            summary = "\(route) \(move)  \(end.dropFirst(2))"
        case "config" where event.route != nil:
            message = "\(route): \(reason)"
            summary = message
        case "started", "config", "dropped", "expired", "output":
            message = reason
            summary = message
        default:
            let subject = [event.route, event.endpoint].compactMap { $0 }.joined(separator: " ")
            message = "\(event.event) \(subject)\(subject.isEmpty ? "" : ": ")\(reason)"
            summary = "\(subject)\(subject.isEmpty ? "" : ": ")\(reason)"
        }
    }
}

/// What an operator asked for, in the words that people read.
private struct OperatorWords {
    let message: String
    let summary: String

    init(_ event: EventDocument, reason: String) {
        let actor = event.actor.map { " by \($0)" } ?? ""
        let isScheduled = event.reason.code == ReasonCode.drainScheduled.rawValue
        let verb = isScheduled ? "is to be drained" : event.event
        if event.isMove {
            let move = "\(event.from ?? "nowhere") -> \(event.to ?? "nowhere")"
            let end = "\(reason) (generation \(event.generation)\(event.dryRun ? ", observing only" : ""))"
            let what = event.event == "pinned" ? "pinned\(actor)" : "leaves what was drained\(actor)"
            message = "\(event.route ?? "a route") \(what), \(move): \(end)"
            summary = "\(event.route ?? "a route") \(move)  \(event.event)\(actor): \(end)"
            return
        }
        let subject: String
        switch (event.route, event.endpoint, event.regionFrom) {
        case (let route?, let endpoint?, _):
            subject = "\(route) \(verb) \(event.event == "pinned" ? "to" : "from") \(endpoint)"
        case (nil, let endpoint?, _): subject = "\(endpoint) \(verb)"
        case (_, nil, let region?): subject = "region \(region) \(verb)"
        case (_, nil, nil): subject = "automatic moves \(verb)"
        }
        message = "\(subject)\(actor)" + (reason == Self.withoutReason(event) ? "" : ": \(reason)")
        summary = message
    }

    /// What stands for a reason where an intent was lifted without one: it would only say the same again.
    private static func withoutReason(_ event: EventDocument) -> String? {
        switch (event.event, event.route, event.endpoint ?? event.regionFrom.map { "region \($0)" }) {
        case ("unpinned", let route?, let endpoint?): "the pin of \(route) to \(endpoint) is lifted"
        case ("undrained", _, let what?): "the drain of \(what) is lifted"
        case ("unfrozen", _, _): "the freeze is lifted"
        default: nil
        }
    }
}

extension String {
}
