import Foundation
import Testing

@testable import RegionSim

/// What each quirk sends, as values.
struct ChatQuirkTests {
    private let plan = RequestPlan(
        index: 0,
        identifier: 0xABC,
        latency: .milliseconds(900),
        timeToFirstToken: .milliseconds(200),
        cause: nil,
        hits: []
    )

    private func steps(_ quirk: ChatQuirk, limit: String = #","max_tokens":3"#) throws -> [ResponseStep] {
        let body =
            "{\"model\":\"m\",\"messages\":[{}],\"stream\":true\(limit),\"stream_options\":{\"include_usage\":true}}"
        let chat = ChatAnswer(
            request: try ChatRequest.read(Array(body.utf8)),
            region: "us-east",
            plan: plan,
            created: 784_111_777
        )
        return quirk.steps(for: chat, key: "sk-shown", scale: 0.5)
    }

    /// The steps as words, a run of tokens as its number.
    private func words(_ steps: [ResponseStep]) -> String {
        let words = steps.flatMap { step in
            switch step.action {
            case .head(let status, let headers):
                let kept = headers.filter { !Self.usualHeaders.contains($0.name) && $0.value.count < 1000 }
                return ["\(status)"]
                    + kept.map { $0.name == "content-type" ? kind($0.value) : "\($0.name)=\($0.value)" }
            case .body(let text): return self.words(text)
            case .bytes(let bytes): return bytes.count == 1 ? ["byte"] : ["\(bytes.count) bytes"]
            case .forever(let text, let interval):
                let once = text.count > 1000 ? "flood" : self.words(text).joined(separator: " ")
                return ["forever(\(once), \(interval.shortText))"]
            case .end: return ["end"]
            case .silence: return ["silence"]
            case .close: return ["close"]
            case .reset: return ["reset"]
            case .drip, .raw: return ["?"]
            }
        }
        var runs: [(word: String, count: Int)] = []
        for word in words {
            if runs.last?.word == word { runs[runs.count - 1].count += 1 } else { runs.append((word, 1)) }
        }
        return runs.map { $0.count == 1 ? $0.word : "\($0.count)*\($0.word)" }.joined(separator: " ")
    }

    private static let usualHeaders: Set = ["content-length", "transfer-encoding"]

    private func words(_ text: String) -> [String] {
        let ends = text.contains("\r\n") ? "\r\n\r\n" : text.contains("\r") ? "\r\r" : "\n\n"
        return text.components(separatedBy: ends).filter { !$0.isEmpty }.map(word)
    }

    /// The part of a content type that tells.
    private func kind(_ type: String) -> String {
        String(type.prefix { $0 != ";" }.drop { $0 != "/" }.dropFirst())
    }

    private func word(_ event: String) -> String {
        let data = event.hasPrefix("data: ") ? event.dropFirst(6) : event[...]
        guard !event.contains("\n"),
            let object = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
        else {
            if event.hasPrefix("data: [DONE]") { return "done" }
            let visible = event.replacing("\n", with: "|").replacing("\r", with: "|")
            return visible.count > 100 ? "\(visible.prefix(40))…" : visible
        }
        if let error = object["error"] as? [String: Any] {
            return "error(\(error["code"] ?? "-"), \(error["type"] ?? "-"))"
        }
        guard let choices = object["choices"] as? [[String: Any]] else { return String(data.prefix(80)) }
        if object["object"] as? String == "chat.completion" { return "completion" }
        guard let choice = choices.first else {
            guard let usage = object["usage"] as? [String: Any] else { return "no choices" }
            let details = usage.values.compactMap { $0 as? [String: Any] }.flatMap { $0 }.map {
                "\($0.key)=\($0.value)"
            }
            return (["usage=\(usage["completion_tokens"] ?? "-")"] + details).joined(separator: ",")
        }
        if let reason = choice["finish_reason"] as? String { return "finish=\(reason)" }
        let delta = choice["delta"] as? [String: Any] ?? [:]
        if delta["role"] != nil { return "role" }
        guard let part = delta.first else { return "nothing" }
        if let text = part.value as? String, text.isEmpty || text.count > 1000 { return "\(part.key)(\(text.count))" }
        return part.key
    }

    @Test func everyQuirkSendsWhatItsNameSays() throws {
        var found: [String] = []
        for name in ChatQuirk.names {
            let quirk = try #require(ChatQuirk(named: name))
            found.append("\(name): \(words(try steps(quirk)))")
        }
        #expect(found == Self.expected)
    }

    private static let stream = "200 event-stream"

    @Test func settingsTakeThePlaceOfTheQuirksOwn() throws {
        let cases: [(String, [String])] = [
            ("{quirk: stalled, tokens: 1}", ["\(Self.stream) role content silence"]),
            ("{quirk: keepalives_only, every: 2s}", ["\(Self.stream) forever(: OPENROUTER PROCESSING, 1s)"]),
            (
                "{quirk: error_in_band, tokens: 2, code: rate_limit_exceeded, type: rate, message: no}",
                ["\(Self.stream) role 2*content error(rate_limit_exceeded, rate) end"]
            ),
            ("{quirk: error_event, code: \"503\"}", ["\(Self.stream) role event: error|data: …"]),
            (
                "{quirk: overloaded_error, status: 418}",
                ["418 json retry-after=120 error(<null>, overloaded_error) end"]
            ),
            ("{quirk: throttled_reset, wait: 90s}", ["429", "x-ratelimit-reset-requests=1m30s"]),
            ("{quirk: throttled_ms, wait: 1500ms}", ["429", "retry-after-ms=2000"]),
        ]
        for (text, parts) in cases {
            let faults = try FaultReader.read("{chat: \(text)}")
            guard case .chat(let quirk) = faults.first?.kind else {
                Issue.record("\(text) is no quirk")
                continue
            }
            let found = words(try steps(quirk))
            for part in parts { #expect(found.contains(part.replacing("…", with: "")), "\(found)") }
        }
    }

    @Test func quirkDependsOnTheRequest() throws {
        let none = ""
        let other = #","max_completion_tokens":3"#
        #expect(words(try steps("max_tokens_400")).hasPrefix("400"))
        #expect(words(try steps("max_tokens_400", limit: other)) == words(try steps("max_tokens_400", limit: other)))
        #expect(words(try steps("max_tokens_400", limit: other)).hasPrefix("200"))
        #expect(words(try steps("max_tokens_400", limit: none)).contains("16*content"))
    }

    @Test func tokensKeepTheTimesOfTheGoodAnswer() throws {
        let times = try steps("no_usage").map(\.at)
        #expect(times == [100, 100, 200, 550, 900, 900, 900, 900].map { .milliseconds($0) })
    }

    @Test func compressedStreamHoldsTheGoodOne() throws {
        let plain = try steps("two_terminators").compactMap { step in
            if case .body(let text) = step.action { text } else { nil }
        }
        let whole = plain.dropLast().joined()
        let bytes = try steps("gzip").compactMap { step in
            if case .bytes(let bytes) = step.action { bytes } else { nil }
        }
        #expect(bytes == [GzipText.encode(whole)])
    }

    @Test func gzipIsTheFormatOfTheStandard() {
        let expected: [UInt8] =
            [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + [1, 5, 0, 0xFA, 0xFF] + Array("hello".utf8)
            + [0x86, 0xA6, 0x10, 0x36] + [5, 0, 0, 0]
        #expect(GzipText.encode("hello") == expected)
        let long = GzipText.encode(String(repeating: "x", count: 70_000))
        #expect(long.count == 10 + 2 * 5 + 70_000 + 8)
        #expect(long[10..<15] == [0, 0xFF, 0xFF, 0, 0])
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
    ])
    func dateHasTheFormOfHeaders(seconds: Int, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
    }

    @Test func unknownQuirkIsNone() {
        #expect(ChatQuirk(named: "singing") == nil)
        var settings = ChatQuirk.Settings()
        settings.tokens = 1
        #expect(ChatQuirk(named: "crlf", settings) == nil)
        #expect(ChatQuirk(named: "stalled", settings)?.description == "stalled (tokens 1)")
        #expect(Fault(.chat("crlf"), share: 0.5).description == "chat crlf for 50 % of requests")
    }

    /// The page lists every quirk once, and no other.
    @Test func pageListsEveryQuirk() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/regionsim.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").compactMap {
            $0.wholeMatch(of: /\| `([a-z0-9_]+)` \| [^|]* \| [^|]* \|/)?.1
        }
        #expect(rows.map(String.init) == ChatQuirk.names)
    }
}
