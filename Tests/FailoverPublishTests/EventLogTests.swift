import FailoverCore
import FailoverPublish
import FailoverWire
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventLogTests {
    private func log(past: [EventDocument] = [], events: Int) -> EventLog {
        let log = EventLog(past: past)
        for number in 0..<events { log.append(move(generation: UInt64(number)), at: noon, publisher: publisher) }
        return log
    }

    private func ids(_ events: [EventDocument]) -> [String] { events.map(\.id) }

    /// The past of another instance, with these sequence numbers.
    private func past(_ sequences: UInt64...) -> [EventDocument] {
        sequences.map { sequence in
            var event = document(move(), sequence: sequence)
            event.id = "beef:\(sequence)"
            event.instance = "beef"
            return event
        }
    }

    @Test func eventsAreNumberedWithinTheInstance() {
        let log = EventLog()
        #expect(log.append(move(), at: noon, publisher: publisher) == document(move(), sequence: 1))
        #expect(log.append(verdict(), at: noon, publisher: publisher) == document(verdict(), sequence: 2))
        #expect(log.past() == [document(move(), sequence: 1), document(verdict(), sequence: 2)])
    }

    @Test(
        arguments: [
            (nil, ["beef:4", "beef:9", "00c0ffee:1", "00c0ffee:2"]),
            ("00c0ffee:1", ["00c0ffee:2"]),
            ("00c0ffee:2", []),
            ("beef:4", ["beef:9", "00c0ffee:1", "00c0ffee:2"]),
            // A verdict between the two that were kept over the restart, one after them, and one before them.
            ("beef:6", ["beef:9", "00c0ffee:1", "00c0ffee:2"]),
            ("beef:12", ["00c0ffee:1", "00c0ffee:2"]),
            ("beef:1", ["beef:4", "beef:9", "00c0ffee:1", "00c0ffee:2"]),
            ("unheard-of:7", ["beef:4", "beef:9", "00c0ffee:1", "00c0ffee:2"]),
            ("nonsense", ["beef:4", "beef:9", "00c0ffee:1", "00c0ffee:2"]),
        ] as [(String?, [String])]
    )
    func theRestIsToldToWhoeverKnowsSome(id: String?, expected: [String]) {
        #expect(ids(log(past: past(4, 9), events: 2).past(after: id)) == expected)
    }

    @Test func theOldestEventsGoFirst() {
        let log = log(past: past(1, 2), events: 1_100)
        #expect(ids(log.past()) == (101...1_100).map { "00c0ffee:\($0)" })
        #expect(ids(log.past(after: "00c0ffee:50")) == (101...1_100).map { "00c0ffee:\($0)" })
    }

    @Test func aFollowerGetsThePastAndThenTheNew() async throws {
        let log = log(events: 3)
        let stream = try #require(log.follow(after: "00c0ffee:1"))
        log.append(verdict(), at: noon, publisher: publisher)
        log.close()
        var seen: [String] = []
        for await event in stream { seen.append(event.document.id) }
        #expect(seen == ["00c0ffee:2", "00c0ffee:3", "00c0ffee:4"])
        #expect([log.slowFollowers, log.refusedFollowers] == [0, 0])
    }

    @Test func theStreamOfASlowFollowerEndsAndOthersGoOn() async throws {
        let log = log(events: 2)
        let slow = try #require(log.follow())
        for _ in 0..<256 { log.append(move(), at: noon, publisher: publisher) }
        let quick = try #require(log.follow(after: "00c0ffee:258"))
        #expect([log.slowFollowers, UInt64(log.followers)] == [0, 2])
        log.append(move(), at: noon, publisher: publisher)
        #expect([log.slowFollowers, UInt64(log.followers)] == [1, 1])
        var seen = 0
        for await _ in slow { seen += 1 }
        #expect(seen == 258)
        log.close()
        var rest: [String] = []
        for await event in quick { rest.append(event.document.id) }
        #expect(rest == ["00c0ffee:259"])
    }

    @Test func tooManyFollowersAreTurnedAwayUntilSomeLeave() async throws {
        let log = EventLog()
        var streams = (0..<256).compactMap { _ in log.follow() }
        #expect(streams.count == 256)
        #expect(log.follow() == nil)
        #expect(log.refusedFollowers == 1)
        streams.removeLast(2)
        #expect(log.followers == 254)
        #expect(log.follow() != nil)
        withExtendedLifetime(streams) {}
    }

    @Test func aFollowerThatIsCancelledIsForgotten() async throws {
        let log = EventLog()
        let stream = try #require(log.follow())
        let task = Task { for await _ in stream {} }
        task.cancel()
        await task.value
        #expect(log.followers == 0)
    }

    @Test func whoFollowsAfterTheEndGetsThePastOnly() async throws {
        let log = log(events: 1)
        log.close()
        var seen: [String] = []
        for await event in try #require(log.follow()) { seen.append(event.document.id) }
        #expect(seen == ["00c0ffee:1"])
    }

    @Test func appendingFromManyTasksLosesNothing() async throws {
        let log = EventLog()
        let stream = try #require(log.follow())
        let seen = Task {
            var ids: [String] = []
            for await event in stream { ids.append(event.document.id) }
            return ids
        }
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<60 { log.append(move(), at: noon, publisher: publisher) } }
            }
        }
        log.close()
        #expect(await seen.value == (1...240).map { "00c0ffee:\($0)" })
    }
}
