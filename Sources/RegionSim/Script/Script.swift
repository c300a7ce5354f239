/// A set of regions and what happens to them, as read from a YAML file.
package struct Script: Hashable, Sendable {
    /// Repeats every latency and every share; 0 or more.
    package let seed: UInt64
    /// Multiplies every simulated time, those of the timeline too.
    package let timeScale: Double
    /// In file order; 1...``maximumRegions``; unique names and ports.
    package let regions: [RegionConfiguration]
    /// In order of time; at most ``maximumSteps``.
    package let timeline: [TimelineStep]

    package init(
        seed: UInt64 = 1,
        timeScale: Double = 1,
        regions: [RegionConfiguration],
        timeline: [TimelineStep] = []
    ) {
        self.seed = seed
        self.timeScale = timeScale
        self.regions = regions
        self.timeline = timeline
    }

    /// A bound on sockets and memory; more than any demonstration needs.
    package static let maximumRegions = 64
    /// A bound on the length of a day.
    package static let maximumSteps = 1000
    /// The largest file that is read, in bytes.
    package static let maximumBytes = 1024 * 1024
    /// What a time scale may be: from a thousand times as quick to ten times as slow.
    package static let timeScales: ClosedRange<Double> = 0.001...10
}

/// One step of a timeline.
package struct TimelineStep: Hashable, Sendable {
    /// What a step does.
    package enum Action: Hashable, Sendable {
        /// These faults take the place of the region's; none heals it.
        case setFaults(region: String, [Fault])
        /// Only the comment is shown.
        case say
    }

    /// Since all regions listen, before the time scale.
    package let at: Duration
    package let action: Action
    /// A line for people; `nil` where the file has none.
    package let comment: String?

    package init(at: Duration, action: Action, comment: String? = nil) {
        self.at = at
        self.action = action
        self.comment = comment
    }
}

/// Everything that is wrong with a script.
package struct ScriptError: Error, Hashable, CustomStringConvertible {
    /// In order of lines; at least one.
    package let problems: [Problem]

    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// From 1; `nil` where the place is unknown.
        package let line: Int?
        /// Such as `timeline[0].fault.share`; empty for the whole file.
        package let path: String
        /// What was found, and what is allowed.
        package let message: String

        package init(line: Int?, path: String, message: String) {
            self.line = line
            self.path = path
            self.message = message
        }

        package var description: String {
            (line.map { "line \($0): " } ?? "") + (path.isEmpty ? "" : "\(path): ") + message
        }
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
