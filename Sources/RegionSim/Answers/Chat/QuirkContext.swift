/// What the quirks are made of.
extension QuirkContext {
    /// The tokens before it happens.
    var count: Int { settings.tokens ?? 3 }

    /// Between two events of those that come forever; the quirk's own is given in milliseconds.
    func interval(_ milliseconds: Int = 100) -> Duration { settings.every ?? .milliseconds(milliseconds) }

    // MARK: Pieces

    /// The first tokens of the good answer, or all of them.
    func tokens(_ count: Int? = nil) -> ChatPiece { .deltas(chat.tokens(count).map { .init(content: $0) }) }

    func reasoning(_ count: Int) -> ChatPiece {
        .deltas(Array(repeating: .init(reasoningContent: "Hm. "), count: count))
    }

    var finish: ChatPiece { .finish(chat.finishReason) }

    /// The good answer.
    var usual: [ChatPiece] { [.role, tokens()] + finished }

    /// The end of the good answer.
    var finished: [ChatPiece] { [finish, .usage(chat.usage), .done] }

    /// The event of one token.
    func token(_ text: String) -> String { chat.event(delta: .init(content: text)) }

    /// The choices of the event of one token.
    func choice(_ text: String) -> String { "[{\"index\":0,\"delta\":{\"content\":\(JSONText.encode(text))}}]" }

    /// The event of a token in the older API for plain completions.
    var legacyText: String {
        let choice = "{\"index\":0,\"text\":\"OK\",\"finish_reason\":\"stop\"}"
        return "data: {\"object\":\"text_completion\",\"choices\":[\(choice)]}\n\n"
    }

    /// The counts of an answer with tokens that nobody sees, and with those that are seen.
    func usage(reasoning: Int, seen: Int) -> ChatUsage {
        ChatUsage(prompt: chat.request.promptTokens, completion: reasoning + seen, reasoning: reasoning)
    }

    // MARK: Errors

    /// An error object with what the settings say, and `code`, `type` and `message` where they say nothing.
    func failure(
        _ code: String?,
        type: String = "server_error",
        message: String = "The model failed."
    ) -> String {
        error(500, code, type: type, message).body
    }

    /// The error object without a wrapping, as vLLM writes it.
    var flatFailure: String {
        let wrapped = JSONText.encode(settings.message ?? "The model failed.")
        let type = JSONText.encode(settings.type ?? "InternalServerError")
        let code = settings.code ?? "500"
        let number = Int(code).map(String.init) ?? JSONText.encode(code)
        return "{\"object\":\"error\",\"message\":\(wrapped),\"type\":\(type),\"param\":null,\"code\":\(number)}"
    }

    func error(_ status: Int, _ code: String?, type: String, _ message: String) -> APIError {
        APIError(
            status: settings.status ?? status,
            message: settings.message ?? message,
            type: settings.type ?? type,
            parameter: nil,
            code: settings.code ?? code
        )
    }

    /// An answer of an error object, at once.
    func refuse(
        _ status: Int,
        _ code: String?,
        type: String = "invalid_request_error",
        _ message: String,
        headers: [Answer.Header] = []
    ) -> ChatRecipe {
        .answer(.error(error(status, code, type: type, message), headers: headers))
    }

    /// 429 with a header that says how long to wait: `value` writes a number of seconds.
    func throttle(_ name: String, _ value: (_ seconds: Int) -> String) -> ChatRecipe {
        let wait = settings.wait ?? .seconds(20)
        // Rounded up: too early would be wrong.
        let seconds = Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
        return refuse(
            429,
            "rate_limit_exceeded",
            type: "rate_limit_error",
            "Rate limit reached for requests.",
            headers: [.init(name: name, value: value(seconds))]
        )
    }

    /// Such as `1m30s`, as the API writes the time until a limit is lifted.
    static func compound(_ seconds: Int) -> String {
        seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }
}
