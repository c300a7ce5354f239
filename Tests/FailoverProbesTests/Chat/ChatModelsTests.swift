import FailoverCore
import Testing

@testable import FailoverProbes

/// The cheaper questions.
@Suite struct ChatModelsTests {
    struct Asked: Sendable, CustomTestStringConvertible {
        var mode = ChatProbe.Mode.models
        var status = 200
        var body = "{\"data\":[{\"id\":\"m\"}]}"
        var end = ChatEnd.ended
        let outcome: Outcome
        var testDescription: String { "\(mode) \(status) \(body)" }
    }

    @Test(arguments: [
        Asked(outcome: .success),
        Asked(body: "{\"object\":\"list\",\"data\":[{\"id\":\"x\"},{\"id\":\"provider/m\"}]}", outcome: .success),
        Asked(body: "{\"data\":[{\"id\":\"provider/*\"}]}", outcome: .success),
        Asked(body: "{\"data\":[{\"id\":\"x\"}],\"has_more\":true}", outcome: .success),
        Asked(body: "{\"data\":[{\"id\":\"x\"}]}", outcome: .misconfigured(.model)),
        Asked(body: "{\"data\":[]}", outcome: .misconfigured(.model)),
        Asked(body: "{\"data\":[7,null,{}]}", outcome: .misconfigured(.model)),
        Asked(body: "{\"data\":{}}", outcome: .failure(.protocolError)),
        Asked(body: "[]", outcome: .failure(.protocolError)),
        Asked(body: "<html>", outcome: .failure(.protocolError)),
        Asked(body: "", outcome: .failure(.protocolError)),
        Asked(end: .broken("reset"), outcome: .failure(.responseTruncated)),
        Asked(end: .totalTimedOut, outcome: .timeout(.bodyTimeout)),
        Asked(status: 401, outcome: .misconfigured(.auth)),
        Asked(status: 404, outcome: .misconfigured(.request)),
        Asked(status: 429, outcome: .throttled(.http(429))),
        Asked(status: 503, body: "loading", outcome: .failure(.loading)),
        Asked(mode: .health, status: 204, body: "", outcome: .success),
        Asked(mode: .health, body: "no matter what", end: .broken("reset"), outcome: .success),
        Asked(mode: .health, status: 404, body: "", outcome: .misconfigured(.request)),
        Asked(mode: .health, status: 500, body: "", outcome: .failure(.http(500))),
    ])
    func cheaperAnswerIsToldApart(_ asked: Asked) {
        let script = ChatScript(
            mode: asked.mode,
            status: asked.status,
            fields: [("content-type", "application/json")],
            body: Array(asked.body.utf8),
            end: asked.end
        )
        let conclusion = script.conclusion()
        #expect(conclusion.outcome == asked.outcome)
        #expect(conclusion.ttft == nil)
        #expect(conclusion.report == nil)
        #expect(conclusion.bill == .nothing)
        #expect((conclusion.detail == nil) == (asked.outcome == .success))
    }

    @Test func answerHasALatency() {
        let script = ChatScript(mode: .models, body: Array("{\"data\":[{\"id\":\"m\"}]}".utf8))
        #expect(script.conclusion().latency == .milliseconds(300))
    }
}
