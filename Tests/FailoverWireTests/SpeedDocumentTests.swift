import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("Lowest-latency routes in documents")
struct SpeedDocumentTests {
    private static let clock = ClockReading(
        monotonic: .seconds(1000),
        wall: WallTime(secondsSince1970: 1_795_348_800)
    )

    private static func snapshot(_ challenger: SpeedSnapshot.Challenger?) -> SpeedSnapshot {
        SpeedSnapshot(
            figure: .ttft,
            configuration: SpeedConfiguration(),
            paces: [
                .init(endpoint: "us", median: .microseconds(182_250), samples: 120),
                .init(endpoint: "eu", median: nil, samples: 0),
            ],
            challenger: challenger
        )
    }

    @Test func speedIsWrittenAsDocumented() throws {
        let speed = StateDocument.Speed(
            Self.snapshot(.init(endpoint: "us", since: .seconds(900), due: .seconds(1800))),
            at: Self.clock
        )
        let text = try #require(String(bytes: Wire.encode(speed), encoding: .utf8))
        let compact = text.filter { !$0.isWhitespace }
        #expect(
            compact == """
                {"challenger":{"due":"2026-11-22T12:13:20.000Z","endpoint":"us","since":"2026-11-22T11:58:20.000Z"},\
                "endpoints":{"eu":{"median_ms":null,"samples":0},"us":{"median_ms":182.25,"samples":120}},\
                "figure":"ttft","margin":0.2,"min_margin_ms":20,"window_seconds":600}
                """
        )
        #expect(try Wire.decode(StateDocument.Speed.self, from: Wire.encode(speed)) == speed)
        let nobody = StateDocument.Speed(Self.snapshot(nil), at: Self.clock)
        #expect(try Wire.decode(StateDocument.Speed.self, from: Wire.encode(nobody)) == nobody)
    }

    @Test(arguments: [1.75, 0.1234567, -3, 1e9])
    func movesForSpeedAreRemembered(count: Double) throws {
        let memory = Memory(
            generation: 3,
            routes: [
                RouteMemory(
                    name: "chat",
                    active: "eu",
                    generation: 3,
                    since: .seconds(900),
                    reason: Reason(.faster, "so"),
                    moves: [.seconds(900)],
                    speedMoves: SpeedMoves(count: count, at: .seconds(900))
                )
            ],
            endpoints: []
        )
        let bytes = try Wire.encode(MemoryDocument(memory, at: Self.clock))
        let read = try Wire.decode(MemoryDocument.self, from: bytes).memory(at: Self.clock)
        let moves = try #require(read.routes[0].speedMoves)
        // Six decimals, and nothing that a damaged file could say.
        #expect(moves == SpeedMoves(count: min(max(0, count.roundedForReaders), 64), at: .seconds(900)))
    }
}
