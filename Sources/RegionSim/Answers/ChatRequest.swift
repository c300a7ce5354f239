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

/// An error as the API tells it: a status and an error object.
struct APIError: Error, Hashable {
    let status: Int
    let message: String
    let type: String
    /// The parameter at fault; `nil` where there is none.
    let parameter: String?
    let code: String?

    static func badRequest(_ message: String, parameter: String? = nil) -> APIError {
        APIError(status: 400, message: message, type: "invalid_request_error", parameter: parameter, code: nil)
    }

    /// What the decoder found, in the words of the API.
    static func badRequest(_ error: DecodingError) -> APIError {
        func name(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, _):
            return badRequest("Missing required parameter: '\(key.stringValue)'.", parameter: key.stringValue)
        case .valueNotFound(_, let context) where !context.codingPath.isEmpty:
            let parameter = name(context.codingPath)
            return badRequest("Missing required parameter: '\(parameter)'.", parameter: parameter)
        case .typeMismatch(_, let context) where !context.codingPath.isEmpty:
            let parameter = name(context.codingPath)
            return badRequest("Invalid type for '\(parameter)'.", parameter: parameter)
        case .valueNotFound, .typeMismatch, .dataCorrupted:
            return badRequest("We could not parse the JSON body of your request. Expected a JSON object.")
        @unknown default:
            return badRequest("We could not parse the JSON body of your request.")
        }
    }

    /// The error that a status fault answers with.
    static func fault(status: Int, region: String) -> APIError {
        let (type, code): (String, String?) =
            switch status {
            case 401, 403: ("invalid_request_error", "invalid_api_key")
            case 404: ("invalid_request_error", "model_not_found")
            case 429: ("rate_limit_error", "rate_limit_exceeded")
            case 503: ("server_error", "service_unavailable")
            case 529: ("overloaded_error", nil)
            case 500...: ("server_error", nil)
            default: ("invalid_request_error", nil)
            }
        return APIError(
            status: status,
            message: "Simulated fault in \(region): status \(status).",
            type: type,
            parameter: nil,
            code: code
        )
    }

    /// `{"error": {…}}` with explicit nulls, as clients of the API expect.
    var body: String {
        JSONText.encode(
            Envelope(error: .init(message: message, type: type, param: .init(parameter), code: .init(code)))
        )
    }

    private struct Envelope: Encodable {
        let error: Detail

        struct Detail: Encodable {
            let message: String
            let type: String
            let param: Nullable<String>
            let code: Nullable<String>
        }
    }
}
