import FailoverCore

/// What a server says about an error, in the body of a refusal or inside a stream.
struct ServerComplaint: Hashable, Sendable {
    /// The part of a message that is looked at, in characters.
    private static let maximumMessageLength = 2_000
    /// The part of a name that is shown, in characters.
    private static let maximumNameLength = 64

    /// A status of HTTP that the body names; `nil` if it names none.
    let status: Int?
    /// Codes and types, in the order found; at most six.
    let names: [String]
    /// Possibly empty.
    let message: String

    /// Reads a whole body, or an event: JSON in one of the usual shapes, or text.
    init(text: [UInt8]) {
        guard let value = JSONReader.value(of: text) else {
            self.init(names: [], message: String(decoding: text.prefix(Self.maximumMessageLength * 4), as: UTF8.self))
            return
        }
        self.init(value)
    }

    /// Reads an object that holds an error, or is one.
    init(_ value: JSONValue) {
        let outer = value.elements.first ?? value
        let inner = outer["error"] ?? outer["detail"] ?? outer
        let parts = [inner, inner["innererror"] ?? inner["inner_error"], inner == outer ? nil : outer].compactMap(
            \.self
        )
        var names: [String] = []
        var status: Int?
        for part in parts where part.isObject {
            for key in ["code", "type", "status", "status_code", "error_code", "error_type"] {
                guard let member = part[key] else { continue }
                if let number = member.integer {
                    if status == nil, (300...599).contains(number) { status = number }
                } else if let name = member.text, name != "None", name != "error" {
                    names.append(String(name.prefix(Self.maximumMessageLength)))
                }
            }
        }
        let message = inner["message"]?.text ?? inner.text ?? inner.elements.first?["msg"]?.text
        self.init(status: status, names: Array(names.prefix(6)), message: message ?? outer["message"]?.text ?? "")
    }

    private init(status: Int? = nil, names: [String], message: String) {
        self.status = status
        self.names = names
        self.message = String(message.prefix(Self.maximumMessageLength))
    }

    /// What the server said: `rate_limit_exceeded: slow down`; empty if it said nothing.
    ///
    /// Without what `redaction` takes out; what looks like a key of somebody else is still in it.
    func line(_ redaction: Redaction) -> String {
        let name = names.first.map { printable(redaction.redacted($0), limit: Self.maximumNameLength) }
        let message = redaction.redacted(message)
        return [name, message.isEmpty ? nil : message].compactMap(\.self).joined(separator: ": ")
    }
}

// MARK: - Meaning

extension ServerComplaint {
    /// What the error means when it is the answer's status.
    func outcome(ofStatus status: Int) -> Outcome {
        switch status {
        case _ where status == 529 || isOverloaded: .failure(.overloaded, isTimeout: false)
        case 400 where isFiltered: .inconclusive(.filtered)
        case 402: .misconfigured(.quota)
        case 400, 403, 429: accountOutcome(ofStatus: status)
        case 404: .misconfigured(.model)
        case 401: .misconfigured(isModelUnknown ? .model : .auth)
        case 503: .failure(isLoading ? .loading : .unavailable, isTimeout: false)
        // A conflict, too early, or closed by our own side.
        case 409, 425, 499: .inconclusive(.http(status))
        case 501: .misconfigured(.request)
        // 424: what the server depends on failed.
        case 408, 424, 500...599: .failure(.http(status), isTimeout: false)
        case 300...499: .misconfigured(isModelUnknown ? .model : .request)
        default: .failure(.protocolError, isTimeout: false)
        }
    }

    private func accountOutcome(ofStatus status: Int) -> Outcome {
        if isQuotaUsedUp { return .misconfigured(.quota) }
        // Some servers refuse with 403 what only came too fast.
        if status == 429 || status == 403 && isRateLimited { return .throttled(.http(429)) }
        if isModelUnknown { return .misconfigured(.model) }
        return .misconfigured(status == 403 ? .auth : .request)
    }

    /// What the error means inside an answer whose status said that all was well.
    var outcomeInBand: Outcome { outcome(ofStatus: status ?? impliedStatus) }

    /// The status that fits the names, or a few unmistakable words of the message; 500 if nothing does.
    private var impliedStatus: Int {
        for name in names.map(Self.letters) {
            if let match = Self.meanings.first(where: { name.contains($0.word) }) { return match.status }
        }
        let text = Self.letters(message)
        return Self.meanings.first { $0.isUnmistakable && text.contains($0.word) }?.status ?? 500
    }

    private struct Meaning {
        let word: String
        let status: Int
        var isUnmistakable = false
    }

    /// In the order of their weight; letters only.
    private static let meanings = [
        Meaning(word: "overloaded", status: 529, isUnmistakable: true),
        Meaning(word: "contentfilter", status: 400, isUnmistakable: true),
        Meaning(word: "contentpolicyviolation", status: 400, isUnmistakable: true),
        Meaning(word: "responsibleai", status: 400),
        Meaning(word: "insufficientquota", status: 429, isUnmistakable: true),
        Meaning(word: "terminalquotaexhausted", status: 429, isUnmistakable: true),
        Meaning(word: "billing", status: 429),
        Meaning(word: "ratelimit", status: 429, isUnmistakable: true),
        Meaning(word: "toomanyrequests", status: 429, isUnmistakable: true),
        Meaning(word: "throttl", status: 429),
        Meaning(word: "resourceexhausted", status: 429, isUnmistakable: true),
        Meaning(word: "quotaexceeded", status: 429),
        Meaning(word: "notfound", status: 404),
        Meaning(word: "authentication", status: 401),
        Meaning(word: "invalidapikey", status: 401),
        Meaning(word: "unauthorized", status: 401),
        Meaning(word: "unauthenticated", status: 401),
        Meaning(word: "permission", status: 403),
        Meaning(word: "forbidden", status: 403),
        Meaning(word: "unavailable", status: 503),
        Meaning(word: "timeout", status: 504),
        Meaning(word: "deadlineexceeded", status: 504),
        Meaning(word: "badgateway", status: 502),
        Meaning(word: "badrequest", status: 400),
        Meaning(word: "invalidrequest", status: 400),
        Meaning(word: "invalidargument", status: 400),
        Meaning(word: "unprocessable", status: 400),
        Meaning(word: "contextlength", status: 400),
    ]

    private var isOverloaded: Bool { says(["overloaded_error"]) }
    private var isFiltered: Bool {
        says(["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"])
    }
    private var isModelUnknown: Bool { says(["model_not_found", "DeploymentNotFound"]) }
    /// In words of their own: others are downloading something, or overloaded.
    private var isLoading: Bool {
        (names + [message]).contains { !Self.words(in: $0).isDisjoint(with: Self.loadingWords) }
    }
    private static let loadingWords: Set<String> = ["loading", "warming"]
    private var isRateLimited: Bool {
        says(["rate_limit", "too_many_requests", "RESOURCE_EXHAUSTED", "quota_exceeded"])
    }
    /// Used up until somebody pays; a mere "quota exceeded" refills by itself.
    private var isQuotaUsedUp: Bool {
        says(["insufficient_quota", "terminal_quota_exhausted", "credit_balance"])
            || names.contains { $0.lowercased().hasPrefix("billing_") } || message.lowercased().contains("billing_")
    }

    /// A name or the message contains one of the words, whatever their case and punctuation.
    private func says(_ words: [String]) -> Bool {
        let texts = (names + [message]).map(Self.letters)
        return words.map(Self.letters).contains { word in texts.contains { $0.contains(word) } }
    }

    /// The words of a text in lower case; a capital letter after a small one begins a word.
    private static func words(in text: String) -> Set<String> {
        var words: Set<String> = []
        var word = ""
        for character in text {
            let startsWord = character.isUppercase && word.last?.isLowercase == true
            if startsWord || !character.isLetter {
                words.insert(word.lowercased())
                word = ""
            }
            if character.isLetter { word.append(character) }
        }
        words.insert(word.lowercased())
        return words
    }

    private static func letters(_ text: String) -> String {
        String(decoding: text.lowercased().utf8.filter { (0x61...0x7a).contains($0) }, as: UTF8.self)
    }
}
