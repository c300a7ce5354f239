import FailoverCore
import Testing

@testable import FailoverProbes

/// Answers that never end, or that nobody should keep in memory.
@Suite struct ChatBadInputTests {
    /// Feeds `piece` again and again until the answer is complete, or `limit` bytes have been fed.
    private func flood(
        _ script: ChatScript,
        beginning: String = "",
        with piece: String,
        limit: Int = 3 * 1024 * 1024
    ) -> (conclusion: ChatConclusion, fed: Int) {
        var answer = script.answer()
        answer.receive(ChatHead(status: script.status, fields: script.fields), at: ChatScript.instant(100))
        Array(beginning.utf8).withUnsafeBytes { answer.receive($0, at: ChatScript.instant(150)) }
        let bytes = Array(piece.utf8)
        var fed = 0
        while !answer.isComplete, fed < limit {
            bytes.withUnsafeBytes { answer.receive($0, at: ChatScript.instant(200)) }
            fed += bytes.count
        }
        let end: ChatEnd = answer.isComplete ? .complete : .timedOut
        return (answer.conclude(end, at: ChatScript.instant(10_000), wallSeconds: ChatScript.wallSeconds), fed)
    }

    private static let kilobyte = String(repeating: "x", count: 1024)

    @Test func endlessStreamIsCutOff() {
        let (conclusion, fed) = flood(ChatScript(), with: content(Self.kilobyte))
        #expect(conclusion.outcome == .failure(.bodyTooLarge))
        #expect(fed <= ChatAnswer.maximumBodyBytes + 2_048)
    }

    @Test func endlessCommentsAreCutOff() {
        let (conclusion, fed) = flood(ChatScript(), with: ": \(Self.kilobyte)\n\n")
        #expect(conclusion.outcome == .failure(.bodyTooLarge))
        #expect(fed <= ChatAnswer.maximumBodyBytes + 2_048)
    }

    @Test func whatFollowsTheFinishMayBeCutOff() {
        let beginning = content("OK") + finish("stop")
        let (conclusion, _) = flood(ChatScript(), beginning: beginning, with: ": \(Self.kilobyte)\n\n")
        #expect(conclusion.outcome == .success)
        #expect(conclusion.report?.anomalies == [.noTerminator])
    }

    @Test(arguments: ["data: ", "other: ", "data: {\"choices\": [\"", ""])
    func hugeEventIsRefused(_ beginning: String) {
        let (conclusion, fed) = flood(ChatScript(), beginning: beginning, with: Self.kilobyte)
        #expect(conclusion.outcome == .failure(.protocolError))
        #expect(fed <= ChatProbe.maximumEventBytes + 1_024)
    }

    @Test func hugeEventOfManyLinesIsRefused() {
        let (conclusion, fed) = flood(ChatScript(), with: "data: \(Self.kilobyte)\n")
        #expect(conclusion.outcome == .failure(.protocolError))
        #expect(fed <= ChatProbe.maximumEventBytes + 2_048)
    }

    @Test func endlessDocumentIsCutOff() {
        let script = ChatScript(fields: [("content-type", "application/json")])
        let (conclusion, fed) = flood(script, beginning: "{\"choices\":[\"", with: Self.kilobyte)
        #expect(conclusion.outcome == .failure(.bodyTooLarge))
        #expect(fed <= ChatAnswer.maximumBodyBytes + 1_024)
    }

    @Test func endlessSpaceIsCutOff() {
        let script = ChatScript(fields: [("content-type", "application/json")])
        let (conclusion, _) = flood(script, with: String(repeating: " \n", count: 512))
        #expect(conclusion.outcome == .failure(.bodyTooLarge))
    }

    @Test func endlessExplanationIsCutOff() {
        let (conclusion, fed) = flood(ChatScript(status: 500), with: Self.kilobyte)
        #expect(conclusion.outcome == .failure(.http(500)))
        #expect(fed <= ChatAnswer.maximumComplaintBytes + 1_024)
    }

    @Test func endlessListOfModelsIsCutOff() {
        let (conclusion, _) = flood(ChatScript(mode: .models), with: Self.kilobyte)
        #expect(conclusion.outcome == .failure(.bodyTooLarge))
    }

    /// Only so much of the text is kept for the expectations.
    @Test func longAnswerIsJudgedByItsBeginning() {
        let quality = QualityExpectation(text: [.contains("end")], refusesRepetition: false)
        let events = String(repeating: content(Self.kilobyte), count: 64) + content("end") + finish("stop") + done
        let script = ChatScript(probe: ChatScript.probe(quality: quality), body: Array(events.utf8))
        let conclusion = script.conclusion()
        #expect(conclusion.report?.figures.tokenEvents == 65)
        #expect(conclusion.report?.poorQuality?.code == .quality)
    }

    @Test func deeplyNestedEventIsABadOne() {
        let nested = "data: " + String(repeating: "[", count: 200_000) + "\n\n"
        let script = ChatScript(body: Array((nested + content("OK") + finish("stop") + done).utf8))
        let conclusion = script.conclusion()
        #expect(conclusion.outcome == .success)
        #expect(conclusion.report?.anomalies == [.badEvent])
    }

    @Test func whatTheServerNamesItselfIsShortened() {
        let name = String(repeating: "n", count: 5_000)
        let more = ",\"model\":\"\(name)\",\"system_fingerprint\":\"\(name)\""
        let body = chunk("\"content\":\"OK\"", more: more) + finish(name) + done
        let report = ChatScript(body: Array(body.utf8)).conclusion().report
        #expect(report?.model?.count == 128)
        #expect(report?.fingerprint?.count == 128)
        #expect(report?.finish?.count == 64)
    }

    /// An interim or repeated head changes nothing, nor does what comes before it or after the end.
    @Test func orderOfCallsIsForgiven() {
        var answer = ChatScript().answer()
        Array(content("OK").utf8).withUnsafeBytes { answer.receive($0, at: ChatScript.instant(50)) }
        answer.receive(ChatHead(status: 500), at: ChatScript.instant(100))
        answer.receive(ChatHead(status: 200), at: ChatScript.instant(200))
        Array("oops".utf8).withUnsafeBytes { answer.receive($0, at: ChatScript.instant(250)) }
        let conclusion = answer.conclude(.ended, at: ChatScript.instant(300), wallSeconds: 0)
        #expect(conclusion.detail == "status 500, expected 200; the server says: oops")
    }
}
