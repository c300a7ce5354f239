import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

/// What `failoverctl probe` shows of a chat with an LLM.
@Suite struct ChatProbeTextTests {
    private static func probe(_ mode: ChatProbe.Mode = .chat) -> ProbeConfiguration {
        ProbeConfiguration(
            request: .chat(
                ChatProbe(
                    http: HTTPProbe(address: HostPort(host: "us-east.example", port: 443)),
                    mode: mode,
                    model: "gpt-4o"
                )
            ),
            latencyObjective: .seconds(3),
            ttftObjective: .milliseconds(300)
        )
    }

    private static func text(
        _ outcome: Outcome = .success,
        latency: Double? = 812,
        ttft: Double? = 212,
        chat: ChatReport? = nil,
        mode: ChatProbe.Mode = .chat,
        retryAfter: Duration? = nil,
        detail: String? = nil
    ) -> String {
        let probe = probe(mode)
        let observation = Observation(
            key: ProbeKey(endpoint: "us-east"),
            attempt: AttemptID(1),
            start: Samples.instant(0.9),
            end: Samples.instant(0),
            outcome: outcome,
            latency: latency.map { .milliseconds($0) },
            ttft: ttft.map { .milliseconds($0) },
            chat: chat,
            tier: probe.tier,
            retryAfter: retryAfter,
            detail: detail
        )
        let endpoint = Samples.endpoint("us-east", indicators: []).configuration
        let text = ProbeText.render(observation, of: probe, at: endpoint, style: testStyle())
        return String(text.dropFirst("us-east (us-east)  https://us-east.example/v1\n\n".count))
    }

    @Test func everythingThatAnAnswerTellsIsShown() {
        var figures = ChatReport.Figures()
        figures.firstContent = .milliseconds(1260)
        figures.longestGap = .milliseconds(31)
        figures.timePerToken = .milliseconds(24)
        figures.keepalives = 3
        let report = ChatReport(
            figures: figures,
            finish: "length",
            usage: TokenUsage(prompt: 25, completion: 16, reasoning: 10, cached: 0),
            model: "gpt-4o-2024-08-06",
            fingerprint: "fp_44709d6fcb",
            anomalies: [.reasoningLeak, .noTerminator],
            poorQuality: Reason(.quality, "the answer does not contain \"OK\"")
        )
        #expect(
            Self.text(chat: report) == """
                  first token   212 ms after the request (objective 300 ms)
                  first text    1.26 s after the request
                  longest gap   31 ms
                  speed         41.7 tokens/s
                  tokens        25 in (0 from a cache), 16 out (10 for reasoning)
                  model         gpt-4o-2024-08-06 (fp_44709d6fcb)
                  finish        length
                  keep-alives   3
                  odd           it used more tokens than were allowed (reasoning_leak)
                  odd           the end of the stream was not announced (no_terminator)
                  poor          the answer does not contain "OK" (quality)
                poor after 812 ms (objective 3000 ms)

                """
        )
    }

    @Test func aServerThatSaysLittleHasFewLines() {
        let report = ChatReport(finish: "stop", usage: TokenUsage(prompt: 25, completion: 1), fingerprint: "fp_1")
        #expect(
            Self.text(chat: report) == """
                  first token   212 ms after the request (objective 300 ms)
                  tokens        25 in, 1 out
                  model         build fp_1
                  finish        stop
                good after 812 ms (objective 3000 ms)

                """
        )
    }

    /// It is the missed objective that is named.
    @Test func aLateFirstTokenIsSlow() {
        #expect(
            Self.text(ttft: 412, chat: ChatReport()) == """
                  first token   412 ms after the request (objective 300 ms), too late
                slow to the first token: 412 ms (objective 300 ms); whole answer after 812 ms

                """
        )
    }

    @Test func aLateAnswerIsSlow() {
        let late = Self.text(latency: 3500, chat: ChatReport())
        #expect(late.hasSuffix("\nslow after 3500 ms (objective 3000 ms)\n"))
        let both = Self.text(latency: 3500, ttft: 412, chat: ChatReport())
        #expect(
            both.hasSuffix("\nslow after 3500 ms (objective 3000 ms), first token 412 ms (objective 300 ms)\n")
        )
    }

    @Test func anAnswerWithoutATokenHasNoTimeOfOne() {
        #expect(
            Self.text(ttft: nil, chat: ChatReport(anomalies: [.notStreamed])) == """
                  first token   none (objective 300 ms)
                  odd           the answer came whole, not streamed (not_streamed)
                good after 812 ms (objective 3000 ms)

                """
        )
    }

    @Test func aFirstTokenThatNeverCameIsNoTime() {
        #expect(
            Self.text(.failure(.ttftTimeout, isTimeout: true), latency: 10_000, ttft: 10_000, detail: "11 keep-alives")
                == """
                  first token   none for 10.0 s (objective 300 ms)
                failure: ttft_timeout after 10000 ms (objective 3000 ms)
                11 keep-alives

                """
        )
    }

    @Test func aThrottledProbeSaysHowLongItWasAskedToWait() {
        #expect(
            Self.text(.throttled("http_429"), latency: nil, ttft: nil, retryAfter: .seconds(20)) == """
                throttled: http_429 after 900 ms (objective 3000 ms); asks to wait 20 s

                """
        )
    }

    /// Longer waits are cut when they are read.
    @Test(arguments: [(299, "299 s"), (300, "300 s or longer")])
    func theLongestWaitMayBeLonger(seconds: Int, text: String) {
        let throttled = Self.text(.throttled("http_429"), latency: nil, ttft: nil, retryAfter: .seconds(seconds))
        #expect(throttled.hasSuffix("; asks to wait \(text)\n"))
    }

    @Test func longUsageIsGrouped() {
        let usage = TokenUsage(prompt: 12_025, completion: 3531, reasoning: 3500, cached: 12_000)
        let text = Self.text(chat: ChatReport(usage: usage))
        #expect(text.contains("  tokens        12,025 in (12,000 from a cache), 3,531 out (3,500 for reasoning)\n"))
    }

    @Test func aCheaperQuestionSaysWhatItCanProve() {
        #expect(
            Self.text(ttft: nil, mode: .models) == """
                good after 812 ms (objective 3000 ms)
                shallow evidence: it can prove the endpoint down, never up

                """
        )
    }

    /// A line feed at the end of an answer is nothing to show.
    @Test func whiteSpaceAtTheEndIsNotShown() {
        let report = ChatReport(finish: "stop \n", model: "m\r\n", poorQuality: Reason(.quality, "x\n"))
        let text = Self.text(chat: report, detail: "x\t\n")
        #expect(text.contains("  model         m\n  finish        stop\n  poor          x (quality)\n"))
        #expect(text.hasSuffix(")\nx\n"))
    }

    /// What a server sends must not steer the terminal.
    @Test func controlCharactersOfAServerAreNotShown() {
        let report = ChatReport(finish: "a\u{1B}[31mb", model: "m\u{07}\n", poorQuality: Reason(.quality, "x\u{1B}c"))
        let text = Self.text(chat: report)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(text.contains("finish        a [31mb\n"))
    }
}
