import FailoverCore
import RegionSim

@testable import FailoverProbes

extension ProbeTimeouts {
    /// Limits that no answer comes near.
    static let patient = ProbeTimeouts(
        resolve: .seconds(60),
        connect: .seconds(60),
        tls: .seconds(60),
        firstByte: .seconds(60),
        ttft: .seconds(60),
        idle: .seconds(60),
        total: .seconds(100)
    )

    /// Such limits but for the given ones.
    static func limited(
        ttft: Duration = .seconds(60),
        idle: Duration = .seconds(60),
        total: Duration = .seconds(100)
    ) -> ProbeTimeouts {
        ProbeTimeouts(
            resolve: .seconds(60),
            connect: .seconds(60),
            tls: .seconds(60),
            firstByte: .seconds(60),
            ttft: ttft,
            idle: idle,
            total: total
        )
    }
}

// MARK: - The table

extension Probing.ChatOverSocketTests {
    private static func good(_ anomalies: ChatAnomaly...) -> Finding {
        Finding(.success, [.ttft, .content, .latency], anomalies)
    }

    /// A failure without silence, before any token or after it.
    private static func failed(_ code: ReasonCode, _ clocks: Set<Finding.Clock> = []) -> Finding {
        Finding(.failure(code, isTimeout: false), clocks)
    }

    /// A failure by silence: what was waited for has the time waited.
    private static func timedOut(_ code: ReasonCode, _ clocks: Set<Finding.Clock> = [.ttft, .latency]) -> Finding {
        Finding(.failure(code, isTimeout: true), clocks)
    }

    private static func ours(_ code: ReasonCode, _ clocks: Set<Finding.Clock> = []) -> Finding {
        Finding(.misconfigured(code), clocks)
    }

    private static let throttled = Finding(.throttled(.http(429)), [])
    private static let filtered = Finding(.inconclusive(.filtered), [])
    private static let seen: Set<Finding.Clock> = [.ttft, .content]
    private static let quick = Duration.milliseconds(200)

    static let rows: [Row] =
        goodRows + oddRows + silentRows + brokenRows + formRows + inBandRows + statusRows + transportRows + qualityRows

    private static let goodRows: [Row] =
        [Row(nil, good())]
        + Row.quirks(
            "two_terminators",
            "reasoning",
            "legacy_text",
            "other_model",
            "other_fingerprint",
            "no_usage",
            "usage_first",
            "azure_preamble",
            "null_choices",
            "crlf",
            "cr",
            "bom",
            "no_space",
            "many_lines",
            "other_fields",
            "split_utf8",
            are: good()
        )

    private static let oddRows: [Row] =
        Row.quirks("no_finish", are: good(.noFinishReason))
        + Row.quirks("finish_without_done", "silent_tail", are: good(.noTerminator))
        + Row.quirks("unfinished_event", are: good(.unfinishedEvent))
        + Row.quirks("unknown_finish", are: good(.unusualFinish))
        + Row.quirks("tool_calls", are: Finding(.success, [.ttft, .latency], [.unusualFinish]))
        + Row.quirks("bad_event", are: good(.badEvent))
        + Row.quirks("cached_tokens", "cached_answer", are: good(.cached))
        + Row.quirks("json_content_type", are: good(.contentType))
        + Row.quirks("reasoning_leak", are: good(.reasoningLeak))
        + Row.quirks("reasoning_only", are: Finding(.success, [.latency], [.reasoningOnly]))
        + Row.quirks("not_streamed", are: Finding(.success, [.latency], [.notStreamed]))

    private static let silentRows: [Row] =
        Row.quirks(
            "keepalives_only",
            "role_only",
            "empty_deltas",
            "head_only",
            are: timedOut(.ttftTimeout),
            .limited(ttft: quick)
        )
        + [Row(.blackhole, timedOut(.ttftTimeout), .limited(ttft: quick))]
        + Row.quirks("stalled", are: timedOut(.stalled, [.ttft, .content, .latency]), .limited(idle: quick))
        + [Row(.stall, timedOut(.stalled, [.ttft, .content, .latency]), .limited(idle: quick))]
        + Row.quirks("slow_tokens", are: timedOut("slow", [.ttft, .content, .latency]), .limited(total: .seconds(2)))

    private static let brokenRows: [Row] =
        Row.quirks("empty_stream", "done_only", "empty_stop", are: failed(.empty))
        + [Row(.empty, failed(.empty))]
        + Row.quirks("no_terminator", "truncated", "reset_in_stream", are: failed(.truncated, seen))
        + [Row(.truncate, failed(.truncated, seen))]
        + Row.quirks("closed_before_head", are: failed(.responseEmpty))
        + Row.quirks("refusal", are: Finding(.inconclusive(.filtered), [.ttft]))
        + Row.quirks("content_filter_finish", are: Finding(.inconclusive(.filtered), seen))

    /// Until a chat has succeeded, what speaks another protocol is put down to the configuration.
    private static let formRows: [Row] =
        Row.quirks(
            "html",
            "other_json",
            "gzip",
            "wrong_content_type",

            "huge_event",
            "endless_event",
            are: ours(.protocolError)
        )
        + Row.quirks("bad_events_only", are: Finding(.misconfigured(.protocolError), [], [.badEvent]))
        + Row.quirks("comments_forever", are: failed(.bodyTooLarge))
        + Row.quirks("endless_tokens", are: failed(.bodyTooLarge, seen))
        + [Row(.endless, ours(.protocolError))]
        + Row.quirks("huge_head", are: failed(.headerTooLarge))

    private static let inBandRows: [Row] =
        Row.quirks(
            "error_in_band",
            "error_event",
            "error_text",
            "error_object",
            "error_finish",
            are: failed(.http(500))
        )
        + Row.quirks("overloaded_in_band", are: failed(.overloaded))
        + Row.quirks("throttled_in_band", are: throttled)
        + [
            inBand("error_in_band", tokens: 2, code: "503", failed(.unavailable, seen)),
            inBand("error_in_band", tokens: 2, code: "rate_limit_exceeded", Finding(.throttled(.http(429)), seen)),
            inBand("error_event", tokens: 0, code: "invalid_api_key", ours(.auth)),
            inBand("error_object", tokens: nil, code: "400", ours(.request)),
            inBand("error_finish", tokens: 1, code: nil, failed(.http(500), seen)),
        ]

    private static func inBand(_ name: String, tokens: Int?, code: String?, _ finding: Finding) -> Row {
        var settings = ChatQuirk.Settings()
        settings.tokens = tokens
        settings.code = code
        return Row(ChatQuirk(named: name, settings).map { .chat($0) }, finding)
    }

    private static let statusRows: [Row] =
        Row.quirks(
            "throttled",
            "throttled_seconds",
            "throttled_date",
            "throttled_ms",
            "throttled_reset",
            "throttled_epoch",
            "resource_exhausted_429",
            are: throttled
        )
        + Row.quirks("quota_429", "quota_403", "credit_balance", "payment_402", are: ours(.quota))
        + Row.quirks("auth_401", "auth_401_echo", "auth_403", are: ours(.auth))
        + Row.quirks("model_404", "deployment_404", "unknown_404", are: ours(.model))
        + Row.quirks(
            "bad_request_400",
            "usage_refused_400",
            "max_tokens_400",
            "method_405",
            "too_large_413",
            "media_type_415",
            "unprocessable_422",
            "not_implemented_501",
            "redirect_301",
            are: ours(.request)
        )
        + Row.quirks("content_filter_400", "content_policy_400", are: filtered)
        + Row.quirks("loading_503", are: failed(.loading))
        + Row.quirks("unavailable_503", are: failed(.unavailable))
        + Row.quirks("overloaded_529", "overloaded_error", are: failed(.overloaded))
        + Row.quirks("timeout_408", are: failed(.http(408)))
        + Row.quirks("gateway_502", are: failed(.http(502)))
        + Row.quirks("conflict_409", are: Finding(.inconclusive(.http(409)), []))
        + Row.quirks("early_425", are: Finding(.inconclusive(.http(425)), []))
        + Row.quirks("closed_499", are: Finding(.inconclusive(.http(499)), []))
        + ([500, 502, 504] + Array(520...527)).map { Row(.status($0, retryAfter: nil), failed(.http($0))) }

    private static let transportRows: [Row] = [
        Row(.refuse, failed(.connectRefused)), Row(.reset, failed(.responseReset)),
        Row(.garbage, failed(.responseMalformed)),
    ]

    private static let poor = [
        QualityExpectation(text: [.contains("never said")]), QualityExpectation(model: "another*"),
    ]

    private static let qualityRows: [Row] =
        [
            Row(nil, Finding(.success, [.ttft, .content, .latency], poor: .quality)).expecting(poor[0]),
            Row(nil, Finding(.success, [.ttft, .content, .latency], poor: .modelMismatch)).expecting(poor[1]),
            Row(.chat("other_model"), good()).expecting(poor[1]),
            Row(
                nil,
                Finding(.failure(.quality, isTimeout: false), seen.union([.latency]), poor: .quality)
            ).expecting(QualityExpectation(text: [.regex("^no$")], failsEndpoint: true)),
        ]
        + Row.quirks("repetition", are: Finding(.success, [.ttft, .content, .latency], poor: .repetition))
}
