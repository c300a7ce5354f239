import FailoverCore

/// What a chat with an LLM asks, and what it takes for a good answer.
enum ChatKeys {
    static let mode = DefaultedSetting(name: "mode", rule: ChoiceRule<ChatProbe.Mode>(), fallback: .chat)
    static let cheaperMode = DefaultedSetting(name: "cheaper_mode", rule: ChoiceRule<CheaperMode>(), fallback: .models)
    /// Names with a path, a version and an owner stay far below this.
    static let model = Setting(name: "model", rule: FilledTextRule(maximum: 256))
    /// A question about a long document: about 64,000 tokens.
    static let prompt = DefaultedSetting(
        name: "prompt",
        rule: FilledTextRule(maximum: 262_144),
        fallback: ChatProbe.standardPrompt
    )
    static let tokenParameter = DefaultedSetting(
        name: "token_param",
        rule: ChoiceRule<TokenParameter>(),
        fallback: .maxTokens
    )
    static let maximumTokens = DefaultedSetting(
        name: "max_tokens",
        rule: AnswerTokensRule(),
        fallback: ChatProbe.standardMaximumTokens
    )
    static let includesUsage = DefaultedSetting(name: "include_usage", rule: FlagRule(), fallback: true)
    static let bustsCache = DefaultedSetting(name: "cache_bust", rule: FlagRule(), fallback: true)
    static let extraBody = "extra_body"
    static let modelsPath = DefaultedSetting(name: "models_path", rule: pathRule, fallback: "/models")
    static let healthPath = DefaultedSetting(name: "health_path", rule: pathRule, fallback: "/health")
    /// Where chat completions are, below the path of the URL; `path` says otherwise.
    static let standardPath = "/chat/completions"
    static let authHeader = DefaultedSetting(
        name: "auth_header",
        rule: ChoiceRule<CredentialHeader>(hidesSecrets: true),
        fallback: .bearer
    )
    static let quality = DefaultedSetting(name: "quality", rule: ChoiceRule<QualityWord>(), fallback: .degrade)
    static let throttleAs = DefaultedSetting(
        name: "throttle_as",
        rule: ChoiceRule<ThrottleWord>(),
        fallback: .throttled
    )
    static let sharesTrafficCredential = DefaultedSetting(
        name: "same_credentials_as_traffic",
        rule: FlagRule(),
        fallback: false
    )

    static let known =
        [
            mode.known,
            cheaperMode.known,
            model.known,
            prompt.known,
            tokenParameter.known,
            maximumTokens.known,
            includesUsage.known,
            bustsCache.known,
            KnownKey(extraBody, .object(except: ExtraBody.refusedNames)),
            modelsPath.known,
            healthPath.known,
            authHeader.known,
        ] + CredentialKeys.known + [
            quality.known,
            throttleAs.known,
            sharesTrafficCredential.known,
        ]

    private static let names = Set(known.map(\.name))

    /// What people write who know the API.
    static let hints: [String: String] = {
        let secrets = ExtraBody.secretNames.map {
            ($0, "write the secret into a file, and name it with credential_file")
        }
        let parameters = ExtraBody.parameters.map { ($0, "write it below extra_body") }
        return Dictionary(secrets + parameters) { first, _ in first }
    }()

    /// Whether `key` of a probe means something to chats only.
    static func contains(_ key: String) -> Bool { names.contains(key) }

    private static let pathRule = TextRule(maximum: 2_048)

    /// What may be added to the body of the request.
    enum ExtraBody {
        /// Keys of the body that have keys of their own, by which the file says them.
        static let settings = ["model", "messages", "stream", "max_tokens", "max_completion_tokens"]
        /// Several answers to one question would cost more than what is set aside for it.
        static let multipliers = ["n", "best_of"]
        static let refusedNames = settings + multipliers
        /// Names of secrets, which have a file of their own; compared without regard to case.
        static let secretNames: Set<String> = [
            "api_key", "api-key", "apikey", "x-api-key", "access_token", "authorization", "password", "secret",
        ]
        /// Parameters of models that have no key of their own; what is sent is up to the operator.
        static let parameters = [
            "temperature", "top_p", "top_k", "min_p", "seed", "stop", "presence_penalty", "frequency_penalty",
            "reasoning_effort", "reasoning", "thinking", "response_format", "service_tier", "user",
        ]
        /// Values of any depth; the schema of a structured answer has a few dozen.
        static let maximumValues = 1_000
        /// Longest text, in characters.
        static let maximumText = 16_384
        /// Longest key, in characters.
        static let maximumKey = 256
    }

    enum Expect {
        static let answer = "answer"
        static let model = Setting(name: "model", rule: ModelPatternRule())
        static let repetition = DefaultedSetting(
            name: "repetition",
            rule: ChoiceRule<RepetitionWord>(),
            fallback: .refuse
        )
        static let names: Set<String> = [answer, model.name, repetition.name]
    }
}

/// Where a secret is found: in a probe, or in an endpoint for all its probes.
enum CredentialKeys {
    static let credential = Setting(name: "credential", rule: CredentialNameRule())
    static let file = Setting(name: "credential_file", rule: PathRule(maximum: OutputKeys.maximumPath))

    static let known = [credential.known, file.known]
}

/// What `cheaper_mode` may say.
enum CheaperMode: String, CaseIterable, Sendable {
    case models, health

    var mode: ChatProbe.Mode {
        switch self {
        case .models: .models
        case .health: .health
        }
    }
}

/// What becomes of an endpoint that answers poorly.
enum QualityWord: String, CaseIterable, Sendable {
    case degrade, fail
}

/// What a throttled probe counts as.
enum ThrottleWord: String, CaseIterable, Sendable {
    case throttled, failure
}

/// Whether an answer may repeat itself.
enum RepetitionWord: String, CaseIterable, Sendable {
    case refuse, allow
}

/// Text of at least one character.
struct FilledTextRule: ScalarRule {
    let maximum: Int
    var known: KnownValue { .text(maximum: maximum) }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = try TextRule(maximum: maximum).read(scalar)
        guard !text.isEmpty else { throw Refusal(allowed: "at least one character") }
        return text
    }

    func write(_ value: String) -> String { value }
}

/// How many tokens an answer may have.
struct AnswerTokensRule: ScalarRule {
    private static let counts = WholeRule(ChatProbe.standardMaximumTokens...4_096)
    var known: KnownValue { Self.counts.known }

    func read(_ scalar: ScalarText) throws(Refusal) -> Int {
        do {
            return try Self.counts.read(scalar)
        } catch {
            let isTooFew = Int(scalar.text).map { $0 < Self.counts.range.lowerBound } ?? false
            throw Refusal(allowed: error.allowed, hint: isTooFew ? "some servers refuse fewer" : error.hint)
        }
    }

    func write(_ value: Int) -> String { "\(value)" }
}

/// The name of a systemd credential, which becomes the name of a file.
struct CredentialNameRule: ScalarRule {
    var known: KnownValue { .name }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        guard NameText.isValid(scalar.text) else {
            // Somebody who pastes the secret itself must not see it repeated.
            let isPath = scalar.text.hasPrefix("/")
            throw Refusal(
                found: "a text that is no name",
                allowed: "the name of a systemd credential: \(NameText.allowed)",
                hint: isPath ? "write credential_file for a path" : "name the secret, never write it here"
            )
        }
        guard !Self.looksLikeSecret(scalar.text) else {
            throw Refusal(
                found: "what looks like a secret",
                allowed: "the name of a systemd credential",
                hint: "put the secret into a file, and name it with credential_file"
            )
        }
        guard scalar.kind == .text else { throw Refusal(allowed: "text", hint: "put it in quotes") }
        return scalar.text
    }

    /// Keys of providers are long and begin like this.
    private static func looksLikeSecret(_ text: String) -> Bool {
        text.utf8.count > 40 || ["sk-", "gsk_", "AIza", "xai-", "Bearer"].contains { text.hasPrefix($0) }
    }

    func write(_ value: String) -> String { value }
}

/// The name of a model, or the beginning of one with `*` in place of the rest.
struct ModelPatternRule: ScalarRule {
    private static let text = FilledTextRule(maximum: 128)
    var known: KnownValue { Self.text.known }

    func read(_ scalar: ScalarText) throws(Refusal) -> String {
        let text = try Self.text.read(scalar)
        guard text != "*", !text.dropLast().contains("*") else {
            throw Refusal(allowed: "the name of a model, or how it begins and then *, such as gpt-4o*")
        }
        return text
    }

    func write(_ value: String) -> String { value }
}
