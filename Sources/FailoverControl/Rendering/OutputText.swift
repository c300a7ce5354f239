import FailoverWire

/// What is wrong with files that are rendered from decisions.
enum OutputText {
    /// A sentence for each that fails, by path.
    static func failures(of outputs: [String: StateDocument.Output], in style: TextStyle) -> [String] {
        outputs.sorted { $0.key < $1.key }.compactMap { path, output in
            guard let failure = output.failure else { return nil }
            let times = failure.count == 1 ? "" : " (\(failure.count) times)"
            return "\(path) fails since \(Wording.time(failure.since, in: style))\(times): \(failure.text)"
        }
    }
}
