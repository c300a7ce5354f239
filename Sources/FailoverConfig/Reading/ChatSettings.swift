import FailoverCore

/// The settings of a chat, before they are applied to an address.
struct ChatSettings {
    private typealias Keys = ChatKeys

    private(set) var mode = ChatKeys.mode.fallback
    private(set) var cheaperMode = ChatKeys.cheaperMode.fallback
    private(set) var model: String?
    private(set) var prompt = ChatKeys.prompt.fallback
    private(set) var tokenParameter = ChatKeys.tokenParameter.fallback
    private(set) var maximumTokens = ChatKeys.maximumTokens.fallback
    private(set) var includesUsage = ChatKeys.includesUsage.fallback
    private(set) var bustsCache = ChatKeys.bustsCache.fallback
    private(set) var extraBody: JSONTree?
    private(set) var modelsPath = ChatKeys.modelsPath.fallback
    private(set) var healthPath = ChatKeys.healthPath.fallback
    private(set) var authHeader = ChatKeys.authHeader.fallback
    private(set) var quality = QualityExpectation()
    private(set) var throttleAs = ChatKeys.throttleAs.fallback
    private(set) var sharesTrafficCredential = ChatKeys.sharesTrafficCredential.fallback

    init() {}

    /// Reads what `probe` says about the chat; refusals are told and leave defaults behind.
    init(_ probe: MappingReader, cache: FileAndPatternCache) {
        let findings = probe.findings
        mode = probe.value(Keys.mode)
        cheaperMode = probe.value(Keys.cheaperMode)
        model = probe.value(Keys.model)
        prompt = probe.value(Keys.prompt)
        tokenParameter = probe.value(Keys.tokenParameter)
        maximumTokens = probe.value(Keys.maximumTokens)
        includesUsage = probe.value(Keys.includesUsage)
        bustsCache = probe.value(Keys.bustsCache)
        extraBody = probe[Keys.extraBody].flatMap { JSONTreeReader.read($0, findings: findings) }
        modelsPath = Self.path(Keys.modelsPath, probe, from: "appended to the path of the URL")
        healthPath = Self.path(Keys.healthPath, probe, from: "from the root of the server")
        authHeader = probe.value(Keys.authHeader)
        let expected = ExpectationReader(findings: findings, cache: cache)
            .readQuality(probe[ProbeKeys.expect], failsEndpoint: probe.value(Keys.quality) == .fail)
        // Cheaper questions have no answer that could be a poor one.
        quality = mode == .chat ? expected : QualityExpectation()
        throttleAs = probe.value(Keys.throttleAs)
        sharesTrafficCredential = probe.value(Keys.sharesTrafficCredential)
    }

    private static func path(
        _ setting: DefaultedSetting<TextRule>,
        _ probe: MappingReader,
        from base: String
    ) -> String {
        let path = probe.value(setting)
        if let node = probe[setting.name] { HTTPSettings.check(path: path, node, probe.findings, from: base) }
        return path
    }

    /// The probe of `http` and the server behind `url`.
    func probe(http: HTTPProbe, url: EndpointURL, credential: Credential?) -> ChatProbe {
        ChatProbe(
            http: http,
            mode: mode,
            cheaperMode: cheaperMode.mode,
            modelsTarget: url.target(appending: modelsPath),
            healthTarget: healthPath,
            credential: credential,
            credentialHeader: authHeader,
            model: model ?? "",
            prompt: prompt,
            tokenParameter: tokenParameter,
            maximumTokens: maximumTokens,
            includesUsage: includesUsage,
            bustsCache: bustsCache,
            extraBody: extraBody,
            quality: quality,
            throttledIsFailure: throttleAs == .failure,
            sharesTrafficCredential: sharesTrafficCredential
        )
    }
}
