import FailoverCore
import FailoverWire
import Glibc

/// The sum of one indicator, as a column of figures.
struct EvidenceText {
    private let indicator: ExplainDocument.Indicator
    /// The alternative that is nearest to its threshold; `nil` for the plain rules, which have none.
    private let leading: String?
    /// The one whose arithmetic is shown: what tripped it, also when something else fades later.
    private let shown: String?
    private let isQuality: Bool

    /// Rows that are shown; earlier ones are summed up in one line.
    private static let maximumRuns = 20
    /// Lines of what was learned.
    private static let maximumLearned = 3

    init(_ indicator: ExplainDocument.Indicator) {
        self.indicator = indicator
        leading = indicator.leading
        isQuality = indicator.name == "quality" || indicator.name.hasSuffix(".quality")
        shown = isQuality ? leading : indicator.tripped ?? leading
    }

    /// Poor answers never move traffic.
    private var isTripping: Bool { !isQuality }

    /// The alternatives of quality are shares of poor answers, and no kind of outage.
    private func name(of alternative: String) -> String { isQuality ? "poor answers" : alternative }

    func lines(in style: TextStyle) -> [String] {
        guard let leading, let shown else { return [] }
        let score = indicator.scores[leading] ?? 0
        let threshold = indicator.threshold(of: leading).formatted(decimals: 2)
        let sum = score > 0 ? "\"\(name(of: leading))\" evidence \(score.formatted(decimals: 2))" : "no evidence"
        let other = shown == leading ? "" : ", tripped by \"\(shown)\""
        let limits = isTripping ? other : "; degrades from half of that, and never trips"
        var lines = ExplainText.labelled(indicator.name, "\(sum) of \(threshold)\(limits)", in: style)
        guard score > 0 || indicator.steps.contains(where: \.bad) else { return lines }
        let runs = runs(of: shown)
        if let earlier = earlier(runs.dropLast(Self.maximumRuns), of: shown, in: style) { lines.append(earlier) }
        return lines + table(of: runs.suffix(Self.maximumRuns), shown, in: style) + learned(in: style)
    }

    /// `    (20 earlier probes, sum 26.88, tripped at 13:04:21)`: what is not shown, or not even told.
    private func earlier(_ hidden: ArraySlice<Run>, of alternative: String, in style: TextStyle) -> String? {
        guard let first = indicator.steps.first else { return nil }
        let before = first.bad ? first.score(before: alternative) : 0
        let isCut = before > 0.005
        guard let sum = hidden.last?.score(of: alternative) ?? (isCut ? before : nil) else { return nil }
        let number = hidden.reduce(0) { $0 + $1.steps.count }
        let least = isCut ? "at least " : ""
        let probes = number == 0 ? "earlier probes" : least + Wording.count(number, "earlier probe")
        var words = "\(probes), sum \(sum.formatted(decimals: 2))"
        if let trip = hidden.first(where: \.isTrip) {
            words += ", tripped at \(Wording.time(trip.last.at, in: style))"
        } else if isTripping, before >= indicator.threshold(of: alternative) {
            words += ", tripped by then"
        }
        return "    (\(words))"
    }

    /// What the endpoint showed in the situations of these probes while it was well, the most telling first.
    private func learned(in style: TextStyle) -> [String] {
        ExplainDocument.Learned.applied(to: indicator).prefix(Self.maximumLearned).flatMap { learned in
            ExplainText.labelled(
                "learned",
                "\(learned.text): \(Self.count(learned.bad)) bad, \(Self.count(learned.expected)) expected, "
                    + "so \(Self.times(learned.factor)) (since \(Wording.day(learned.since, in: style)))",
                in: style
            )
        }
    }

    /// Probes, of which old ones count in part.
    private static func count(_ probes: Double) -> String { probes.formatted(decimals: probes < 100 ? 1 : 0) }

    /// `x0.23`, `x1.07`, `x2.4`.
    private static func times(_ factor: Double) -> String { "x" + factor.formatted(decimals: factor < 2 ? 2 : 1) }

    /// Probes that are told in one row: a bad one alone, or good ones in a row, of which there may be many.
    private struct Run {
        private(set) var steps: [ExplainDocument.Step]
        private(set) var last: ExplainDocument.Step
        let isTrip: Bool
        let isSecondBad: Bool

        init(_ step: ExplainDocument.Step, isTrip: Bool, isSecondBad: Bool) {
            steps = [step]
            last = step
            self.isTrip = isTrip
            self.isSecondBad = isSecondBad
        }

        mutating func append(_ step: ExplainDocument.Step) {
            steps.append(step)
            last = step
        }

        /// The sum after the last of them.
        func score(of alternative: String) -> Double { last.scores[alternative] ?? 0 }

        /// Of a probe alone; `nil` for several, and where nothing that was learned made a difference.
        var learnedFactor: Double? { steps.count == 1 ? last.learnedFactor : nil }
    }

    private func runs(of alternative: String) -> [Run] {
        var runs: [Run] = []
        var badInARow = 0
        var hasTripped = false
        for step in indicator.steps {
            badInARow = step.bad ? badInARow + 1 : 0
            let isTrip = isTripping && !hasTripped && indicator.isTrip(step, of: alternative)
            hasTripped = hasTripped || isTrip
            if !step.bad, let last = runs.indices.last, !runs[last].last.bad {
                runs[last].append(step)
            } else {
                runs.append(Run(step, isTrip: isTrip, isSecondBad: badInARow == 2))
            }
        }
        return runs
    }

    private func table(of runs: ArraySlice<Run>, _ alternative: String, in style: TextStyle) -> [String] {
        // The model's own chance stands beside the one that was used where what was learned makes a difference.
        let isLearned = runs.contains { $0.learnedFactor != nil }
        var columns: [TextTable.Column] = [.init("TIME"), .init("FINDING"), .init("HEALTHY", isRightAligned: true)]
        if isLearned {
            columns.append(.init("MODEL", isRightAligned: true))
            columns.append(.init("LEARNED", isRightAligned: true, dropOrder: 1))
        }
        columns.append(.init(name(of: alternative).uppercased(), isRightAligned: true, dropOrder: 0))
        columns.append(.init("ADDS", isRightAligned: true))
        columns.append(.init("SUM", isRightAligned: true))
        columns.append(.init(""))
        var table = TextTable(columns: columns)
        for run in runs { table.add(cells(of: run, alternative, isLearned: isLearned, in: style)) }
        return table.lines(in: style, indent: 2)
    }

    private func cells(of run: Run, _ alternative: String, isLearned: Bool, in style: TextStyle) -> [TextTable.Cell] {
        let step = run.last
        let added = run.steps.reduce(0) { $0 + ($1.increments[alternative] ?? 0) }
        let isOne = run.steps.count == 1
        var cells: [TextTable.Cell] = [
            .init(Wording.time(step.at, in: style), .dim),
            .init(isOne ? step.finding : "\(run.steps.count) ok", step.bad ? .red : .plain),
            .init(isOne ? Wording.percent(step.healthyProbability) : ""),
        ]
        if isLearned {
            let factor = run.learnedFactor
            cells.append(.init(factor == nil ? "" : Wording.percent(step.modelProbability ?? 0)))
            cells.append(.init(factor.map(Self.times) ?? ""))
        }
        cells.append(.init(isOne ? Wording.percent(probability(of: step, increment: added)) : ""))
        cells.append(.init((added < 0 ? "" : "+") + added.formatted(decimals: 2)))
        cells.append(.init("-> \(run.score(of: alternative).formatted(decimals: 2))"))
        cells.append(run.isTrip ? .init("TRIP", .red) : .init(run.isSecondBad ? "(could be a blip)" : "", .dim))
        return cells
    }

    /// The probability of a bad probe under the alternative, from the step's own arithmetic: the increment is the
    /// logarithm of a ratio whose other half is known.
    private func probability(of step: ExplainDocument.Step, increment: Double) -> Double {
        let ratio = pow(10, increment)
        let healthy = step.healthyProbability
        return min(max(step.bad ? healthy * ratio : 1 - (1 - healthy) * ratio, 0), 1)
    }
}
