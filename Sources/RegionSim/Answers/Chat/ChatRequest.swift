import FoundationEssentials

/// The parts of a chat completion request that shape the answer; everything else is accepted and ignored.
struct ChatRequest: Hashable, Sendable {
    /// Echoed; any name is accepted.
    let model: String
    let isStream: Bool
    /// Whether the stream ends with a chunk of token counts.
    let includesUsage: Bool
    /// The number of tokens asked for; `nil` leaves it to the region.
    let tokenLimit: Int?
    /// The name of the parameter that asked for it; `nil` where none did.
    let limitParameter: String?
    /// A rough count: four bytes of request make one token.
    let promptTokens: Int

    /// Reads the body of `POST /v1/chat/completions`.
    static func read(_ body: [UInt8]) throws(APIError) -> ChatRequest {
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(body))
        } catch let error as DecodingError {
            throw APIError.badRequest(error)
        } catch {
            throw .badRequest("The body could not be read: \(error).")
        }
        guard wire.messages.count > 0 else {
            throw .badRequest("Invalid 'messages': empty array. Expected at least one message.", parameter: "messages")
        }
        let limit: (name: String, value: Int?) =
            wire.maxCompletionTokens == nil
            ? ("max_tokens", wire.maxTokens) : ("max_completion_tokens", wire.maxCompletionTokens)
        if let value = limit.value, value < 1 {
            throw .badRequest("Invalid '\(limit.name)': found \(value). Expected at least 1.", parameter: limit.name)
        }
        return ChatRequest(
            model: wire.model,
            isStream: wire.stream ?? false,
            includesUsage: wire.streamOptions?.includeUsage ?? false,
            tokenLimit: limit.value,
            limitParameter: limit.value.map { _ in limit.name },
            promptTokens: max(1, body.count / 4)
        )
    }

    private struct Wire: Decodable {
        let model: String
        let messages: Messages
        let stream: Bool?
        let streamOptions: StreamOptions?
        let maxTokens: Int?
        let maxCompletionTokens: Int?

        // Spelled out, for errors name the parameter by its key.
        enum CodingKeys: String, CodingKey {
            case model, messages, stream
            case streamOptions = "stream_options"
            case maxTokens = "max_tokens"
            case maxCompletionTokens = "max_completion_tokens"
        }
    }

    private struct StreamOptions: Decodable {
        let includeUsage: Bool?

        enum CodingKeys: String, CodingKey {
            case includeUsage = "include_usage"
        }
    }

    /// Only the number of messages matters.
    private struct Messages: Decodable {
        let count: Int
        init(from decoder: any Decoder) throws { count = try decoder.unkeyedContainer().count ?? 0 }
    }
}
