// The names below are those of the API, which writes them with underscores.

/// Token counts of an answer.
struct ChatUsage: Encodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int
    /// Left out where `nil`, as servers do that do not say.
    let promptTokensDetails: PromptDetails?
    let completionTokensDetails: CompletionDetails?

    struct PromptDetails: Encodable {
        let cachedTokens: Int
    }

    struct CompletionDetails: Encodable {
        let reasoningTokens: Int
    }

    init(prompt: Int, completion: Int, cached: Int? = nil, reasoning: Int? = nil) {
        promptTokens = prompt
        completionTokens = completion
        totalTokens = prompt + completion
        promptTokensDetails = cached.map { PromptDetails(cachedTokens: $0) }
        completionTokensDetails = reasoning.map { CompletionDetails(reasoningTokens: $0) }
    }
}

/// An answer in one piece.
struct ChatCompletion: Encodable {
    let id: String
    let object = "chat.completion"
    let created: Int
    let model: String
    let systemFingerprint: String
    let choices: [Choice]
    let usage: ChatUsage

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

/// One event of a streamed answer.
struct ChatChunk: Encodable {
    let id: String
    let object = "chat.completion.chunk"
    let created: Int
    let model: String
    let systemFingerprint: String
    let choices: [Choice]
    let usage: Nullable<ChatUsage>?

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
        var reasoningContent: String?
        var refusal: String?
        var toolCalls: [ToolCall]?
    }

    struct ToolCall: Encodable {
        let index = 0
        let id = "call_0"
        let type = "function"
        let function = Function()
    }

    struct Function: Encodable {
        let name = "look_up"
        let arguments = "{}"
    }
}
