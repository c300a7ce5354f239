import CLinux
import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What happened on a socket since the last time that it was told.
struct Readiness: Hashable, Sendable {
    fileprivate let events: UInt32

    /// There is something to read: bytes, the end, or an error.
    var isReadable: Bool { events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | Self.broken) != 0 }
    /// The other end sends no more after what is there to read.
    var isEnding: Bool { events & (EPOLLRDHUP.rawValue | Self.broken) != 0 }
    /// There is room to write, or a connection came about.
    var isWritable: Bool { events & EPOLLOUT.rawValue != 0 }
    /// The socket has an error to tell, or both directions are closed.
    var isBroken: Bool { events & Self.broken != 0 }

    private static var broken: UInt32 { EPOLLERR.rawValue | EPOLLHUP.rawValue }
}

/// Something that owns sockets of a loop.
protocol SocketOwner: AnyObject {
    /// The readiness of one of its sockets changed: told once for each change, so it has to be used up.
    func socketReady(_ socket: Socket, _ readiness: Readiness, at now: MonotonicInstant)
}

/// The sockets that a loop waits for: edge-triggered epoll, registered once for both directions.
///
/// A socket is named by slot and generation, so that an event of one that was closed meanwhile reaches nobody.
struct Poller: ~Copyable {
    /// Names one registration; worthless once it was removed.
    struct Token: Hashable, Sendable {
        fileprivate let slot: UInt32
        fileprivate let generation: UInt32

        fileprivate var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    }

    private struct Slot {
        var owner: (any SocketOwner)?
        var descriptor: CInt = -1
        var generation: UInt32 = 1
    }

    /// Events that are taken at once; more wait for the next turn.
    private static var batch: Int { 512 }
    /// The slot of the descriptor that wakes the loop.
    static var wakeUp: UInt64 { .max }

    private let epoll: CInt
    private let event: CInt
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private let buffer: UnsafeMutableBufferPointer<epoll_event>
    /// Sockets that are registered.
    private(set) var count = 0

    /// Both descriptors stay the mailbox's.
    init(_ mailbox: LoopMailbox) {
        epoll = mailbox.poll
        event = mailbox.wakeUp
        buffer = .allocate(capacity: Self.batch)
        buffer.initialize(repeating: epoll_event())
    }

    deinit { buffer.deallocate() }

    /// Watches a descriptor for its owner, for reading and writing.
    mutating func add(_ descriptor: CInt, owner: any SocketOwner) throws(SystemError) -> Token {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
        } else {
            slots.append(Slot())
            slot = UInt32(slots.count - 1)
        }
        let token = Token(slot: slot, generation: slots[Int(slot)].generation)
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = token.packed
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            free.append(slot)
            throw SystemError(.poll)
        }
        slots[Int(slot)].owner = owner
        slots[Int(slot)].descriptor = descriptor
        count += 1
        return token
    }

    /// Forgets a socket; closing its descriptor is the caller's.
    mutating func remove(_ token: Token) {
        let slot = Int(token.slot)
        guard slots[slot].generation == token.generation else { return }
        slots[slot].owner = nil
        slots[slot].descriptor = -1
        slots[slot].generation &+= 1
        free.append(token.slot)
        count -= 1
    }

    /// Waits for events or the wake-up, at most `milliseconds`; -1 waits without limit.
    ///
    /// - Returns: How many events there are to ``take(_:)``.
    mutating func wait(milliseconds: CInt) -> Int {
        // Interrupted waits are short waits: the caller looks at its timers and comes back.
        Int(max(0, epoll_wait(epoll, buffer.baseAddress, CInt(Self.batch), milliseconds)))
    }

    /// One event of the last wait; `nil` for a wake-up and for sockets that were removed meanwhile.
    mutating func take(_ index: Int) -> (owner: any SocketOwner, socket: Socket, readiness: Readiness)? {
        let event = buffer[index]
        let packed = event.data.u64
        guard packed != Self.wakeUp else {
            var counter: UInt64 = 0
            _ = read(self.event, &counter, MemoryLayout<UInt64>.size)
            return nil
        }
        let token = Token(slot: UInt32(truncatingIfNeeded: packed), generation: UInt32(packed >> 32))
        let slot = slots[Int(token.slot)]
        guard slot.generation == token.generation, let owner = slot.owner else { return nil }
        return (owner, Socket(descriptor: slot.descriptor, token: token), Readiness(events: event.events))
    }
}
