import Testing

@testable import RegionSim

/// What is sent and when, as values.
struct AnswerTests {
    private let plan = RequestPlan(
        index: 0,
        identifier: 0xABC,
        latency: .milliseconds(900),
        timeToFirstToken: .milliseconds(200),
        cause: nil,
        hits: []
    )

    private func answer(_ body: String, path: String = "/v1/chat/completions", method: String = "POST") -> Answer {
        let request = RegionRequest(method: method, target: path, body: Array(body.utf8))
        return Answer.healthy(request, region: "us-east", plan: plan, created: 1_700_000_000)
    }

    private func prefix(object: String) -> String {
        "\"created\":1700000000,\"id\":\"chatcmpl-0000000000000abc\",\"model\":\"m\",\"object\":\"\(object)\""
            + ",\"system_fingerprint\":\"fp_us-east\""
    }

    private func chunk(_ choices: String, usage: String) -> String {
        "data: {\"choices\":[\(choices)],\(prefix(object: "chat.completion.chunk"))\(usage)}\n\n"
    }

    private func choice(_ delta: String, finish: String = "null") -> String {
        "{\"delta\":{\(delta)},\"finish_reason\":\(finish),\"index\":0,\"logprobs\":null}"
    }

    @Test func completionHasTheShapeOfTheAPI() {
        let found = answer(#"{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":3}"#)
        let message = #"{"content":"OK from us-east","refusal":null,"role":"assistant"}"#
        let choice = "{\"finish_reason\":\"length\",\"index\":0,\"logprobs\":null,\"message\":\(message)}"
        let usage = #""usage":{"completion_tokens":3,"prompt_tokens":18,"total_tokens":21}"#
        let body = "{\"choices\":[\(choice)],\(prefix(object: "chat.completion")),\(usage)}"
        #expect(found.status == 200)
        #expect(found.parts == [Answer.Part(at: .milliseconds(900), text: body)])
    }

    @Test func streamBeginsWithTheRoleAndEndsWithDone() {
        let found = answer(#"{"model":"m","messages":[{}],"stream":true,"max_completion_tokens":3,"max_tokens":9}"#)
        let expected = [
            Answer.Part(at: .milliseconds(100), text: chunk(choice(#""content":"","role":"assistant""#), usage: "")),
            Answer.Part(at: .milliseconds(200), text: chunk(choice(#""content":"OK""#), usage: "")),
            Answer.Part(at: .milliseconds(550), text: chunk(choice(#""content":" from""#), usage: "")),
            Answer.Part(at: .milliseconds(900), text: chunk(choice(#""content":" us-east""#), usage: "")),
            Answer.Part(at: .milliseconds(900), text: chunk(choice("", finish: #""length""#), usage: "")),
            Answer.Part(at: .milliseconds(900), text: "data: [DONE]\n\n"),
        ]
        #expect(found.parts == expected)
        #expect(found.headers.first == .init(name: "content-type", value: "text/event-stream; charset=utf-8"))
    }

    @Test func usageIsTheLastChunkWhereAskedFor() {
        let body =
            #"{"model":"m","messages":[{}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":1}"#
        let usage = #","usage":{"completion_tokens":1,"prompt_tokens":24,"total_tokens":25}"#
        let expected = [
            chunk(choice(#""content":"","role":"assistant""#), usage: ",\"usage\":null"),
            chunk(choice(#""content":"OK""#), usage: ",\"usage\":null"),
            chunk(choice("", finish: #""length""#), usage: ",\"usage\":null"),
            chunk("", usage: usage),
            "data: [DONE]\n\n",
        ]
        #expect(answer(body).parts.map(\.text) == expected)
    }

    @Test(arguments: [
        ("", "stop", 16), (#","max_tokens":1"#, "length", 1), (#","max_tokens":15"#, "length", 15),
        (#","max_tokens":16"#, "stop", 16),
        (#","max_tokens":100000"#, "stop", 16),
    ])
    func tokenLimitCutsTheAnswerShort(limit: String, reason: String, tokens: Int) {
        let found = answer("{\"model\":\"m\",\"messages\":[{}],\"stream\":true\(limit)}")
        // The role, the finish and the end are no tokens.
        #expect(found.parts.count - 3 == tokens)
        #expect(found.parts.suffix(2).first?.text == chunk(choice("", finish: "\"\(reason)\""), usage: ""))
    }

    @Test(arguments: [
        ("{", "We could not parse the JSON body of your request. Expected a JSON object.", "null"),
        ("[]", "We could not parse the JSON body of your request. Expected a JSON object.", "null"),
        (#"{"model":"m"}"#, "Missing required parameter: 'messages'.", #""messages""#),
        (#"{"messages":[{}]}"#, "Missing required parameter: 'model'.", #""model""#),
        (#"{"model":1,"messages":[{}]}"#, "Invalid type for 'model'.", #""model""#),
        (#"{"model":"m","messages":"x"}"#, "Invalid type for 'messages'.", #""messages""#),
        (
            #"{"model":"m","messages":[]}"#,
            "Invalid 'messages': empty array. Expected at least one message.", #""messages""#
        ),
        (
            #"{"model":"m","messages":[{}],"max_tokens":0}"#,
            "Invalid 'max_tokens': found 0. Expected at least 1.", #""max_tokens""#
        ),
        (
            #"{"model":"m","messages":[{}],"stream_options":{"include_usage":3}}"#,
            "Invalid type for 'stream_options.include_usage'.", #""stream_options.include_usage""#
        ),
    ])
    func badRequestIsToldAsTheAPIDoes(body: String, message: String, parameter: String) {
        let error = "{\"error\":{\"code\":null,\"message\":\"\(message)\",\"param\":\(parameter),"
        let found = answer(body)
        #expect(found.status == 400)
        #expect(found.parts == [.init(at: .zero, text: error + "\"type\":\"invalid_request_error\"}}")])
    }

    @Test(arguments: [
        ("GET", "/", 200), ("GET", "/health?deep=1", 200), ("HEAD", "/health", 200), ("GET", "/v1/models", 200),
        ("GET", "/v1/models/sim-small", 200), ("HEAD", "/v1/models/sim-large", 200), ("GET", "/v1/models/other", 404),
        ("GET", "/v1/models/", 404), ("DELETE", "/v1/models/sim-small", 404), ("GET", "/v1/chat/completions", 405),
        ("POST", "/health", 405), ("GET", "/v1/nothing", 404),
    ])
    func pathsAndMethodsAreKnown(method: String, path: String, status: Int) {
        #expect(answer("", path: path, method: method).status == status)
    }

    // MARK: Faults

    private typealias Action = ResponseStep.Action

    private func steps(_ cause: Fault.Kind?, isStream: Bool) -> [ResponseStep] {
        let answer =
            isStream
            ? answer(#"{"model":"m","messages":[{}],"stream":true,"max_tokens":2}"#)
            : answer("", path: "/health", method: "GET")
        return ResponseStep.steps(for: answer, cause: cause, region: "us-east", scale: 0.5)
    }

    private func head(_ status: Int, _ length: String?, extra: [Answer.Header] = []) -> Action {
        let type = Answer.Header(name: "content-type", value: "application/json")
        return .head(
            status: status,
            headers: [type] + extra + (length.map { [.init(name: "content-length", value: $0)] } ?? [])
        )
    }

    @Test func faultsSpoilAPlainAnswer() {
        let body = #"{"region":"us-east","status":"ok"}"#
        let error = { (status: Int, code: String, type: String) in
            "{\"error\":{\"code\":\(code),\"message\":\"Simulated fault in us-east: status \(status).\","
                + "\"param\":null,\"type\":\"\(type)\"}}"
        }
        let unavailable = error(503, "\"service_unavailable\"", "server_error")
        let limited = error(429, "\"rate_limit_exceeded\"", "rate_limit_error")
        let endless = String(repeating: "endless ", count: 8192)
        let chunked = Answer.Header(name: "transfer-encoding", value: "chunked")
        let cases: [(Fault.Kind?, at: Int, [Action])] = [
            (nil, 900, [head(200, "34"), .body(body), .end]),
            (.stall, 900, [head(200, "34"), .body(#"{"region":"us-eas"#), .silence]),
            (.truncate, 900, [head(200, "34"), .body(#"{"region":"us-eas"#), .close]),
            (.drip(interval: .seconds(1)), 900, [head(200, "34"), .drip(body, interval: .milliseconds(500))]),
            (.empty, 900, [head(200, "0"), .end]),
            (.endless, 900, [head(200, nil, extra: [chunked]), .forever(endless, every: .milliseconds(10))]),
            (.blackhole, 0, [.silence]),
            (.reset, 0, [.reset]),
            (.garbage, 0, [.raw("220 us-east ESMTP \u{1}\u{2}\u{3}\r\n"), .close]),
            (
                .status(503, retryAfter: nil), 0,
                [head(503, "\(unavailable.utf8.count)"), .body(unavailable), .end]
            ),
            (
                .status(429, retryAfter: .milliseconds(1500)), 0,
                [
                    head(429, "\(limited.utf8.count)", extra: [.init(name: "retry-after", value: "2")]),
                    .body(limited), .end,
                ]
            ),
            (.status(204, retryAfter: nil), 0, [.head(status: 204, headers: []), .end]),
        ]
        for (cause, time, actions) in cases {
            let expected = actions.map { ResponseStep(at: .milliseconds(time), action: $0) }
            #expect(steps(cause, isStream: false) == expected)
        }
    }

    @Test(arguments: [Fault.Kind.stall, .truncate])
    func faultsCutAStream(cause: Fault.Kind) {
        // After the head come the role, two tokens, the finish and the end: stall keeps the first token, truncate three.
        let (kept, end): (Int, ResponseStep.Action) = cause == .stall ? (3, .silence) : (4, .close)
        let expected = steps(nil, isStream: true).prefix(kept) + [.init(at: .milliseconds(900), action: end)]
        #expect(steps(cause, isStream: true) == Array(expected))
    }
}
