package import FailoverCore
import FoundationEssentials

/// What the engine was fed, in the order in which it saw it: input of `failoverctl replay` and `calibrate`.
///
/// JSON Lines, schema `failoverd.recording/1`. Readers ignore fields that they do not know.
package struct Recording: Sendable {
    package static let schema = "failoverd.recording/1"

    /// In the order of the files; each begins where another process began, or where something is missing.
    package var sections: [RecordedSection]

    package init(sections: [RecordedSection] = []) { self.sections = sections }
}

/// A stretch of a recording without a gap.
package struct RecordedSection: Sendable {
    /// `nil` for one made by hand.
    package let header: RecordingHeader?
    /// In the order of `at`.
    package var entries: [RecordedEntry] = []
    /// Where the writer was cut off in the middle of a line, as `FILE:LINE`; `nil` where it was not.
    package var torn: String?

    package init(header: RecordingHeader?, entries: [RecordedEntry] = []) {
        self.header = header
        self.entries = entries
    }

    /// The instant that is 0 in the section's times.
    package var origin: MonotonicInstant { header?.origin ?? .seconds(0) }
}

/// The first line of a recording, and of each file of a ring.
package struct RecordingHeader: Hashable, Sendable {
    package var vantage: String?
    /// Of the schedule's jitter, for people: no decision depends on it.
    package var seed: UInt64?
    package var configHash: String?
    package var startedAt: WallTime?
    /// The instant that is 0 in the file's times, in whole microseconds of the writer's monotonic clock.
    ///
    /// A replay goes by the same instants, because some windows begin at whole seconds of that clock.
    package var origin: MonotonicInstant
    /// The process that wrote it.
    package var instance: String?
    /// The number of the file in its ring.
    package var segment: UInt64?
    /// The number of the file that this one goes on from without a gap.
    package var continues: UInt64?
    /// It begins with the engine itself, so that a replay is exact; elsewhere windows and evidence start empty.
    package var isComplete: Bool
    /// What the engine was started with, or remembered here; `nil` for nothing.
    package var snapshot: MemoryDocument?

    package init(
        vantage: String? = nil,
        seed: UInt64? = nil,
        configHash: String? = nil,
        startedAt: WallTime? = nil,
        origin: MonotonicInstant = .seconds(0),
        instance: String? = nil,
        segment: UInt64? = nil,
        continues: UInt64? = nil,
        isComplete: Bool = false,
        snapshot: MemoryDocument? = nil
    ) {
        self.vantage = vantage
        self.seed = seed
        self.configHash = configHash
        self.startedAt = startedAt
        self.origin = origin
        self.instance = instance
        self.segment = segment
        self.continues = continues
        self.isComplete = isComplete
        self.snapshot = snapshot
    }

    /// The clocks as the engine's start read them; `nil` where no time was told.
    package var clock: ClockReading? { startedAt.map { ClockReading(monotonic: origin, wall: $0) } }

    /// What the engine was started with, exactly as it was then.
    package var memory: Memory? {
        guard let snapshot, let clock else { return nil }
        return snapshot.memory(at: clock)
    }
}

/// One line of a recording after the first.
package struct RecordedEntry: Sendable {
    package let at: MonotonicInstant
    package let content: Content

    package enum Content: Sendable {
        /// The engine gave its first orders.
        case started
        /// It was fed with this; a new configuration is told apart.
        case input(Input)
        /// A result without a number of its attempt, from somebody who tells results only.
        case bare(Observation)
        case configuration(RecordedConfiguration)
        /// Inputs that were not recorded, because the disk was too slow.
        case lost(Int)
    }

    package init(at: MonotonicInstant, _ content: Content) {
        self.at = at
        self.content = content
    }
}

/// A configuration as it is recorded: without secrets, and good enough to decide by.
package struct RecordedConfiguration: Hashable, Sendable {
    package var hash: String?
    /// The resolved text; `nil` for one that would fill the ring.
    package var yaml: String?
    /// It came while the engine ran; otherwise it was in force at the beginning.
    package var isReload: Bool
    /// Endpoints of which a secret or another hidden part differs from before, so that their evidence began anew although
    /// their text may be the same.
    package var changed: [EndpointName]

    package init(hash: String? = nil, yaml: String?, isReload: Bool, changed: [EndpointName] = []) {
        self.hash = hash
        self.yaml = yaml
        self.isReload = isReload
        self.changed = changed
    }
}

extension ClockReading {
    /// The same moment as its text in a document reads back, on a whole microsecond of the monotonic clock.
    ///
    /// What a daemon remembers becomes instants by this reading, so that a replay comes to the very same ones.
    package var asRecorded: ClockReading {
        ClockReading(monotonic: monotonic.inMicroseconds, wall: WallTime(wall.description) ?? wall)
    }
}

extension WallTime {
    /// The time from here to `other`, in whole microseconds; negative when `other` is earlier.
    package func duration(to other: WallTime) -> Duration {
        .microseconds(Int64((other.date.timeIntervalSince(date) * 1e6).rounded()))
    }
}
