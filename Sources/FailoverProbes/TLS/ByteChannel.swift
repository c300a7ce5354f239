import NIOCore

/// A channel without a socket: what its handlers write is collected, and somebody else carries it.
///
/// It is active from the beginning, so that a protocol handler starts as soon as it is added. It costs a fraction of an
/// embedded channel, and lets the end of one direction pass as sockets do.
final class ByteChannel: Channel, ChannelCore, NIOSynchronousChannelOptions {
    let eventLoop: any EventLoop
    let allocator: ByteBufferAllocator
    let closeFuture: EventLoopFuture<Void>
    /// The address that a certificate for an address is compared with.
    let remoteAddress: SocketAddress?
    private(set) var isActive = true
    /// What is to be sent; the reader of the bytes moves its reader index.
    var output: ByteBuffer
    private var storedPipeline: ChannelPipeline?

    init(loop: SessionLoop, remoteAddress: SocketAddress?) {
        eventLoop = loop.eventLoop
        allocator = loop.allocator
        closeFuture = loop.unusedFuture
        self.remoteAddress = remoteAddress
        output = ByteBuffer()
    }

    var pipeline: ChannelPipeline {
        if let storedPipeline { return storedPipeline }
        let pipeline = ChannelPipeline(channel: self)
        storedPipeline = pipeline
        return pipeline
    }

    /// Removes the handlers, which hold one another and this channel.
    ///
    /// It must be called once the channel is not used any more; further calls do nothing.
    func tearDown() {
        guard let pipeline = storedPipeline else { return }
        storedPipeline = nil
        isActive = false
        removeHandlers(pipeline: pipeline)
    }

    var localAddress: SocketAddress? { nil }
    var parent: (any Channel)? { nil }
    var isWritable: Bool { true }
    // The library's name.
    // swift-format-ignore: NoLeadingUnderscores
    var _channelCore: any ChannelCore { self }
    var syncOptions: (any NIOSynchronousChannelOptions)? { self }
}

// A channel has to be sendable, and this one never leaves the thread of its `SessionLoop`: the sessions that own it are
// not sendable, and neither is the loop that they are made with.
extension ByteChannel: @unchecked Sendable {}

// MARK: - What handlers write

extension ByteChannel {
    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let buffer = tryUnwrapData(data, as: ByteBuffer.self) {
            if output.readableBytes == 0 {
                output = buffer
            } else {
                output.writeImmutableBuffer(buffer)
            }
        }
        promise?.succeed(())
    }

    func flush0() {}
    func read0() {}

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all { isActive = false }
        promise?.succeed(())
    }

    func channelRead0(_ data: NIOAny) {}
    func errorCaught0(error: any Error) {}
}

// MARK: - What a channel without a socket cannot do

extension ByteChannel {
    func localAddress0() throws -> SocketAddress { throw ChannelError.operationUnsupported }
    func remoteAddress0() throws -> SocketAddress { throw ChannelError.operationUnsupported }
    func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }
    func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }
    func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }
    func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }
    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        eventLoop.makeCompletedFuture { try syncOption(option) }
    }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) throws {
        throw ChannelError.operationUnsupported
    }

    func getOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value { try syncOption(option) }

    /// Reading goes on by itself, and the peer may end its side while ours stays open.
    private func syncOption<Option: ChannelOption>(_ option: Option) throws -> Option.Value {
        switch option {
        case is ChannelOptions.Types.AutoReadOption, is ChannelOptions.Types.AllowRemoteHalfClosureOption:
            if let value = true as? Option.Value { return value }
            throw ChannelError.operationUnsupported
        default:
            throw ChannelError.operationUnsupported
        }
    }
}

// MARK: - What sessions give

/// A protocol that is spoken on a ``ByteChannel``.
protocol ByteSession: AnyObject {
    var channel: ByteChannel { get }
}

extension ByteSession {
    /// Whether something is to be sent.
    var hasOutput: Bool { channel.output.readableBytes > 0 }

    /// What is to be sent, once; `nil` if there is nothing.
    func takeOutput() -> ByteBuffer? {
        guard hasOutput else { return nil }
        let output = channel.output
        channel.output = ByteBuffer()
        return output
    }

    /// Lets `write` send from the front of the output and say how many bytes of it went.
    func withOutput(_ write: (UnsafeRawBufferPointer) throws -> Int) rethrows {
        guard hasOutput else { return }
        _ = try channel.output.readWithUnsafeReadableBytes(write)
        if !hasOutput { channel.output = ByteBuffer() }
    }
}
