import Dispatch
import FailoverPublish
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct QueueWorkerTests {
    /// A worker of words whose thread waits at a gate before each; capitals are important.
    private final class Gated: Sendable {
        let gate = DispatchSemaphore(value: 0)
        let atGate = DispatchSemaphore(value: 0)
        let worker: QueueWorker<String>

        init(capacity: Int) throws {
            let (gate, atGate) = (gate, atGate)
            let log = Log()
            self.log = log
            worker = try QueueWorker(
                name: "a name longer than fifteen bytes",
                capacity: capacity,
                importance: { $0.first?.isUppercase == true ? 1 : 0 },
                kind: { $0.first?.isUppercase == true ? "large" : "small" },
                perform: { work in
                    switch work {
                    case .handle(let word):
                        atGate.signal()
                        gate.wait()
                        log.lines.withLockedValue { $0.append(word) }
                    case .reportDrops(let drops):
                        let kinds = drops.byKind.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                        log.lines.withLockedValue { $0.append("lost " + kinds.joined(separator: ", ")) }
                    }
                }
            )
        }

        final class Log: Sendable { let lines = NIOLockedValueBox<[String]>([]) }
        private let log: Log
        var lines: [String] { log.lines.withLockedValue { $0 } }

        /// Has the thread take one element, and hang in it.
        func hang() {
            worker.enqueue("first")
            atGate.wait()
        }

        func open() { for _ in 0..<100 { gate.signal() } }
    }

    @Test(arguments: [
        // Nothing is lost while there is room.
        ("a b c", "a b c"),
        // The oldest among equals.
        ("a b c d e", "c d e, lost 2 small"),
        // The unimportant before the important, wherever they stand.
        ("A b C d E", "A C E, lost 2 small"),
        ("a B c D E", "B D E, lost 2 small"),
        // An unimportant newcomer finds no room among the important.
        ("A B C d e", "A B C, lost 2 small"),
        ("A B C D e", "B C D, lost 1 large, 1 small"),
    ])
    func theLeastImportantIsLostAndSaid(words: String, expected: String) async throws {
        let gated = try Gated(capacity: 3)
        gated.hang()
        for word in words.split(separator: " ") { gated.worker.enqueue(String(word)) }
        gated.open()
        #expect(await gated.worker.close(within: .seconds(30)))
        let parts = gated.lines.dropFirst().split { $0.hasPrefix("lost") }.first.map(Array.init) ?? []
        let losses = gated.lines.filter { $0.hasPrefix("lost") }
        #expect(([parts.joined(separator: " ")] + losses).joined(separator: ", ") == expected)
        #expect(gated.lines.first == "first")
    }

    @Test func closingLeavesAThreadThatHangsBehind() async throws {
        let gated = try Gated(capacity: 3)
        gated.hang()
        gated.worker.enqueue("next")
        #expect(await gated.worker.close(within: .milliseconds(20)) == false)
        gated.worker.enqueue("too late")
        #expect(gated.worker.dropped == 1)
        gated.open()
        #expect(await gated.worker.close(within: .seconds(30)))
        #expect(gated.lines == ["first", "next", "lost 1 small"])
    }

    @Test func everythingIsHandledInOrder() async throws {
        let lines = Gated.Log()
        let worker = try QueueWorker<Int>(
            name: "order",
            capacity: 10_000,
            kind: { _ in "number" },
            perform: { work in
                if case .handle(let number) = work { lines.lines.withLockedValue { $0.append("\(number)") } }
            }
        )
        for number in 0..<5_000 { worker.enqueue(number) }
        #expect(await worker.close(within: .seconds(30)))
        #expect(lines.lines.withLockedValue { $0 } == (0..<5_000).map(String.init))
        #expect([worker.dropped, UInt64(worker.waiting)] == [0, 0])
    }
}
