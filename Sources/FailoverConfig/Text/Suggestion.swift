/// Finds what somebody probably meant to write.
enum Suggestion {
    /// Longest text and largest number of candidates that are compared, so that a bad file stays cheap to refuse.
    private static let maximumLength = 64
    private static let maximumCandidates = 2_048

    /// `did you mean "fast"?`, or `nil` if nothing is near.
    static func hint(for text: String, among candidates: [String]) -> String? {
        nearest(to: text, among: candidates).map { "did you mean \"\($0)\"?" }
    }

    /// The nearest candidate, the first of several, or `nil` if none is near.
    static func nearest(to text: String, among candidates: [String]) -> String? {
        let letters = Array(text.lowercased().utf8)
        guard 1...maximumLength ~= letters.count, candidates.count <= maximumCandidates else { return nil }
        // One slip in a short word, two in a longer one; more would suggest unrelated words.
        let limit = letters.count <= 4 ? 1 : letters.count <= 8 ? 2 : 3
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().utf8)
            guard other.count <= maximumLength, abs(other.count - letters.count) <= limit else { continue }
            let distance = distance(from: letters, to: other)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
    private static func distance(from left: [UInt8], to right: [UInt8]) -> Int {
        var older: [Int] = []
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, older[column - 1] + 1)
                }
                current.append(least)
            }
            (older, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
