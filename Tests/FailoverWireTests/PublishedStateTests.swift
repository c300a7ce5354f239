import FailoverCore
import FailoverWire
import Foundation
import Testing

/// A state that is kept as a snapshot tells the same as the document of it.
@Suite("Published states")
struct PublishedStateTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func aRandomStateIsWrittenAsItsDocument(seed: UInt64) throws {
        var random = RandomSnapshots(seed: seed)
        let snapshot = random.snapshot(endpoints: Int(seed * seed))
        let clock = ClockReading(monotonic: .seconds(90_000), wall: Samples.clock.wall)
        let state = PublishedState(snapshot, sequence: seed, persisted: false, at: clock, publisher: Samples.publisher)
        let encoder = JSONEncoder()
        for layout in [JSONWriter.Layout.compact, .pretty] {
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if layout == .pretty { encoder.outputFormatting.insert(.prettyPrinted) }
            let expected = try encoder.encode(state.document)
            let bytes = try Wire.bytes(of: state, layout, capacity: state.expectedBytes)
            #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
            #expect(try Wire.decode(StateDocument.self, from: Data(bytes)) == state.document.asRead)
            #expect(bytes.count <= state.expectedBytes)
        }
    }

    @Test func freshFiguresKeepTheNameOfTheStateInTheFile() {
        let written = PublishedState(
            Samples.snapshot,
            sequence: 42,
            persisted: false,
            at: Samples.clock,
            publisher: Samples.publisher
        )
        let later = ClockReading(monotonic: .seconds(1001), wall: Samples.time("2026-11-22T12:04:32.250Z"))
        let snapshot = Snapshot(
            generation: 7,
            persisted: true,
            routes: Samples.snapshot.routes,
            endpoints: [Samples.snapshot.endpoints[0]]
        )
        let refreshed = PublishedState(snapshot, writtenAs: written.imprint, at: later, publisher: Samples.publisher)
        var expected = StateDocument(snapshot: snapshot, sequence: 42, at: later, publisher: Samples.publisher)
        expected.persisted = false
        expected.writtenAt = written.imprint.writtenAt
        expected.validUntil = written.imprint.validUntil
        #expect(refreshed.document == expected)
    }

    @Test func partsAreThoseOfTheDocument() {
        let state = PublishedState(
            Samples.snapshot,
            sequence: 42,
            persisted: true,
            at: Samples.clock,
            publisher: Samples.publisher
        )
        #expect(state.document == Samples.state)
        #expect(state.routes == Samples.state.routes)
        #expect(state.route("chat") == Samples.state.routes["chat"])
        #expect(state.route("x") == nil)
        #expect(state.endpoints(["eu-west", "x"]) == Samples.state.endpoints.filter { $0.key == "eu-west" })
        #expect(Samples.state.endpoints(["eu-west", "x"]) == Samples.state.endpoints.filter { $0.key == "eu-west" })
        #expect(state.probing == Samples.state.probing)
    }

    @Test func theDecisionIsReadWithoutTheEndpoints() throws {
        let decision = try Wire.decode(StateDocument.Decision.self, from: Wire.encode(Samples.state))
        #expect([decision.schema, "\(decision.term)", "\(decision.generation)"] == ["failoverd.state/1", "0", "7"])
        #expect(decision.routes == Samples.state.routes)
    }
}

extension StateDocument {
    /// Times have milliseconds once they were written.
    fileprivate var asRead: StateDocument? { try? Wire.decode(StateDocument.self, from: JSONEncoder().encode(self)) }
}
