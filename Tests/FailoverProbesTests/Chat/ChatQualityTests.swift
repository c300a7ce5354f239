import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct ChatQualityTests {
    struct Answered: Sendable, CustomTestStringConvertible {
        var text = "OK"
        var model: String? = "gpt-4o-2024-08-06"
        let quality: QualityExpectation
        let fault: ReasonCode?
        var testDescription: String { "\(text) \(quality)" }
    }

    private static func script(_ text: String, model: String?, quality: QualityExpectation) -> ChatScript {
        let name = model.map { ",\"model\":\"\($0)\"" } ?? ""
        let body = chunk("\"content\":\"\(text)\"", more: name) + finish("stop") + done
        return ChatScript(probe: ChatScript.probe(quality: quality), body: Array(body.utf8))
    }

    @Test(arguments: [
        Answered(quality: QualityExpectation(), fault: nil),
        Answered(quality: QualityExpectation(text: [.contains("OK")]), fault: nil),
        Answered(text: "no", quality: QualityExpectation(text: [.contains("OK")]), fault: .quality),
        Answered(quality: QualityExpectation(text: [.regex("^O.$")]), fault: nil),
        Answered(text: "OKAY", quality: QualityExpectation(text: [.regex("^O.$")]), fault: .quality),
        Answered(
            text: "{\\\"a\\\":[1]}",
            quality: QualityExpectation(text: [.json(pointer: "/a/0", equals: .number(1))]),
            fault: nil
        ),
        Answered(
            text: "{\\\"a\\\":[2]}",
            quality: QualityExpectation(text: [.json(pointer: "/a/0", equals: .number(1))]),
            fault: .quality
        ),
        Answered(
            text: "no JSON",
            quality: QualityExpectation(text: [.json(pointer: "/a", equals: .number(1))]),
            fault: .quality
        ),
        Answered(quality: QualityExpectation(model: "gpt-4o-2024-08-06"), fault: nil),
        Answered(quality: QualityExpectation(model: "gpt-4o*"), fault: nil),
        Answered(quality: QualityExpectation(model: "*"), fault: nil),
        Answered(quality: QualityExpectation(model: "gpt-4o"), fault: .modelMismatch),
        Answered(quality: QualityExpectation(model: "gpt-5*"), fault: .modelMismatch),
        Answered(model: nil, quality: QualityExpectation(model: "gpt-5*"), fault: .modelMismatch),
        Answered(model: nil, quality: QualityExpectation(), fault: nil),
        Answered(text: "!!!!!!!!!!!!!!!!", quality: QualityExpectation(), fault: .repetition),
        Answered(text: "!!!!!!!!!!!!!!!!", quality: QualityExpectation(refusesRepetition: false), fault: nil),
        Answered(
            text: "!!!!!!!!!!!!!!!!",
            quality: QualityExpectation(text: [.contains("OK")], model: "x"),
            fault: .quality
        ),
    ])
    func poorAnswerIsASuccessWithAFault(_ answered: Answered) {
        let conclusion = Self.script(answered.text, model: answered.model, quality: answered.quality).conclusion()
        #expect(conclusion.outcome == .success)
        #expect(conclusion.report?.poorQuality?.code == answered.fault)
        #expect(conclusion.detail == conclusion.report?.poorQuality?.text)
    }

    @Test func poorAnswerFailsTheEndpointIfAsked() {
        let quality = QualityExpectation(text: [.contains("OK")], failsEndpoint: true)
        let poor = Self.script("no", model: nil, quality: quality).conclusion()
        #expect(poor.outcome == .failure(.quality))
        #expect(poor.detail == "the answer's body does not contain \"OK\", found: no")
        #expect([poor.ttft, poor.latency] == [.milliseconds(200), .milliseconds(200)])
        #expect(Self.script("OK", model: nil, quality: quality).conclusion().outcome == .success)
    }

    @Test func answerThatIsNotStreamedIsJudgedToo() {
        let body = "{\"choices\":[{\"message\":{\"content\":\"no\"},\"finish_reason\":\"stop\"}]}"
        let script = ChatScript(
            probe: ChatScript.probe(quality: QualityExpectation(text: [.contains("OK")])),
            fields: [("content-type", "application/json")],
            body: Array(body.utf8)
        )
        #expect(script.conclusion().report?.poorQuality?.code == .quality)
    }

    /// The text of all events together, and of nothing else.
    @Test func textIsThatOfTheAnswerAlone() {
        let quality = QualityExpectation(text: [.regex("^OK$")])
        let body =
            chunk("\"reasoning_content\":\"Hm\"") + content("O") + ": x\n\n" + content("K") + finish("stop") + done
        let script = ChatScript(probe: ChatScript.probe(quality: quality), body: Array(body.utf8))
        #expect(script.conclusion().report?.poorQuality == nil)
    }

    @Test(arguments: [
        ("OK", nil), ("no, no, no, no", nil),
        ("!!!!!!!!!!!!!!!", nil), ("!!!!!!!!!!!!!!!!", "\"!\" 16 times"),
        ("OK OK OK OK OK OK OK ", nil), ("OK OK OK OK OK OK OK O", nil), ("OK OK OK OK OK OK OK OK", nil),
        ("OK OK OK OK OK OK OK OK ", "\"OK \" 8 times"), ("OK OK OK OK OK OK OK OK O", "\"OK \" 8 times"),
        ("The answer is four: !!!!!!!!!!!!!!!!!!!!", nil),
        ("The answer is four: !!!!!!!!!!!!!!!!!!!!!", "\"!\" 21 times"),
        ("👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽👋🏽", "\"👋🏽\" 8 times"),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", nil), ("", nil),
    ])
    func repetitionIsFoundAtTheEnd(_ text: String, found: String?) {
        #expect(Repetition(endOf: Array(text.utf8))?.description == found)
    }

    @Test func unitsHaveABound() {
        let longest = String((0..<32).map { Character(Unicode.Scalar(UInt8(65 + $0))) })
        let tooLong = longest + "b"
        #expect(Repetition(endOf: Array(String(repeating: longest, count: 8).utf8))?.count == 8)
        #expect(Repetition(endOf: Array(String(repeating: tooLong, count: 8).utf8)) == nil)
    }
}
