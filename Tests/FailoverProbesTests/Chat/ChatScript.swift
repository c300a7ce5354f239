import FailoverCore

@testable import FailoverProbes

/// Plays one answer to a probe, with times that it makes up: the head after 100 ms, the body after 200 ms, the end after
/// 300 ms, all from the request fully written.
struct ChatScript: Sendable {
    var probe = ChatScript.probe()
    var mode = ChatProbe.Mode.chat
    var status = 200
    var fields: [ChatHead.Field] = [("content-type", "text/event-stream; charset=utf-8")]
    var body: [UInt8] = []
    var end = ChatEnd.ended

    static let sent = MonotonicInstant.seconds(100)
    /// 2026-11-22 08:00:00 UTC.
    static let wallSeconds = 1_795_334_400

    static func instant(_ milliseconds: Int) -> MonotonicInstant { sent + .milliseconds(milliseconds) }

    static func probe(
        mode: ChatProbe.Mode = .chat,
        maximumTokens: Int = 16,
        quality: QualityExpectation = QualityExpectation()
    ) -> ChatProbe {
        ChatProbe(
            http: HTTPProbe(address: HostPort(host: "llm.test", port: 80), target: "/v1/chat/completions"),
            mode: mode,
            model: "m",
            maximumTokens: maximumTokens,
            quality: quality
        )
    }

    func answer() -> ChatAnswer {
        ChatAnswer(
            probe,
            asking: mode,
            matcher: (try? BodyMatcher(probe.quality.text)) ?? Self.anything,
            timeouts: ProbeTimeouts(),
            sent: Self.sent
        )
    }

    private static var anything: BodyMatcher {
        guard let matcher = try? BodyMatcher([]) else { preconditionFailure("nothing cannot be demanded") }
        return matcher
    }

    /// The conclusion when the body arrives in pieces that end at `cuts`, ascending.
    func conclusion(cuts: [Int] = []) -> ChatConclusion {
        var answer = answer()
        answer.receive(ChatHead(status: status, fields: fields), at: Self.instant(100))
        var start = 0
        for cut in cuts + [body.count] where !answer.isComplete && cut > start {
            body[start..<cut].withUnsafeBytes { answer.receive($0, at: Self.instant(200)) }
            start = cut
        }
        if answer.isComplete {
            return answer.conclude(.complete, at: Self.instant(200), wallSeconds: Self.wallSeconds)
        }
        let now = end == .timedOut ? answer.deadline : Self.instant(end == .totalTimedOut ? 15_000 : 300)
        return answer.conclude(end, at: now, wallSeconds: Self.wallSeconds)
    }
}

/// An event of a stream with one choice.
func chunk(_ delta: String, finish: String? = nil, more: String = "") -> String {
    let finish = finish.map { "\"\($0)\"" } ?? "null"
    let choice = "{\"index\":0,\"delta\":{\(delta)},\"finish_reason\":\(finish)}"
    return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[\(choice)]\(more)}\n\n"
}

func content(_ text: String) -> String { chunk("\"content\":\"\(text)\"") }
func finish(_ reason: String) -> String { chunk("", finish: reason) }
func usage(_ prompt: Int, _ completion: Int) -> String {
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":\(prompt),\"completion_tokens\":\(completion)}}\n\n"
}

let role = chunk("\"role\":\"assistant\",\"content\":\"\"")
let done = "data: [DONE]\n\n"
