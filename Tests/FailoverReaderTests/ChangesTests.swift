import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FailoverReader

@Suite("The changes of a route", .timeLimit(.minutes(2)))
struct ChangesTests {
    private static func valid(_ order: [String], generation: Int, for seconds: TimeInterval = 600) -> String {
        let end = Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(Date.now + seconds)
        return States.document(order, generation: generation, validUntil: end)
    }

    @Test func eachDecisionComesOnceAndTheEndOfItsTimeToo() async throws {
        try await withTemporaryDirectory { directory in
            let reader = RouteReader("chat", order: States.own, source: .stateFile(directory.path("state.json")))
            var changes = reader.changes().makeAsyncIterator()
            #expect(await next(&changes) == States.fallback)
            try States.publish(Self.valid(["us-east", "eu-west"], generation: 7), in: directory.path)
            #expect(await next(&changes) == States.published())
            // The same again, written anew, is no change.
            try States.publish(Self.valid(["us-east", "eu-west"], generation: 7), in: directory.path)
            try States.publish(Self.valid(["eu-west", "us-east"], generation: 8, for: 1), in: directory.path)
            #expect(await next(&changes)?.active?.name == "eu-west")
            #expect(await next(&changes) == States.fallback)
        }
    }

    private func next<Iterator: AsyncIteratorProtocol>(_ iterator: inout Iterator) async -> Decision?
    where Iterator.Element == Decision, Iterator.Failure == Never {
        await iterator.next(isolation: #isolation)
    }

    /// The service's directory goes when it is stopped, and another one comes with it.
    @Test func aDirectoryThatComesAndGoesIsFollowed() async throws {
        try await withTemporaryDirectory { parent in
            let run = parent.path("run")
            let reader = RouteReader("chat", source: .stateFile(run + "/state.json"))
            var changes = reader.changes().makeAsyncIterator()
            #expect(await next(&changes)?.active == nil)
            for generation in 1...3 {
                try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
                try States.publish(Self.valid(["us-east"], generation: generation), in: run)
                #expect(await next(&changes)?.word?.generation == UInt64(generation))
                try FileManager.default.removeItem(atPath: run)
            }
        }
    }

    private final class Count: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    @Test func aCancelledTaskEndsItsSequenceAndItsThread() async throws {
        try await withTemporaryDirectory { directory in
            let reader = RouteReader("chat", order: States.own, source: .stateFile(directory.path("state.json")))
            let begun = Count()
            let tasks = (0..<20).map { _ in
                Task {
                    for await _ in reader.changes() { begun.add() }
                }
            }
            try await condition("all follow") { begun.value == 20 }
            for task in tasks { task.cancel() }
            for task in tasks { await task.value }
            try await condition("their threads are gone") { try Self.threads() == 0 }
        }
    }

    private static func threads() throws -> Int {
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
        return tasks.count { task in
            let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            return name == "failover-reader\n"
        }
    }

    /// While a writer replaces the file as fast as it can, and now and then leaves half a one.
    @Test func aThousandSwitchesShowNeitherNothingNorAStranger() async throws {
        try await withTemporaryDirectory { directory in
            try States.publish(Self.valid(["us-east", "eu-west"], generation: 1), in: directory.path)
            let reader = RouteReader("chat", order: States.own, source: .stateFile(directory.path("state.json")))
            let last = 1000
            let writer = Task.detached {
                for generation in 2...last {
                    let order = generation.isMultiple(of: 2) ? ["eu-west", "us-east"] : ["us-east", "eu-west"]
                    let document = Self.valid(order, generation: generation)
                    if generation.isMultiple(of: 10) {
                        try States.publish(String(document.dropLast(generation / 10)), in: directory.path)
                    }
                    try States.publish(document, in: directory.path)
                    await Task.yield()
                }
            }
            var seen: [UInt64] = []
            for await decision in reader.changes() {
                let word = try #require(decision.word)
                #expect(decision.order.map(\.name).sorted() == ["eu-west", "us-east"])
                #expect(decision.active?.name == (word.generation.isMultiple(of: 2) ? "eu-west" : "us-east"))
                seen.append(word.generation)
                if word.generation == last { break }
            }
            try await writer.value
            #expect(seen == seen.sorted() && Set(seen).count == seen.count)
        }
    }
}
