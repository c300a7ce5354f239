import FailoverCore

/// What one JSON object of an answer says: an event of a stream, or a whole answer.
struct ChatChunk {
    /// Where tokens are found.
    struct Channels: OptionSet {
        let rawValue: Int
        /// The answer itself.
        static let content = Channels(rawValue: 1)
        static let reasoning = Channels(rawValue: 2)
        static let refusal = Channels(rawValue: 4)
        static let tools = Channels(rawValue: 8)
    }

    /// Most tokens that a usage is believed to count: no answer to a probe has a thousandth of it.
    private static let maximumUsage = 1_000_000_000
    /// The part of a name that is kept, in characters.
    private static let maximumNameLength = 1024

    /// The error that it tells of; `nil` if it tells of none.
    private(set) var complaint: ServerComplaint?
    /// It has at least one choice.
    private(set) var hasChoices = false
    /// Those in which something came.
    private(set) var channels: Channels = []
    /// The text of the first choice; mostly empty in a stream's first and last events.
    private(set) var content = ""
    /// Why the model stopped; `nil` while it goes on.
    private(set) var finish: String?
    private(set) var usage: TokenUsage?
    private(set) var model: String?
    private(set) var fingerprint: String?

    /// An event of a stream; `nil` if it is not a JSON object.
    init?(_ event: EventStreamParser.Event) {
        let isError = event.name == "error"
        guard let value = JSONReader.value(of: event.text), value.isObject else {
            guard isError else { return nil }
            complaint = ServerComplaint(text: event.text)
            return
        }
        read(value, key: "delta")
        if isError, complaint == nil { complaint = ServerComplaint(value) }
    }

    /// A whole answer; `nil` if it is not JSON.
    init?(document: [UInt8]) {
        guard let value = JSONReader.value(of: document) else { return nil }
        // Some servers wrap an error in an array.
        read(value.elements.first ?? value, key: "message")
    }

    private mutating func read(_ value: JSONValue, key: String) {
        model = value["model"]?.text.map(Self.shortened)
        fingerprint = value["system_fingerprint"]?.text.map(Self.shortened)
        usage = Self.usage(value["usage"])
        for choice in value["choices"]?.elements ?? [] where choice.isObject {
            hasChoices = true
            read(choice: choice, key: key)
        }
        if Self.isError(value["error"]) || value["object"]?.text == "error" || finish == "error" {
            complaint = ServerComplaint(value)
        }
    }

    private mutating func read(choice: JSONValue, key: String) {
        let delta = choice[key]
        let text = choice["text"]?.text ?? Self.text(delta?["content"])
        if text != nil { channels.insert(.content) }
        if let text, choice["index"]?.integer ?? 0 == 0 { content += text }
        if Self.isSaid(delta?["reasoning_content"]) || Self.isSaid(delta?["reasoning"])
            || (delta?["content"]?.elements ?? []).contains(where: { Self.isSaid($0["thinking"]) })
        {
            channels.insert(.reasoning)
        }
        if Self.isSaid(delta?["refusal"]) { channels.insert(.refusal) }
        if !(delta?["tool_calls"]?.elements ?? []).isEmpty { channels.insert(.tools) }
        finish = finish ?? choice["finish_reason"]?.text.map(Self.shortened)
        // Some servers put it there.
        usage = usage ?? Self.usage(choice["usage"])
    }

    private static func shortened(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.prefix(maximumNameLength)))
    }

    /// A string, or an array of parts with text; `nil` if there is no character.
    private static func text(_ value: JSONValue?) -> String? {
        if let text = value?.text { return text }
        let joined = (value?.elements ?? []).compactMap { $0["text"]?.text }.joined()
        return joined.isEmpty ? nil : joined
    }

    /// A non-empty string, or an array of parts.
    private static func isSaid(_ value: JSONValue?) -> Bool {
        value?.text != nil || !(value?.elements ?? []).isEmpty
    }

    /// An empty one is none: some servers always send the member.
    private static func isError(_ value: JSONValue?) -> Bool {
        switch value {
        case .object(let members)?: members.values.contains { $0 != .scalar(.null) }
        case .array(let elements)?: !elements.isEmpty
        case .scalar(.string(let text))?: !text.isEmpty
        case .scalar(.bool(let isError))?: isError
        case .scalar(.number(let code))?: code != 0
        case .scalar(.null)?, nil: false
        }
    }

    /// `nil` unless both counts are there, or one and the total, and plausible.
    private static func usage(_ value: JSONValue?) -> TokenUsage? {
        func count(_ value: JSONValue?) -> Int? {
            value?.integer.flatMap { (0...maximumUsage).contains($0) ? $0 : nil }
        }
        guard let value else { return nil }
        let prompt = count(value["prompt_tokens"] ?? value["input_tokens"])
        let completion = count(value["completion_tokens"] ?? value["output_tokens"])
        let total = count(value["total_tokens"])
        guard let prompt = prompt ?? rest(total, completion), let completion = completion ?? rest(total, prompt) else {
            return nil
        }
        return TokenUsage(
            prompt: prompt,
            completion: completion,
            reasoning: count(value["completion_tokens_details"]?["reasoning_tokens"]),
            cached: count(value["prompt_tokens_details"]?["cached_tokens"] ?? value["prompt_cache_hit_tokens"])
        )
    }

    private static func rest(_ total: Int?, _ part: Int?) -> Int? {
        guard let total, let part, total >= part else { return nil }
        return total - part
    }
}
