import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct ChatRequestBodyTests {
    private static let http = HTTPProbe(address: HostPort(host: "llm.test", port: 80))

    struct Rendering: Sendable, CustomTestStringConvertible {
        let probe: ChatProbe
        var nonce = "ab12cd34"
        let body: String
        var testDescription: String { body }
    }

    @Test(arguments: [
        Rendering(
            probe: ChatProbe(http: http, model: "m"),
            body: """
                {"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user",\
                "content":"ab12cd34 Reply with the word OK and nothing else."}],"max_tokens":16}
                """
        ),
        Rendering(
            probe: ChatProbe(
                http: http,
                model: "o\"\\\u{1}ü",
                prompt: "00000000 11111111\n",
                tokenParameter: .maxCompletionTokens,
                maximumTokens: 64,
                includesUsage: false
            ),
            body: """
                {"model":"o\\"\\\\\\u0001ü","stream":true,"messages":[{"role":"user",\
                "content":"ab12cd34 00000000 11111111\\u000a"}],"max_completion_tokens":64}
                """
        ),
        Rendering(
            probe: ChatProbe(http: http, model: "m", prompt: "p", includesUsage: false, bustsCache: false),
            body: """
                {"model":"m","stream":true,"messages":[{"role":"user","content":"p"}],"max_tokens":16}
                """
        ),
        Rendering(
            probe: ChatProbe(http: http, model: "m", prompt: "p", includesUsage: false),
            nonce: "\"\\",
            body: """
                {"model":"m","stream":true,"messages":[{"role":"user","content":"\\"\\\\ p"}],"max_tokens":16}
                """
        ),
        Rendering(
            probe: ChatProbe(
                http: http,
                model: "m",
                prompt: "p",
                extraBody: .object([
                    JSONTree.Member("max_tokens", .integer(32)),
                    JSONTree.Member("stream_options", .object([JSONTree.Member("chunk", .number(0.5))])),
                    JSONTree.Member("reasoning_effort", .string("low")),
                    JSONTree.Member("list", .array([.null, .bool(false), .number(.infinity), .number(1e300)])),
                ])
            ),
            body: """
                {"model":"m","stream":true,"stream_options":{"include_usage":true,"chunk":0.5},"messages":[{"role":"user",\
                "content":"ab12cd34 p"}],"max_tokens":32,"reasoning_effort":"low","list":[null,false,null,1e+300]}
                """
        ),
        Rendering(
            probe: ChatProbe(
                http: http,
                model: "m",
                includesUsage: false,
                extraBody: .object([JSONTree.Member("messages", .array([]))])
            ),
            body: "{\"model\":\"m\",\"stream\":true,\"messages\":[],\"max_tokens\":16}"
        ),
    ])
    func bodyIsRendered(_ rendering: Rendering) {
        let bytes = ChatRequestBody(rendering.probe).bytes(nonce: rendering.nonce)
        #expect(String(decoding: bytes, as: UTF8.self) == rendering.body)
        #expect(JSONReader.value(of: bytes) != nil)
    }
}
