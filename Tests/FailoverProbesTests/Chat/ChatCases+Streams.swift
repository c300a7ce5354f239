import FailoverCore

@testable import FailoverProbes

/// Streams with status 200, row by row of the classification.
enum ChatStreams {
    private static let answer = role + content("O") + content("K")
    private static let dangling = "data: {\"choices\":[{\"delta\":{\"content\":\"K\"},\"finish_reason\":\"stop\"}]}"

    static let good: [ChatCase] = [
        ChatCase("stop", answer + finish("stop") + usage(25, 2) + done, .success, .both, bill: .used(25, 2)),
        ChatCase("length", answer + finish("length") + done, .success, .both, bill: .unknown),
        ChatCase(
            "all tokens in one event with the end",
            chunk("\"role\":\"assistant\",\"content\":\"OK\"", finish: "stop") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "reasoning only, shown",
            chunk("\"reasoning_content\":\"Hm\"") + finish("length") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "reasoning only, hidden",
            role + finish("length") + usage(25, 16) + done,
            .success,
            .latency,
            [.reasoningOnly],
            bill: .used(25, 16)
        ),
        ChatCase(
            "text of a completion",
            "data: {\"choices\":[{\"text\":\"OK\",\"finish_reason\":\"stop\"}]}\n\n" + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "parts with thinking",
            chunk("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]")
                + chunk("\"content\":[{\"type\":\"text\",\"text\":\"OK\"}]") + finish("stop") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "tool calls",
            chunk("\"tool_calls\":[{\"index\":0}]") + finish("tool_calls") + done,
            .success,
            .both,
            [.unusualFinish],
            bill: .unknown
        ),
        ChatCase("unknown finish", answer + finish("eos") + done, .success, .both, [.unusualFinish], bill: .unknown),
        ChatCase("no finish reason", answer + done, .success, .both, [.noFinishReason], bill: .unknown),
        ChatCase("no terminator", answer + finish("stop"), .success, .both, [.noTerminator], bill: .unknown),
        ChatCase(
            "nothing after the finish",
            answer + finish("stop"),
            end: .timedOut,
            .success,
            .both,
            [.noTerminator],
            bill: .unknown
        ),
        ChatCase(
            "reset after the finish",
            answer + finish("stop"),
            end: .broken("reset"),
            .success,
            .both,
            [.noTerminator],
            bill: .unknown
        ),
        ChatCase("two terminators", answer + finish("stop") + done + done, .success, .both, bill: .unknown),
        ChatCase(
            "last event without an empty line",
            content("O") + dangling + "\n",
            .success,
            .both,
            [.unfinishedEvent, .noTerminator],
            bill: .unknown
        ),
        ChatCase(
            "last line without an end",
            answer + finish("stop") + "data: [DONE]",
            .success,
            .both,
            [.unfinishedEvent],
            bill: .unknown
        ),
        ChatCase(
            "bad JSON in an event",
            answer + "data: {\"choices\":[\n\n" + finish("stop") + done,
            .success,
            .both,
            [.badEvent],
            bill: .unknown
        ),
        ChatCase(
            "usage first, as a filter's preamble",
            "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"choices\":null,\"usage\":null}\n\n"
                + usage(25, 2) + answer + finish("stop") + done,
            .success,
            .both,
            bill: .used(25, 2)
        ),
        ChatCase(
            "usage inside the choice, numbers as strings",
            content("OK")
                + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":\"9\","
                + "\"completion_tokens\":\"2\"}}]}\n\n" + done,
            .success,
            .both,
            bill: .used(9, 2)
        ),
        ChatCase(
            "comments and other events between",
            ": OPENROUTER PROCESSING\n\n" + answer + ":\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\ndata:\n\n"
                + finish("stop") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "cached prompt",
            answer + finish("stop")
                + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":2,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":16}}}\n\n" + done,
            .success,
            .both,
            [.cached],
            bill: .used(TokenUsage(prompt: 25, completion: 2, cached: 16))
        ),
        ChatCase(
            "reasoning leak",
            answer + finish("stop")
                + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":977,"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":975}}}\n\n" + done,
            .success,
            .both,
            [.reasoningLeak],
            bill: .used(TokenUsage(prompt: 25, completion: 977, reasoning: 975))
        ),
    ]

    static let written: [ChatCase] = [
        ChatCase(
            "lines end with CR LF",
            (answer + finish("stop") + done).replacing("\n", with: "\r\n"),
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "lines end with CR",
            (answer + finish("stop") + done).replacing("\n", with: "\r"),
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase("byte order mark", "\u{feff}" + answer + finish("stop") + done, .success, .both, bill: .unknown),
        ChatCase(
            "an event over several lines",
            "event: message\nid: 1\ndata:{\"choices\":[{\ndata:\"delta\":{\"content\":\"OK\"},\n"
                + "data: \"finish_reason\":\"stop\"}]}\nretry: 1\n\n" + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase("UTF-8", content("Grüß Gott 👋🏽 — 你好") + finish("stop") + done, .success, .both, bill: .unknown),
        ChatCase(
            "escapes",
            content("\\u00fc \\ud83d\\udc4b \\ud83d \\n \\\" \\/") + finish("stop") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "wrong types everywhere",
            "data: {\"choices\":[1,null,{\"delta\":7},{\"delta\":{\"content\":5,\"tool_calls\":{}},\"finish_reason\":1}],"
                + "\"usage\":\"?\",\"model\":3,\"error\":null}\n\n" + answer + finish("stop") + done,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "usage that grows",
            usage(25, 0) + answer + usage(25, 1) + finish("stop") + usage(25, 2) + done,
            .success,
            .both,
            bill: .used(25, 2)
        ),
        noUsage("negative", "\"prompt_tokens\":-1,\"completion_tokens\":5"),
        noUsage("huge", "\"prompt_tokens\":1,\"completion_tokens\":2000000000"),
        noUsage("no number", "\"prompt_tokens\":1,\"completion_tokens\":1e999"),
        noUsage("a fraction", "\"prompt_tokens\":1,\"completion_tokens\":1.5"),
        noUsage("half", "\"prompt_tokens\":1"),
        noUsage("contradictory", "\"prompt_tokens\":5,\"total_tokens\":4"),
    ]

    private static func noUsage(_ name: String, _ members: String) -> ChatCase {
        let usage = "data: {\"usage\":{\(members)}}\n\n"
        return ChatCase("usage: \(name)", answer + finish("stop") + usage + done, .success, .both, bill: .unknown)
    }

    static let bad: [ChatCase] = [
        ChatCase("stop without a token", role + finish("stop") + done, .failure(.empty), .none, bill: .unknown),
        ChatCase(
            "stop without a token, with usage",
            role + finish("stop") + usage(25, 1) + done,
            .failure(.empty),
            .none,
            bill: .used(25, 1)
        ),
        ChatCase("length without a token and usage", finish("length") + done, .failure(.empty), .none, bill: .unknown),
        ChatCase("terminator only", done, .failure(.empty), .none, bill: .unknown),
        ChatCase("empty body", "", .failure(.empty), .none, bill: .nothing),
        ChatCase("comments only", ": hi\n\n: hi\n\n", .failure(.empty), .none, bill: .unknown),
        ChatCase("ended in the middle", answer, .failure(.truncated), .ttft, bill: .unknown),
        ChatCase("ended before a token", role, .failure(.truncated), .none, bill: .unknown),
        ChatCase("reset in the middle", answer, end: .broken("reset"), .failure(.truncated), .ttft, bill: .unknown),
        ChatCase("reset before a byte", "", end: .broken("reset"), .failure(.truncated), .none, bill: .nothing),
        ChatCase(
            "reset inside an event",
            answer + "data: {\"cho",
            end: .broken("reset"),
            .failure(.truncated),
            .ttft,
            bill: .unknown
        ),
        ChatCase(
            "ended inside an event",
            answer + "data: {\"cho",
            .failure(.protocolError),
            .ttft,
            [.badEvent, .unfinishedEvent],
            bill: .unknown
        ),
        ChatCase(
            "bad JSON and no end",
            "data: x\n\n",
            .failure(.protocolError),
            .none,
            [.badEvent],
            bill: .unknown
        ),
        ChatCase(
            "bad JSON and no token",
            "data: x\n\n" + done,
            .failure(.protocolError),
            .none,
            [.badEvent],
            bill: .unknown
        ),
        ChatCase("no token", role, end: .timedOut, .timeout(.ttftTimeout), .both, bill: .unknown),
        ChatCase("nothing at all", "", end: .timedOut, .timeout(.ttftTimeout), .both, bill: .unknown),
        ChatCase(
            "a token whose event is not complete",
            String(content("OK").dropLast(1)),
            end: .timedOut,
            .timeout(.ttftTimeout),
            .both,
            bill: .unknown
        ),
        ChatCase("stalled", answer, end: .timedOut, .timeout(.stalled), .both, bill: .unknown),
        ChatCase("too slow in all", answer, end: .totalTimedOut, .timeout("slow"), .both, bill: .unknown),
        ChatCase("total before a token", role, end: .totalTimedOut, .timeout(.ttftTimeout), .both, bill: .unknown),
        ChatCase(
            "filtered answer",
            answer + finish("content_filter") + done,
            .inconclusive(.filtered),
            .ttft,
            bill: .unknown
        ),
        ChatCase(
            "filtered before a token",
            finish("content_filter") + done,
            .inconclusive(.filtered),
            .none,
            bill: .unknown
        ),
        ChatCase(
            "refusal",
            chunk("\"refusal\":\"No\"") + finish("stop") + done,
            .inconclusive(.filtered),
            .ttft,
            bill: .unknown
        ),
    ]

    /// Errors inside a stream, which are told apart like statuses.
    static let errors: [ChatCase] = [
        error("code 429", "{\"error\":{\"code\":429,\"message\":\"slow down\"}}", .throttled(.http(429))),
        error("code as string", "{\"error\":{\"code\":\"503\",\"message\":\"no\"}}", .failure(.unavailable)),
        error("rate limit", "{\"error\":{\"type\":\"rate_limit_error\"}}", .throttled(.http(429))),
        error("exhausted", "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\"}}", .throttled(.http(429))),
        error("quota", "{\"error\":{\"code\":\"insufficient_quota\"}}", .misconfigured(.quota)),
        error("overloaded", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}", .failure(.overloaded)),
        error("server", "{\"error\":{\"type\":\"server_error\",\"message\":\"oops\"}}", .failure(.http(500))),
        error("text", "{\"error\":\"it broke\"}", .failure(.http(500))),
        error("text about the rate", "{\"error\":\"Rate limit reached\"}", .throttled(.http(429))),
        error("vLLM", "{\"object\":\"error\",\"message\":\"m\",\"code\":400}", .misconfigured(.request)),
        error("model", "{\"error\":{\"code\":\"model_not_found\"}}", .misconfigured(.model)),
        error("key", "{\"error\":{\"code\":\"invalid_api_key\"}}", .misconfigured(.auth)),
        error("filter", "{\"error\":{\"code\":\"content_filter\"}}", .inconclusive(.filtered)),
        error("timeout", "{\"error\":{\"type\":\"timeout\"}}", .failure(.http(504))),
        ChatCase(
            "error event of text",
            "event: error\ndata: upstream is gone\n\n",
            .failure(.http(500)),
            .none,
            bill: .nothing
        ),
        ChatCase(
            "error event of JSON",
            "event: error\ndata: {\"type\":\"overloaded_error\"}\n\n",
            .failure(.overloaded),
            .none,
            bill: .nothing
        ),
        ChatCase("finish error", answer + finish("error"), .failure(.http(500)), .ttft, bill: .unknown),
        ChatCase(
            "error after tokens",
            answer + "data: {\"error\":{\"code\":502,\"message\":\"gone\"}}\n\n",
            .failure(.http(502)),
            .ttft,
            bill: .unknown
        ),
    ]

    private static func error(_ name: String, _ json: String, _ outcome: Outcome) -> ChatCase {
        ChatCase("error: \(name)", role + "data: \(json)\n\n" + done, outcome, .none, bill: .nothing)
    }

    static let all = good + written + bad + errors
}
