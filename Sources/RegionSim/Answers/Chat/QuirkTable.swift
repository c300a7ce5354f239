/// The quirks, a line each: name, settings, and what is sent.
enum QuirkTable {
    struct Entry: Sendable {
        let name: String
        let takes: Set<ChatQuirk.Setting>
        let sends: @Sendable (QuirkContext) -> ChatRecipe

        init(
            _ name: String,
            _ takes: ChatQuirk.Setting...,
            sends: @escaping @Sendable (QuirkContext) -> ChatRecipe
        ) {
            self.name = name
            self.takes = Set(takes)
            self.sends = sends
        }
    }

    /// In the order in which messages list them.
    static let all: [Entry] = silences + ends + contents + forms + errorsInBand + refusals

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    static func entry(_ name: String) -> Entry? { byName[name] }

    // MARK: No token

    private static let silences: [Entry] = [
        Entry("keepalives_only", .every) { .stream([.forever(": OPENROUTER PROCESSING\n\n", every: $0.interval())]) },
        Entry("comments_forever") { _ in .stream([.flood(": still here\n")]) },
        Entry("role_only", .every) {
            .stream([.forever($0.chat.event(delta: .init(role: "assistant", content: "")), every: $0.interval())])
        },
        Entry("empty_deltas", .every) {
            .stream([.role, .forever($0.chat.event(delta: .init(content: "")), every: $0.interval())])
        },
        Entry("head_only") { _ in .stream([], ChatStyle(ending: .silence)) },
        Entry("empty_stream") { _ in .stream([]) },
        Entry("done_only") { _ in .stream([.done]) },
        Entry("empty_stop") {
            .stream([.role, .finish("stop"), .usage(.init(prompt: $0.chat.request.promptTokens, completion: 0)), .done])
        },
        Entry("reasoning_only") {
            .stream([.role, .finish("length"), .usage($0.usage(reasoning: $0.chat.tokenCount, seen: 0)), .done])
        },
        Entry("closed_before_head") { _ in .nothing },
    ]

    // MARK: The end

    private static let ends: [Entry] = [
        Entry("no_terminator", .tokens) { .stream([.role, $0.tokens($0.count)]) },
        Entry("no_finish") { .stream([.role, $0.tokens(), .usage($0.chat.usage), .done]) },
        Entry("finish_without_done") { .stream(Array($0.usual.dropLast())) },
        Entry("unfinished_event") { .stream($0.usual.dropLast() + [.text("data: [DONE]")]) },
        Entry("two_terminators") { .stream($0.usual + [.done]) },
        Entry("silent_tail") { .stream([.role, $0.tokens(), $0.finish], ChatStyle(ending: .silence)) },
        Entry("truncated", .tokens) { .stream([.role, $0.tokens($0.count)], ChatStyle(ending: .close)) },
        Entry("reset_in_stream", .tokens) { .stream([.role, $0.tokens($0.count)], ChatStyle(ending: .reset)) },
        Entry("stalled", .tokens) { .stream([.role, $0.tokens($0.count)], ChatStyle(ending: .silence)) },
        Entry("slow_tokens", .every) {
            .stream([.role, .forever($0.chat.event(delta: .init(content: " slow")), every: $0.interval(500))])
        },
        Entry("unknown_finish") { .stream([.role, $0.tokens(), .finish("eos"), .usage($0.chat.usage), .done]) },
        Entry("content_filter_finish", .tokens) {
            .stream([.role, $0.tokens($0.count), .finish("content_filter"), .done])
        },
    ]

    // MARK: What is said

    private static let contents: [Entry] = [
        Entry("reasoning", .tokens) {
            let usage = $0.usage(reasoning: $0.count, seen: $0.chat.tokenCount)
            return .stream([.role, $0.reasoning($0.count), $0.tokens(), $0.finish, .usage(usage), .done])
        },
        // The counts of a real answer to a request for 16 tokens.
        Entry("reasoning_leak") {
            let usage = $0.usage(reasoning: 960, seen: 17)
            return .stream([.role, $0.reasoning(3), $0.tokens(), $0.finish, .usage(usage), .done])
        },
        Entry("tool_calls") {
            .stream([
                .role, .deltas([.init(toolCalls: [.init()])]), .finish("tool_calls"), .usage($0.chat.usage), .done,
            ])
        },
        Entry("refusal") {
            .stream([
                .role, .deltas([.init(refusal: "I cannot"), .init(refusal: " help.")]), .finish("stop"),
                .usage($0.chat.usage), .done,
            ])
        },
        Entry("legacy_text") { .stream([.text($0.legacyText), .done]) },
        Entry("repetition") {
            let repeated = ChatChunk.Delta(content: "again, ")
            let deltas = Array(repeating: repeated, count: $0.chat.tokenCount)
            return .stream([.role, .deltas(deltas), $0.finish, .usage($0.chat.usage), .done])
        },
        Entry("other_model") { .stream($0.usual, ChatStyle(model: "another-model")) },
        Entry("other_fingerprint") { .stream($0.usual, ChatStyle(fingerprint: "fp_another")) },
        Entry("cached_tokens") {
            let prompt = $0.chat.request.promptTokens
            let usage = ChatUsage(prompt: prompt, completion: $0.chat.tokenCount, cached: prompt)
            return .stream([.role, $0.tokens(), $0.finish, .usage(usage), .done])
        },
        Entry("cached_answer") { .stream($0.usual, ChatStyle(headers: [.init(name: "x-cache", value: "HIT")])) },
        Entry("no_usage") { .stream([.role, $0.tokens(), $0.finish, .done]) },
        Entry("usage_first") { .stream([.usage($0.chat.usage), .role, $0.tokens(), $0.finish, .done]) },
        Entry("azure_preamble") { .stream([.text(azurePreamble)] + $0.usual) },
        Entry("null_choices") { .stream([.text("data: {\"choices\":null}\n\ndata: {\"id\":null}\n\n")] + $0.usual) },
    ]

    // MARK: The form

    private static let forms: [Entry] = [
        Entry("crlf") { .stream($0.usual, ChatStyle(newline: "\r\n")) },
        Entry("cr") { .stream($0.usual, ChatStyle(newline: "\r")) },
        Entry("bom") { .stream($0.usual, ChatStyle(prefix: "\u{FEFF}")) },
        Entry("no_space") { .stream([.text("data:" + $0.token("OK").dropFirst("data: ".count))] + $0.finished) },
        Entry("many_lines") { .stream([.text("data: {\"choices\":\ndata: \($0.choice("OK"))}\n\n")] + $0.finished) },
        Entry("other_fields") {
            .stream([.text(": hello\nretry: 10\nevent: message\nid: 1\n" + $0.token("OK"))] + $0.finished)
        },
        Entry("split_utf8") {
            .stream([.text($0.token("é, 字, 🙂")), $0.finish, .usage($0.chat.usage), .done], ChatStyle(isBytewise: true))
        },
        Entry("bad_event") { .stream([.role, $0.tokens(2), .text("data: {\"choices\": [\n\n")] + $0.finished) },
        Entry("bad_events_only") { _ in .stream([.text("data: {\"choices\": [\n\ndata: OK\n\n")]) },
        Entry("huge_event") {
            .stream([.role, .text($0.token(String(repeating: "huge ", count: 60_000)))] + $0.finished)
        },
        Entry("endless_event") { _ in .stream([.text("data: "), .flood("endless ")]) },
        Entry("endless_tokens") { .stream([.role, .flood($0.token(" more"))]) },
        Entry("gzip") { .stream($0.usual, ChatStyle(isCompressed: true)) },
        Entry("json_content_type") { .stream($0.usual, ChatStyle(contentType: "application/json")) },
        Entry("wrong_content_type") { .stream($0.usual, ChatStyle(contentType: "text/plain; charset=utf-8")) },
        Entry("huge_head") {
            let header = Answer.Header(name: "x-huge", value: String(repeating: "h", count: 70_000))
            return .stream($0.usual, ChatStyle(headers: [header]))
        },
        Entry("not_streamed") { .answer(.page($0.chat.body, at: $0.chat.plan.latency)) },
        Entry("html") { _ in .answer(.page("<!doctype html><title>Sign in</title>\n", type: "text/html")) },
        Entry("other_json") { _ in .answer(.page("{\"status\":\"ok\"}")) },
    ]

    // MARK: Errors inside a good status

    private static let errorsInBand: [Entry] = [
        Entry("error_in_band", .tokens, .code, .type, .message) {
            .stream([.role, $0.tokens($0.settings.tokens ?? 0), .text("data: \($0.failure("500"))\n\n")])
        },
        Entry("error_event", .tokens, .code, .type, .message) {
            .stream([.role, $0.tokens($0.settings.tokens ?? 0), .text("event: error\ndata: \($0.failure("500"))\n\n")])
        },
        Entry("error_text", .message) {
            .stream([.text("data: {\"error\":\(JSONText.encode($0.settings.message ?? "Internal error"))}\n\n")])
        },
        Entry("error_object", .code, .type, .message) { .stream([.text("data: \($0.flatFailure)\n\n"), .done]) },
        Entry("error_finish", .tokens) {
            .stream([.role, $0.tokens($0.settings.tokens ?? 0), .finish("error"), .done])
        },
        Entry("overloaded_in_band", .tokens, .message) {
            let failure = $0.failure(nil, type: "overloaded_error", message: "Overloaded")
            return .stream([.role, $0.tokens($0.settings.tokens ?? 0), .text("event: error\ndata: \(failure)\n\n")])
        },
        Entry("throttled_in_band", .tokens, .message) {
            let failure = $0.failure("rate_limit_exceeded", type: "rate_limit_error", message: "Rate limit reached.")
            return .stream([.role, $0.tokens($0.settings.tokens ?? 0), .text("data: \(failure)\n\n")])
        },
    ]

    /// Azure tells what its filters think of the prompt before anything else.
    private static let azurePreamble =
        "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\",\"prompt_filter_results\":"
        + "[{\"prompt_index\":0,\"content_filter_results\":{\"hate\":{\"filtered\":false,\"severity\":\"safe\"}}}]}\n\n"
}

extension ChatPiece {
    /// The same again and again, as fast as the client reads.
    ///
    /// The pause keeps one stream from taking the processor.
    static func flood(_ text: String) -> ChatPiece {
        .forever(String(repeating: text, count: max(1, 65_536 / text.utf8.count)), every: .milliseconds(10))
    }
}
