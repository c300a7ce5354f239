import FailoverCore
import Foundation

/// What a server of an LLM sends, event by event.
enum ChatEvents {
    static let role = event(#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#)
    static let finish = event(#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#)
    static let usage = event(#"{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":2}}"#)
    static let done = event("[DONE]")
    static let keepalive = ": keep-alive\n\n"
    /// A whole answer of two tokens.
    static let answer = role + token("O") + token("K") + finish + usage + done

    static func event(_ text: String) -> String { "data: \(text)\n\n" }
    static func token(_ text: String) -> String {
        event(#"{"model":"m-1","choices":[{"index":0,"delta":{"content":"\#(text)"}}]}"#)
    }

    /// A piece of a chunked body.
    static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n" }

    static let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    static let chunkedHead = streamHead + "Transfer-Encoding: chunked\r\n\r\n"
    static let endlessHead = streamHead + "\r\n"

    /// An answer whose body is one text, of any status.
    static func whole(
        _ status: Int,
        _ body: String,
        type: String = "application/json",
        fields: String = ""
    ) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

extension RawServer.Connection {
    /// Reads one request with its body; empty at the end of the connection.
    @discardableResult func readMessage() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let length = text[..<end.lowerBound].split(separator: "\r\n")
                    .first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
                if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            bytes += buffer.prefix(count)
        }
    }

    /// Writes byte by byte, each in a packet of its own as far as the system goes along.
    func drip(_ text: String) {
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        for byte in text.utf8 {
            guard write(String(decoding: [byte], as: UTF8.self)) else { return }
        }
    }

    func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// A server that answers each chat with one text, and keeps what it was asked.
final class ChatServer: Sendable {
    let requests = Collected<String>()
    let server: RawServer
    var port: Int { server.port }

    init(_ answer: String) throws {
        server = try RawServer { [requests] connection in
            requests.append(connection.readMessage())
            connection.write(answer)
        }
    }

    func stop() { server.stop() }
}

func chat(
    _ port: Int,
    mode: ChatProbe.Mode = .chat,
    cheaperMode: ChatProbe.Mode = .models,
    tls: TLSSettings? = nil,
    headers: [HeaderField] = [],
    version: HTTPVersion = .automatic,
    credential: Credential? = nil,
    credentialHeader: CredentialHeader = .bearer,
    prompt: String = ChatProbe.standardPrompt,
    quality: QualityExpectation = QualityExpectation()
) -> ProbeRequest {
    .chat(
        ChatProbe(
            http: HTTPProbe(
                address: HostPort(host: "127.0.0.1", port: port),
                tls: tls,
                target: "/v1/chat/completions",
                headers: headers,
                version: version
            ),
            mode: mode,
            cheaperMode: cheaperMode,
            credential: credential,
            credentialHeader: credentialHeader,
            model: "m",
            prompt: prompt,
            quality: quality
        )
    )
}

/// What tests compare of a chat's observation: everything but times and texts.
struct ChatJudgement: Hashable, CustomStringConvertible {
    let outcome: Outcome
    var hasTTFT = false
    var hasLatency = false
    var tokenEvents: Int?
    var tier = EvidenceTier.deep

    init(_ outcome: Outcome, ttft: Bool, latency: Bool, tokens: Int?, tier: EvidenceTier = .deep) {
        (self.outcome, hasTTFT, hasLatency, tokenEvents, self.tier) = (outcome, ttft, latency, tokens, tier)
    }

    init(_ observation: Observation) {
        outcome = observation.outcome
        hasTTFT = observation.ttft != nil
        hasLatency = observation.latency != nil
        tokenEvents = observation.chat?.figures.tokenEvents
        tier = observation.tier
    }

    var description: String {
        "\(outcome), ttft \(hasTTFT), latency \(hasLatency), tokens \(tokenEvents.map { "\($0)" } ?? "none"), \(tier)"
    }

    /// A whole answer of two tokens.
    static let good = ChatJudgement(.success, ttft: true, latency: true, tokens: 2)

    static func failed(
        _ code: ReasonCode,
        isTimeout: Bool = false,
        ttft: Bool = false,
        tokens: Int? = nil
    ) -> ChatJudgement {
        ChatJudgement(.failure(code, isTimeout: isTimeout), ttft: ttft, latency: isTimeout, tokens: tokens)
    }
}
