import FoundationEssentials
import RegionSim

/// One run of the command: regions, control port and timeline, until a signal.
struct Simulation {
    let script: Script
    /// `nil` without a control port.
    let controlPort: Int?
    let readyFile: String?

    /// Returns after the first signal, with everything closed.
    func run(until signals: TerminationSignals) async throws {
        let report = Report(names: script.regions.map(\.name))
        let simulator = RegionSimulator(
            regions: script.regions,
            seed: script.seed,
            timeScale: script.timeScale,
            observer: { report.change(region: $0, faults: $1, comment: $2) }
        )
        let control = ControlServer(simulator: simulator)
        do {
            let ports = try await simulator.start()
            let controlPort = try await controlPort.asyncMap { port in try await control.start(port: port) }
            report.started(script, ports: ports, control: controlPort)
            try announce(ports: ports, control: controlPort)
            defer { withdraw() }
            try await play(on: simulator, report: report, until: signals)
        } catch {
            await stop(simulator, control)
            throw error
        }
        await stop(simulator, control)
        report.stopped()
    }

    private func stop(_ simulator: RegionSimulator, _ control: ControlServer) async {
        await control.stop()
        await simulator.stop()
    }

    private func play(
        on simulator: RegionSimulator,
        report: Report,
        until signals: TerminationSignals
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                await signals.first()
                return true
            }
            group.addTask {
                try await simulator.play(script.timeline, timeScale: script.timeScale) { report.say($0) }
                return false
            }
            // The regions stay after the last step, until somebody ends them.
            for try await isSignalled in group where isSignalled { break }
            group.cancelAll()
        }
    }

    /// Tells others the ports, in one piece: the file appears complete or not at all.
    private func announce(ports: [String: Int], control: Int?) throws {
        guard let readyFile else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            let document = try encoder.encode(Ready(regions: ports, control: control))
            try (document + Data("\n".utf8)).write(to: URL(filePath: readyFile), options: .atomic)
        } catch {
            let expected = "expected a path in a directory that exists and can be written to"
            throw ReadyFileError(description: "\(readyFile): cannot be written; \(expected)")
        }
    }

    /// Only after this run has written the file: before, it may be another's.
    private func withdraw() {
        if let readyFile { try? FileManager.default.removeItem(atPath: readyFile) }
    }

    private struct Ready: Encodable {
        let regions: [String: Int]
        let control: Int?
    }
}

/// The ready file cannot be written.
struct ReadyFileError: Error, CustomStringConvertible {
    let description: String
}

extension Optional where Wrapped: Sendable {
    /// `map` for transforms that wait.
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
