import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverProbes
import FailoverPublish
import FailoverSystemd
import FailoverWire

/// Reads the configuration again, one reload at a time. A refused one changes nothing and says why.
actor Reloader {
    private let options: DaemonOptions
    private let inbox: Inbox
    private let probes: ProbeService
    private let publish: PublishWriter
    private let journal: JournalSink
    private let notifier: SystemdNotifier
    private var current: Configuration

    init(
        options: DaemonOptions,
        current: Configuration,
        inbox: Inbox,
        probes: ProbeService,
        publish: PublishWriter,
        journal: JournalSink,
        notifier: SystemdNotifier
    ) {
        self.options = options
        self.current = current
        self.inbox = inbox
        self.probes = probes
        self.publish = publish
        self.journal = journal
        self.notifier = notifier
    }

    /// Applies the file as it is now, for `requester`, or for whoever sent the signal.
    func reload(by requester: String?) async -> Result<ReloadDocument, ReloadRefusal> {
        notifier.reloading()
        defer { notifier.ready() }
        do throws(ConfigurationErrors) {
            let loaded = try ConfigurationLoader.load(path: options.configurationFile)
            let configuration = options.applied(to: loaded.configuration)
            let fixed = fixedOutputs(of: configuration)
            guard fixed.isEmpty else { return await refuse(fixed, by: requester) }
            return .success(await apply(configuration, loaded, by: requester))
        } catch {
            return await refuse(error.errors.map(\.description), by: requester)
        }
    }

    private func apply(
        _ configuration: Configuration,
        _ loaded: LoadedConfiguration,
        by requester: String?
    ) async -> ReloadDocument {
        let isChanged = configuration != current
        current = configuration
        let before = publish.publisher
        publish.update(
            Publisher(
                instance: StateDocument.Instance(
                    id: before.instance.id,
                    version: before.instance.version,
                    configHash: loaded.hash
                ),
                vantage: configuration.vantage,
                startedAt: before.startedAt,
                validFor: configuration.outputs.validFor
            )
        )
        if isChanged {
            // The engine first, so that no observation of a new endpoint comes before it is known.
            inbox.post(.input(.reconfigured(configuration)))
            probes.apply(configuration.endpoints)
        }
        for warning in loaded.warnings { journal.log(.warning, warning.description) }
        await tell(
            "reload_applied",
            isChanged ? "configuration applied\(by(requester))" : "configuration unchanged\(by(requester))"
        )
        return ReloadDocument(
            configHash: loaded.hash,
            changed: isChanged,
            warnings: loaded.warnings.map(\.description)
        )
    }

    private func refuse(_ errors: [String], by requester: String?) async -> Result<ReloadDocument, ReloadRefusal> {
        for error in errors { journal.log(.error, error) }
        let more = errors.count > 1 ? " and \(errors.count - 1) more" : ""
        await tell("reload_refused", "configuration refused\(by(requester)), the old one stays: \(errors[0])\(more)")
        return .failure(ReloadRefusal(errors: errors))
    }

    /// What a running daemon cannot change: others hold these paths open.
    private func fixedOutputs(of configuration: Configuration) -> [String] {
        let pairs = [
            ("state_file", current.outputs.stateFile, configuration.outputs.stateFile),
            ("socket", current.outputs.socket, configuration.outputs.socket),
            ("state_directory", current.outputs.stateDirectory, configuration.outputs.stateDirectory),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { key, old, new in
            "\(options.configurationFile): outputs.\(key): found \"\(new)\", allowed: \"\(old)\" until the next restart"
        }
    }

    private func tell(_ code: ReasonCode, _ text: String) async {
        let line = String(text.prefix(200))
        let generation = await publish.document().generation
        publish.tell(Event(kind: .config, at: SystemClock.now, reason: Reason(code, line), generation: generation))
    }

    private func by(_ requester: String?) -> String { requester.map { " by \($0)" } ?? "" }
}
