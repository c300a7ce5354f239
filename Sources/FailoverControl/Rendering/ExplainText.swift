import FailoverCore
package import FailoverWire
import FoundationEssentials

/// What `failoverctl explain` prints: the arithmetic of the rule, step by step.
package enum ExplainText {
    /// The arithmetic of one endpoint; of all, and of the last failover, if `endpoint` is `nil`.
    package static func render(_ document: ExplainDocument, endpoint: String?, in style: TextStyle) -> String {
        var lines = heading(
            [
                ("\(document.route): \(ShareText.weights(of: document) ?? document.active)", .bold), (", ", .plain),
                (Wording.mode(document.mode), Paint.mode(document.mode)),
            ],
            since(document, in: style),
            in: style
        )
        lines += Wording.wrap(document.reason.text, width: style.width, indent: 2)
        if document.dryRun == true {
            lines += Wording.wrap(observing(document), width: style.width, indent: 2)
                .map { Paint.yellow.apply(to: $0, in: style) }
        }
        lines += labelled("limit", document.limit, in: style)
        if endpoint == nil { lines += SpeedText.lines(of: document, in: style) }
        if let trouble = document.trouble {
            lines += Wording.wrap(ConnectionText.trouble(trouble, in: style), width: style.width, indent: 2)
                .map { Paint.red.apply(to: $0, in: style) }
        }
        if endpoint == nil { lines += ShareText.lines(of: document, in: style) }
        for member in document.endpoints where endpoint == nil || member.endpoint == endpoint {
            lines.append("")
            let isStopped = document.shares?[member.endpoint]?.stopped != nil
            lines += self.lines(of: member, stoppedOn: isStopped ? document.route : nil, in: style)
        }
        if endpoint == nil, let move = document.lastFailover {
            lines.append("")
            lines += self.lines(ofLastFailover: move, in: style)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The time of the last move, and what has been so since then.
    private static func since(_ document: ExplainDocument, in style: TextStyle) -> String {
        let time = "since \(Wording.time(document.since, in: style))"
        let ago = Wording.ago(document.since, in: style)
        guard !Wording.beganWithMove(document.mode) else { return " \(time) (\(ago))" }
        return " (\(document.shares == nil ? "on \(document.active)" : "weights") \(time), \(ago))"
    }

    private static func observing(_ document: ExplainDocument) -> String {
        guard let wish = ShareText.weights(of: document, isWish: true) ?? document.wouldBeActive else {
            return Wording.observing(wish: nil)
        }
        let isAway = wish != ShareText.weights(of: document) ?? document.active
        return Wording.observing(wish: isAway ? wish : nil)
    }

    private static func lines(ofLastFailover move: EventDocument, in style: TextStyle) -> [String] {
        var lines = heading(
            [("last failover\(move.share.map { " of the share of \($0)" } ?? "")", .bold)],
            ": \(move.dryRun ? "would be " : "")\(move.from ?? "-") -> \(move.to ?? "-") at "
                + "\(Wording.time(move.at, in: style)) (\(Wording.ago(move.at, in: style)))",
            in: style
        )
        guard let grounds = move.grounds else {
            return lines + Wording.wrap(move.reason.text, width: style.width, indent: 2)
        }
        lines += self.lines(of: grounds, in: style)
        if let to = move.to {
            let region = move.regionTo.map { $0 == to ? "" : " (\($0))" } ?? ""
            lines += labelled("target", to + region, in: style)
        }
        return lines
    }

    /// `stoppedOn` is the route of which the endpoint is a stopped canary; `nil` for others.
    static func lines(
        of endpoint: ExplainDocument.Endpoint,
        stoppedOn: String? = nil,
        in style: TextStyle
    ) -> [String] {
        let isRefused = endpoint.reason.isRefusal
        let verdict = endpoint.verdict.uppercased() + (isRefused ? ", REFUSED" : "")
        let paint = isRefused ? Paint.yellow : .verdict(endpoint.verdict)
        var lines = heading(
            [(endpoint.endpoint, .bold), (" ", .plain), (verdict, paint)],
            ": \(endpoint.reason.text)",
            in: style
        )
        if let pinned = endpoint.pinned { lines += labelled("intent", OrderText.pinned(pinned, in: style), in: style) }
        if let drained = endpoint.drained {
            lines += labelled("intent", OrderText.drained(drained, in: style), in: style)
        }
        if let tier = endpoint.tier { lines += labelled("tier", words(forTier: tier, of: endpoint), in: style) }
        for note in ConnectionText.notes(of: endpoint.connections ?? [:], in: style) {
            lines += labelled("network", note, in: style)
        }
        for answer in ChatText.answers(of: endpoint.chat ?? [:]) { lines += labelled("answer", answer, in: style) }
        if let reported = endpoint.reported {
            lines += labelled("users", ReportedText.note(on: reported, in: style, isLabelled: true), in: style)
        }
        for indicator in endpoint.indicators {
            lines += EvidenceText(indicator).lines(in: style)
        }
        if let witness = endpoint.witness {
            lines += labelled("witness", WitnessText.words(for: witness), in: style)
        }
        if let recovery = endpoint.recovery {
            let pace = recovery.holdDownEnds == nil ? endpoint.spend.flatMap { words(forPace: $0.pace) } : nil
            let order = stoppedOn.map { "; its share returns only by failoverctl failback \($0) \(endpoint.endpoint)" }
            let back = words(for: recovery, in: style) + (pace.map { "; \($0)" } ?? "") + (order ?? "")
            lines += labelled("back", back, in: style)
        }
        return lines
    }

    /// On which evidence a verdict rests.
    private static func words(forTier tier: String, of endpoint: ExplainDocument.Endpoint) -> String {
        switch tier {
        case EvidenceTier.deep.rawValue: "deep, it was asked what users ask"
        case EvidenceTier.shallow.rawValue where endpoint.connections?.speakNoHTTP ?? false:
            "shallow, it was reached and not asked anything"
        case EvidenceTier.shallow.rawValue: "shallow, only cheaper questions lately"
        case "none": "none, too little is known of late"
        default: tier
        }
    }

    /// Only answers of the model prove that it is back: a cap makes them rarer; `nil` where none does.
    private static func words(forPace pace: String) -> String? {
        switch SpendPace(rawValue: pace) {
        case .slower, .cheaper: "that takes longer, because a cap makes chats rarer"
        case .exhausted: "not before midnight UTC, because a cap leaves no chat to prove it with"
        case .full, nil: nil
        }
    }

    static func words(for recovery: ExplainDocument.Recovery, in style: TextStyle) -> String {
        let proof =
            "recovery evidence \(recovery.proof.formatted(decimals: 1))/\(recovery.proofNeeded.formatted(decimals: 1))"
        let hold = Wording.span(seconds: Int(recovery.holdDownSeconds.rounded()))
        let failovers = recovery.penalty >= 0.5 ? Int(recovery.penalty.rounded()) : 0
        let penalty = failovers > 0 ? " (\(Wording.ordinal(failovers)) failover that still counts)" : ""
        if let ends = recovery.holdDownEnds {
            let left = Int(ends.date.timeIntervalSince(style.now.date).rounded(.up))
            let when =
                left > 0
                ? "must stay so until \(Wording.time(ends, in: style)), \(Wording.span(seconds: left)) more" : "ready"
            return "\(proof), proven; \(when)\(penalty)"
        }
        let probes = Wording.count(recovery.cleanProbesLeft, "clean probe")
        return "\(proof) (\(probes)), then stable \(hold)\(penalty)"
    }

    /// Begun at the margin; further lines are indented.
    static func heading(
        _ start: [(text: String, paint: Paint)],
        _ rest: String,
        in style: TextStyle
    ) -> [String] {
        let plain = start.map(\.text).joined()
        let indent = 2
        var lines = Wording.wrap(plain + rest, width: style.width, indent: indent)
        guard let first = lines.first?.dropFirst(indent) else { return [] }
        // A name that fills the line alone is left as it is.
        let painted = start.map { $0.paint.apply(to: $0.text, in: style) }.joined()
        lines[0] = first.hasPrefix(plain) ? painted + first.dropFirst(plain.count) : String(first)
        return lines
    }

    static func labelled(_ label: String, _ text: String, in style: TextStyle) -> [String] {
        guard !text.isEmpty else { return [] }
        let margin = "  \(label.padded(to: 7)): "
        let lines = Wording.wrap(text, width: style.width, indent: margin.count)
        return [margin + (lines.first ?? "").dropFirst(margin.count)] + lines.dropFirst()
    }
}
