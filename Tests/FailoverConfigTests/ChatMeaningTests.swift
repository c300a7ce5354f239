import FailoverConfig
import FailoverCore
import Foundation
import Testing

@Suite struct ChatMeaningTests {
    private static let none = LeaveDelays(hardDown: .seconds(1), fullySlow: .seconds(2), thirtyPercentErrors: nil)

    @Test func meaningOfChatsIsToldInPlainWords() throws {
        let configuration = try load(Fixtures.text("good/chat.yaml")).configuration
        let meaning = ConfigurationMeaning(configuration) { _, _, _ in Self.none }
        #expect(meaning.description == (try Fixtures.text("good/chat.meaning")).trimmingCharacters(in: .newlines))
    }

    /// 17,280 questions of 33 + 16 tokens a day.
    @Test(arguments: [
        ("2.50", "10.00", "4.20 USD a day, 127.46 USD a month"), ("0.14", "0.28", "0.16 USD a day, 4.79 USD a month"),
        ("0.000001", "0", "0.00000058 USD a day, 0.000018 USD a month"),
    ])
    func costOfProbingIsABound(input: String, output: String, text: String) throws {
        let yaml = """
            version: 1
            endpoints:
              a:
                region: r
                url: http://127.0.0.1:1/v1
                price: { input: \(input), output: \(output), as_of: 2026-05-01 }
                probe: { type: openai-chat, model: m, slo: { ttft: { p99: 300ms } } }
            routes: { x: { endpoints: [a] } }
            """
        let meaning = ConfigurationMeaning(try load(yaml).configuration) { _, _, _ in Self.none }
        #expect(meaning.costAtMost == "\(text) in all")
    }

    /// Both objectives count, and the one that is missed first says when it is noticed.
    @Test func firstTokensCountLikeAnswers() throws {
        func delays(_ slo: String) throws -> LeaveDelays? {
            let yaml = file(probe: "type: openai-chat, model: m, slo: { \(slo) }")
            return ConfigurationMeaning(try load(yaml).configuration).routes[0].leaves.first?.delays
        }
        let ttft = try #require(try delays("ttft: { p99: 300ms }"))
        let latency = try #require(try delays("latency: { p99: 300ms }"))
        #expect(ttft == latency)
        #expect(ttft.fullySlow != nil)
        let both = try #require(try delays("ttft: { p99: 300ms }, latency: { p99: 3s }"))
        #expect(try #require(both.fullySlow) >= (try #require(ttft.fullySlow)))
    }
}
