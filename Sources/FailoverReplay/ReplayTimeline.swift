import FailoverCore
import FailoverWire

/// The entries of a section in the order in which an engine is fed with them, with the beginnings that nobody told.
struct ReplayTimeline: Sendable {
    struct Step: Sendable {
        let at: MonotonicInstant
        let content: RecordedEntry.Content
    }

    let steps: [Step]

    init(_ entries: [RecordedEntry]) {
        var (bare, numbers) = Self.numbered(entries)
        // Told beginnings are in their place; the others belong before what was seen at the same time.
        bare.sort { ($0.start, $0.attempt) < ($1.start, $1.attempt) }
        var steps: [Step] = []
        steps.reserveCapacity(entries.count + bare.count)
        var begun = 0
        func beginUntil(_ end: MonotonicInstant) {
            while begun < bare.count, bare[begun].start <= end {
                steps.append(Step(at: bare[begun].start, content: .input(.attemptStarted(bare[begun]))))
                begun += 1
            }
        }
        for (index, entry) in entries.enumerated() {
            beginUntil(entry.at)
            if case .bare(let observation) = entry.content, let attempt = numbers[index] {
                steps.append(Step(at: entry.at, content: .input(.observed(observation.numbered(attempt)))))
            } else {
                steps.append(Step(at: entry.at, content: entry.content))
            }
        }
        self.steps = steps
    }

    /// Gives results without a number one each, in the order of their starts and above all that were told.
    private static func numbered(_ entries: [RecordedEntry]) -> (starts: [AttemptStart], numbers: [Int: AttemptID]) {
        var highest: UInt64 = 0
        var bare: [(index: Int, observation: Observation)] = []
        for (index, entry) in entries.enumerated() {
            switch entry.content {
            case .bare(let observation): bare.append((index, observation))
            case .input(.attemptStarted(let start)): highest = max(highest, start.attempt.rawValue)
            case .input(.observed(let observation)): highest = max(highest, observation.attempt.rawValue)
            case .started, .input, .configuration, .lost: continue
            }
        }
        bare.sort { ($0.observation.start, $0.index) < ($1.observation.start, $1.index) }
        var numbers: [Int: AttemptID] = [:]
        var starts: [AttemptStart] = []
        for (index, observation) in bare {
            highest &+= 1
            numbers[index] = AttemptID(highest)
            starts.append(
                AttemptStart(
                    key: observation.key,
                    attempt: AttemptID(highest),
                    source: observation.source,
                    start: observation.start
                )
            )
        }
        return (starts, numbers)
    }
}

extension Observation {
    /// The same result of another attempt.
    fileprivate func numbered(_ attempt: AttemptID) -> Observation {
        told(attempt, source: source, start: start, end: end)
    }

    /// The same result of another attempt at another time.
    func told(
        _ attempt: AttemptID,
        source: ProbeSource,
        start: MonotonicInstant,
        end: MonotonicInstant
    ) -> Observation {
        Observation(
            key: key,
            attempt: attempt,
            source: source,
            start: start,
            end: end,
            outcome: outcome,
            latency: latency,
            ttft: ttft,
            connection: connection,
            chat: chat,
            tier: tier,
            retryAfter: retryAfter,
            detail: detail
        )
    }
}
