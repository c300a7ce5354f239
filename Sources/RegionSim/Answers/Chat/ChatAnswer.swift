/// A chat completion, whole or as the events of a stream, in the shapes of the OpenAI API.
struct ChatAnswer {
    let request: ChatRequest
    let region: String
    let plan: RequestPlan
    /// Seconds since 1970.
    let created: Int
    /// The model that says it answers; `nil` for the one that was asked for.
    var otherModel: String?
    /// The build that says it answers; `nil` for the region's own.
    var otherFingerprint: String?

    /// What there is to say; a lower limit cuts it short.
    static let tokensOfWholeAnswer = 16

    var tokenCount: Int { min(request.tokenLimit ?? .max, Self.tokensOfWholeAnswer) }
    var finishReason: String { tokenCount < Self.tokensOfWholeAnswer ? "length" : "stop" }
    private var model: String { otherModel ?? request.model }
    private var fingerprint: String { otherFingerprint ?? "fp_\(region)" }

    /// The first tokens of the text, or as many as the answer has.
    func tokens(_ count: Int? = nil) -> [String] {
        (0..<(count ?? tokenCount)).map { Self.token($0, region: region) }
    }

    /// One token of a text that tells which region wrote it, over and over.
    private static func token(_ index: Int, region: String) -> String {
        switch index % 4 {
        case 0: index == 0 ? "OK" : " OK"
        case 1: " from"
        case 2: " \(region)"
        default: "."
        }
    }

    private var identifier: String { "chatcmpl-" + plan.identifierText }

    var usage: ChatUsage { ChatUsage(prompt: request.promptTokens, completion: tokenCount) }

    /// The body of an answer that is not streamed.
    var body: String {
        JSONText.encode(
            ChatCompletion(
                id: identifier,
                created: created,
                model: model,
                systemFingerprint: fingerprint,
                choices: [
                    .init(
                        message: .init(content: tokens().joined()),
                        finishReason: finishReason
                    )
                ],
                usage: usage
            )
        )
    }

    /// The events of the stream, each with its time since the request was read, in order.
    ///
    /// The role goes ahead at half the time to the first token, because it is not one: a client that takes it for a
    /// token measures too short a time.
    var events: [(at: Duration, text: String)] {
        let tokens = tokens()
        var events = [(at: plan.timeToFirstToken / 2, text: event(delta: .init(role: "assistant", content: "")))]
        let gap = (plan.latency - plan.timeToFirstToken) / max(tokens.count - 1, 1)
        for (index, token) in tokens.enumerated() {
            events.append((plan.timeToFirstToken + gap * index, event(delta: .init(content: token))))
        }
        events.append((plan.latency, event(delta: .init(), finishReason: finishReason)))
        if request.includesUsage {
            events.append((plan.latency, event(usage: usage)))
        }
        events.append((plan.latency, Self.terminator))
        return events
    }

    /// The event of one change, which may be the last one of the answer.
    func event(delta: ChatChunk.Delta, finishReason: String? = nil) -> String {
        event(chunk(choices: [.init(delta: delta, finishReason: .init(finishReason))], usage: nil))
    }

    /// The event of token counts, which has no choices.
    func event(usage: ChatUsage) -> String { event(chunk(choices: [], usage: usage)) }

    static let terminator = "data: [DONE]\n\n"

    private func event(_ chunk: ChatChunk) -> String { "data: \(JSONText.encode(chunk))\n\n" }

    private func chunk(choices: [ChatChunk.Choice], usage: ChatUsage?) -> ChatChunk {
        ChatChunk(
            id: identifier,
            created: created,
            model: model,
            systemFingerprint: fingerprint,
            choices: choices,
            // With the option on, every chunk has the key; without it, none.
            usage: request.includesUsage ? Nullable(usage) : nil
        )
    }
}
