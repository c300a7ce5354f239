import FailoverCore
import FailoverWire

/// One engine that is fed with one section of a recording.
struct SectionReplay {
    /// Where the rest of the world comes from.
    enum World {
        /// All of it was recorded, time included: what comes out is what came out then.
        case recorded
        /// Only what probes found was recorded, or only that still holds: deadlines are looked at on time, the disk answers
        /// at once, and a question to a candidate is answered as its next recorded probe was.
        case assumed
    }

    private(set) var engine: Engine
    private(set) var transitions: [ReplayTransition] = []
    private(set) var notes: [String] = []
    /// Where each route, or each share of one, was sent and since when, in the order of the engine's routes.
    private(set) var tracks: [Track] = []
    private(set) var routes: [RouteName] = []
    /// Every probe that one of the configurations had.
    private(set) var known: Set<ProbeKey> = []
    private(set) var end: MonotonicInstant
    private let world: World
    private let probes: RecordedProbes
    /// What is 0 in the times that are told.
    private let origin: MonotonicInstant
    /// Nothing of an engine's own reload is known: those that were recorded are passed over.
    private let reload: (RecordedConfiguration) -> Configuration?
    private var isDiskGood = true
    /// Answers to questions that nobody asked then, by the time at which they come; at most one a probe.
    private var answers: [Observation] = []
    private var lastAttempt: UInt64 = 1 << 62

    /// One stay of a route.
    struct Stay {
        let since: MonotonicInstant
        let endpoint: EndpointName
    }

    /// The stays of a route or a share, in order.
    struct Track {
        let route: RouteName
        let share: EndpointName?
        /// Percent of the route's traffic.
        var weight: Int
        var stays: [Stay]
    }

    init(
        _ section: RecordedSection,
        configuration: Configuration,
        memory: Memory?,
        world: World,
        origin: MonotonicInstant,
        reload: @escaping (RecordedConfiguration) -> Configuration?
    ) {
        let timeline = ReplayTimeline(section.entries)
        // A recording made by hand begins with its first line.
        let first = timeline.steps.first?.at ?? section.origin
        let begin = section.header == nil ? first : min(section.origin, first)
        engine = Engine(configuration: configuration, memory: memory, at: begin)
        engine.keepVetoes()
        self.world = world
        self.origin = origin
        self.reload = reload
        probes = RecordedProbes(section.entries)
        end = begin
        noteRoutes(at: begin)
        if case .assumed = world { perform(engine.start(at: begin), at: begin) }
        for step in timeline.steps { take(step) }
        if case .assumed = world { advance(to: end, isIncluded: true) }
    }

    private mutating func take(_ step: ReplayTimeline.Step) {
        if case .assumed = world { advance(to: step.at, isIncluded: false) }
        end = max(end, step.at)
        switch step.content {
        case .started: if case .recorded = world { perform(engine.start(at: step.at), at: step.at) }
        case .input(.persisted(let ticket, let succeeded)):
            if case .assumed = world {
                isDiskGood = succeeded
            } else {
                feed(.persisted(ticket: ticket, succeeded: succeeded), at: step.at)
            }
        case .input(.tick):
            if case .recorded = world { feed(.tick, at: step.at) }
        case .input(let input): feed(input, at: step.at)
        // The timeline has given each a number.
        case .bare(let observation): feed(.observed(observation), at: step.at)
        case .configuration(let recorded):
            guard recorded.isReload, let configuration = reload(recorded) else { return }
            feed(.reconfigured(configuration), at: step.at)
            noteRoutes(at: step.at)
        case .lost(let count): notes.append("\(count.counted("input")) are missing at \(told(step.at)) s")
        }
    }

    private func told(_ instant: MonotonicInstant) -> String { (instant - origin).inSeconds.formatted(decimals: 3) }

    // MARK: - Feeding

    private mutating func feed(_ input: Input, at now: MonotonicInstant) {
        perform(engine.handle(input, at: now), at: now)
    }

    private mutating func perform(_ ordered: [Action], at now: MonotonicInstant) {
        var tickets: [UInt64] = []
        for action in ordered {
            switch action {
            case .emit(let event): note(event)
            case .persist(_, let ticket): tickets.append(ticket)
            case .probeNow(let key, let source): if case .assumed = world { ask(key, source, at: now) }
            case .publish, .setInterval, .answer: continue
            }
        }
        guard case .assumed = world else { return }
        for ticket in tickets { feed(.persisted(ticket: ticket, succeeded: isDiskGood), at: now) }
    }

    private mutating func note(_ event: Event) {
        guard let transition = ReplayTransition(event, origin: origin) else { return }
        transitions.append(transition)
        guard transition.isMove, let to = transition.to else { return }
        let track = tracks.firstIndex { $0.route == transition.route && $0.share == transition.share }
        if let track { tracks[track].stays.append(Stay(since: event.at, endpoint: to)) }
    }

    /// Takes note of routes and probes that are new.
    private mutating func noteRoutes(at now: MonotonicInstant) {
        for endpoint in engine.configuration.probed {
            for probe in endpoint.probes { known.insert(ProbeKey(endpoint: endpoint.name, probe: probe.name)) }
        }
        for route in engine.configuration.routes {
            guard let snapshot = engine.route(named: route.name, at: now) else { continue }
            if !routes.contains(route.name) { routes.append(route.name) }
            let shares = snapshot.shares.map { ($0.owner, $0.weight, $0.active) }
            for (owner, weight, active) in shares {
                noteTrack(of: route.name, owner, weight: weight, on: active, at: now)
            }
            if shares.isEmpty { noteTrack(of: route.name, nil, weight: 100, on: snapshot.active, at: now) }
        }
    }

    private mutating func noteTrack(
        of route: RouteName,
        _ share: EndpointName?,
        weight: Int,
        on active: EndpointName,
        at now: MonotonicInstant
    ) {
        let stay = Stay(since: now, endpoint: active)
        if let index = tracks.firstIndex(where: { $0.route == route && $0.share == share }) {
            tracks[index].weight = weight
        } else {
            tracks.append(Track(route: route, share: share, weight: weight, stays: [stay]))
        }
    }

    // MARK: - What was not recorded

    private mutating func ask(_ key: ProbeKey, _ source: ProbeSource, at now: MonotonicInstant) {
        guard let next = probes.answer(of: key, at: now), !answers.contains(where: { $0.key == key }) else { return }
        lastAttempt += 1
        let attempt = AttemptID(lastAttempt)
        let answer = next.told(attempt, source: source, start: now, end: now + (next.end - next.start))
        answers.append(answer)
        feed(.attemptStarted(AttemptStart(key: key, attempt: attempt, source: source, start: now)), at: now)
    }

    /// Lets time pass: deadlines and answers come when they are due, answers first.
    private mutating func advance(to limit: MonotonicInstant, isIncluded: Bool) {
        while true {
            let answer = answers.indices.min { (answers[$0].end, $0) < (answers[$1].end, $1) }
            let next = [answer.map { answers[$0].end }, engine.nextDeadline].compactMap(\.self).min()
            guard let next, isIncluded ? next <= limit : next < limit else { return }
            let now = max(next, end)
            end = now
            if let answer, answers[answer].end <= now {
                feed(.observed(answers.remove(at: answer)), at: now)
            } else {
                feed(.tick, at: now)
            }
        }
    }
}
