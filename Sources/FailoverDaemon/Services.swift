import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverSystemd
import ServiceLifecycle
import UnixSignals

/// A service with a name: the library puts the description of each into its messages, which by default is everything that
/// a service knows, secrets of the configuration among them.
protocol NamedService: Service, CustomStringConvertible {}

/// The engine's loop; ends last, so that everything else is still decided.
struct EngineService: NamedService {
    let description = "engine"
    let loop: EngineLoop
    /// Made where it runs: a second copy would stay for as long as the daemon does.
    let makeEngine: @Sendable () -> Engine

    func run() async throws {
        let thread = try WorkerThread(name: "engine") { [loop, makeEngine] in loop.run(makeEngine()) }
        // Cancelled when a graceful end takes too long.
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await thread.finished()
            } onGracefulShutdown: {
                loop.inbox.close()
            }
        } onCancel: {
            loop.inbox.close()
        }
    }
}

/// The control socket.
struct ControlService: NamedService {
    let description = "control socket"
    let server: ControlServer
    let eventLog: EventLog

    func run() async throws {
        // Streams of events would keep their connections open for ever.
        try await cancelWhenGracefulShutdown {
            defer { eventLog.close() }
            // Being cancelled is how a server ends well.
            do { try await server.run() } catch is CancellationError {}
        }
    }
}

/// SIGHUP reloads; SIGTERM and SIGINT are told to systemd before anything stops.
struct SignalService: NamedService {
    let description = "signals"
    let reloader: Reloader
    let notifier: SystemdNotifier

    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
                _ = await reloader.reload(by: nil)
            }
        } onGracefulShutdown: {
            notifier.stopping()
        }
    }
}
