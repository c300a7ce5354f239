import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite struct TransitionsOfRouteTests {
    private func event(_ sequence: UInt64, route: RouteName = "chat") -> EventDocument {
        document(
            Event(
                kind: .failover,
                at: .seconds(1_000),
                route: route,
                from: "us-east",
                to: "eu-west",
                reason: Reason(.availability, "because"),
                generation: sequence
            ),
            sequence: sequence
        )
    }

    @Test func thoseOfARouteAreReadFromBothFilesInOrder() async throws {
        try await withTemporaryDirectory { directory async throws in
            let line = try Wire.encode(event(10)).count + 1
            let log = TransitionLog(directory: directory.path, maximumBytes: line * 4 + 8)
            for sequence in 11...17 as ClosedRange<UInt64> {
                try log.append(event(sequence, route: sequence % 2 == 0 ? "chat" : "other"))
            }
            #expect(try names(at: directory.path) == ["transitions.1.jsonl", "transitions.jsonl"])
            #expect(try log.transitions(of: "chat") == [12, 14, 16].map { event($0) })
            #expect(try log.transitions(of: "other").map(\.generation) == [11, 13, 15, 17])
            #expect(try log.transitions(of: "none") == [])
        }
    }

    @Test func tornNewerAndDoubledLinesAreSkipped() async throws {
        try await withTemporaryDirectory { directory async throws in
            let log = TransitionLog(directory: directory.path)
            #expect(try log.transitions(of: "chat") == [])
            for sequence in 1...3 as ClosedRange<UInt64> { try log.append(event(sequence)) }
            let whole = try text(at: log.path)
            let newer = #"{"schema":"failoverd.event/2","route":"chat","what":"else"}"# + "\n"
            // As if it had become the older file while it was read.
            try write(whole + newer, to: directory.path("transitions.1.jsonl"))
            try write(whole + newer + String(whole.prefix(60)), to: log.path)
            #expect(try log.transitions(of: "chat") == [1, 2, 3].map { event($0) })
        }
    }
}
