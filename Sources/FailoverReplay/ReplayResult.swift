package import FailoverCore
import FailoverWire

/// What a replay came to.
package struct ReplayResult: Hashable, Sendable {
    /// How one route fared.
    package struct Route: Hashable, Sendable {
        package let name: RouteName
        package var moves = 0
        /// Time during which the active endpoint answered badly; a share counts for its percentage.
        package var onBadEndpoint = Duration.zero
        /// Since the recording's start; `nil` without a failover.
        package var firstFailover: Duration?
        /// From the beginning of the trouble of the endpoint that was left then.
        package var afterTroubleBegan: Duration?
    }

    /// The rule, or whose configuration it is.
    package let name: String
    package private(set) var transitions: [ReplayTransition] = []
    /// In configuration order, those of later configurations last.
    package private(set) var routes: [Route] = []
    package private(set) var probes = 0
    /// Results of probes that the configuration does not have.
    package private(set) var unknownProbes = 0
    /// From the first to the last instant that was recorded.
    package private(set) var length = Duration.zero
    /// Everything that the engine was fed was recorded, from its start on.
    package private(set) var isExact = true
    /// What readers should know; in the order found.
    package private(set) var notes: [String] = []

    /// For each section, the bad samples that no witness vouched for.
    package private(set) var vetoes: [Set<VetoedSample>] = []
    /// Every probe that one of the configurations had.
    private var known: Set<ProbeKey> = []

    init(name: String) { self.name = name }

    mutating func add(_ run: SectionReplay, _ section: RecordedSection, isExact: Bool, bad: BadStretches) {
        self.isExact = self.isExact && isExact
        transitions += run.transitions
        known.formUnion(run.known)
        // Made by hand, a recording may tell of one endpoint alone: that nobody vouched shows nothing then.
        vetoes.append(section.header == nil ? [] : Set(run.engine.keptVetoes))
        notes += run.notes
        if let torn = section.torn { notes.append("\(torn) is torn: the daemon was ended while it wrote") }
        for name in run.routes {
            let index = routes.firstIndex { $0.name == name } ?? routes.endIndex
            if index == routes.endIndex { routes.append(Route(name: name)) }
            routes[index].moves += run.transitions.count { $0.route == name && $0.isMove }
            for track in run.tracks where track.route == name {
                for (position, stay) in track.stays.enumerated() {
                    let end = position + 1 < track.stays.count ? track.stays[position + 1].since : run.end
                    let time = bad.overlap(stay.endpoint, from: stay.since, to: end)
                    routes[index].onBadEndpoint += track.weight == 100 ? time : time * track.weight / 100
                }
            }
            guard routes[index].firstFailover == nil,
                let first = run.transitions.first(where: { $0.route == name && $0.isLeaving && $0.isMove }),
                let from = first.from
            else { continue }
            routes[index].firstFailover = first.at
            let stays = run.tracks.first { $0.route == name && $0.share == first.share }?.stays ?? []
            let position = run.transitions.prefix { $0 != first }.count { transition in
                transition.route == name && transition.share == first.share && transition.isMove
            }
            guard stays.indices.contains(position + 1) else { continue }
            let (came, left) = (stays[position].since, stays[position + 1].since)
            routes[index].afterTroubleBegan = bad.trouble(from, from: came, to: left).map { left - $0 }
        }
    }

    mutating func note(_ recording: Recording, configuration: Configuration) {
        var seen: Set<EndpointName> = []
        for section in recording.sections {
            for entry in section.entries {
                switch entry.content {
                case .bare(let observation), .input(.observed(let observation)):
                    probes += 1
                    unknownProbes += known.contains(observation.key) ? 0 : 1
                    seen.insert(observation.key.endpoint)
                case .started, .input, .configuration, .lost: continue
                }
            }
            if let first = section.entries.first, let last = section.entries.last {
                length += last.at - min(first.at, section.header?.origin ?? first.at)
            }
        }
        if !isExact {
            let isCut = recording.sections.contains { $0.header?.isComplete == false }
            notes.insert(
                "deadlines, the disk and questions to candidates are assumed"
                    + (isCut ? "; windows and evidence start empty where the recording begins" : ""),
                at: 0
            )
        }
        if unknownProbes > 0 {
            notes.append(
                "\(unknownProbes.counted("probe")) of endpoints or profiles that no configuration has"
            )
        }
        let silent = configuration.endpoints.map(\.name).filter { !seen.contains($0) }
        if !silent.isEmpty {
            let names = silent.prefix(5).map(\.rawValue).joined(separator: ", ")
            let more = silent.count > 5 ? " and \(silent.count - 5) more" : ""
            notes.append("nothing was recorded of \(names)\(more)")
        }
    }
}
