import FailoverCore
package import FailoverWire

/// What `failoverctl watch` knows, and where its reader looks.
///
/// A value: answers, keys and time go in, questions and orders come out. Nothing here waits or draws.
package struct WatchModel: Sendable {
    package enum Input: Sendable {
        case tick
        case key(WatchKey)
        /// `took` is what asking and reading cost.
        case state(Result<StateDocument, ControlClientError>, took: Duration)
        case explanation(route: String, Result<ExplainDocument, ControlClientError>)
        case series(endpoint: String, Result<SeriesDocument, ControlClientError>)
        case pastEvents([EventDocument])
        case event(EventDocument)
        case receipt(Result<ReceiptDocument, ControlClientError>)
    }

    package enum Action: Hashable, Sendable {
        case askState
        case askExplanation(route: String)
        case askSeries(endpoint: String)
        case send(ControlOrder)
        case redraw
        case leave
    }

    enum Page: Hashable, Sendable {
        case list
        case detail(scroll: Int)
        case help
    }

    /// What a sparkline is about.
    struct TraceKey: Hashable, Sendable {
        let endpoint: String
        /// As in the state document: `latency`, `ttft`, or with a probe's name before it.
        let indicator: String
    }

    /// Only this route; `nil` for all.
    package let route: String?
    package let isReadOnly: Bool

    package private(set) var state: StateDocument?
    /// Oldest first; at most ``mostEvents``.
    private(set) var events: [EventDocument] = []
    var explanations: [String: ExplainDocument] = [:]
    private(set) var gathered: [TraceKey: LatencyTrace] = [:]
    private(set) var remembered: [TraceKey: LatencyTrace] = [:]
    private(set) var contact = WatchContact()
    var schedule = WatchSchedule()
    var page = Page.list
    var isWorstFirst = true
    var selection: WatchRow?
    var dialog: WatchDialog?
    /// An answer to the last key.
    var message: String?
    /// How far the page that is shown can be scrolled, as its drawer has found.
    package var scrollLimit = 0

    static let mostEvents = 200
    /// Of a sparkline that is gathered while somebody looks on.
    static let gatheredStep = 5

    package init(route: String? = nil, isReadOnly: Bool = false) {
        self.route = route
        self.isReadOnly = isReadOnly
    }

    /// Takes the first state, before anybody can carry questions on: none counts as asked.
    package mutating func begin(with state: StateDocument, at clock: ClockReading) {
        contact.heard(at: clock)
        schedule.stateAnswered(took: .zero, at: clock.monotonic)
        take(state, at: clock)
    }

    package mutating func handle(_ input: Input, at clock: ClockReading) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .tick: break
        case .key(let key): actions += take(key, at: clock)
        case .state(.success(let state), let took):
            contact.heard(at: clock)
            schedule.stateAnswered(took: took, at: clock.monotonic)
            take(state, at: clock)
        case .state(.failure(let error), let took):
            contact.failed(error.description, at: clock)
            schedule.stateAnswered(took: took, at: clock.monotonic)
        case .explanation(let route, let result):
            schedule.explanationAnswered(route, at: clock.monotonic)
            // Without an answer the last one stays, and its times say how old it is.
            if case .success(let document) = result { explanations[route] = document }
        case .series(let endpoint, let result):
            schedule.seriesAnswered(endpoint, take(result, of: endpoint), at: clock.monotonic)
        case .pastEvents(let past): add(past)
        case .event(let event):
            add([event])
            schedule.hurry()
        case .receipt(let result):
            // Whoever has left the dialog meanwhile is told all the same.
            if dialog?.step != .sending { message = Self.words(for: result) }
            dialog?.answered(result)
            schedule.hurry()
        }
        return actions + questions(at: clock.monotonic)
    }

    private static func words(for result: Result<ReceiptDocument, ControlClientError>) -> String {
        switch result {
        case .success: "the order was carried out"
        case .failure(let error): "the order was not carried out: \(error)"
        }
    }

    /// What is to be asked now.
    private mutating func questions(at now: MonotonicInstant) -> [Action] {
        var actions: [Action] = schedule.asksState(at: now) ? [.askState] : []
        guard state != nil, contact.failure == nil else { return actions }
        actions += schedule.asksExplanations(of: routesToExplain, at: now).map { .askExplanation(route: $0) }
        if let endpoint = schedule.asksSeries(of: endpointsInView, at: now) {
            actions.append(.askSeries(endpoint: endpoint))
        }
        return actions
    }

    // MARK: Answers

    private mutating func take(_ state: StateDocument, at clock: ClockReading) {
        self.state = state
        gather(state, at: clock.wall)
        // What is not configured any more is forgotten.
        explanations = explanations.filter { state.routes[$0.key] != nil }
        gathered = gathered.filter { state.endpoints[$0.key.endpoint] != nil }
        remembered = remembered.filter { state.endpoints[$0.key.endpoint] != nil }
        let rows = rows
        if selection.map({ !rows.contains($0) }) ?? true { selection = rows.first }
    }

    private mutating func gather(_ state: StateDocument, at now: WallTime) {
        for (name, endpoint) in state.endpoints {
            for (indicator, figures) in endpoint.indicators {
                guard case .latency(let latency) = figures else { continue }
                let key = TraceKey(endpoint: name, indicator: indicator)
                gathered[key, default: LatencyTrace(step: Self.gatheredStep)].take(latency.p99, at: now)
            }
        }
    }

    /// Several probes are mixed in the history, and their sparklines are gathered.
    private mutating func take(
        _ result: Result<SeriesDocument, ControlClientError>,
        of endpoint: String
    ) -> WatchSchedule.SeriesAnswer {
        let series: SeriesDocument
        switch result {
        case .success(let document): series = document
        case .failure(.refused(let problem)) where problem.title == ProblemDocument.tooManyQuestions: return .busy
        case .failure: return .nothing
        }
        remembered[TraceKey(endpoint: endpoint, indicator: "latency")] = LatencyTrace(series, figure: .latency)
        remembered[TraceKey(endpoint: endpoint, indicator: "ttft")] = LatencyTrace(series, figure: .ttft)
        return .there
    }

    private mutating func add(_ news: [EventDocument]) {
        let known = Set(events.map(\.id))
        events += news.filter { !known.contains($0.id) && (route == nil || $0.route == nil || $0.route == route) }
        events.sort { $0.at < $1.at }
        events.removeFirst(max(0, events.count - Self.mostEvents))
    }

    /// Of the history if it knows any, else what was gathered since the start.
    func trace(_ key: TraceKey) -> LatencyTrace? {
        if let trace = remembered[key], !trace.slots.isEmpty { return trace }
        return gathered[key]
    }

    /// Seconds of a column of all sparklines that stand below each other.
    var listStep: Int {
        remembered.values.lazy.filter { !$0.slots.isEmpty }.map(\.step).max() ?? Self.gatheredStep
    }
}

/// How it stands with the daemon.
package struct WatchContact: Hashable, Sendable {
    private(set) var lastAnswer: ClockReading?
    /// Why the last question had no answer; `nil` after one that had.
    private(set) var failure: String?

    /// Questions are a second apart.
    static let patience = Duration.seconds(4)

    mutating func heard(at clock: ClockReading) {
        lastAnswer = clock
        failure = nil
    }

    mutating func failed(_ why: String, at clock: ClockReading) { failure = why }

    /// Since when nothing is heard, and why; `nil` while all is well.
    func silence(at now: WallTime) -> (since: WallTime, why: String)? {
        guard let lastAnswer else { return nil }
        if let failure { return (lastAnswer.wall, failure) }
        let isLate = now.secondsSince1970 - lastAnswer.wall.secondsSince1970 > Self.patience.inSeconds
        return isLate ? (lastAnswer.wall, "the daemon has not answered yet") : nil
    }
}
