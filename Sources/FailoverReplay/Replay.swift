package import FailoverConfig
package import FailoverCore
package import FailoverWire

/// Feeds recordings to engines again: as it was, or under another configuration or rule.
///
/// Equal recordings give equal results: nothing here reads a clock or depends on the order of a dictionary.
package struct Replay: Sendable {
    private let recording: Recording
    /// The file's name, for messages.
    private let file: String
    private let given: LoadedConfiguration?
    /// Each section with what was in force at its beginning; `nil` if the section does not say.
    private let recorded: [Configuration?]
    /// For each section, the configuration that the replay begins with.
    private let configurations: [Configuration]
    /// The configuration of the command line is another than the recorded one.
    private let isWhatIf: Bool

    /// - Parameters:
    ///   - recording: At least one section.
    ///   - configuration: Instead of the recorded one; needed where none was recorded.
    ///   - file: What errors call the recording.
    /// - Throws: `RecordingError` where there is nothing to replay, or no configuration to replay it under.
    package init(
        _ recording: Recording,
        configuration: LoadedConfiguration?,
        file: String
    ) throws(RecordingError) {
        self.recording = recording
        self.file = file
        given = configuration
        guard let first = recording.sections.first, recording.sections.contains(where: { !$0.entries.isEmpty }) else {
            throw RecordingError(file: file, line: nil, found: "nothing recorded", allowed: "at least one input")
        }
        var recorded: [Configuration?] = []
        for section in recording.sections { recorded.append(try Self.recorded(in: section, file)) }
        self.recorded = recorded
        let isSame = configuration != nil && first.header?.configHash == configuration?.hash
        isWhatIf = configuration != nil && !isSame
        var configurations: [Configuration] = []
        for own in recorded {
            let known = isWhatIf ? configuration?.configuration : own ?? configuration?.configuration
            guard let chosen = known ?? configurations.last else {
                let found = "no configuration in it"
                throw RecordingError(file: file, line: nil, found: found, allowed: "a recording with one, or --config")
            }
            configurations.append(chosen)
        }
        self.configurations = configurations
    }

    /// The configuration that the replay begins with.
    package var configuration: Configuration { configurations[0] }

    /// The configuration that was in force at the beginning of a section's recording, or the given one.
    package func configuration(ofSection index: Int) -> Configuration { configurations[index] }

    private static func recorded(in section: RecordedSection, _ file: String) throws(RecordingError) -> Configuration? {
        for entry in section.entries {
            guard case .configuration(let recorded) = entry.content, !recorded.isReload else { continue }
            guard let yaml = recorded.yaml else { return nil }
            do throws(ConfigurationErrors) {
                return try ConfigurationLoader.load(resolved: yaml, file: file).configuration
            } catch {
                let found = "a recorded configuration that this version does not read (\(error.errors[0]))"
                throw RecordingError(file: file, line: nil, found: found, allowed: "one of this version, or --config")
            }
        }
        return nil
    }

    // MARK: - Running

    /// Replays all of it; under another rule in every route with a `variant`.
    package func run(under variant: ReplayVariant? = nil) -> ReplayResult {
        var result = ReplayResult(name: variant?.name ?? (isWhatIf ? "as configured" : "as recorded"))
        var before: (engine: Engine, header: RecordingHeader?)?
        for (index, section) in recording.sections.enumerated() {
            let configuration = variant.map { configurations[index].with($0.rule) } ?? configurations[index]
            let isOther = isWhatIf || variant != nil
            let isExact = !isOther && section.header?.isComplete == true && isWholly(section)
            // Under other rules each process would have remembered something else.
            let carried =
                isOther ? before.flatMap { Self.carried($0.engine, from: $0.header, to: section.header) } : nil
            let run = SectionReplay(
                section,
                configuration: configuration,
                memory: carried ?? section.header?.memory,
                world: isExact ? .recorded : .assumed,
                origin: origin(ofSection: index),
                reload: reloads(of: index, under: variant)
            )
            result.add(run, section, isExact: isExact, bad: bad(section, configuration, until: run.end))
            before = (run.engine, section.header)
        }
        result.note(recording, configuration: configurations[0])
        return result
    }

    /// All of its configurations were recorded.
    private func isWholly(_ section: RecordedSection) -> Bool {
        section.entries.allSatisfy { entry in
            switch entry.content {
            case .configuration(let recorded): recorded.yaml != nil || !recorded.isReload
            case .lost, .bare: false
            case .started, .input: true
            }
        }
    }

    /// The instant that is 0 in what is told of a section: the beginning of the first one, by the clocks on the wall.
    private func origin(ofSection index: Int) -> MonotonicInstant {
        let (first, section) = (recording.sections[0], recording.sections[index])
        guard index > 0, let begun = first.header?.startedAt, let begins = section.header?.startedAt else {
            return section.origin
        }
        return section.origin - begun.duration(to: begins)
    }

    private static func carried(
        _ engine: Engine,
        from header: RecordingHeader?,
        to next: RecordingHeader?
    ) -> Memory? {
        guard let clock = header?.clock, let nextClock = next?.clock else { return engine.remembered }
        return MemoryDocument(engine.remembered, at: clock).memory(at: nextClock)
    }

    private func bad(
        _ section: RecordedSection,
        _ configuration: Configuration,
        until end: MonotonicInstant
    ) -> BadStretches {
        BadStretches(RecordedProbes(section.entries), of: configuration, until: end)
    }

    /// What a recorded reload makes of the configuration; none of them counts under a configuration that was given.
    private func reloads(
        of index: Int,
        under variant: ReplayVariant?
    ) -> (RecordedConfiguration) -> Configuration? {
        guard !isWhatIf else { return { _ in nil } }
        var revisions: [EndpointName: Int] = [:]
        let file = file
        return { recorded in
            guard let yaml = recorded.yaml,
                let loaded = try? ConfigurationLoader.load(resolved: yaml, file: file).configuration
            else { return nil }
            for name in recorded.changed { revisions[name, default: 0] += 1 }
            let revised = loaded.revised(revisions)
            return variant.map { revised.with($0.rule) } ?? revised
        }
    }
}
