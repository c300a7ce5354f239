import FailoverControl
import FailoverCore
import FailoverWire
import FoundationEssentials
import Glibc

/// Runs the screen of `failoverctl watch`: asks, draws, and waits for what happens next.
struct WatchLoop {
    private let client: ControlClient
    private let terminal: ScreenTerminal
    private let signals: TerminalSignals
    private let glyphs: WatchGlyphs
    private var model: WatchModel
    private var screen = ScreenUpdate()

    private enum Input: Sendable {
        case model(WatchModel.Input)
        case signal(CInt)
        case end
        /// What has happened in the last moment is to be shown.
        case draw
    }

    /// How the screen was left.
    enum Ending {
        case byKey
        case bySignal(CInt)
    }

    /// Between news and its drawing, so that several at once are drawn once.
    private static let drawPause: Duration = .milliseconds(20)
    /// What waits to be looked at: keys of somebody who leans on one, and a burst of events.
    ///
    /// More are lost, and the next state tells what they were about.
    private static let mostWaiting = 1024
    private static let mostPastEvents = 100
    /// Of a sparkline on a wide screen.
    private static let minutes = 240

    init?(_ client: ControlClient, _ model: WatchModel, _ glyphs: WatchGlyphs) {
        guard let terminal = ScreenTerminal(), let signals = TerminalSignals.install() else { return nil }
        self.client = client
        self.terminal = terminal
        self.signals = signals
        self.glyphs = glyphs
        self.model = model
    }

    mutating func run() async throws -> Ending {
        try terminal.enter()
        defer { terminal.leave() }
        let (inputs, sink) = AsyncStream.makeStream(of: Input.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        try ScreenInput.start(signals) { news in
            switch news {
            case .key(let key): sink.yield(.model(.key(key)))
            case .signal(let number): sink.yield(.signal(number))
            case .end: sink.yield(.end)
            }
        }
        let client = client
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                while true {
                    sink.yield(.model(.tick))
                    try await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask { try await Self.follow(client) { sink.yield(.model($0)) } }
            return try await take(inputs, sink, &group)
        }
    }

    private mutating func take(
        _ inputs: AsyncStream<Input>,
        _ sink: AsyncStream<Input>.Continuation,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> Ending {
        var isDrawingDue = false
        for await input in inputs {
            switch input {
            case .draw:
                isDrawingDue = false
                try draw()
            case .end: return .bySignal(SIGHUP)
            case .signal(let number) where TerminalSignals.ending.contains(number): return .bySignal(number)
            case .signal(let number): try take(signal: number)
            case .model(let input):
                let actions = model.handle(input, at: Self.clock())
                for action in actions {
                    if action == .leave { return .byKey }
                    if action == .redraw { screen.forget() }
                    ask(action, sink)
                }
                if case .key = input {
                    try draw()
                } else if !isDrawingDue {
                    isDrawingDue = true
                    Task {
                        try? await Task.sleep(for: Self.drawPause)
                        sink.yield(.draw)
                    }
                }
            }
        }
        return .byKey
    }

    private mutating func take(signal number: CInt) throws {
        switch number {
        case SIGTSTP:
            terminal.leave()
            // Of this thread, so that nothing is drawn before it goes on.
            raise(SIGSTOP)
            try resume()
        // Also after somebody else has stopped us.
        case SIGCONT: try resume()
        default: try draw()
        }
    }

    private mutating func resume() throws {
        try terminal.enter()
        screen.forget()
        try draw()
    }

    // MARK: Questions

    private func ask(_ action: WatchModel.Action, _ sink: AsyncStream<Input>.Continuation) {
        let client = client
        switch action {
        case .askState:
            Task {
                let clock = ContinuousClock()
                let start = clock.now
                let result = await Self.result { () throws(ControlClientError) in try await client.status() }
                sink.yield(.model(.state(result, took: clock.now - start)))
            }
        case .askExplanation(let route):
            Task {
                let result = await Self.result { () throws(ControlClientError) in try await client.explain(route: route)
                }
                sink.yield(.model(.explanation(route: route, result)))
            }
        case .askSeries(let endpoint):
            Task {
                let result = await Self.result { () throws(ControlClientError) in
                    try await client.series(endpoint: endpoint, minutes: Self.minutes)
                }
                sink.yield(.model(.series(endpoint: endpoint, result)))
            }
        case .send(let order):
            // The disk has two seconds to answer, and the daemon answers then.
            let patient = ControlClient(socketPath: client.socketPath, timeout: .seconds(10))
            Task {
                let result = await Self.result { () throws(ControlClientError) in try await patient.operate(order) }
                sink.yield(.model(.receipt(result)))
            }
        case .redraw, .leave: break
        }
    }

    private static func result<Value: Sendable>(
        _ body: () async throws(ControlClientError) -> Value
    ) async -> Result<Value, ControlClientError> {
        do throws(ControlClientError) { return .success(try await body()) } catch { return .failure(error) }
    }

    /// What happened lately, and then all that happens, until it is cancelled.
    private static func follow(
        _ client: ControlClient,
        _ onInput: @escaping @Sendable (WatchModel.Input) -> Void
    ) async throws {
        let past = (try? await client.events(limit: mostPastEvents)) ?? []
        onInput(.pastEvents(past))
        while true {
            do {
                try await EventFollower(client).follow(after: past.last?.id) { news in
                    if case .event(let event) = news { onInput(.event(event)) }
                }
            } catch is ControlClientError {
                // What it would have told comes with the next state; and a newer daemon may be there soon.
            }
            try await Task.sleep(for: .seconds(5))
        }
    }

    // MARK: Drawing

    private mutating func draw() throws {
        let (width, height) = terminal.size
        var style = Terminal.style()
        style.width = width
        let drawing = WatchScreen(model, width: width, height: height, style: style, glyphs: glyphs).draw()
        model.scrollLimit = drawing.scrollLimit
        let lines = drawing.lines.map { $0.rendered(colour: style.colour) }
        let bytes = screen.bytes(for: lines, width: width, height: height)
        if !bytes.isEmpty { try Terminal.print(bytes) }
    }

    static func clock() -> ClockReading {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        return ClockReading(monotonic: MonotonicInstant(nanoseconds: nanoseconds), wall: WallTime(Date()))
    }
}
