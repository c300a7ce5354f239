import FailoverConfig
import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverWire
import ServiceLifecycle

/// The daemon from the first line of its configuration to the last byte that it publishes.
package struct Daemon: Sendable {
    private let options: DaemonOptions
    private let environment: [String: String]

    /// - Parameters:
    ///   - options: What the command line says.
    ///   - environment: What systemd and the terminal say.
    package init(options: DaemonOptions, environment: [String: String]) {
        self.options = options
        self.environment = environment
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// Throws `DaemonError` if it cannot start.
    package func run() async throws {
        let loaded: LoadedConfiguration
        do throws(ConfigurationErrors) {
            loaded = try ConfigurationLoader.load(path: options.configurationFile)
        } catch {
            throw DaemonError(error)
        }
        ProcessLimits.raiseDescriptors()
        ProcessLimits.shareMemoryPools()
        ProcessLimits.limitThreads()
        let configuration = options.applied(to: loaded.configuration)
        let place = try Place(outputs: configuration.outputs)
        let outputs = SinkOutputs.detect(journal: configuration.outputs.journal, environment: environment)
        let journal = try JournalSink(outputs) { SystemClock.reading.wall }
        let credentials = CredentialCheck(directory: environment["CREDENTIALS_DIRECTORY"])
        let missing = credentials.warnings(configuration)
        for warning in loaded.warnings.map(\.description) + missing { journal.log(.warning, warning) }

        let assembly = try Assembly(
            options: options,
            configuration: configuration,
            hash: loaded.hash,
            place: place,
            journal: journal,
            credentials: credentials
        )
        let outcome = await assembly.run()
        await assembly.close()
        withExtendedLifetime(place) {}
        do { try outcome.get() } catch let error as SocketPathError {
            throw DaemonError(.unavailable, [error.description])
        }
    }
}
