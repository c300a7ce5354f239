extension ChatProbe {
    /// The tokens of one attempt whose answer is as long as it may be.
    ///
    /// Tokens of a question are an estimate: one for each three bytes, which is more than tokenizers make of the languages
    /// that they were made for, and ``frameTokens`` for what stands around it. What `extra_body` adds is counted too: its
    /// text, another limit on tokens, and a number of answers.
    package var worstCase: TokenUsage {
        let question = prompt.utf8.count + (bustsCache ? Self.nonceBytes : 0) + (extraBody?.textBytes ?? 0)
        let answer = max(
            maximumTokens,
            extraBody?.integer("max_tokens") ?? 0,
            extraBody?.integer("max_completion_tokens") ?? 0
        )
        let answers = max(1, extraBody?.integer("n") ?? 1)
        return TokenUsage(
            prompt: (question + Self.bytesPerToken - 1) / Self.bytesPerToken + Self.frameTokens,
            completion: answer * answers
        )
    }

    private static let bytesPerToken = 3
    /// Eight random letters and a space.
    private static let nonceBytes = 9
    /// For the roles and marks that chat templates put around a question: four to ten in the usual ones.
    private static let frameTokens = 16
}

extension JSONTree {
    /// A member of this object that is a whole number of 0...1,000,000.
    fileprivate func integer(_ key: String) -> Int? {
        guard case .object(let members) = self,
            case .integer(let value)? = members.first(where: { $0.key == key })?.value,
            (0...1_000_000).contains(value)
        else { return nil }
        return Int(value)
    }

    /// Bytes of all names and texts in it.
    fileprivate var textBytes: Int {
        switch self {
        case .null, .bool, .integer, .number: 0
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(0) { $0 + $1.textBytes }
        case .object(let members): members.reduce(0) { $0 + $1.key.utf8.count + $1.value.textBytes }
        }
    }
}
