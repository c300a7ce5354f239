/// What may be asked about the past of endpoints and routes.
package enum HistoryQuestion: Hashable, Sendable {
    /// What an endpoint's probes found, in so many steps up to now; `nil` for all its probes together.
    case series(endpoint: String, probe: String?, step: HistoryStep, count: Int)
    /// Error budgets over so many days up to now.
    case budgets(days: Int)
    /// The same with each failover; `nil` for all routes.
    case report(days: Int, route: String?)
}

/// How finely the past is told.
package enum HistoryStep: Int, Hashable, Sendable {
    case minute = 60
    case hour = 3600

    /// Steps that may be asked for: two days of minutes, ninety of hours.
    package var allowed: ClosedRange<Int> {
        switch self {
        case .minute: 1...2_880
        case .hour: 1...2_160
        }
    }
}

/// What is told about the past.
package enum HistoryAnswer: Hashable, Sendable {
    case series(SeriesDocument)
    case budgets(BudgetsDocument)
    case report(ReportDocument)
}

/// Why nothing is told about the past.
package enum HistoryRefusal: Error, Hashable, Sendable {
    /// It is off, or cannot be read; in a sentence.
    case unavailable(String)
    /// Others ask.
    case busy
    /// There is no endpoint or route of that name; what there is.
    case unknown(kind: String, name: String, allowed: [String])
}
