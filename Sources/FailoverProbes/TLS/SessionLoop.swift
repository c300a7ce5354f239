import NIOCore
import NIOEmbedded

/// What the protocol sessions of one thread share: the event loop that their handlers ask for, and scratch memory.
///
/// It is made, used and released on that thread. No task is ever run on it and no time passes on it: sessions only
/// react to what they are given.
final class SessionLoop {
    /// Reads the wall clock, in seconds since 1970: only to say why a certificate was refused.
    let wallSeconds: () -> Int
    let eventLoop = EmbeddedEventLoop()
    let allocator = ByteBufferAllocator()
    /// Stands for the end of channels, which nobody waits for.
    let unusedFuture: EventLoopFuture<Void>
    private var scratch: ByteBuffer

    init(wallSeconds: @escaping () -> Int) {
        self.wallSeconds = wallSeconds
        unusedFuture = eventLoop.makeSucceededVoidFuture()
        scratch = allocator.buffer(capacity: Self.scratchBytes)
    }

    /// Room for one TLS record of the largest size with its frame.
    private static let scratchBytes = 17 * 1024

    /// `bytes` in memory that is used again for the next call, unless somebody still holds it by then.
    func buffer(of bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        scratch.clear()
        scratch.writeBytes(bytes)
        return scratch
    }
}
