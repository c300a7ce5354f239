import Testing

@testable import FailoverProbes

@Suite struct MaskedTextTests {
    @Test(arguments: [
        ("Incorrect API key provided: sk-proj-abcDEF123456", "Incorrect API key provided: ***"),
        ("Incorrect API key provided: hunter2.", "Incorrect API key provided: ***"),
        ("key sk-abcdef1234 is revoked", "key *** is revoked"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer ***"),
        ("bearer \"opensesame\"", "bearer \"***\""),
        ("{\"api_key\": \"opensesame\"}", "{\"api_key\": \"***\"}"),
        ("api-key=opensesame&x=1", "api-key=***&x=1"),
        ("got 0123456789abcdef0123456789abcdef here", "got *** here"),
        ("AIzaSyA1234567890", "***"),
        ("gsk_1234567890 and hf_abcdefgh", "*** and ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.c2ln", "***"),
        ("sk-***************cdef", "***"),
    ])
    func keysAreMasked(_ text: String, masked: String) {
        #expect(MaskedText.masking(text) == masked)
    }

    @Test(arguments: [
        "Rate limit reached for gpt-4o-mini-2024-07-18 in organization org-1 on tokens per min (TPM): Limit 200000",
        "The model `meta-llama/Llama-3.1-8B-Instruct` does not exist",
        "This model's maximum context length is 4096 tokens",
        "token limit exceeded", "key not found", "invalid_api_key: Incorrect API key", "status 503, expected 200",
        "request id 7f1e2a3b-aaaa-bbbb-cccc-121212121212",
        "internationalisationsbeauftragte", "", "täglich 你好 👋🏽",
    ])
    func wordsAreNot(_ text: String) {
        #expect(MaskedText.masking(text) == text)
    }

    @Test func severalLinesBecomeOne() {
        #expect(MaskedText.line("a\nb\u{202e}c\u{7}", limit: 4) == "a?b…")
    }

    /// No form of a key survives, wherever a server puts it.
    @Test(arguments: ["sk-live-4f9c2d7e8a1b", "Zk3xQ9vB7nM2pL5tR8wY1cD4", "eyJhbGciOi.eyJzdWIiOi.abcdef"])
    func keyNeverReachesADetail(_ key: String) {
        let bodies = [
            "{\"error\":{\"message\":\"Incorrect API key provided: \(key)\"}}", "invalid token \(key)", key,
            "{\"error\":{\"message\":\"m\",\"code\":\"\(key)\"}}", "{\"detail\":\"Bearer \(key) is unknown\"}",
            "{\"error\":{\"message\":\"header was authorization: Bearer \(key)\"}}",
        ]
        for status in [200, 400, 401, 403, 404, 429, 500, 503] {
            for body in bodies {
                let streamed = "event: error\ndata: \(body)\n\n"
                let script = ChatScript(status: status, body: Array((status == 200 ? streamed : body).utf8))
                let conclusion = script.conclusion()
                #expect(conclusion.detail?.contains(key) == false, "\(status) \(body)")
            }
        }
    }
}
