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
        ("2.50", "10.00", "4.19 USD a day, 127.46 USD a month"), ("0.14", "0.28", "0.16 USD a day, 4.78 USD a month"),
        ("0.000001", "0", "0.00000057 USD a day, 0.000017 USD a month"),
    ])
    func costOfProbingIsRoundedToTheNearest(input: String, output: String, text: String) throws {
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

    /// 17,280 questions of 33 + 16 tokens a day, and two profiles of which each may use up the cap.
    @Test func costIsNeverMoreThanTheCapsAllow() throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: openai-chat, model: m, slo: { ttft: { p99: 300ms } } } }
            spend: { daily: { tokens: 800000 } }
            endpoints:
              a:
                region: r
                url: http://127.0.0.1:1/v1
                price: { input: 2.50, output: 10.00, as_of: 2026-05-01 }
                spend: { daily: { cost: 2.00 } }
                probes: { short: {}, long: { prompt: Another question. } }
              b: { region: r, url: "http://127.0.0.1:2/v1", probe: {} }
            routes: { x: { endpoints: [a, b] } }
            """
        let meaning = ConfigurationMeaning(try load(yaml).configuration) { _, _, _ in Self.none }
        #expect(
            meaning.costAtMost
                == "2.00 USD a day, 60.83 USD a month in all within the caps, 8.04 USD a day without them, "
                + "and what b costs without a price"
        )
        let each = "2.50 / 10.00 USD a million as of 2026-05-01"
        #expect(
            meaning.chats.map { $0.notes[3] } == [
                "cost at most 2.00 USD a day, 60.83 USD a month within the caps, 4.19 USD a day without them "
                    + "(33 + 16 tokens each, \(each))",
                "cost at most 2.00 USD a day, 60.83 USD a month within the caps, 3.84 USD a day without them "
                    + "(25 + 16 tokens each, \(each))",
                "use at most 800,000 tokens a day within the caps, 846,720 without them (33 + 16 tokens each); "
                    + "without a price their cost is unknown",
            ]
        )
    }

    /// Profiles may have different limits, and a model may accept every question and never say a token.
    @Test func slownessNamesTheProfileAndHangsAreToldApart() throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: openai-chat, model: m, interval: 5s } }
            endpoints:
              a:
                region: r
                url: http://127.0.0.1:1/v1
                probes:
                  short: { slo: { ttft: { p99: 300ms }, latency: { p99: 600ms } } }
                  long: { slo: { latency: { p99: 1.2s } } }
              b: { region: r, url: "http://127.0.0.1:2", probe: { type: http, slo: { latency: { p99: 3s } } } }
              c: { region: r, url: "http://127.0.0.1:3/v1", probe: { slo: { latency: { p99: 25s } } } }
            routes: { x: { endpoints: [a, b, c] } }
            """
        let meaning = ConfigurationMeaning(try load(yaml).configuration) { _, _, probe in
            let slow = [probe.ttftObjective, probe.latencyObjective].compactMap(\.self).min()
            return LeaveDelays(hardDown: .seconds(1), fullySlow: slow.map { $0 * 10 }, thirtyPercentErrors: nil)
        }
        let lines = meaning.description.split(separator: "\n").filter {
            $0.contains("slow, ") || $0.contains("hanging")
        }
        #expect(
            lines == [
                "    fully slow, every first token later than 300ms (short) or every answer slower than 600ms (short) "
                    + "or 1.2s (long): after about 3s",
                "    hanging, every question accepted and no token: after about 3s",
                "    fully slow, every answer slower than 3s: after about 30s",
                "    fully slow, every answer slower than 25s: after about 4m10s",
                // Known when the wait for the first token ends.
                "    hanging, every question accepted and no token: after about 1m40s",
            ]
        )
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
