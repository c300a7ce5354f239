/// Answers with an error status, as servers and gateways give them.
extension QuirkTable {
    static let refusals: [Entry] = throttled + accounts + requests + troubles

    private static let throttled: [Entry] = [
        Entry("throttled") { $0.refuse(429, "rate_limit_exceeded", type: "rate_limit_error", "Rate limit reached.") },
        Entry("throttled_seconds", .wait) { $0.throttle("retry-after") { "\($0)" } },
        Entry("throttled_date", .wait) { context in
            context.throttle("retry-after") { HTTPDate.text(secondsSince1970: context.chat.created + $0) }
        },
        Entry("throttled_ms", .wait) { $0.throttle("retry-after-ms") { "\($0 * 1000)" } },
        Entry("throttled_reset", .wait) {
            $0.throttle("x-ratelimit-reset-requests") { QuirkContext.compound($0) }
        },
        Entry("throttled_epoch", .wait) { context in
            context.throttle("x-ratelimit-reset") { "\(context.chat.created + $0)" }
        },
        Entry("resource_exhausted_429") {
            $0.refuse(429, "429", type: "RESOURCE_EXHAUSTED", "Quota exceeded for requests a minute.")
        },
    ]

    private static let accounts: [Entry] = [
        Entry("quota_429") {
            $0.refuse(429, "insufficient_quota", type: "insufficient_quota", "You exceeded your current quota.")
        },
        Entry("quota_403") { $0.refuse(403, "billing_not_active", "Your account is not active.") },
        Entry("credit_balance", .status) {
            $0.refuse(403, nil, "Your credit balance is too low to access the API.")
        },
        Entry("payment_402") { $0.refuse(402, nil, "Payment required.") },
        Entry("auth_401") { $0.refuse(401, "invalid_api_key", "Incorrect API key provided.") },
        // Some servers repeat the key that they refuse.
        Entry("auth_401_echo") {
            $0.refuse(401, "invalid_api_key", "Incorrect API key provided: \($0.key ?? "none").")
        },
        Entry("auth_403") { $0.refuse(403, nil, "Country, region, or territory not supported.") },
    ]

    private static let requests: [Entry] = [
        Entry("bad_request_400", .code, .type, .message) { $0.refuse(400, nil, "Invalid request.") },
        Entry("content_filter_400") {
            $0.refuse(400, "content_filter", "The response was filtered due to the prompt.")
        },
        Entry("content_policy_400") { $0.refuse(400, "content_policy_violation", "Your request was rejected.") },
        Entry("usage_refused_400") {
            $0.chat.request.includesUsage
                ? $0.refuse(400, nil, "Unrecognized request argument supplied: stream_options.") : .stream($0.usual)
        },
        Entry("max_tokens_400") {
            $0.chat.request.limitParameter == "max_tokens"
                ? $0.refuse(400, "unsupported_parameter", "Use 'max_completion_tokens' instead of 'max_tokens'.")
                : .stream($0.usual)
        },
        Entry("model_404") {
            $0.refuse(404, "model_not_found", "The model '\($0.chat.request.model)' does not exist.")
        },
        Entry("deployment_404") {
            $0.refuse(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
        },
        Entry("unknown_404") { _ in .answer(.page("404 page not found\n", type: "text/plain", status: 404)) },
        Entry("method_405") { $0.refuse(405, "method_not_supported", "Not allowed to POST.") },
        Entry("too_large_413") { $0.refuse(413, nil, "The request is too large.") },
        Entry("media_type_415") { $0.refuse(415, nil, "Unsupported media type.") },
        Entry("unprocessable_422") { $0.refuse(422, nil, "Extra inputs are not permitted.") },
        Entry("not_implemented_501") { $0.refuse(501, nil, type: "server_error", "Not implemented.") },
        Entry("redirect_301") { _ in
            let place = Answer.Header(name: "location", value: "https://other.example/v1/chat/completions")
            return .answer(.page("", type: "text/html", status: 301, headers: [place]))
        },
    ]

    private static let troubles: [Entry] = [
        Entry("loading_503", .message) {
            $0.refuse(503, "503", type: "unavailable_error", "Loading model")
        },
        Entry("unavailable_503") {
            $0.refuse(503, "service_unavailable", type: "server_error", "The engine is currently not available.")
        },
        Entry("overloaded_529") { $0.refuse(529, nil, type: "overloaded_error", "Overloaded") },
        Entry("overloaded_error", .status) {
            let wait = Answer.Header(name: "retry-after", value: "120")
            return $0.refuse(500, nil, type: "overloaded_error", "Overloaded", headers: [wait])
        },
        Entry("timeout_408") { $0.refuse(408, nil, type: "server_error", "Request timeout.") },
        Entry("conflict_409") { $0.refuse(409, nil, "Conflict.") },
        Entry("early_425") { $0.refuse(425, nil, "Too early.") },
        Entry("closed_499") { $0.refuse(499, nil, "Client closed request.") },
        Entry("gateway_502") { _ in
            .answer(.page("<html><h1>502 Bad Gateway</h1></html>\n", type: "text/html", status: 502))
        },
    ]
}
