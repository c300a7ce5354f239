import FailoverCore

/// What some chats ask, decide and cost.
package struct ChatMeaning: Hashable, Sendable, CustomStringConvertible {
    /// Endpoints in configuration order, with the name of the probe where it has one; at least one.
    package let probes: [String]
    /// One piece of plain words each; at least one.
    package let notes: [String]

    /// A heading and indented lines.
    package var description: String {
        (["chats of \(ShownText.list(probes))"] + notes.map { "  \($0)" }).joined(separator: "\n")
    }

    /// The chats of `configuration`; those with the same notes are one entry.
    static func all(of configuration: Configuration, costs: ProbingCost) -> [ChatMeaning] {
        var order: [[String]] = []
        var names: [[String]: [String]] = [:]
        for endpoint in configuration.endpoints {
            for probe in endpoint.probes {
                guard case .chat(let chat) = probe.request else { continue }
                let notes = Notes(
                    chat: chat,
                    probe: probe,
                    endpoint: endpoint,
                    currency: configuration.spend.currency,
                    costs: costs
                )
                .all
                if names[notes] == nil { order.append(notes) }
                let isNamed = probe.name != .default
                names[notes, default: []].append("\(endpoint.name)\(isNamed ? " (\(probe.name))" : "")")
            }
        }
        return order.map { ChatMeaning(probes: names[$0] ?? [], notes: $0) }
    }
}

/// One chat in plain words.
private struct Notes {
    let chat: ChatProbe
    let probe: ProbeConfiguration
    let endpoint: EndpointConfiguration
    let currency: String
    let costs: ProbingCost

    var all: [String] {
        let notes =
            chat.mode == .chat ? [question, good] + [quality, cost, cap].compactMap(\.self) : [cheaperQuestion]
        return notes + [credential] + traffic
    }

    private var pace: String { "every \(DurationText.format(probe.interval))" }

    private var question: String {
        let length = "\(chat.prompt.count.grouped) characters"
        let random = chat.bustsCache ? " behind 8 random ones" : ", always the same, which a cache may answer"
        return "ask \(ShownText.cleaned(chat.model)) \(pace) for an answer of at most \(chat.maximumTokens) tokens, "
            + "streamed; the prompt has \(length)\(random)"
    }

    private var cheaperQuestion: String {
        "ask \(pace) for \(words(for: chat.mode)): a failure can prove the endpoint down, an answer proves nothing"
    }

    private func words(for mode: ChatProbe.Mode) -> String {
        switch mode {
        case .chat: "a chat"
        case .models: "the list of models"
        case .health: "the page about its health"
        }
    }

    private var good: String {
        let parts = [
            probe.ttftObjective.map { "its first token within \(DurationText.format($0))" },
            probe.latencyObjective.map { "the whole answer within \(DurationText.format($0))" },
        ]
        let wanted = parts.compactMap(\.self).joined(separator: " and ")
        return "good is \(wanted), counted from the request written; answering at all is judged by itself"
    }

    private var quality: String? {
        let expect = chat.quality
        var faults = expect.text.map { expectation in
            switch expectation {
            case .contains(let text): "does not contain \(ShownText.quoted(text))"
            case .regex(let pattern): "does not match \(ShownText.quoted(pattern))"
            case .json(let pointer, let value):
                "has not \(ShownText.cleaned(YAMLText.scalar(value))) at \(ShownText.quoted(pointer))"
            }
        }
        if let model = expect.model { faults.append("comes from another model than \(ShownText.cleaned(model))") }
        if expect.refusesRepetition { faults.append("repeats itself") }
        guard !faults.isEmpty else { return nil }
        let consequence =
            expect.failsEndpoint
            ? "counts as a failure" : "ranks the endpoint behind others, and moves nothing by itself"
        return "an answer that \(faults.joined(separator: " or ")) \(consequence)"
    }

    private var cost: String? {
        guard let bound = QuestionBound(probe) else { return nil }
        let each = "\(bound.inputTokens.grouped) + \(bound.outputTokens.grouped) tokens each"
        let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
        guard let price = endpoint.price, let cost = costs.text(of: key) else {
            var use = DailyUse()
            use.add([probe], price: nil)
            let wanted = Int(use.tokens.rounded())
            let capped = min(wanted, costs.tokenCap(of: endpoint.name) ?? wanted)
            let caps = capped < wanted ? " within the caps, \(wanted.grouped) without them" : ""
            return "use at most \(capped.grouped) tokens a day\(caps) (\(each)); "
                + "without a price their cost is unknown"
        }
        let prices =
            "\(PriceKeys.input.rule.write(price.input)) / \(PriceKeys.output.rule.write(price.output)) \(currency)"
        return "cost at most \(cost) (\(each), \(prices) a million as of \(price.asOf))"
    }

    private var cap: String? {
        guard let cap = endpoint.dailyCap else { return nil }
        let parts = [
            cap.cost.map { "\(MoneyText.exact($0)) \(currency)" },
            cap.tokens.map { "\($0.grouped) tokens" },
        ]
        let limit = parts.compactMap(\.self).joined(separator: " and ")
        return "may use \(limit) a day for this endpoint: if that would not last until midnight UTC, they are asked "
            + "more seldom, then for \(words(for: chat.cheaperMode)) instead"
    }

    private var credential: String {
        let header = chat.credentialHeader.headerName
        return switch chat.credential {
        case nil: "show no credential"
        case .systemd(let name)?: "show the systemd credential \(name) as \(header)"
        case .file(let path)?: "show the secret in \(ShownText.cleaned(path)) as \(header)"
        }
    }

    private var traffic: [String] {
        var notes: [String] = []
        if chat.throttledIsFailure { notes.append("count being throttled as a failure") }
        if chat.sharesTrafficCredential {
            notes.append(
                "count a refused credential or request as a failure once it lasts, as users' requests carry the same"
            )
        }
        return notes
    }
}
