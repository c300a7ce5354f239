extension ChatQuirkTests {
    /// Name, status, kind of content, and the events; a request for three tokens of an answer of sixteen.
    static let expected = """
        keepalives_only: 200 event-stream forever(: OPENROUTER PROCESSING, 50ms)
        comments_forever: 200 event-stream forever(flood, 5ms)
        role_only: 200 event-stream forever(role, 50ms)
        empty_deltas: 200 event-stream role forever(content(0), 50ms)
        head_only: 200 event-stream silence
        empty_stream: 200 event-stream end
        done_only: 200 event-stream done end
        empty_stop: 200 event-stream role finish=stop usage=0 done end
        reasoning_only: 200 event-stream role finish=length usage=3,reasoning_tokens=3 done end
        closed_before_head: close
        no_terminator: 200 event-stream role 3*content end
        no_finish: 200 event-stream role 3*content usage=3 done end
        finish_without_done: 200 event-stream role 3*content finish=length usage=3 end
        unfinished_event: 200 event-stream role 3*content finish=length usage=3 done end
        two_terminators: 200 event-stream role 3*content finish=length usage=3 2*done end
        silent_tail: 200 event-stream role 3*content finish=length silence
        truncated: 200 event-stream role 3*content close
        reset_in_stream: 200 event-stream role 3*content reset
        stalled: 200 event-stream role 3*content silence
        slow_tokens: 200 event-stream role forever(content, 250ms)
        unknown_finish: 200 event-stream role 3*content finish=eos usage=3 done end
        content_filter_finish: 200 event-stream role 3*content finish=content_filter done end
        reasoning: 200 event-stream role 3*reasoning_content 3*content finish=length usage=6,reasoning_tokens=3 done end
        reasoning_leak: 200 event-stream role 3*reasoning_content 3*content finish=length usage=977,reasoning_tokens=960 done end
        tool_calls: 200 event-stream role tool_calls finish=tool_calls usage=3 done end
        refusal: 200 event-stream role 2*refusal finish=stop usage=3 done end
        legacy_text: 200 event-stream finish=stop done end
        repetition: 200 event-stream role 3*content finish=length usage=3 done end
        other_model: 200 event-stream role 3*content finish=length usage=3 done end
        other_fingerprint: 200 event-stream role 3*content finish=length usage=3 done end
        cached_tokens: 200 event-stream role 3*content finish=length usage=3,cached_tokens=24 done end
        cached_answer: 200 event-stream x-cache=HIT role 3*content finish=length usage=3 done end
        no_usage: 200 event-stream role 3*content finish=length done end
        usage_first: 200 event-stream usage=3 role 3*content finish=length done end
        azure_preamble: 200 event-stream no choices role 3*content finish=length usage=3 done end
        null_choices: 200 event-stream {"choices":null} {"id":null} role 3*content finish=length usage=3 done end
        crlf: 200 event-stream role 3*content finish=length usage=3 done end
        cr: 200 event-stream role 3*content finish=length usage=3 done end
        bom: 200 event-stream \u{FEFF} role 3*content finish=length usage=3 done end
        no_space: 200 event-stream data:{"choices":[{"delta":{"content":"OK… finish=length usage=3 done end
        many_lines: 200 event-stream data: {"choices":|data: [{"index":0,"delta":{"content":"OK"}}]} finish=length usage=3 done end
        other_fields: 200 event-stream : hello|retry: 10|event: message|id: 1|d… finish=length usage=3 done end
        split_utf8: 200 event-stream 718*byte end
        bad_event: 200 event-stream role 2*content data: {"choices": [ finish=length usage=3 done end
        bad_events_only: 200 event-stream data: {"choices": [ data: OK end
        huge_event: 200 event-stream role content(300000) finish=length usage=3 done end
        endless_event: 200 event-stream data:  forever(flood, 5ms)
        endless_tokens: 200 event-stream role forever(flood, 5ms)
        gzip: 200 event-stream content-encoding=gzip 1476 bytes end
        json_content_type: 200 json role 3*content finish=length usage=3 done end
        wrong_content_type: 200 plain role 3*content finish=length usage=3 done end
        huge_head: 200 event-stream role 3*content finish=length usage=3 done end
        not_streamed: 200 json completion end
        html: 200 html <!doctype html><title>Sign in</title>| end
        other_json: 200 json {"status":"ok"} end
        error_in_band: 200 event-stream role error(500, server_error) end
        error_event: 200 event-stream role event: error|data: {"error":{"code":500,… end
        error_text: 200 event-stream {"error":"Internal error"} end
        error_object: 200 event-stream {"object":"error","message":"The model failed.","type":"InternalServerError","pa done end
        error_finish: 200 event-stream role finish=error done end
        overloaded_in_band: 200 event-stream role event: error|data: {"error":{"code":null… end
        throttled_in_band: 200 event-stream role error(rate_limit_exceeded, rate_limit_error) end
        throttled: 429 json error(rate_limit_exceeded, rate_limit_error) end
        throttled_seconds: 429 json retry-after=20 error(rate_limit_exceeded, rate_limit_error) end
        throttled_date: 429 json retry-after=Sun, 06 Nov 1994 08:49:57 GMT error(rate_limit_exceeded, rate_limit_error) end
        throttled_ms: 429 json retry-after-ms=20000 error(rate_limit_exceeded, rate_limit_error) end
        throttled_reset: 429 json x-ratelimit-reset-requests=20s error(rate_limit_exceeded, rate_limit_error) end
        throttled_epoch: 429 json x-ratelimit-reset=784111797 error(rate_limit_exceeded, rate_limit_error) end
        resource_exhausted_429: 429 json error(429, RESOURCE_EXHAUSTED) end
        quota_429: 429 json error(insufficient_quota, insufficient_quota) end
        quota_403: 403 json error(billing_not_active, invalid_request_error) end
        credit_balance: 403 json error(<null>, invalid_request_error) end
        payment_402: 402 json error(<null>, invalid_request_error) end
        auth_401: 401 json error(invalid_api_key, invalid_request_error) end
        auth_401_echo: 401 json error(invalid_api_key, invalid_request_error) end
        auth_403: 403 json error(<null>, invalid_request_error) end
        bad_request_400: 400 json error(<null>, invalid_request_error) end
        content_filter_400: 400 json error(content_filter, invalid_request_error) end
        content_policy_400: 400 json error(content_policy_violation, invalid_request_error) end
        usage_refused_400: 400 json error(<null>, invalid_request_error) end
        max_tokens_400: 400 json error(unsupported_parameter, invalid_request_error) end
        model_404: 404 json error(model_not_found, invalid_request_error) end
        deployment_404: 404 json error(DeploymentNotFound, invalid_request_error) end
        unknown_404: 404 plain 404 page not found| end
        method_405: 405 json error(method_not_supported, invalid_request_error) end
        too_large_413: 413 json error(<null>, invalid_request_error) end
        media_type_415: 415 json error(<null>, invalid_request_error) end
        unprocessable_422: 422 json error(<null>, invalid_request_error) end
        not_implemented_501: 501 json error(<null>, server_error) end
        redirect_301: 301 html location=https://other.example/v1/chat/completions end
        loading_503: 503 json error(503, unavailable_error) end
        unavailable_503: 503 json error(service_unavailable, server_error) end
        overloaded_529: 529 json error(<null>, overloaded_error) end
        overloaded_error: 500 json retry-after=120 error(<null>, overloaded_error) end
        timeout_408: 408 json error(<null>, server_error) end
        conflict_409: 409 json error(<null>, invalid_request_error) end
        early_425: 425 json error(<null>, invalid_request_error) end
        closed_499: 499 json error(<null>, invalid_request_error) end
        gateway_502: 502 html <html><h1>502 Bad Gateway</h1></html>| end
        """.split(separator: "\n").map(String.init)
}
