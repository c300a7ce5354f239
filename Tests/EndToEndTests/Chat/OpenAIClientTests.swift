import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Somebody else's client against our simulator: what it understands is what the API is.
    @Suite struct OpenAIClientTests {
        private func ask(_ script: String) async throws -> [String] {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["us-east"], on: stage)
                try stage.write(Self.preamble + script, to: "ask.py")
                let output = try run(
                    Python.python,
                    [stage.directory.path("ask.py")],
                    environment: [
                        "BASE": regions.url("us-east"), "KEY": ChatRegions.key, "FAULT": regions.controlURL("us-east"),
                    ]
                )
                guard output.status == 0 else { throw ConditionError(description: output.standardError) }
                return output.standardOutput.split(separator: "\n").map(String.init)
            }
        }

        private static let preamble = """
            import json, os, urllib.request
            import openai

            def client(key=os.environ["KEY"]):
                return openai.OpenAI(base_url=os.environ["BASE"], api_key=key, max_retries=0, timeout=20)

            def fault(value):
                body = json.dumps(value).encode()
                urllib.request.urlopen(urllib.request.Request(os.environ["FAULT"], data=body, method="PUT"), timeout=20)

            def chat(model="sim-small", key=os.environ["KEY"], **more):
                messages = [{"role": "user", "content": "Reply with OK."}]
                return client(key).chat.completions.create(model=model, messages=messages, **more)

            def stream(**more):
                chunks = list(chat(stream=True, stream_options={"include_usage": True}, **more))
                text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
                reasons = [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason]
                usages = [c.usage.completion_tokens for c in chunks if c.usage]
                return text, reasons, usages


            """

        @Test func modelsAreListedAndFetched() async throws {
            let found = try await ask(
                """
                print([m.id for m in client().models.list()])
                model = client().models.retrieve("sim-large")
                print(model.id, model.object, model.owned_by)
                try: client().models.retrieve("other")
                except openai.NotFoundError as e: print(type(e).__name__, e.code, e.param, e.type)
                """
            )
            #expect(
                found == [
                    "['sim-small', 'sim-large']", "sim-large model regionsim",
                    "NotFoundError model_not_found model invalid_request_error",
                ]
            )
        }

        @Test func chatsAreAnsweredWholeAndStreamed() async throws {
            let found = try await ask(
                """
                answer = chat(max_tokens=4)
                choice = answer.choices[0]
                print(choice.message.role, repr(choice.message.content), choice.finish_reason, answer.model)
                print(answer.usage.completion_tokens, answer.usage.total_tokens > 4, answer.system_fingerprint)
                print(answer.id.startswith("chatcmpl-"), answer._request_id.startswith("req_"))
                print(stream(max_completion_tokens=3))
                print(stream()[1:])
                with client().chat.completions.stream(
                    model="any", messages=[{"role": "user", "content": "hi"}]
                ) as events:
                    print(events.get_final_completion().choices[0].message.content[:7])
                """
            )
            #expect(
                found == [
                    "assistant 'OK from us-east.' length sim-small", "4 True fp_us-east", "True True",
                    "('OK from us-east', ['length'], [3])", "(['stop'], [16])", "OK from",
                ]
            )
        }

        /// Odd streams that the client reads as the good one.
        @Test func oddStreamsAreReadAsGoodOnes() async throws {
            let found = try await ask(
                """
                for quirk in ["crlf", "cr", "no_space", "many_lines", "other_fields", "usage_first", "azure_preamble",
                              "two_terminators", "finish_without_done", "no_finish", "gzip", "reasoning",
                              "cached_tokens", "other_model", "json_content_type"]:
                    fault({"chat": quirk})
                    print(quirk, stream(max_tokens=2)[0])
                fault({"chat": "split_utf8"})
                print(stream(max_tokens=2)[0])
                fault({"chat": "not_streamed"})
                print(chat(max_tokens=2).choices[0].message.content)
                """
            )
            let whole = [
                "crlf", "cr", "usage_first", "azure_preamble", "two_terminators", "finish_without_done", "no_finish",
                "gzip",
                "reasoning", "cached_tokens", "other_model", "json_content_type",
            ]
            let single = ["no_space", "many_lines", "other_fields"]
            let expected = Set(whole.map { "\($0) OK from" } + single.map { "\($0) OK" } + ["é, 字, 🙂", "OK from"])
            #expect(Set(found) == expected)
        }

        @Test func errorsAreThoseOfTheClient() async throws {
            let found = try await ask(
                """
                def tell(name, **more):
                    try:
                        list(chat(stream=True, **more))
                        print(name, "answered")
                    except openai.APIStatusError as e:
                        print(name, type(e).__name__, e.status_code, e.code, e.type, bool(e.request_id))
                    except openai.APIError as e:
                        print(name, type(e).__name__, e.code, e.type)

                tell("wrong_key", key="sk-wrong")
                tell("no_tokens", max_tokens=0)
                for quirk in ["auth_401", "auth_403", "payment_402", "quota_429", "throttled", "model_404", "bad_request_400",
                              "content_filter_400", "conflict_409", "unprocessable_422", "loading_503",
                              "unavailable_503", "overloaded_529", "gateway_502", "error_in_band",
                              "throttled_in_band"]:
                    fault({"chat": quirk})
                    tell(quirk)
                fault("refuse")
                tell("refuse")
                """
            )
            #expect(
                found == [
                    "wrong_key AuthenticationError 401 invalid_api_key invalid_request_error True",
                    "no_tokens BadRequestError 400 None invalid_request_error True",
                    "auth_401 AuthenticationError 401 invalid_api_key invalid_request_error True",
                    "auth_403 PermissionDeniedError 403 None invalid_request_error True",
                    "payment_402 APIStatusError 402 None invalid_request_error True",
                    "quota_429 RateLimitError 429 insufficient_quota insufficient_quota True",
                    "throttled RateLimitError 429 rate_limit_exceeded rate_limit_error True",
                    "model_404 NotFoundError 404 model_not_found invalid_request_error True",
                    "bad_request_400 BadRequestError 400 None invalid_request_error True",
                    "content_filter_400 BadRequestError 400 content_filter invalid_request_error True",
                    "conflict_409 ConflictError 409 None invalid_request_error True",
                    "unprocessable_422 UnprocessableEntityError 422 None invalid_request_error True",
                    "loading_503 InternalServerError 503 503 unavailable_error True",
                    "unavailable_503 InternalServerError 503 service_unavailable server_error True",
                    "overloaded_529 InternalServerError 529 None overloaded_error True",
                    "gateway_502 InternalServerError 502 None None True",
                    "error_in_band APIError 500 server_error",
                    "throttled_in_band APIError rate_limit_exceeded rate_limit_error",
                    "refuse APIConnectionError None None",
                ]
            )
        }

        @Test func waitsAreToldInEverySpelling() async throws {
            let found = try await ask(
                """
                import email.utils, time
                names = ["retry-after", "retry-after-ms", "x-ratelimit-reset-requests", "x-ratelimit-reset"]
                for quirk in ["seconds", "date", "ms", "reset", "epoch"]:
                    fault({"chat": {"quirk": "throttled_" + quirk, "wait": "90s"}})
                    try: chat()
                    except openai.RateLimitError as e:
                        for name in names:
                            value = e.response.headers.get(name)
                            if value is None: continue
                            if quirk == "date": value = round((email.utils.parsedate_to_datetime(value).timestamp() - time.time()) / 30)
                            if quirk == "epoch": value = round((int(value) - time.time()) / 30)
                            print(quirk, name, value)
                """
            )
            #expect(
                found == [
                    "seconds retry-after 90", "date retry-after 3", "ms retry-after-ms 90000",
                    "reset x-ratelimit-reset-requests 1m30s", "epoch x-ratelimit-reset 3",
                ]
            )
        }
    }
}
