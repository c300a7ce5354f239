/// A chat completion, whole or as the events of a stream, in the shapes of the OpenAI API.
struct ChatAnswer {
    let request: ChatRequest
    let region: String
    let plan: RequestPlan
    /// Seconds since 1970.
    let created: Int

    /// What there is to say; a lower limit cuts it short.
    static let tokensOfWholeAnswer = 16

    private var tokenCount: Int { min(request.tokenLimit ?? .max, Self.tokensOfWholeAnswer) }
    private var finishReason: String { tokenCount < Self.tokensOfWholeAnswer ? "length" : "stop" }
    private var tokens: [String] { (0..<tokenCount).map { Self.token($0, region: region) } }

    /// One token of a text that tells which region wrote it, over and over.
    private static func token(_ index: Int, region: String) -> String {
        switch index % 4 {
        case 0: index == 0 ? "OK" : " OK"
        case 1: " from"
        case 2: " \(region)"
        default: "."
        }
    }

    private var identifier: String {
        let digits = String(plan.identifier, radix: 16)
        return "chatcmpl-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private var usage: Usage {
        Usage(
            promptTokens: request.promptTokens,
            completionTokens: tokenCount,
            totalTokens: request.promptTokens + tokenCount
        )
    }

    /// The body of an answer that is not streamed.
    var body: String {
        JSONText.encode(
            Completion(
                id: identifier,
                created: created,
                model: request.model,
                systemFingerprint: "fp_\(region)",
                choices: [
                    .init(
                        message: .init(content: tokens.joined()),
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
        let tokens = tokens
        var events = [(at: plan.timeToFirstToken / 2, text: event(delta: .init(role: "assistant", content: "")))]
        let gap = (plan.latency - plan.timeToFirstToken) / max(tokens.count - 1, 1)
        for (index, token) in tokens.enumerated() {
            events.append((plan.timeToFirstToken + gap * index, event(delta: .init(content: token))))
        }
        events.append((plan.latency, event(delta: .init(), finishReason: finishReason)))
        if request.includesUsage {
            events.append((plan.latency, event(chunk(choices: [], usage: usage))))
        }
        events.append((plan.latency, "data: [DONE]\n\n"))
        return events
    }

    private func event(delta: Chunk.Delta, finishReason: String? = nil) -> String {
        event(chunk(choices: [.init(delta: delta, finishReason: .init(finishReason))], usage: nil))
    }

    private func event(_ chunk: Chunk) -> String { "data: \(JSONText.encode(chunk))\n\n" }

    private func chunk(choices: [Chunk.Choice], usage: Usage?) -> Chunk {
        Chunk(
            id: identifier,
            created: created,
            model: request.model,
            systemFingerprint: "fp_\(region)",
            choices: choices,
            // With the option on, every chunk has the key; without it, none.
            usage: request.includesUsage ? Nullable(usage) : nil
        )
    }
}

/// The names below are those of the API, which writes them with underscores.
private struct Usage: Encodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int
}

private struct Completion: Encodable {
    let id: String
    let object = "chat.completion"
    let created: Int
    let model: String
    let systemFingerprint: String
    let choices: [Choice]
    let usage: Usage

    struct Choice: Encodable {
        let index = 0
        let message: Message
        let logprobs = Nullable<String>(nil)
        let finishReason: String
    }

    struct Message: Encodable {
        let role = "assistant"
        let content: String
        let refusal = Nullable<String>(nil)
    }
}

private struct Chunk: Encodable {
    let id: String
    let object = "chat.completion.chunk"
    let created: Int
    let model: String
    let systemFingerprint: String
    let choices: [Choice]
    let usage: Nullable<Usage>?

    struct Choice: Encodable {
        let index = 0
        let delta: Delta
        let logprobs = Nullable<String>(nil)
        let finishReason: Nullable<String>
    }

    /// Absent parts are left out, as the API does.
    struct Delta: Encodable {
        var role: String?
        var content: String?
    }
}
