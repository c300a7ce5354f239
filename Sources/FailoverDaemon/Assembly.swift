import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverProbes
import FailoverPublish
import FailoverSystemd
import FailoverWire
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The parts of one daemon, put together: seeds the generators, and says what runs and in which order it ends.
struct Assembly: Sendable {
    private let configuration: Configuration
    private let makeEngine: @Sendable () -> Engine
    private let loop: EngineLoop
    private let probes: ProbeService
    private let desk: SpendDesk
    private let disk: DiskWriter
    private let publish: PublishWriter
    private let eventLog: EventLog
    private let history: TransitionReader
    private let past: HistoryTap
    private let journal: JournalSink
    private let recorder: Recorder
    private let notifier = SystemdNotifier()
    private let reloader: Reloader
    private let agent: HAProxyAgentService?
    private let outputs: Outputs
    private let meter: DaemonMeter
    private let credentials: CredentialCheck
    private let reports: ObservationDesk
    private let notifications: Notifications

    /// Loops of probes: together four times what 10,000 endpoints need.
    private static let maximumLoops = 4
    /// What is left to write at the end is abandoned after this long; the unit's own limit for stopping is 15 s.
    private static let closingLimit = Duration.seconds(3)
    /// The end of a recording is worth less.
    private static let outputsLimit = Duration.seconds(1)
    private static let recorderLimit = Duration.milliseconds(500)
    private static let historyLimit = Duration.seconds(1)

    init(
        options: DaemonOptions,
        configuration: Configuration,
        hash: String,
        place: Place,
        journal: JournalSink,
        credentials: CredentialCheck
    ) throws {
        self.configuration = configuration
        self.journal = journal
        self.credentials = credentials
        let clock = SystemClock.reading
        let inbox = Inbox()
        meter = DaemonMeter(configuration)
        eventLog = EventLog(past: Self.rememberedEvents(of: place.transitions, journal: journal))
        history = TransitionReader(log: place.transitions, recent: eventLog)
        disk = try DiskWriter(
            store: place.memory,
            log: place.transitions,
            spending: place.spending,
            learned: place.baselines,
            answer: { inbox.post(.input(.persisted(ticket: $0, succeeded: $1))) },
            report: { journal.log($0, $1) }
        )
        let teller = EventTeller()
        past = HistoryTap(
            configuration,
            transitions: place.transitions,
            recent: eventLog,
            teller: teller,
            journal: journal
        )
        outputs = Outputs(
            stateDirectory: configuration.outputs.stateDirectory,
            clock: { SystemClock.reading },
            tell: { teller.tell($0) },
            report: { journal.log($0, $1) }
        )
        reports = ObservationDesk(endpoints: configuration.endpoints.map(\.name)) { SystemClock.reading }
        notifications = Notifications.telling(configuration, journal: journal, credentials: credentials)
        publish = try PublishWriter(
            round: PublishRound(
                file: place.stateFile,
                disk: disk,
                events: eventLog,
                journal: journal,
                notifier: notifier,
                outputs: outputs,
                meter: meter,
                history: past,
                reports: reports,
                notifications: notifications
            ),
            publisher: Self.publisher(for: configuration, hash: hash, startedAt: clock.wall)
        )
        agent = HAProxyAgentService(configuration.outputs.haproxyAgent, publish: publish, journal: journal)
        teller.publish = publish
        outputs.apply(configuration)
        let recollection = Recollection(
            store: place.memory,
            learned: place.baselines,
            stateFile: configuration.outputs.stateFile,
            report: { journal.log($0, $1) }
        )
        let beginning = RecordingBeginning(
            recollection.memory(at: clock),
            at: clock,
            configuration: configuration,
            configHash: hash,
            isComplete: true
        )
        makeEngine = {
            Engine(configuration: configuration, memory: beginning.memory, at: beginning.clock.monotonic)
        }
        if let why = RecordConfiguration.whyOff(in: configuration) { journal.log(.notice, "recording is \(why)") }
        let seed = UInt64.random(in: .min ... .max)
        recorder = try Self.recorder(configuration, publish.publisher.instance.id, seed: seed, journal: journal)
        desk = SpendDesk(
            SpendPlan(configuration),
            memory: Self.rememberedSpending(in: place.spending, journal: journal),
            now: { SystemClock.unixTime }
        )
        probes = try ProbeService(
            loops: min(System.coreCount, Self.maximumLoops),
            clocks: ProbeClocks(monotonic: { SystemClock.now }, wallSeconds: { SystemClock.wallSeconds }),
            seed: seed,
            credentialsDirectory: credentials.directory,
            spendGate: desk,
            sink: { inbox.post(.probes($0)) }
        )
        loop = EngineLoop(
            inbox: inbox,
            probes: probes,
            disk: disk,
            publish: publish,
            heartbeat: Heartbeat(at: clock.monotonic),
            desk: desk,
            orders: OrderDesk(inbox: inbox),
            recorder: recorder,
            beginning: beginning,
            listeners: configuration.history.isOn ? [meter, past] : [meter],
            meter: meter
        )
        reloader = Reloader(
            options: options,
            current: configuration,
            inbox: inbox,
            probes: probes,
            desk: desk,
            publish: publish,
            journal: journal,
            notifier: notifier,
            credentials: credentials,
            outputs: outputs,
            meter: meter,
            past: past,
            reports: reports,
            notifications: notifications
        )
    }

    /// Runs until it is asked to stop, or something essential fails.
    func run() async -> Result<Void, any Error> {
        let logger = Logger(label: "failoverd") { _ in SinkLogHandler(sink: journal) }
        let source = DaemonSource(
            inbox: loop.inbox,
            publish: publish,
            eventLog: eventLog,
            reloader: reloader,
            heartbeat: loop.heartbeat,
            orders: loop.orders,
            history: history,
            past: past,
            agent: agent?.desk,
            outputs: outputs,
            meter: meter,
            queues: MeasuredQueues(journal: journal, recorder: recorder, disk: disk),
            reports: reports,
            notifications: notifications
        )
        let server = ControlServer(
            socketPath: configuration.outputs.socket,
            store: .systemd(),
            source: source,
            logger: logger
        ) {
            await reloader.startProbes()
            // Ready means: whoever asks gets an answer, and whoever reads finds the file.
            _ = await publish.state()
            notifier.ready()
            ProcessLimits.returnFreeMemory()
        }
        var group = ServiceGroupConfiguration(
            services: [
                EngineService(loop: loop, makeEngine: makeEngine),
                ControlService(server: server, eventLog: eventLog),
                SignalService(reloader: reloader, notifier: notifier),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        if let agent { group.services.append(.init(service: agent)) }
        let page = PageService(
            configuration.outputs.http,
            credentials: credentials.directory,
            source: source,
            journal: journal,
            logger: logger
        )
        if let page { group.services.append(.init(service: page)) }
        group.maximumGracefulShutdownDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Ends what threads still have to write, for a bounded time: the state first, its history last.
    func close() async {
        await probes.shutdown()
        let spent = desk.memory.memory
        if !spent.days.isEmpty { disk.save(spent) }
        await outputs.close(within: Self.outputsLimit)
        _ = await publish.close(within: Self.closingLimit)
        // After all that is told; whoever hangs is left behind.
        await notifications.close(within: Self.outputsLimit)
        _ = await disk.close(within: Self.closingLimit)
        await past.close(within: Self.historyLimit)
        _ = await recorder.close(within: Self.recorderLimit)
        _ = await journal.close(within: Self.closingLimit)
    }

    private static func recorder(
        _ configuration: Configuration,
        _ instance: String,
        seed: UInt64,
        journal: JournalSink
    ) throws(FileError) -> Recorder {
        let complaints = Complaints { journal.log($0, $1) }
        let writer = RecordingRing.Writer(
            vantage: configuration.vantage.rawValue,
            instance: instance,
            seed: seed,
            describe: { ResolvedConfigurationText($0, hidesBodies: true).text }
        )
        return try Recorder(
            ring: RecordingRing(
                stateDirectory: configuration.outputs.stateDirectory,
                writer: writer,
                settings: configuration.record
            ),
            settings: configuration.record,
            now: { SystemClock.now },
            settle: { complaints.settle("recording what the engine is fed", error: $0) },
            report: { journal.log(.warning, "\($0) inputs were not recorded: the disk was too slow") }
        )
    }

    private static func rememberedEvents(of log: TransitionLog, journal: JournalSink) -> [EventDocument] {
        do throws(FileError) {
            return try log.last(EventLog.capacity)
        } catch {
            journal.log(.warning, "earlier transitions cannot be told: \(error)")
            return []
        }
    }

    private static func rememberedSpending(in store: SpendStore, journal: JournalSink) -> SpendMemory? {
        switch store.load() {
        case .none: return nil
        case .memory(let memory): return memory
        case .setAside(let path, let reason):
            let text = "what was spent cannot be read (\(reason)), it was kept as \(path): the day starts from zero"
            journal.log(.error, text)
            return nil
        }
    }

    private static func publisher(for configuration: Configuration, hash: String, startedAt: WallTime) -> Publisher {
        let id = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return Publisher(
            instance: StateDocument.Instance(id: id.joined(), version: Version.current, configHash: hash),
            vantage: configuration.vantage,
            startedAt: startedAt,
            validFor: configuration.outputs.validFor,
            currency: configuration.spend.currency
        )
    }
}
