/// A question to an LLM behind an OpenAI-compatible API, streamed, or one of the cheaper questions to the same server.
///
/// docs/llm-probe.md says what is sent and how the answer is read.
package struct ChatProbe: Hashable, Sendable {
    /// What a probe asks.
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// A chat completion: the only one that shows what users feel.
        case chat
        /// The list of models: proves that the server answers and knows us.
        case models
        /// The server's page about itself.
        case health
    }

    /// Where the request goes, with the headers of the configuration; method, body and expected status are the probe's.
    ///
    /// `target` is the path of chat completions.
    package let http: HTTPProbe
    package let mode: Mode
    /// What takes the place of ``Mode/chat`` when no tokens may be spent; never `.chat`.
    package let cheaperMode: Mode
    /// The path of `models`, as sent.
    package let modelsTarget: String
    /// The path of `health`, as sent.
    package let healthTarget: String
    package let credential: Credential?
    package let credentialHeader: CredentialHeader
    package let model: String
    package let prompt: String
    package let tokenParameter: TokenParameter
    /// 16...4096; fewer are refused by some servers.
    package let maximumTokens: Int
    /// Ask for the usage at the end of the stream.
    package let includesUsage: Bool
    /// Begin the prompt with random letters, so that no cache answers.
    package let bustsCache: Bool
    /// Merged into the body of the request, object by object; `nil` for nothing.
    package let extraBody: JSONTree?
    package let quality: QualityExpectation
    /// A throttled probe counts as a failure of the endpoint.
    package let throttledIsFailure: Bool
    /// The credential is the one that users' requests carry: what refuses it refuses them too.
    package let sharesTrafficCredential: Bool

    package init(
        http: HTTPProbe,
        mode: Mode = .chat,
        cheaperMode: Mode = .models,
        modelsTarget: String = "/v1/models",
        healthTarget: String = "/health",
        credential: Credential? = nil,
        credentialHeader: CredentialHeader = .bearer,
        model: String,
        prompt: String = ChatProbe.standardPrompt,
        tokenParameter: TokenParameter = .maxTokens,
        maximumTokens: Int = ChatProbe.standardMaximumTokens,
        includesUsage: Bool = true,
        bustsCache: Bool = true,
        extraBody: JSONTree? = nil,
        quality: QualityExpectation = QualityExpectation(),
        throttledIsFailure: Bool = false,
        sharesTrafficCredential: Bool = false
    ) {
        self.http = http
        self.mode = mode
        self.cheaperMode = cheaperMode
        self.modelsTarget = modelsTarget
        self.healthTarget = healthTarget
        self.credential = credential
        self.credentialHeader = credentialHeader
        self.model = model
        self.prompt = prompt
        self.tokenParameter = tokenParameter
        self.maximumTokens = maximumTokens
        self.includesUsage = includesUsage
        self.bustsCache = bustsCache
        self.extraBody = extraBody
        self.quality = quality
        self.throttledIsFailure = throttledIsFailure
        self.sharesTrafficCredential = sharesTrafficCredential
    }

    package static let standardPrompt = "Reply with the word OK and nothing else."
    /// The least that every server accepts.
    package static let standardMaximumTokens = 16
    /// Largest event of a stream, in bytes.
    package static let maximumEventBytes = 256 * 1024
    /// How long the end of a stream is waited for after the model has finished: usage and terminator are worth no more.
    package static let tail = Duration.seconds(2)
}

/// The parameter that limits an answer's tokens: servers know one or the other.
package enum TokenParameter: String, Hashable, Sendable, CaseIterable {
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
}

/// What makes a complete answer a good one.
package struct QualityExpectation: Hashable, Sendable {
    /// Each must hold for the answer's text.
    package let text: [BodyExpectation]
    /// The model that must have answered: a name, or a prefix that ends with `*`; `nil` for any.
    package let model: String?
    /// An answer that repeats itself is a poor one.
    package let refusesRepetition: Bool
    /// A poor answer is a failure of the endpoint, rather than a reason to rank it behind others.
    package let failsEndpoint: Bool

    package init(
        text: [BodyExpectation] = [],
        model: String? = nil,
        refusesRepetition: Bool = true,
        failsEndpoint: Bool = false
    ) {
        self.text = text
        self.model = model
        self.refusesRepetition = refusesRepetition
        self.failsEndpoint = failsEndpoint
    }
}

/// How much an attempt can prove.
package enum EvidenceTier: String, Hashable, Sendable, CaseIterable {
    /// What users ask for was asked for.
    case deep
    /// It may prove an endpoint down, never up.
    case shallow
}
