package import FailoverCore

/// What a stretch of a recording begins with: enough to start an engine.
package struct RecordingBeginning: Sendable {
    /// Read once, and rounded as the recording tells it.
    package let clock: ClockReading
    /// As it reads back from a recording, where the engine begins here.
    package let snapshot: MemoryDocument?
    package let configuration: Configuration
    package let configHash: String
    /// The engine itself begins here, and all that it knows is told.
    package let isComplete: Bool
    /// Kept where the snapshot does not tell all of it.
    private let original: Memory?

    /// What one baseline takes in a recording, in bytes: 22 numbers of 18 characters, names and times.
    private static let bytesPerBaseline = 600

    /// `memory` is what the engine is started with, or remembers, and `clock` what both clocks say at that moment.
    ///
    /// Baselines that would take more than a quarter of a file are not told: a replay then starts without them.
    package init(
        _ memory: Memory?,
        at clock: ClockReading,
        configuration: Configuration,
        configHash: String,
        isComplete: Bool
    ) {
        let clock = clock.asRecorded
        self.clock = clock
        let count = (memory?.endpoints ?? []).reduce(0) { $0 + $1.baselines.count }
        let tellsBaselines = count * Self.bytesPerBaseline <= configuration.record.bytesPerFile / 4
        let told = tellsBaselines ? memory : memory?.with([:], at: clock.monotonic)
        snapshot = told.flatMap { memory in
            let document = MemoryDocument(memory, at: clock)
            // An engine that runs is not told, and is not to wait for it.
            guard isComplete else { return document }
            // Times have fewer digits as text.
            return (try? Wire.encode(document)).flatMap { try? Wire.decode(MemoryDocument.self, from: $0) }
        }
        original = snapshot == nil || !tellsBaselines ? memory : nil
        self.configuration = configuration
        self.configHash = configHash
        self.isComplete = isComplete && tellsBaselines
    }

    /// What to start the engine with, so that a replay starts with the very same, except for baselines that are not told.
    package var memory: Memory? {
        guard let told = snapshot?.memory(at: clock) else { return original }
        return original.map { told.with($0.baselines, at: clock.monotonic) } ?? told
    }

    /// The line that tells it.
    package func header(vantage: String, seed: UInt64?, instance: String, segment: UInt64) -> RecordingHeader {
        RecordingHeader(
            vantage: vantage,
            seed: seed,
            configHash: configHash,
            startedAt: clock.wall,
            origin: clock.monotonic,
            instance: instance,
            segment: segment,
            isComplete: isComplete,
            snapshot: snapshot
        )
    }
}

extension RecordConfiguration {
    /// A ring is made of so many files, so that removing one keeps most of it.
    package static let files = 16
    /// A file has at least room for some lines.
    private static let leastBytes = 64 * 1024

    /// What a file of the ring holds before the next one begins.
    package var bytesPerFile: Int { max(maximumBytes / Self.files, Self.leastBytes) }
}
