import FailoverCore
import FailoverWire

/// Chats with an LLM, in plain words.
///
/// Names and reasons come from servers, so control characters in them become spaces.
enum ChatText {
    // MARK: One probe

    /// What a probe found out beside its phases; nothing if no chat was answered.
    static func lines(of document: ProbeDocument, in style: TextStyle) -> [String] {
        var rows: [(String, String)] = []
        if let firstToken = firstToken(of: document) { rows.append(("first token", firstToken)) }
        if let chat = document.chat {
            if let time = chat.firstContent { rows.append(("first text", milliseconds(time) + " after the request")) }
            if let gap = chat.longestGap { rows.append(("longest gap", milliseconds(gap))) }
            if let speed = chat.tokensPerSecond { rows.append(("speed", self.speed(speed))) }
            if let usage = chat.usage { rows.append(("tokens", tokens(of: usage))) }
            if let author = author(of: chat) { rows.append(("model", author)) }
            if let finish = chat.finish { rows.append(("finish", finish.printable)) }
            if chat.keepalives > 0 { rows.append(("keep-alives", "\(chat.keepalives)")) }
            rows += chat.anomalies.map { ("odd", words(forAnomaly: $0)) }
            if let poor = chat.poorQuality { rows.append(("poor", "\(poor.text.printable) (\(poor.code.printable))")) }
        }
        return rows.flatMap { label, text in
            let margin = "  " + label.padded(to: 12) + "  "
            let lines = Wording.wrap(text, width: style.width, indent: margin.count)
            return [margin + (lines.first ?? "").dropFirst(margin.count)] + lines.dropFirst()
        }
    }

    private static func firstToken(of document: ProbeDocument) -> String? {
        let objective = document.ttftObjective.map { " (objective \(Wording.limit(milliseconds: $0)))" } ?? ""
        guard let ttft = document.ttft else { return document.chat == nil ? nil : "none" + objective }
        if document.kind == ReasonCode.ttftTimeout.rawValue { return "none for \(milliseconds(ttft))\(objective)" }
        let isLate = ttft > document.ttftObjective ?? .infinity
        return "\(milliseconds(ttft)) after the request\(objective)\(isLate ? ", too late" : "")"
    }

    private static func tokens(of usage: StateDocument.Usage) -> String {
        let cached = usage.cached.map { " (\($0.grouped) from a cache)" } ?? ""
        let reasoning = usage.reasoning.map { " (\($0.grouped) for reasoning)" } ?? ""
        return "\(usage.prompt.grouped) in\(cached), \(usage.completion.grouped) out\(reasoning)"
    }

    // MARK: The last answer of each probe

    /// What deserves attention about an endpoint's last answers; several probes are named.
    static func notes(of chats: [String: StateDocument.Chat]) -> [String] {
        each(chats) { chat in
            chat.poorQuality.map { "poor answer: \($0.text.printable)" }
        }
    }

    /// `short: gpt-4o-2024-08-06 (fp_44709d6fcb), 41.5 tokens/s, longest gap 31 ms`, or `no token, 99 keep-alives`.
    ///
    /// Several probes are named.
    static func answers(of chats: [String: StateDocument.Chat]) -> [String] {
        each(chats) { chat in
            let figures = [
                author(of: chat), chat.tokensPerSecond.map(speed),
                chat.longestGap.map { "longest gap " + milliseconds($0) },
                chat.keepalives > 0 && chat.isSilent ? "no token" : nil,
                chat.keepalives > 0 ? Wording.count(chat.keepalives, "keep-alive") : nil,
            ]
            let odd =
                chat.anomalies.map(words(forAnomaly:)) + (chat.poorQuality.map { ["poor: \($0.text.printable)"] } ?? [])
            let parts = [figures.compactMap { $0 }.joined(separator: ", ")] + odd
            let text = parts.filter { !$0.isEmpty }.joined(separator: "; ")
            return text.isEmpty ? nil : text
        }
    }

    private static func each(
        _ chats: [String: StateDocument.Chat],
        _ text: (StateDocument.Chat) -> String?
    ) -> [String] {
        chats.sorted { $0.key < $1.key }.compactMap { probe, chat in
            text(chat).map { chats.count == 1 ? $0 : "\(probe): \($0)" }
        }
    }

    // MARK: Words

    private static func author(of chat: StateDocument.Chat) -> String? {
        let build = chat.fingerprint.map { chat.model == nil ? "build \($0)" : " (\($0))" } ?? ""
        let author = (chat.model ?? "") + build
        return author.isEmpty ? nil : author.printable
    }

    private static func speed(_ tokensPerSecond: Double) -> String {
        "\(tokensPerSecond.formatted(decimals: tokensPerSecond < 100 ? 1 : 0)) tokens/s"
    }

    private static func milliseconds(_ value: Double) -> String {
        Wording.milliseconds(value, inSeconds: value >= 1000)
    }

    private static func words(forAnomaly code: String) -> String {
        guard let anomaly = ChatAnomaly(rawValue: code) else { return code.printable }
        let words =
            switch anomaly {
            case .unusualFinish: "it stopped for an unusual reason"
            case .noFinishReason: "the model never said why it stopped"
            case .noTerminator: "the end of the stream was not announced"
            case .unfinishedEvent: "the last event was not ended"
            case .badEvent: "an event was no JSON"
            case .reasoningOnly: "all tokens went into hidden reasoning"
            case .notStreamed: "the answer came whole, not streamed"
            case .cached: "a cache answered, or knew part of the prompt"
            case .reasoningLeak: "it used more tokens than were allowed"
            case .contentType: "it has another content type than asked for"
            }
        return "\(words) (\(code))"
    }
}

extension String {
    /// Without control characters, which could steer a terminal, and without white space at the end.
    var printable: String {
        var text = String.UnicodeScalarView(
            unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        )
        while text.last?.properties.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension StateDocument.Chat {
    /// Nothing that a model says has come.
    fileprivate var isSilent: Bool {
        model == nil && fingerprint == nil && finish == nil && usage == nil && firstContent == nil && longestGap == nil
    }
}
