/// Text of a server, made fit to be shown: one line, and nothing in it that looks like a key.
enum MaskedText {
    /// What stands in place of a key.
    private static let mask = "***"
    /// Prefixes of well-known kinds of keys, in lower case.
    private static let prefixes = [
        "sk-", "sk_", "pk-", "rk-", "ak-", "gsk_", "hf_", "xai-", "nvapi-", "r8_", "fw_", "tgp_", "pplx-", "csk-",
        "aiza", "ya29.", "ghp_", "github_pat_", "akia", "eyj", "key-",
    ]
    /// What a key follows directly.
    private static let schemes = ["bearer", "basic"]
    /// What a key follows after a colon or an equals sign.
    private static let labels = ["key", "token", "secret", "authorization", "provided", "password", "credential"]
    /// From this length on letters mixed with digits are no word.
    private static let suspiciousLength = 24

    /// At most `limit` characters.
    static func line(_ text: String, limit: Int = maximumDetailLength - 1) -> String {
        printable(masking(text), limit: limit)
    }

    /// The text with every key in it masked.
    static func masking(_ text: String) -> String {
        var result = ""
        // The last word, and whether only punctuation that introduces a value has come since.
        var previous = ""
        var introduction = ""
        var rest = Substring(text)
        while let first = rest.first {
            guard isPartOfKey(first) else {
                result.append(first)
                introduction.append(first)
                rest.removeFirst()
                continue
            }
            let word = rest.prefix(while: isPartOfKey)
            rest = rest.dropFirst(word.count)
            let isKey =
                isKeyLike(word)
                || follows(previous, introduction) && mayBeSecret(word, introduction, after: previous)
            // `bearer` itself may follow `authorization:`, and announces the key.
            let isScheme = schemes.contains(word.lowercased())
            result += isKey && !isScheme ? mask : String(word)
            previous = word.lowercased()
            introduction = ""
        }
        return result
    }

    private static func isPartOfKey(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_.*~+/".contains(character)
    }

    private static func isKeyLike(_ word: Substring) -> Bool {
        let lower = word.lowercased()
        if prefixes.contains(where: { lower.hasPrefix($0) && lower.count >= $0.count + 6 }) { return true }
        return word.split { !$0.isLetter && !$0.isNumber }.contains { part in
            part.count >= suspiciousLength && part.contains(where: \.isNumber) && part.contains(where: \.isLetter)
        }
    }

    /// Whether a word in the place of a secret may be one: `key: Incorrect` goes on with a sentence.
    private static func mayBeSecret(_ word: Substring, _ introduction: String, after previous: String) -> Bool {
        guard word.count > 3 else { return false }
        let isProse = introduction.allSatisfy { ": ".contains($0) } && !schemes.contains(previous)
        return !isProse || word.count >= 16 || word.contains { !$0.isLetter }
    }

    private static func follows(_ previous: String, _ introduction: String) -> Bool {
        if schemes.contains(previous) { return introduction.allSatisfy { " :=\"'".contains($0) } }
        return labels.contains { previous.hasSuffix($0) } && introduction.contains { ":=".contains($0) }
            && introduction.allSatisfy { " :=\"'`<([{".contains($0) }
    }
}
