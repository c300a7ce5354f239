import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("What operators want, as documents")
struct IntentDocumentTests {
    private static func intent(
        _ kind: OperatorIntent.Kind,
        by: String = "alice",
        begins: Double = 0,
        lasts: Double = 3600
    ) -> OperatorIntent {
        OperatorIntent(
            kind: kind,
            by: by,
            reason: "new kernel",
            since: .seconds(940),
            from: .seconds(940 + begins),
            until: .seconds(940 + begins + lasts),
            isBegun: begins == 0
        )
    }

    private static let intents = [
        intent(.pin("chat", to: "eu-west")),
        intent(.drain(.endpoint("us-east"))),
        intent(.drain(.region("us-east")), by: "bob", begins: 7200, lasts: 600),
        intent(.freeze, lasts: 600),
    ]

    private static func state(_ intents: [OperatorIntent]) -> StateDocument {
        let snapshot = Snapshot(
            generation: 7,
            persisted: true,
            routes: Samples.snapshot.routes,
            endpoints: Samples.snapshot.endpoints,
            probing: Samples.snapshot.probing,
            intents: intents
        )
        return StateDocument(snapshot: snapshot, sequence: 42, at: Samples.clock, publisher: Samples.publisher)
    }

    // MARK: - State

    @Test func intentStandsBesideTheVerdict() {
        let state = Self.state(Self.intents)
        #expect(
            state.frozen
                == StateDocument.Freeze(
                    by: "alice",
                    reason: "new kernel",
                    since: Samples.time("2026-11-22T12:03:31.250Z"),
                    until: Samples.time("2026-11-22T12:13:31.250Z")
                )
        )
        let until = Samples.time("2026-11-22T13:03:31.250Z")
        let shown = StateDocument.Intent(by: "alice", reason: "new kernel", until: until)
        #expect(state.endpoints["eu-west"]?.pinned == shown && state.endpoints["eu-west"]?.drained == nil)
        #expect(state.endpoints["us-east"]?.pinned == nil && state.endpoints["us-east"]?.drained == shown)
        #expect(state.endpoints["us-east"]?.verdict == "unhealthy")
        #expect(
            state.endpoints["us-east"]?.drainScheduled
                == StateDocument.ScheduledDrain(
                    at: Samples.time("2026-11-22T14:03:31.250Z"),
                    by: "bob",
                    reason: "new kernel",
                    until: Samples.time("2026-11-22T14:13:31.250Z"),
                    region: "us-east"
                )
        )
        #expect(
            state.routes["chat"]?.pinned
                == StateDocument.Pin(
                    endpoint: "eu-west",
                    by: "alice",
                    reason: "new kernel",
                    since: Samples.time("2026-11-22T12:03:31.250Z"),
                    until: until
                )
        )
    }

    @Test func theDrainThatLastsLongerIsShown() {
        let region = Self.intent(.drain(.region("us-east")), by: "bob", lasts: 7200)
        let state = Self.state([Self.intent(.drain(.endpoint("us-east"))), region])
        #expect(
            state.endpoints["us-east"]?.drained
                == StateDocument.Intent(
                    by: "bob",
                    reason: "new kernel",
                    until: Samples.time("2026-11-22T14:03:31.250Z"),
                    region: "us-east"
                )
        )
    }

    /// Readers of before see what they always saw.
    @Test func withoutIntentsTheStateIsAsItWas() { #expect(Self.state([]) == Samples.state) }

    @Test func bothWritersWriteTheSame() throws {
        let state = Self.state(Self.intents)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(try Wire.encode(state) == encoder.encode(state))
        #expect(try Wire.decode(StateDocument.self, from: Wire.encode(state)) == state)
        var memory = Samples.memory
        memory.intents = Self.intents
        let document = MemoryDocument(memory, at: Samples.clock)
        #expect(try Wire.encode(document) == encoder.encode(document))
    }

    // MARK: - Memory

    @Test func intentsComeBackAsTheyWere() throws {
        var memory = Samples.memory
        memory.intents = Self.intents
        let data = try Wire.encode(MemoryDocument(memory, at: Samples.clock))
        #expect(try Wire.decode(MemoryDocument.self, from: data).memory(at: Samples.clock) == memory)
    }

    /// They end at a time of the wall, whatever happened to the daemon and its clock meanwhile.
    @Test func intentsEndWhenTheyWouldHaveEnded() {
        var memory = Samples.memory
        memory.intents = [Self.intents[0]]
        let document = MemoryDocument(memory, at: Samples.clock)
        let later = ClockReading(monotonic: .seconds(5), wall: Samples.time("2026-11-22T13:04:31.250Z"))
        let read = document.memory(at: later).intents
        #expect(read.map(\.since) == [.seconds(5 - 3660)])
        #expect(read.map(\.until) == [.seconds(5 - 60)])
        #expect(MemoryDocument(document.memory(at: later), at: later).intents == document.intents)
    }

    @Test func aMemoryWithoutIntentsHasNone() throws {
        let text = try String(decoding: Wire.encode(MemoryDocument(Samples.memory, at: Samples.clock)), as: UTF8.self)
        let older = text.replacing(#""intents":[],"#, with: "")
        #expect(older != text)
        let document = try Wire.decode(MemoryDocument.self, from: Data(older.utf8))
        #expect(document.memory(at: Samples.clock) == Samples.memory)
    }

    @Test(
        arguments: [
            ("silence", nil, nil, nil), ("pin", nil, "e", nil), ("pin", "r", nil, nil), ("drain", nil, nil, nil),
            ("drain", nil, "e", "r"), ("freeze", nil, nil, "r"), ("pin", "r", "e", "x"),
        ] as [(String, String?, String?, String?)]
    )
    func anIntentOfALaterVersionIsNone(kind: String, route: String?, endpoint: String?, region: String?) {
        var document = IntentDocument(Self.intents[3], at: Samples.clock)
        document.kind = kind
        document.route = route
        document.endpoint = endpoint
        document.region = region
        #expect(document.intent(at: Samples.clock) == nil)
    }

    @Test(arguments: ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"])
    func anAbsurdTimeOverflowsNothing(time: String) {
        let instant = Samples.clock.instant(ofAny: Samples.time(time))
        #expect(abs((instant - Samples.clock.monotonic).inSeconds) == 3.2e9)
    }

    /// A daemon whose memory is damaged goes on from the state file.
    @Test func pinsAndAFreezeAreReadFromTheStateFile() throws {
        let decision = try Wire.decode(StateDocument.Decision.self, from: Wire.encode(Self.state(Self.intents)))
        #expect(decision.intents(at: Samples.clock) == [Self.intents[0], Self.intents[3]])
        let plain = try Wire.decode(StateDocument.Decision.self, from: Wire.encode(Samples.state))
        #expect(plain.intents(at: Samples.clock) == [])
    }

    // MARK: - Receipts

    @Test func aReceiptNamesItsRoutes() throws {
        let receipt = OperatorReceipt(
            intent: nil,
            stands: false,
            isPersisted: false,
            generation: 7,
            routes: [.init(name: "chat", active: "eu-west", mode: .failover)],
            notes: ["n"]
        )
        let document = ReceiptDocument(receipt, at: Samples.clock)
        #expect(
            try String(decoding: Wire.encode(document), as: UTF8.self)
                == #"{"generation":7,"notes":["n"],"persisted":false,"renewed":false,"#
                + #""routes":{"chat":{"active":"eu-west","mode":"failover"}},"stands":false}"#
        )
        #expect(try Wire.decode(ReceiptDocument.self, from: Wire.encode(document)) == document)
    }
}
