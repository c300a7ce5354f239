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
    private let desk: SpendDesk
    private let publish: PublishWriter
    private let journal: JournalSink
    private let notifier: SystemdNotifier
    private let credentials: CredentialCheck
    private let outputs: Outputs
    private let meter: DaemonMeter
    private let past: HistoryTap
    private let reports: ObservationDesk
    private let notifications: Notifications
    private var current: Configuration

    init(
        options: DaemonOptions,
        current: Configuration,
        inbox: Inbox,
        probes: ProbeService,
        desk: SpendDesk,
        publish: PublishWriter,
        journal: JournalSink,
        notifier: SystemdNotifier,
        credentials: CredentialCheck,
        outputs: Outputs,
        meter: DaemonMeter,
        past: HistoryTap,
        reports: ObservationDesk,
        notifications: Notifications
    ) {
        self.options = options
        self.current = current
        self.inbox = inbox
        self.probes = probes
        self.desk = desk
        self.publish = publish
        self.journal = journal
        self.notifier = notifier
        self.credentials = credentials
        self.outputs = outputs
        self.meter = meter
        self.past = past
        self.reports = reports
        self.notifications = notifications
    }

    /// Starts the probes of the configuration that is current by now.
    func startProbes() { probes.apply(current.probed) }

    /// Applies the file as it is now, for `requester`, or for whoever sent the signal.
    ///
    /// Nothing in it waits, so that one reload is over before the next begins.
    func reload(by requester: String?) -> Result<ReloadDocument, ReloadRefusal> {
        notifier.reloading()
        defer {
            notifier.ready()
            ProcessLimits.returnFreeMemory()
        }
        do throws(ConfigurationErrors) {
            let loaded = try ConfigurationLoader.load(path: options.configurationFile)
            let configuration = options.applied(to: loaded.configuration)
            let fixed = fixedOutputs(of: configuration)
            guard fixed.isEmpty else { return refuse(fixed, by: requester) }
            return .success(apply(configuration, loaded, by: requester))
        } catch {
            return refuse(error.errors.map(\.description), by: requester)
        }
    }

    private func apply(
        _ configuration: Configuration,
        _ loaded: LoadedConfiguration,
        by requester: String?
    ) -> ReloadDocument {
        let isChanged = configuration != current
        current = configuration
        let before = publish.publisher
        let publisher = Publisher(
            instance: StateDocument.Instance(
                id: before.instance.id,
                version: before.instance.version,
                configHash: loaded.hash
            ),
            vantage: configuration.vantage,
            startedAt: before.startedAt,
            validFor: configuration.outputs.validFor,
            currency: configuration.spend.currency
        )
        // The engine first, so that no observation of a new endpoint comes before it is known.
        if isChanged { meter.apply(configuration) }
        if isChanged { inbox.post(.reconfigured(configuration, publisher)) }
        outputs.apply(configuration)
        past.update(configuration)
        notifications.apply(configuration)
        reports.apply(endpoints: configuration.endpoints.map(\.name))
        if isChanged { desk.replan(SpendPlan(configuration)) }
        // Also when nothing changed: certificates and keys behind the same path may be new.
        probes.apply(configuration.probed)
        let warnings = loaded.warnings.map(\.description) + credentials.warnings(configuration)
        for warning in warnings { journal.log(.warning, warning) }
        let text =
            isChanged ? "configuration applied" : "configuration unchanged; certificates and keys were read again"
        tell("reload_applied", text, by: requester)
        return ReloadDocument(
            configHash: loaded.hash,
            changed: isChanged,
            warnings: warnings
        )
    }

    private func refuse(_ errors: [String], by requester: String?) -> Result<ReloadDocument, ReloadRefusal> {
        for error in errors { journal.log(.error, error) }
        outputs.lookAtTemplates()
        let more = errors.count > 1 ? " and \(errors.count - 1) more" : ""
        tell("reload_refused", "configuration refused, the old one stays: \(errors[0])\(more)", by: requester)
        return .failure(ReloadRefusal(errors: errors))
    }

    /// What a running daemon cannot change: others hold these open.
    private func fixedOutputs(of configuration: Configuration) -> [String] {
        let pairs = [
            ("state_file", current.outputs.stateFile, configuration.outputs.stateFile),
            ("socket", current.outputs.socket, configuration.outputs.socket),
            ("state_directory", current.outputs.stateDirectory, configuration.outputs.stateDirectory),
            ("journal", "\(current.outputs.journal)", "\(configuration.outputs.journal)"),
            ("haproxy_agent", current.outputs.haproxyAgent.text, configuration.outputs.haproxyAgent.text),
            ("http", current.outputs.http.text, configuration.outputs.http.text),
        ]
        let fixed = pairs.filter { $0.1 != $0.2 }.map { key, old, new in
            "\(options.configurationFile): outputs.\(key): found \"\(new)\", allowed: \"\(old)\" until the next restart"
        }
        guard current.history.isOn != configuration.history.isOn else { return fixed }
        let words = current.history.isOn ? ("off", "a duration") : ("a duration", "off")
        let text = "found \(words.0), allowed: \(words.1) until the next restart"
        return fixed + ["\(options.configurationFile): history.keep: \(text)"]
    }

    private func tell(_ code: ReasonCode, _ text: String, by requester: String?) {
        publish.tell(
            Event(
                kind: .config,
                at: SystemClock.now,
                reason: Reason(code, text),
                generation: publish.latest?.imprint.generation ?? 0,
                requester: requester
            )
        )
    }
}
