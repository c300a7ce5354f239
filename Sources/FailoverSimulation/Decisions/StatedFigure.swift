/// A figure as it was written down, and how far a measured one is from it.
struct StatedFigure: Sendable, Equatable {
    let value: Double
    /// Half a unit of its last digit, or half of a range.
    let rounding: Double

    init(value: Double, rounding: Double) {
        self.value = value
        self.rounding = rounding
    }

    /// Reads `13`, `8.8`, `.3` or `2.0-2.5`; `nil` for anything else.
    init?(_ text: some StringProtocol) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first, let low = Double(Self.padded(first)), ends.count <= 2 else { return nil }
        let decimals = first.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
        let unit = (0..<decimals).reduce(1.0) { value, _ in value / 10 }
        guard ends.count == 2 else {
            self.init(value: low, rounding: unit / 2)
            return
        }
        guard let high = Double(Self.padded(ends[1])), high > low else { return nil }
        self.init(value: (low + high) / 2, rounding: (high - low) / 2 + unit / 2)
    }

    private static func padded(_ text: some StringProtocol) -> String {
        text.hasPrefix(".") ? "0\(text)" : String(text)
    }

    var asShare: StatedFigure { StatedFigure(value: value / 100, rounding: rounding / 100) }

    /// How far it is off, beyond its rounding, in standard errors.
    func deviation(of measured: Double, standardError: Double) -> Double {
        let excess = abs(measured - value) - rounding
        guard excess > 1e-9 else { return 0 }
        return standardError > 0 ? excess / standardError : .infinity
    }
}

/// What a cell of a delay table says.
struct StatedDelay: Sendable, Equatable {
    var mean: StatedFigure?
    var p95: StatedFigure?
    /// Of the runs, before the horizon; 0...1.
    var found: StatedFigure?
    /// Less than half of the runs found it.
    var isRarelyFound = false

    /// Reads `13/33`, `434/1000 (87 %)`, `- (45 %)`, `-` or `never`; `nil` for anything else.
    init?(_ text: String) {
        if text == "never" {
            found = StatedFigure(value: 0, rounding: 0)
            return
        }
        guard let (head, share) = ShareText.split(text) else { return nil }
        found = share
        if head == "-" {
            isRarelyFound = share == nil
            return
        }
        let parts = head.split(separator: "/")
        guard let first = parts.first, let mean = StatedFigure(first), parts.count <= 2 else { return nil }
        self.mean = mean
        if parts.count == 2 {
            guard let p95 = StatedFigure(parts[1]) else { return nil }
            self.p95 = p95
        }
    }
}

/// A figure with a share behind it in parentheses.
enum ShareText {
    /// - Returns: What is before the parentheses, and the share in them, 0...1; `nil` if it cannot be read.
    static func split(_ text: String) -> (head: String, share: StatedFigure?)? {
        let parts = text.split(separator: " (")
        guard let head = parts.first, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return (String(head), nil) }
        guard let share = percent(String(parts[1].dropLast())) else { return nil }
        return (String(head), share)
    }

    /// Reads `45 %` as 0.45.
    static func percent(_ text: String) -> StatedFigure? {
        guard text.hasSuffix(" %") else { return nil }
        return StatedFigure(text.dropLast(2))?.asShare
    }
}

/// Standard errors of what both sides measured.
enum Combined {
    /// Of a mean, from the deviation of one run.
    static func mean(deviation: Double, runs: Int, theirs: Int = DesignFigures.runs) -> Double {
        deviation * (1 / Double(max(1, runs)) + 1 / Double(theirs)).squareRoot()
    }

    /// Of a share of runs; counted as if there were one more of each kind, so that never and always have one, too.
    static func share(_ count: Int, of runs: Int, stated: Double, theirs: Int = DesignFigures.runs) -> Double {
        let together = (Double(count) + stated * Double(theirs) + 1) / Double(runs + theirs + 2)
        return mean(deviation: (together * (1 - together)).squareRoot(), runs: runs, theirs: theirs)
    }

    /// Of a rate a million, for Poisson counts; with one more event, for the same reason.
    static func rate(_ count: Int, of probes: Int, stated: Double, theirs: Int) -> Double {
        let together = (Double(count) + stated * Double(theirs) / 1e6 + 1) / Double(probes + theirs)
        return 1e6 * (together * (1 / Double(max(1, probes)) + 1 / Double(theirs))).squareRoot()
    }
}
