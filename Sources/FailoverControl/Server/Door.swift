import NIOCore

/// Stands before the listening socket: once it is shut, nobody is let in any more, and who is in can be counted on.
///
/// Closing the socket while a connection is being set up would lose that connection, and NIO takes the loss for a mistake
/// and ends the process.
final class Door: ChannelOutboundHandler {
    typealias OutboundIn = Never

    private var isShut = false

    func read(context: ChannelHandlerContext) { if !isShut { context.read() } }

    /// Lets nobody in from now on, waits until everybody who is being set up is with us, and closes the socket.
    ///
    /// All connections must be on the loop of `channel`.
    static func shut(_ channel: any Channel) async {
        // Fails only if the channel is gone already.
        try? await channel.eventLoop.submit {
            let door = try channel.pipeline.syncOperations.handler(type: Door.self)
            door.isShut = true
        }.get()
        try? await channel.setOption(.autoRead, value: false).get()
        // Setting one up is one task of the loop, which stands before this one.
        try? await channel.eventLoop.submit {}.get()
        try? await channel.close().get()
    }
}

@available(*, unavailable)
extension Door: Sendable {}
