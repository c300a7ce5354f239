import FailoverCore
import FailoverPublish
import FailoverWire
import TestSupport
import Testing

@testable import FailoverDaemon

@Suite struct TransitionReaderTests {
    private func move(_ route: RouteName, _ generation: UInt64) -> Event {
        Event(
            kind: .failover,
            at: .seconds(Double(generation)),
            route: route,
            from: "a",
            to: "b",
            reason: Reason(.availability, "because"),
            generation: generation
        )
    }

    /// What the disk does not have yet, or could not take, is in memory still.
    @Test func whatIsOnDiskAndWhatIsOnlyInMemoryIsToldOnceInOrder() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            let recent = EventLog()
            for generation in 1...4 as ClosedRange<UInt64> {
                let route: RouteName = generation == 3 ? "other" : "chat"
                let told = recent.append(move(route, generation), at: SystemClock.reading, publisher: publisher)
                if generation != 2 { try log.append(told) }
            }
            let reader = TransitionReader(log: log, recent: recent)
            #expect(await reader.transitions(of: "chat")?.map(\.generation) == [1, 2, 4])
            #expect(await reader.transitions(of: "other")?.map(\.generation) == [3])
            #expect(await reader.transitions(of: "none") == [])
        }
    }

    @Test func withoutADirectoryWhatIsInMemoryIsTold() async {
        let recent = EventLog()
        recent.append(move("chat", 1), at: SystemClock.reading, publisher: publisher)
        let reader = TransitionReader(log: TransitionLog(directory: "/nonexistent"), recent: recent)
        #expect(await reader.transitions(of: "chat")?.map(\.generation) == [1])
    }

    /// Each that is turned away leaves the others alone, and later ones are answered.
    @Test func manyAtOnceAreAnsweredOrTurnedAway() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            let recent = EventLog()
            try log.append(recent.append(move("chat", 1), at: SystemClock.reading, publisher: publisher))
            let reader = TransitionReader(log: log, recent: recent)
            let answers = await withTaskGroup(of: [UInt64]?.self) { tasks in
                for _ in 0..<20 { tasks.addTask { await reader.transitions(of: "chat")?.map(\.generation) } }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0 == nil || $0 == [1] } && answers.contains([1]))
            #expect(await reader.transitions(of: "chat")?.map(\.generation) == [1])
        }
    }
}
