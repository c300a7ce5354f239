package import FailoverCore
import NIOCore
import NIOPosix

/// The server that HAProxy asks about its servers: a line comes, a line goes, and HAProxy closes.
package final class AgentServer: Sendable {
    /// What those who ask may cost.
    package struct Limits: Hashable, Sendable {
        /// Connections at a time: each lives for a millisecond, so that these are thousands of servers every half second.
        package var connections = 512
        /// From the connection to the end of the line, and again from the answer to HAProxy's closing; HAProxy itself waits
        /// for one agent interval.
        package var patience = Duration.seconds(1)
        /// Until the next try after the address could not be listened on.
        package var retry = Duration.seconds(5)

        package init() {}
    }

    /// As many again may wait to be let in; in a shorter queue they would overtake each other.
    private static let backlog: Int32 = 512

    private let listen: HostPort
    private let desk: AgentDesk
    private let limits: Limits
    private let report: @Sendable (String?) -> Void
    private let slots: ConnectionSlots

    /// Prepares a server; `run()` opens it.
    ///
    /// `report` is told why the address cannot be listened on, and `nil` once it can.
    package init(
        listen: HostPort,
        desk: AgentDesk,
        limits: Limits = Limits(),
        report: @escaping @Sendable (String?) -> Void
    ) {
        self.listen = listen
        self.desk = desk
        self.limits = limits
        self.report = report
        slots = ConnectionSlots(maximum: limits.connections)
    }

    /// Serves until the task is cancelled.
    ///
    /// An address that is taken is tried again and again: nothing else waits for it. Who comes afterwards finds nobody, which HAProxy takes for no change: its servers stay as the last decision left them.
    package func run() async {
        while !Task.isCancelled {
            do {
                let channel = try await bind()
                desk.set(isListening: true)
                defer { desk.set(isListening: false) }
                report(nil)
                await withTaskCancellationHandler {
                    // Fails for no reason that matters: it is closed either way.
                    try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
            } catch {
                report("\(error)")
                // Throws when it is cancelled, which ends the loop.
                try? await Task.sleep(for: limits.retry)
            }
        }
    }

    private func bind() async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { [slots, desk, patience = TimeAmount(limits.patience)] channel in
                guard slots.take() else {
                    desk.noteRefusal()
                    return channel.close()
                }
                channel.closeFuture.whenComplete { _ in slots.giveBack() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AgentHandler(desk: desk, patience: patience))
                }
            }
            .bind(host: listen.host, port: listen.port)
            .get()
    }
}

/// One question and its answer.
private final class AgentHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case listening(line: [UInt8])
        /// The answer is out. HAProxy closes once it has read it, which is the sign that it arrived.
        case answered(AgentBook.Ticket?)
        case closed
    }

    private let desk: AgentDesk
    private let patience: TimeAmount
    private var state = State.listening(line: [])
    private var deadline: Scheduled<Void>?

    init(desk: AgentDesk, patience: TimeAmount) {
        self.desk = desk
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) { wait(context) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Whatever comes after the line is nobody's.
        guard case .listening(var line) = state else { return }
        let bytes = unwrapInboundIn(data).readableBytesView
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        line += bytes[..<(end ?? bytes.endIndex)]
        guard line.count <= AgentQuestion.maximumBytes else { return refuse(context) }
        state = .listening(line: line)
        guard end != nil else { return }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let reply = desk.reply(to: line, from: context.remoteAddress?.ipAddress ?? "")
        state = .answered(reply.ticket)
        wait(context)
        let answer = context.channel.allocator.buffer(string: reply.answer.line)
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .answered(let ticket?): desk.confirm(ticket)
        case .listening: desk.noteRefusal()
        case .answered(nil), .closed: break
        }
        state = .closed
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // HAProxy resets connections that it has done with; that the channel is gone then, it says itself.
        context.close(promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        desk.noteRefusal()
        state = .closed
        context.close(promise: nil)
    }

    /// Waits for the other side, but not for ever.
    private func wait(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { [weak self] in
            guard let self else { return }
            switch self.state {
            // Without the end of the line: somebody has forgotten the "\n" in agent-send, and sees it in the count.
            case .listening: self.refuse(context)
            // Nothing says that the answer has arrived.
            case .answered, .closed:
                self.state = .closed
                context.close(promise: nil)
            }
        }
    }
}

@available(*, unavailable)
extension AgentHandler: Sendable {}
