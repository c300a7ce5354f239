import ArgumentParser
import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverProbes
import FailoverWire
import FoundationEssentials
import Glibc

/// The command `failoverctl probe`.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Probe one endpoint now, from here, phase by phase.",
        discussion: """
            Runs one probe as the daemon would, and shows when each phase ended. No daemon is asked, and nothing that it \
            decides is touched. The exit code is 0 for a good answer, 1 for anything else.
            """
    )

    @Argument(help: "The endpoint, by its name in the configuration.", completion: .endpointNames)
    var endpoint: String

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config = "/etc/failoverd/config.yaml"

    @Option(help: ArgumentHelp("The probe profile; all of the endpoint's without it.", valueName: "name"))
    var probe: String?

    @Option(help: ArgumentHelp("Where systemd keeps the daemon's credentials.", valueName: "directory"))
    var credentials = "/run/credentials/failoverd.service"

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await reporting {
            let configuration = try load()
            guard let found = configuration.endpoints.first(where: { $0.name.rawValue == endpoint }) else {
                let names = configuration.endpoints.map(\.name.rawValue)
                throw UsageError(no: "endpoint", named: endpoint, in: config, allowed: names)
            }
            let probes = found.probes.filter { probe == nil || $0.name.rawValue == probe }
            guard !probes.isEmpty else {
                let names = found.probes.map(\.name.rawValue)
                throw UsageError(no: "probe", named: probe ?? "", in: "endpoint \(endpoint)", allowed: names)
            }
            var isGood = true
            for probe in probes {
                let observation = try await ProbeService.probeOnce(
                    probe,
                    of: found.name,
                    clocks: ProbeClocks(monotonic: { Self.now() }, wallSeconds: { time(nil) }),
                    credentialsDirectory: credentials
                )
                let clock = ClockReading(monotonic: Self.now(), wall: Terminal.style().now)
                let document = ProbeDocument(observation, of: probe, at: clock)
                isGood = isGood && document.isGood
                try show(document, observation, of: probe, at: found)
            }
            guard isGood else { throw ExitCode(1) }
        }
    }

    private func load() throws -> Configuration {
        do throws(ConfigurationErrors) {
            return try ConfigurationLoader.load(path: config).configuration
        } catch {
            for line in error.description.split(separator: "\n") { Terminal.warn(String(line)) }
            throw ExitCode(ExitStatus.configuration)
        }
    }

    private func show(
        _ document: ProbeDocument,
        _ observation: Observation,
        of probe: ProbeConfiguration,
        at endpoint: EndpointConfiguration
    ) throws {
        if output.json {
            try Terminal.print(json: try Wire.encode(document))
        } else {
            try Terminal.print(ProbeText.render(observation, of: probe, at: endpoint, style: Terminal.style()))
        }
    }

    private static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
