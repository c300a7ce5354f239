import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// One running region: its listener, its faults and its counters.
///
/// The listener follows the faults: every change is queued behind the one before, so that a quick heal after a refusal
/// ends with an open listener.
final class Region: Sendable {
    let configuration: RegionConfiguration
    private let planner: RequestPlanner
    private let timeScale: Double
    private let group: any EventLoopGroup
    private let eventLoop: any EventLoop
    private let state: NIOLockedValueBox<State>

    private struct State {
        var isRunning = false
        var faults: [Fault] = []
        var counters = RegionCounters()
        var nextRequest: UInt64 = 0
        var reservation: PortReservation?
        var listener: (any Channel)?
        /// At most ``RegionConfiguration/maximumConnections``.
        var connections: [ObjectIdentifier: any Channel] = [:]
        /// Completes when the listener has followed every change so far.
        var lastChange: EventLoopFuture<Void>
    }

    init(_ configuration: RegionConfiguration, seed: UInt64, timeScale: Double, group: any EventLoopGroup) {
        self.configuration = configuration
        self.timeScale = timeScale
        self.group = group
        planner = RequestPlanner(seed: seed, region: configuration.name)
        eventLoop = group.next()
        state = NIOLockedValueBox(State(lastChange: eventLoop.makeSucceededVoidFuture()))
    }

    var name: String { configuration.name }
    var faults: [Fault] { state.withLockedValue { $0.faults } }
    var counters: RegionCounters { state.withLockedValue { $0.counters } }
    var isListening: Bool { state.withLockedValue { $0.listener != nil } }
    /// `nil` while stopped.
    var port: Int? { state.withLockedValue { $0.reservation?.port } }

    // MARK: Listener

    /// Takes the port; the future completes when the region listens.
    func start() throws(SimulatorError) -> EventLoopFuture<Void> {
        let reservation = try PortReservation(port: configuration.port, region: name)
        return change { state in
            state.isRunning = true
            state.reservation = reservation
        }
    }

    /// Closes everything and gives the port back.
    func stop() -> EventLoopFuture<Void> {
        change { $0.isRunning = false }.map { self.state.withLockedValue { $0.reservation = nil } }
    }

    /// The future completes when the listener is as the faults demand.
    func setFaults(_ faults: [Fault]) -> EventLoopFuture<Void> {
        change { $0.faults = faults }
    }

    private func change(_ apply: (inout State) -> Void) -> EventLoopFuture<Void> {
        let done = eventLoop.makePromise(of: Void.self)
        let previous = state.withLockedValue { state in
            apply(&state)
            let previous = state.lastChange
            state.lastChange = done.futureResult
            return previous
        }
        // Outside the lock, for a completed future calls back at once. A failure belongs to the change before.
        previous.whenComplete { _ in self.followFaults().cascade(to: done) }
        return done.futureResult
    }

    /// Opens or closes the listener if it is not as it should be.
    private func followFaults() -> EventLoopFuture<Void> {
        let (wanted, port, listener) = state.withLockedValue { state in
            let isRefusing = state.faults.contains { $0.kind == .refuse }
            return (state.isRunning && !isRefusing, state.reservation?.port, state.listener)
        }
        switch (listener, wanted) {
        case (nil, true): return open(port: port ?? configuration.port)
        case (.some(let listener), false): return close(listener)
        case (nil, false), (.some, true): return eventLoop.makeSucceededVoidFuture()
        }
    }

    private func open(port: Int) -> EventLoopFuture<Void> {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.admit(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(RegionHandler(self))
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .map { listener in self.state.withLockedValue { $0.listener = listener } }
            .flatMapErrorThrowing { error in
                throw SimulatorError.cannotListen(port, owner: self.name, reason: "\(error)")
            }
            .hop(to: eventLoop)
    }

    private func close(_ listener: any Channel) -> EventLoopFuture<Void> {
        listener.close().recover { _ in }.flatMap {
            let connections = self.state.withLockedValue { state in
                state.listener = nil
                return Array(state.connections.values)
            }
            let closings = connections.map { connection in
                connection.close(promise: nil)
                return connection.closeFuture
            }
            return EventLoopFuture.andAllComplete(closings, on: self.eventLoop)
        }
    }

    // MARK: Connections and requests, called from the connection's event loop

    /// More connections than the region keeps; the bootstrap closes the one in question.
    private struct TooManyConnections: Error {}

    private func admit(_ channel: any Channel) throws {
        let key = ObjectIdentifier(channel)
        try state.withLockedValue { state in
            guard state.connections.count < configuration.maximumConnections else {
                state.counters.excessConnections += 1
                throw TooManyConnections()
            }
            state.connections[key] = channel
            state.counters.connections += 1
            state.counters.openConnections += 1
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLockedValue { state in
                state.connections[key] = nil
                state.counters.openConnections -= 1
            }
        }
    }

    /// Decides the fate of a request that was read to its end.
    ///
    /// - Returns: The answer's identifier and its steps.
    func answer(to request: RegionRequest, created: Int) -> (identifier: String, steps: [ResponseStep]) {
        let (index, faults) = state.withLockedValue { state in
            defer { state.nextRequest += 1 }
            return (state.nextRequest, state.faults)
        }
        let plan = planner.plan(index, configuration: configuration, faults: faults, isChat: request.isChat)
            .scaled(by: timeScale)
        state.withLockedValue { state in
            state.counters.requests += 1
            for hit in plan.hits { state.counters.faults[hit, default: 0] += 1 }
        }
        let answer = Answer.healthy(request, region: name, plan: plan, created: created, keys: configuration.keys)
        let steps =
            quirkSteps(for: request, answer, plan: plan, created: created)
            ?? ResponseStep.steps(for: answer, cause: plan.cause, region: name, scale: timeScale)
        return (plan.identifierText, steps)
    }

    /// What a quirk makes of a chat; `nil` without a quirk, or for what would be refused without one.
    private func quirkSteps(
        for request: RegionRequest,
        _ answer: Answer,
        plan: RequestPlan,
        created: Int
    ) -> [ResponseStep]? {
        guard case .chat(let quirk) = plan.cause, answer.status == 200,
            let chat = try? ChatRequest.read(request.body)
        else { return nil }
        return quirk.steps(
            for: ChatAnswer(request: chat, region: name, plan: plan, created: created),
            key: request.key,
            scale: timeScale
        )
    }

    /// Counts the head of an answer.
    func countStatus(_ status: Int) { state.withLockedValue { $0.counters.statuses[status, default: 0] += 1 } }

    /// Counts the end of an answer.
    func countAnswer(isComplete: Bool) {
        state.withLockedValue { state in
            if isComplete { state.counters.answered += 1 } else { state.counters.unfinished += 1 }
        }
    }
}
