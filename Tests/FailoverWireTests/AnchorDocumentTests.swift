import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("Anchors in the state file")
struct AnchorDocumentTests {
    private func document(_ anchors: [AnchorSnapshot]) -> StateDocument {
        let snapshot = Snapshot(
            generation: 1,
            persisted: true,
            routes: [],
            endpoints: [],
            vantage: VantageSnapshot(anchors: anchors)
        )
        return StateDocument(snapshot: snapshot, sequence: 1, at: Samples.clock, publisher: Samples.publisher)
    }

    @Test func anchorsAreWrittenByTheirAddress() throws {
        let since = Samples.clock.monotonic
        let document = document([
            AnchorSnapshot(address: "tcp://192.0.2.1:443", verdict: .healthy, good: 5, bad: 0, since: nil),
            AnchorSnapshot(address: "tcp://192.0.2.2:443", verdict: .unhealthy, good: 0, bad: 12, since: since),
        ])
        let text = String(decoding: try Wire.encode(document), as: UTF8.self)
        let time = Samples.clock.wallTime(of: since)
        #expect(
            text.contains(
                #""vantage":{"anchors":{"tcp://192.0.2.1:443":{"bad":0,"good":5,"verdict":"healthy"},"#
                    + #""tcp://192.0.2.2:443":{"bad":12,"good":0,"since":"\#(time)","verdict":"unhealthy"}},"name":"#
            ),
            "\(text)"
        )
        #expect(try Wire.decode(StateDocument.self, from: Wire.encode(document)) == document)
    }

    @Test func withoutAnchorsTheStateFileIsAsBefore() throws {
        #expect(!String(decoding: try Wire.encode(document([])), as: UTF8.self).contains("anchors"))
    }
}
