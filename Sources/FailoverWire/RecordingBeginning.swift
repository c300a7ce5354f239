package import FailoverCore

/// What a stretch of a recording begins with: enough to start an engine.
package struct RecordingBeginning: Sendable {
    /// Read once, and rounded as the recording tells it.
    package let clock: ClockReading
    /// As it reads back from a recording.
    package let snapshot: MemoryDocument?
    package let configuration: Configuration
    package let configHash: String
    /// The engine itself begins here.
    package let isComplete: Bool
    private let original: Memory?

    /// `memory` is what the engine is started with, or remembers, and `clock` what both clocks say at that moment.
    package init(
        _ memory: Memory?,
        at clock: ClockReading,
        configuration: Configuration,
        configHash: String,
        isComplete: Bool
    ) {
        let clock = clock.asRecorded
        self.clock = clock
        snapshot = memory.flatMap { memory in
            let document = MemoryDocument(memory, at: clock)
            // Times have fewer digits as text.
            return (try? Wire.encode(document)).flatMap { try? Wire.decode(MemoryDocument.self, from: $0) }
        }
        original = memory
        self.configuration = configuration
        self.configHash = configHash
        self.isComplete = isComplete
    }

    /// What to start the engine with, so that a replay starts with the very same.
    package var memory: Memory? { snapshot?.memory(at: clock) ?? original }

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
