/// An error as the API tells it: a status and an error object.
struct APIError: Error, Hashable {
    let status: Int
    let message: String
    let type: String
    /// The parameter at fault; `nil` where there is none.
    let parameter: String?
    /// Written as a number if it is one.
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
            Envelope(
                error: .init(message: message, type: type, param: .init(parameter), code: .init(code.map(Code.init)))
            )
        )
    }

    private struct Envelope: Encodable {
        let error: Detail

        struct Detail: Encodable {
            let message: String
            let type: String
            let param: Nullable<String>
            let code: Nullable<Code>
        }
    }

    /// A word, or a number as some servers write it.
    private struct Code: Encodable {
        let text: String

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if let number = Int(text) { try container.encode(number) } else { try container.encode(text) }
        }
    }
}
