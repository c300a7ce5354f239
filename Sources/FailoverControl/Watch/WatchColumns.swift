/// Which columns the lines of endpoints have, and how wide.
///
/// 0 is a column that is left out.
struct WatchColumns: Hashable {
    var mark = 0
    var name = 0
    var verdict = 0
    var spark = 0
    var times = 0
    var errors = 0
    var showsSamples = false
    var bar = 0
    var sum = 0
    var gap = 1

    /// The widest that is to be shown, of each.
    struct Needs {
        var mark = 1
        var name = 8
        var verdict = 9
        var times = 9
        var errors = 6
        var errorsOfSamples = 6
        var sum = 8
    }

    /// Columns before an endpoint's mark: for the selection.
    static let indent = 2

    /// What suits a width best: the sparkline gets what is left, and where too little would be left, something else goes.
    static func fitting(_ needs: Needs, width: Int) -> WatchColumns {
        let name = min(needs.name, max(8, width / 3))
        let base = WatchColumns(mark: needs.mark, name: name, verdict: needs.verdict, times: needs.times)
        var wide = base
        wide.errors = needs.errorsOfSamples
        wide.showsSamples = true
        wide.bar = 12
        wide.sum = needs.sum
        wide.gap = 2
        var usual = base
        usual.errors = needs.errors
        usual.bar = 8
        usual.sum = needs.sum
        var small = usual
        small.sum = 0
        var plain = small
        plain.spark = 0
        var figures = plain
        figures.bar = 0
        var times = figures
        times.errors = 0
        var verdict = times
        verdict.times = 0
        var evidence = verdict
        evidence.bar = 8
        for (columns, least) in [(wide, 24), (usual, 8), (small, 8)] {
            let left = width - columns.total - columns.gap
            if left >= least {
                var columns = columns
                columns.spark = min(left, LatencyTrace.mostSlots)
                return columns
            }
        }
        return [plain, figures, times, evidence, verdict].first { $0.total <= width } ?? verdict
    }

    private var total: Int {
        let shown = [name, verdict, spark, times, errors, bar, sum].filter { $0 > 0 }
        return Self.indent + mark + 1 + shown.reduce(0, +) + gap * max(0, shown.count - 1)
    }
}
