import Testing

@testable import FailoverCore

extension StartOrder {
    /// What became free because an older attempt had to be given up.
    fileprivate mutating func beginAndRelease(_ attempt: UInt64) -> [Result] {
        begin(AttemptID(attempt))
        return release()
    }

    fileprivate mutating func completeAndRelease(_ attempt: UInt64, with result: Result) -> [Result] {
        complete(AttemptID(attempt), with: result)
        return release()
    }

    private mutating func release() -> [Result] {
        var released: [Result] = []
        while let head = readyHead {
            dropHead()
            released.append(head.result)
        }
        return released
    }
}

@Suite("Order of attempts and deadlines")
struct OrderTests {
    /// A way in which attempts begin (`+1`, `+2` ...) and end (`-1`, `-2` ...).
    private static func interleavings(of attempts: Int) -> [[Int]] {
        func extend(_ path: [Int], begun: Int, open: [Int]) -> [[Int]] {
            var paths: [[Int]] = []
            if begun == attempts, open.isEmpty { return [path] }
            if begun < attempts { paths += extend(path + [begun + 1], begun: begun + 1, open: open + [begun + 1]) }
            for attempt in open {
                paths += extend(path + [-attempt], begun: begun, open: open.filter { $0 != attempt })
            }
            return paths
        }
        return extend([], begun: 0, open: [])
    }

    @Test(arguments: [1, 2, 3])
    func resultsComeInTheOrderOfTheirStarts(attempts: Int) {
        let all = Self.interleavings(of: attempts)
        #expect(all.count == [1: 1, 2: 3, 3: 15][attempts])
        for interleaving in all {
            var order = StartOrder<Int>()
            var released: [Int] = []
            var ended: Set<Int> = []
            for step in interleaving {
                if step > 0 {
                    #expect(order.beginAndRelease(UInt64(step)) == [])
                } else {
                    ended.insert(-step)
                    released += order.completeAndRelease(UInt64(-step), with: -step)
                }
                // Free is whatever has ended with all that began before it.
                #expect(released == Array((1...attempts).prefix { ended.contains($0) }), "\(interleaving)")
            }
        }
    }

    @Test func aSecondResultIsIgnored() {
        var order = StartOrder<String>()
        order.begin(AttemptID(1))
        order.begin(AttemptID(2))
        #expect(order.completeAndRelease(2, with: "first") == [])
        #expect(order.completeAndRelease(2, with: "second") == [])
        #expect(order.completeAndRelease(3, with: "never begun") == [])
        #expect(order.completeAndRelease(1, with: "one") == ["one", "first"])
        #expect(order.isPending(AttemptID(2)) == false)
    }

    @Test func onlyAResultThatIsNotHandedOnIsReplaced() {
        var order = StartOrder<String>()
        order.begin(AttemptID(1))
        order.begin(AttemptID(2))
        #expect(order.replace(AttemptID(2), with: "too early") == false)
        #expect(order.completeAndRelease(2, with: "first") == [])
        #expect(order.replace(AttemptID(2), with: "second") == true)
        #expect(order.completeAndRelease(1, with: "one") == ["one", "second"])
        #expect(order.replace(AttemptID(2), with: "too late") == false)
    }

    @Test func beyondItsCapacityTheOldestIsGivenUp() {
        var order = StartOrder<Int>()
        for number in 1...UInt64(StartOrder<Int>.capacity) { #expect(order.beginAndRelease(number) == []) }
        #expect(order.completeAndRelease(2, with: 2) == [])
        #expect(order.beginAndRelease(99) == [2])
        #expect(order.completeAndRelease(1, with: 1) == [])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func deadlinesComeEarliestFirstAndEqualOnesInTurn(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = DeadlineQueue<Int>()
        var naive: [(at: MonotonicInstant, item: Int)] = []
        for item in 0..<1000 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<10:
                let at = MonotonicInstant.seconds(Double(Int.random(in: 0..<40, using: &random)))
                queue.insert(item, at: at)
                naive.append((at, item))
            case 10:
                queue.removeAll { $0.isMultiple(of: 3) }
                naive.removeAll { $0.item.isMultiple(of: 3) }
            default:
                let now = MonotonicInstant.seconds(Double(Int.random(in: 0..<40, using: &random)))
                let due = naive.filter { $0.at <= now }
                let first = due.min { $0.at < $1.at }?.at
                let expected = due.first { $0.at == first }?.item
                #expect(queue.pop(dueAt: now) == expected)
                naive.removeAll { $0.item == expected }
            }
            #expect(queue.next == naive.map(\.at).min())
            #expect(queue.count == naive.count)
        }
    }
}

@Suite("Penalties")
struct PenaltyTests {
    @Test func eachFailoverDoublesTheWaitUpToAnHour() {
        let now = MonotonicInstant.seconds(0)
        let waits = [0, 1, 2, 3, 7, 8, 64, 1e6].map {
            Penalty(count: $0, at: now).holdDown(base: .seconds(30), at: now)
        }
        let hour = Duration.seconds(3600)
        #expect(waits == [.seconds(30), .seconds(30), .seconds(60), .seconds(120), .seconds(1920), hour, hour, hour])
    }

    @Test func noHoldDownStaysNoneHoweverOftenItFlaps() {
        var penalty = Penalty(count: 1e308, at: .seconds(0))
        #expect(penalty.holdDown(base: .zero, at: .seconds(0)) == .zero)
        penalty.add(at: .seconds(0))
        #expect(penalty.count == 64)
    }
}
