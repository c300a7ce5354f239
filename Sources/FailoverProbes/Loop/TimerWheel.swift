package import FailoverCore

/// Names one timer of a ``TimerWheel``; worthless once the timer fired or was cancelled.
package struct TimerToken: Hashable, Sendable {
    fileprivate let index: Int32
    fileprivate let generation: UInt32
}

/// Many timers at little cost: insertion and cancellation in constant time, and one wake-up for all timers of a slot.
///
/// A hashed wheel of 1,024 slots of 10 ms. Due instants are rounded up to the end of their slot, so a timer never
/// fires early and fires at most one slot late. Timers beyond one turn (10.24 s) wait in their slot for their turn.
package struct TimerWheel<Payload> {
    /// Length of a slot.
    ///
    /// Source: in measurements of other checkers, grouping wake-ups by 10 ms was what saved most CPU.
    private static var slotNanoseconds: Int64 { 10_000_000 }
    private static var slotCount: Int { 1024 }

    private struct Entry {
        var payload: Payload?
        var tick: Int64
        var previous: Int32
        var next: Int32
        var generation: UInt32
    }

    /// No entry.
    private static var none: Int32 { -1 }

    private var entries: [Entry] = []
    private var firstFree: Int32 = -1
    private var heads: [Int32]
    /// One bit a slot: whether it holds entries.
    private var occupied: [UInt64]
    /// All entries up to this tick have fired.
    private var tick: Int64
    package private(set) var count = 0

    package init(at now: MonotonicInstant) {
        tick = Self.tick(before: now)
        heads = Array(repeating: Self.none, count: Self.slotCount)
        occupied = Array(repeating: 0, count: Self.slotCount / 64)
    }

    /// Adds a timer.
    ///
    /// One that is due already fires in the slot after `now`, never at once.
    package mutating func insert(_ payload: Payload, due: MonotonicInstant, at now: MonotonicInstant) -> TimerToken {
        // Later than any slot that may be firing right now, or a target could keep one slot going for ever.
        let earliest = Swift.max(tick, Self.tick(before: now)) + 1
        let entryTick = Swift.max(earliest, Self.tick(after: due))
        let slot = Self.slot(of: entryTick)
        let index = takeEntry()
        entries[Int(index)].payload = payload
        entries[Int(index)].tick = entryTick
        entries[Int(index)].previous = Self.none
        entries[Int(index)].next = heads[slot]
        if heads[slot] != Self.none { entries[Int(heads[slot])].previous = index }
        heads[slot] = index
        occupied[slot / 64] |= 1 << UInt64(slot % 64)
        count += 1
        return TimerToken(index: index, generation: entries[Int(index)].generation)
    }

    /// Removes a timer; does nothing when it is gone already.
    package mutating func cancel(_ token: TimerToken) {
        guard entries.indices.contains(Int(token.index)) else { return }
        guard entries[Int(token.index)].generation == token.generation else { return }
        _ = remove(token.index)
    }

    /// Removes and returns one timer that is due at `now`; `nil` when there is none left.
    package mutating func popDue(at now: MonotonicInstant) -> Payload? {
        let limit = Self.tick(before: now)
        while let candidate = nextOccupiedTick(), candidate <= limit {
            var index = heads[Self.slot(of: candidate)]
            while index != Self.none {
                if entries[Int(index)].tick <= limit { return remove(index) }
                index = entries[Int(index)].next
            }
            tick = candidate
        }
        tick = Swift.max(tick, limit)
        return nil
    }

    /// When to look again: the end of the next slot that holds timers; `nil` without timers.
    ///
    /// May be early when all timers of that slot wait for a later turn.
    package var nextWakeUp: MonotonicInstant? {
        nextOccupiedTick().map { MonotonicInstant(nanoseconds: $0 * Self.slotNanoseconds) }
    }

    private static func tick(before instant: MonotonicInstant) -> Int64 {
        let (quotient, remainder) = instant.nanoseconds.quotientAndRemainder(dividingBy: slotNanoseconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func tick(after instant: MonotonicInstant) -> Int64 {
        let (quotient, remainder) = instant.nanoseconds.quotientAndRemainder(dividingBy: slotNanoseconds)
        return remainder > 0 ? quotient + 1 : quotient
    }

    private static func slot(of tick: Int64) -> Int { Int(truncatingIfNeeded: tick & Int64(slotCount - 1)) }

    private mutating func takeEntry() -> Int32 {
        guard firstFree == Self.none else {
            let index = firstFree
            firstFree = entries[Int(index)].next
            return index
        }
        entries.append(Entry(payload: nil, tick: 0, previous: Self.none, next: Self.none, generation: 0))
        return Int32(entries.count - 1)
    }

    private mutating func remove(_ index: Int32) -> Payload? {
        let entry = entries[Int(index)]
        let slot = Self.slot(of: entry.tick)
        if entry.previous == Self.none {
            heads[slot] = entry.next
            if entry.next == Self.none { occupied[slot / 64] &= ~(1 << UInt64(slot % 64)) }
        } else {
            entries[Int(entry.previous)].next = entry.next
        }
        if entry.next != Self.none { entries[Int(entry.next)].previous = entry.previous }
        entries[Int(index)].payload = nil
        entries[Int(index)].generation &+= 1
        entries[Int(index)].next = firstFree
        firstFree = index
        count -= 1
        return entry.payload
    }

    /// The first tick after ``tick`` whose slot holds entries.
    private func nextOccupiedTick() -> Int64? {
        guard count > 0 else { return nil }
        let start = Self.slot(of: tick + 1)
        var word = start / 64
        var bits = occupied[word] & (~0 << UInt64(start % 64))
        for _ in 0...occupied.count {
            if bits != 0 {
                let slot = word * 64 + bits.trailingZeroBitCount
                return tick + 1 + Int64((slot - start + Self.slotCount) % Self.slotCount)
            }
            word = (word + 1) % occupied.count
            bits = occupied[word]
        }
        return nil
    }
}
