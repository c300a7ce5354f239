import FailoverCore

/// Chats, prices and caps.
extension ResolvedConfigurationText {
    mutating func add(_ chat: ChatProbe, publicURL: String, depth: Int) {
        typealias Keys = ChatKeys
        addVersion(chat.http, depth: depth)
        setting(depth, Keys.mode, chat.mode)
        if let cheaper = CheaperMode.allCases.first(where: { $0.mode == chat.cheaperMode }) {
            setting(depth, Keys.cheaperMode, cheaper)
        }
        if !chat.model.isEmpty { line(depth, "\(Keys.model.name): \(YAMLText.string(chat.model))") }
        line(depth, "\(Keys.prompt.name): \(YAMLText.string(chat.prompt))")
        setting(depth, Keys.tokenParameter, chat.tokenParameter)
        setting(depth, Keys.maximumTokens, chat.maximumTokens)
        setting(depth, Keys.includesUsage, chat.includesUsage)
        setting(depth, Keys.bustsCache, chat.bustsCache)
        if let body = chat.extraBody {
            line(depth, "\(Keys.extraBody): \(hidesBodies ? "{ hidden: true }" : YAMLText.flow(body))")
        }
        let paths = [(ProbeKeys.path.name, chat.http.target), (Keys.modelsPath.name, chat.modelsTarget)]
        for (name, target) in paths {
            line(depth, "\(name): \(YAMLText.string(Self.path(of: target, beyond: publicURL) ?? "/"))")
        }
        let hasQuery = chat.healthTarget.contains("?")
        let health = chat.healthTarget.prefix { $0 != "?" } + (hasQuery ? "?(hidden)" : "")
        line(depth, "\(Keys.healthPath.name): \(YAMLText.string(String(health)))")
        addHeaders(chat.http, depth: depth)
        setting(depth, Keys.authHeader, chat.credentialHeader)
        add(chat.credential, depth: depth)
        if chat.mode == .chat { add(chat.quality, depth: depth) }
        setting(depth, Keys.quality, chat.quality.failsEndpoint ? .fail : .degrade)
        setting(depth, Keys.throttleAs, chat.throttledIsFailure ? .failure : .throttled)
        setting(depth, Keys.sharesTrafficCredential, chat.sharesTrafficCredential)
    }

    private mutating func setting<Rule>(_ depth: Int, _ setting: DefaultedSetting<Rule>, _ value: Rule.Value) {
        line(depth, "\(setting.name): \(setting.rule.write(value))")
    }

    /// Where a secret is found is no secret.
    private mutating func add(_ credential: Credential?, depth: Int) {
        switch credential {
        case nil: break
        case .systemd(let name)?: line(depth, "\(CredentialKeys.credential.name): \(YAMLText.string(name))")
        case .file(let path)?: line(depth, "\(CredentialKeys.file.name): \(YAMLText.string(path))")
        }
    }

    private mutating func add(_ quality: QualityExpectation, depth: Int) {
        typealias Keys = ChatKeys.Expect
        line(depth, "\(ProbeKeys.expect):")
        if !quality.text.isEmpty {
            line(depth + 1, "\(Keys.answer):")
            for expectation in quality.text { line(depth + 2, "- \(Self.text(expectation))") }
        }
        if let model = quality.model { line(depth + 1, "\(Keys.model.name): \(YAMLText.string(model))") }
        setting(depth + 1, Keys.repetition, quality.refusesRepetition ? .refuse : .allow)
    }

    // MARK: Money

    mutating func add(_ price: Price, depth: Int) {
        typealias Keys = PriceKeys
        let parts = [
            "\(Keys.input.name): \(Keys.input.rule.write(price.input))",
            "\(Keys.output.name): \(Keys.output.rule.write(price.output))",
            "\(Keys.asOf.name): \(Keys.asOf.rule.write(price.asOf))",
        ]
        line(depth, "\(Keys.price): { \(parts.joined(separator: ", ")) }")
    }

    mutating func add(_ cap: SpendCap, depth: Int) {
        line(depth, "\(SpendKeys.spend): { \(Self.text(cap)) }")
    }

    private static func text(_ cap: SpendCap) -> String {
        typealias Keys = SpendKeys
        let parts = [
            cap.cost.map { "\(Keys.cost.name): \(Keys.cost.rule.write($0))" },
            cap.tokens.map { "\(Keys.tokens.name): \(Keys.tokens.rule.write($0))" },
        ]
        return "\(Keys.daily): { \(parts.compactMap(\.self).joined(separator: ", ")) }"
    }

    /// Only where money plays a part.
    mutating func add(_ cost: RouteCost, depth: Int) {
        typealias Keys = WorkloadKeys
        let workload = cost.workload
        let counts =
            "\(Keys.inputTokens.name): \(workload.inputTokens), \(Keys.outputTokens.name): \(workload.outputTokens)"
        line(depth, "\(Keys.workload): { \(counts) }")
        if let ratio = cost.maximumRatio {
            line(depth, "\(Keys.maximumRatio.name): \(Keys.maximumRatio.rule.write(ratio))")
        }
        if let cap = cost.dailyCap { add(cap, depth: depth) }
    }

    mutating func add(_ spend: SpendConfiguration) {
        line(0, "\(SpendKeys.spend):")
        line(1, "\(SpendKeys.currency.name): \(spend.currency)")
        if let cap = spend.daily { line(1, Self.text(cap)) }
    }
}

extension YAMLText {
    /// A value of any depth in one line.
    static func flow(_ tree: JSONTree) -> String {
        switch tree {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        // A point or an exponent, so that it does not read back as a whole number.
        case .number(let number): "\(number)"
        case .string(let text): string(text)
        case .array(let items): "[\(items.map(flow).joined(separator: ", "))]"
        case .object(let members):
            members.isEmpty
                ? "{}" : "{ \(members.map { "\(string($0.key)): \(flow($0.value))" }.joined(separator: ", ")) }"
        }
    }
}
