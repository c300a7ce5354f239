import FailoverWire
import Foundation
import NIOHTTP1
import Testing

@testable import FailoverControl

@Suite struct MetricsAnswerTests {
    @Test func openMetricsIsTheAnswerToThoseWhoAskForIt() async throws {
        try await withServer { (running) async throws in
            let accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
            let answer = try await running.client.get("/metrics", accept: accept)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["application/openmetrics-text; version=1.0.0; charset=utf-8"])
            #expect(answer.headers["vary"] == ["Accept"])
            let expected = MetricsText(Samples.preferred).parts(.openMetrics).joined() + "# EOF\n"
            #expect(String(decoding: answer.body, as: UTF8.self) == expected)
        }
    }

    @Test(arguments: ["histograms=some", "histograms=", "detail=all", "histograms=all&x=1"])
    func anUnknownQueryIsRefused(query: String) async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get("/metrics?\(query)", accept: "*/*")
            #expect(answer.status == 400)
            let problem = try Wire.decode(ProblemDocument.self, from: Data(answer.body))
            #expect(problem.allowed == ["histograms=all", "histograms=latency", "histograms=none"])
        }
    }

    @Test func answersUnderWayAreBoundedAndGivenBack() {
        let slots = MetricsSlots()
        var taken = (0..<MetricsSlots.maximum).compactMap { _ in slots.take() }
        #expect(taken.count == MetricsSlots.maximum)
        #expect(slots.take() == nil)
        taken[0].giveBack()
        taken[0].giveBack()
        let again = slots.take()
        #expect(again != nil)
        #expect(slots.take() == nil)
        // One that nobody wrote to its end.
        taken = []
        withExtendedLifetime(again) {
            #expect((0..<MetricsSlots.maximum).compactMap { _ in slots.take() }.count == MetricsSlots.maximum - 1)
        }
    }
}
