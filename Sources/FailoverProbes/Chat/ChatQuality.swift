import FailoverCore

/// Judges the text of complete answers.
enum ChatQuality {
    /// What makes a complete answer a poor one, the first that is found; `nil` if nothing does.
    static func fault(
        of transcript: ChatTranscript,
        expecting expectation: QualityExpectation,
        matcher: BodyMatcher,
        _ redaction: Redaction
    ) -> Reason? {
        if let mismatch = matcher.mismatch(in: transcript.text) {
            return Reason(.quality, redaction.line("the answer's \(mismatch)"))
        }
        if let expected = expectation.model, !isModel(transcript.model, expected) {
            let found = transcript.model.map { "\"\($0)\"" } ?? "no model at all"
            return Reason(.modelMismatch, redaction.line("answered by \(found), expected \"\(expected)\""))
        }
        if expectation.refusesRepetition, let repetition = Repetition(endOf: transcript.text) {
            return Reason(.repetition, redaction.line("the answer ends with \(repetition)"))
        }
        return nil
    }

    /// Whether a model is the expected one: a name, or a prefix that ends with `*`.
    static func isModel(_ found: String?, _ expected: String) -> Bool {
        guard let found else { return false }
        return expected.last == "*" ? found.hasPrefix(expected.dropLast()) : found == expected
    }
}

/// A short text, over and over, to the end of an answer: what a broken model says.
///
/// The last occurrence may be cut off, as a limit of tokens does. A repetition counts when it fills more than half of
/// the answer, so that a rule of dashes below a sentence is none.
struct Repetition: Hashable, CustomStringConvertible {
    /// Longest text that is looked for.
    ///
    /// Source: a token has about 4 characters, and broken models repeat a few of them.
    static let maximumUnit = 32
    /// Fewest occurrences.
    ///
    /// Source: "no, no, no" is an answer; nobody says anything eight times.
    static let minimumCount = 8
    /// Fewest characters that the occurrences fill.
    ///
    /// Source: 16 tokens, the usual length of a probe's answer, have as many at least.
    static let minimumLength = 16

    /// What is repeated.
    let unit: String
    /// How often it is there in full.
    let count: Int

    /// The shortest repetition at the end of `text`, UTF-8; `nil` if there is none that counts.
    init?(endOf text: [UInt8]) {
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        guard scalars.count >= Self.minimumLength else { return nil }
        for period in 1...Self.maximumUnit {
            var start = scalars.count - period
            while start > 0, scalars[start - 1] == scalars[start - 1 + period] { start -= 1 }
            let length = scalars.count - max(start, 0)
            guard start >= 0, length / period >= Self.minimumCount, length >= Self.minimumLength,
                length * 2 > scalars.count
            else { continue }
            unit = String(String.UnicodeScalarView(scalars[start..<(start + period)]))
            count = length / period
            return
        }
        return nil
    }

    var description: String { "\"\(unit)\" \(count) times" }
}
