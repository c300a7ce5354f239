import FailoverControl
import FailoverCore
import FailoverPublish
import FailoverSystemd
import ServiceLifecycle
import UnixSignals

/// The engine's loop; ends last, so that everything else is still decided.
struct EngineService: Service {
    let loop: EngineLoop
    let engine: Engine

    func run() async throws {
        // Cancelled when a graceful end takes too long.
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await loop.run(engine)
            } onGracefulShutdown: {
                loop.inbox.close()
            }
        } onCancel: {
            loop.inbox.close()
        }
    }
}

/// The control socket.
struct ControlService: Service {
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
struct SignalService: Service {
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
