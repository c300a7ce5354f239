import FailoverCore

@testable import FailoverProbes

/// Answers that are told apart by their heads, row by row of the classification.
enum ChatHeads {
    private static let json = "application/json"

    private static func openAI(_ code: String, _ message: String = "m") -> String {
        "{\"error\":{\"message\":\"\(message)\",\"type\":\"t\",\"param\":null,\"code\":\"\(code)\"}}"
    }

    private static func refused(
        _ status: Int,
        _ body: String,
        _ outcome: Outcome,
        name: String = ""
    ) -> ChatCase {
        ChatCase("\(status) \(name)", status: status, type: json, body, outcome)
    }

    static let statuses: [ChatCase] =
        [408, 424, 500, 502, 504, 505, 520, 521, 522, 523, 524, 525, 526, 527].map {
            refused($0, "<html>", .failure(.http($0)))
        }
        + [301, 302, 304, 307, 308, 400, 405, 406, 410, 413, 415, 422, 431, 501].map {
            refused($0, openAI("x"), .misconfigured(.request))
        } + [409, 425, 499].map { refused($0, "", .inconclusive(.http($0))) } + [
            refused(503, "no", .failure(.unavailable)),
            refused(503, openAI("x", "Model is loading, please wait"), .failure(.loading), name: "loading"),
            refused(503, "Warming up", .failure(.loading), name: "warming"),
            refused(503, openAI("MODEL_LOADING"), .failure(.loading), name: "loading, as a code"),
            refused(503, openAI("ModelLoadingException"), .failure(.loading), name: "loading, as a name"),
            refused(503, "downloading, uploading, overloading", .failure(.unavailable), name: "other words"),
            refused(529, "", .failure(.overloaded)),
            refused(500, "{\"error\":{\"type\":\"overloaded_error\"}}", .failure(.overloaded), name: "overloaded"),
            refused(429, "{\"error\":{\"type\":\"overloaded_error\"}}", .failure(.overloaded), name: "overloaded"),
            refused(429, "", .throttled(.http(429))),
            refused(429, openAI("rate_limit_exceeded"), .throttled(.http(429)), name: "rate"),
            refused(429, openAI("429", "Quota exceeded for requests"), .throttled(.http(429)), name: "quota exceeded"),
            refused(
                429,
                "[{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}]",
                .throttled(.http(429)),
                name: "array"
            ),
            refused(403, openAI("x", "Quota exceeded"), .throttled(.http(429)), name: "quota exceeded"),
            refused(402, "", .misconfigured(.quota)),
            refused(429, openAI("insufficient_quota"), .misconfigured(.quota), name: "quota"),
            refused(403, openAI("billing_not_active"), .misconfigured(.quota), name: "billing"),
            refused(429, openAI("terminal_quota_exhausted"), .misconfigured(.quota), name: "terminal"),
            refused(403, openAI("x", "Your credit balance is too low"), .misconfigured(.quota), name: "credit"),
            refused(401, openAI("invalid_api_key"), .misconfigured(.auth)),
            refused(403, openAI("x"), .misconfigured(.auth)),
            refused(404, "", .misconfigured(.model)),
            refused(404, openAI("DeploymentNotFound"), .misconfigured(.model), name: "Azure"),
            refused(400, openAI("model_not_found"), .misconfigured(.model), name: "model"),
            refused(400, openAI("content_filter"), .inconclusive(.filtered), name: "filter"),
            refused(400, openAI("content_policy_violation"), .inconclusive(.filtered), name: "policy"),
            refused(
                400,
                "{\"error\":{\"message\":\"m\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
                .inconclusive(.filtered),
                name: "inner error"
            ),
            refused(400, "{\"detail\":[{\"msg\":\"field required\"}]}", .misconfigured(.request), name: "FastAPI"),
            refused(199, "", .failure(.protocolError)),
            refused(600, "", .failure(.protocolError)),
        ]

    private static func whole(_ message: String, finish: String = "\"stop\"", usage: String = "null") -> String {
        "{\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":\(message),"
            + "\"finish_reason\":\(finish)}],\"usage\":\(usage)}"
    }

    private static let ok = whole("{\"role\":\"assistant\",\"content\":\"OK\"}")
    private static let stream = content("OK") + finish("stop") + done

    static let bodies: [ChatCase] = [
        ChatCase("not streamed", type: json, ok, .success, .latency, [.notStreamed], bill: .unknown),
        ChatCase(
            "not streamed, with usage",
            type: json,
            " \n" + whole("{\"content\":\"OK\"}", usage: "{\"prompt_tokens\":25,\"completion_tokens\":2}"),
            .success,
            .latency,
            [.notStreamed],
            bill: .used(25, 2)
        ),
        ChatCase(
            "not streamed, as a stream",
            type: "text/event-stream",
            ok,
            .success,
            .latency,
            [.contentType, .notStreamed],
            bill: .unknown
        ),
        ChatCase(
            "not streamed, without a reason",
            type: json,
            whole("{\"content\":\"OK\"}", finish: "null"),
            .success,
            .latency,
            [.notStreamed, .noFinishReason],
            bill: .unknown
        ),
        ChatCase("not streamed, empty", type: json, whole("{\"content\":\"\"}"), .failure(.empty), bill: .unknown),
        ChatCase(
            "not streamed, filtered",
            type: json,
            whole("{\"content\":\"\"}", finish: "\"content_filter\""),
            .inconclusive(.filtered),
            bill: .unknown
        ),
        ChatCase(
            "error instead of an answer",
            type: json,
            openAI("rate_limit_exceeded"),
            .throttled(.http(429)),
            bill: .nothing
        ),
        ChatCase("no choices", type: json, "{\"choices\":[]}", .failure(.protocolError), bill: .unknown),
        ChatCase("half a document", type: json, "{\"choices\":[", .failure(.protocolError), bill: .unknown),
        ChatCase("neither", type: json, "<html>", .failure(.protocolError), bill: .unknown),
        ChatCase("stream as JSON", type: json, stream, .success, .both, [.contentType], bill: .unknown),
        ChatCase("stream without a type", type: nil, stream, .success, .both, [.contentType], bill: .unknown),
        ChatCase("HTML", type: "text/html; charset=utf-8", "<html>", .failure(.protocolError)),
        ChatCase("plain text", type: "text/plain", stream, .failure(.protocolError)),
        ChatCase(
            "gzip",
            type: "text/event-stream",
            fields: [("content-encoding", "gzip")],
            "\u{1f}",
            .failure(.protocolError),
            bill: .unknown
        ),
        ChatCase(
            "identity",
            type: "text/event-stream",
            fields: [("content-encoding", " Identity")],
            stream,
            .success,
            .both,
            bill: .unknown
        ),
        ChatCase(
            "gzip in a refusal",
            status: 500,
            type: json,
            fields: [("content-encoding", "gzip")],
            "?",
            .failure(.http(500))
        ),
        cached("x-cache", "HIT from edge"),
        cached("cf-cache-status", "HIT"),
        cached("x-litellm-cache-key", "5f"),
        cached("x-portkey-cache-status", "SEMANTIC HIT"),
        cached("age", "12"),
        ChatCase(
            "no cache",
            type: "text/event-stream",
            fields: [("x-cache", "MISS"), ("age", "0"), ("cf-cache-status", "DYNAMIC")],
            stream,
            .success,
            .both,
            bill: .unknown
        ),
    ]

    private static func cached(_ name: String, _ value: String) -> ChatCase {
        ChatCase(
            "cache: \(name)",
            type: "text/event-stream",
            fields: [(name, value)],
            stream,
            .success,
            .both,
            [.cached],
            bill: .unknown
        )
    }

    static let all = statuses + bodies
}
