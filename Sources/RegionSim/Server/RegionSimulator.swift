import NIOCore
import NIOPosix

/// Simulated regions in this process, on the loopback address, with faults on demand.
///
/// ```swift
/// let simulator = RegionSimulator(regions: [RegionConfiguration(name: "us-east")], seed: 7)
/// let ports = try await simulator.start()
/// try await simulator.setFault("us-east", Fault(.status(503, retryAfter: nil), share: 0.3))
/// try await simulator.heal("us-east")
/// await simulator.stop()
/// ```
package final class RegionSimulator: Sendable {
    /// What to tell about a change of faults: which region, and the faults that it has now (none: healed).
    package typealias Observer = @Sendable (_ region: String, _ faults: [Fault], _ comment: String?) -> Void

    /// In the order given.
    private let regions: [Region]
    private let observer: Observer?

    /// - Parameters:
    ///   - regions: With unique names.
    ///   - seed: Equal seeds and equal orders of requests give equal answers at equal latencies.
    ///   - timeScale: Multiplies every simulated time; 0.1 is ten times as quick.
    ///   - observer: Called after each change of faults, on any thread.
    package init(
        regions: [RegionConfiguration],
        seed: UInt64 = 1,
        timeScale: Double = 1,
        observer: Observer? = nil
    ) {
        let group = MultiThreadedEventLoopGroup.singleton
        self.regions = regions.map { Region($0, seed: seed, timeScale: timeScale, group: group) }
        self.observer = observer
    }

    /// The names of the regions, in the order given.
    package var names: [String] { regions.map(\.name) }

    // MARK: Start and stop

    /// Listens in every region, or in none if one cannot.
    ///
    /// - Returns: The port of each region.
    package func start() async throws(SimulatorError) -> [String: Int] {
        var ports: [String: Int] = [:]
        do {
            for region in regions {
                guard region.port == nil else { throw SimulatorError.alreadyStarted }
                try await region.start().get()
                ports[region.name] = region.port
            }
        } catch let error as SimulatorError {
            if error != .alreadyStarted { await stop() }
            throw error
        } catch {
            await stop()
            throw .cannotListen(0, owner: "regionsim", reason: "\(error)")
        }
        return ports
    }

    /// Closes every listener and connection; faults and counters stay as they are.
    package func stop() async {
        for region in regions {
            // Closing reports nothing that a caller could act on.
            try? await region.stop().get()
        }
    }

    // MARK: Faults

    /// Gives a region this fault in place of those that it has; returns when the listener has followed.
    package func setFault(_ region: String, _ fault: Fault) async throws(SimulatorError) {
        try await setFaults(region, [fault])
    }

    /// Gives a region these faults in place of those that it has: the first that hits a request decides its answer,
    /// and `slow` acts beside the others.
    ///
    /// - Parameters:
    ///   - region: The region's name.
    ///   - faults: None heals the region. At most ``Fault/maximumPerRegion``.
    ///   - comment: A line for people, handed to the observer.
    /// - Throws: For an unknown name, or when the region cannot listen again.
    package func setFaults(
        _ region: String,
        _ faults: [Fault],
        comment: String? = nil
    ) async throws(SimulatorError) {
        let change = try changeFaults(region, faults, comment: comment)
        do {
            try await change.get()
        } catch let error as SimulatorError {
            throw error
        } catch {
            throw .cannotListen(0, owner: region, reason: "\(error)")
        }
    }

    /// Takes all faults away; a closed listener opens again on the same port.
    package func heal(_ region: String, comment: String? = nil) async throws(SimulatorError) {
        try await setFaults(region, [], comment: comment)
    }

    /// ``setFaults(_:_:comment:)`` for callers on an event loop.
    func changeFaults(
        _ region: String,
        _ faults: [Fault],
        comment: String? = nil
    ) throws(SimulatorError) -> EventLoopFuture<Void> {
        let region = try find(region)
        return region.setFaults(faults).always { _ in self.observer?(region.name, faults, comment) }
    }

    // MARK: Reading

    /// The faults that a region has now.
    package func faults(_ region: String) throws(SimulatorError) -> [Fault] { try find(region).faults }

    /// What a region has done since it started.
    package func counters(_ region: String) throws(SimulatorError) -> RegionCounters { try find(region).counters }

    /// A region's port; `nil` while stopped.
    package func port(_ region: String) throws(SimulatorError) -> Int? { try find(region).port }

    /// Whether the region accepts connections.
    func isListening(_ region: String) throws(SimulatorError) -> Bool { try find(region).isListening }

    private func find(_ name: String) throws(SimulatorError) -> Region {
        guard let region = regions.first(where: { $0.name == name }) else {
            throw .unknownRegion(name, known: names)
        }
        return region
    }
}
