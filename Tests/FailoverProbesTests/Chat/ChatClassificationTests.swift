import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct ChatClassificationTests {
    @Test(arguments: ChatStreams.all)
    func streamIsToldApart(_ example: ChatCase) {
        #expect(ChatCase.Told(example.script.conclusion()) == example.told)
    }

    @Test(arguments: ChatHeads.all)
    func headIsToldApart(_ example: ChatCase) {
        #expect(ChatCase.Told(example.script.conclusion()) == example.told)
    }

    /// However the bytes are cut, the whole conclusion is the same.
    @Test(arguments: ChatStreams.all + ChatHeads.bodies)
    func cutsChangeNothing(_ example: ChatCase) {
        let whole = example.script.conclusion()
        let count = example.script.body.count
        for cut in 0...count where example.script.conclusion(cuts: [cut]) != whole {
            Issue.record("differs when cut at \(cut)")
        }
        #expect(example.script.conclusion(cuts: Array(0..<max(count, 1))) == whole)
    }

    @Test(arguments: ChatStreams.all)
    func manyCutsChangeNothing(_ example: ChatCase) {
        let whole = example.script.conclusion()
        let count = example.script.body.count
        var random = SplitMix64(seed: 7)
        for round in 0..<1_000 {
            let number = Int.random(in: 2...12, using: &random)
            let cuts = (0..<number).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
            guard example.script.conclusion(cuts: cuts) != whole else { continue }
            Issue.record("differs in round \(round) when cut at \(cuts)")
        }
    }

    @Test func namesAreUnique() {
        let names = (ChatStreams.all + ChatHeads.all).map(\.name)
        #expect(Set(names).count == names.count)
        #expect(ChatStreams.all.count >= 30)
    }

    @Test func noTokenIsNeverTimedAsZero() {
        for example in ChatStreams.all + ChatHeads.all {
            let conclusion = example.script.conclusion()
            #expect(conclusion.ttft != .zero && conclusion.latency != .zero, "\(example.name)")
        }
    }

    struct Worded: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let detail: String
        var testDescription: String { body }
    }

    @Test(arguments: [
        Worded(status: 500, body: "", detail: "status 500, expected 200"),
        Worded(
            status: 429,
            body: "{\"error\":{\"message\":\"slow\\ndown\",\"code\":\"rate_limit_exceeded\"}}",
            detail: "status 429, expected 200; the server says: rate_limit_exceeded: slow?down"
        ),
        Worded(
            status: 401,
            body: "{\"error\":{\"message\":\"Incorrect API key provided: sk-proj-abcdef123456.\"}}",
            detail: "status 401, expected 200; the server says: Incorrect API key provided: ***"
        ),
        Worded(
            status: 502,
            body: "<html>bad</html>",
            detail: "status 502, expected 200; the server says: <html>bad</html>"
        ),
        Worded(
            status: 200,
            body: role + "data: {\"error\":{\"code\":502,\"message\":\"gone\"}}\n\n",
            detail: "an error inside the answer before the first token; the server says: gone"
        ),
        Worded(
            status: 200,
            body: content("O") + "data: {\"error\":\"gone\"}\n\n",
            detail: "an error inside the answer after the first token; the server says: gone"
        ),
        Worded(status: 200, body: role, detail: "the stream broke off, 0 events with tokens so far"),
    ])
    func detailSaysWhatWasFound(_ example: Worded) {
        let script = ChatScript(status: example.status, body: Array(example.body.utf8))
        #expect(script.conclusion().detail == example.detail)
    }

    @Test func detailIsOneLineOfBoundedLength() {
        let script = ChatScript(status: 500, body: Array(String(repeating: "ü\n", count: 50_000).utf8))
        let detail = script.conclusion().detail ?? ""
        #expect(detail.count == 199)
        #expect(!detail.contains("\n"))
    }
}
