import FailoverCore
import Foundation
import Testing

@testable import FailoverWire

@Suite("Baselines in documents")
struct BaselineDocumentTests {
    private static let clock = ClockReading(
        monotonic: .seconds(1000),
        wall: WallTime(secondsSince1970: 1_795_349_071.25)
    )

    private static func baseline(
        _ kind: IndicatorKind = .latency,
        probe: ProbeName = .default,
        bad: [Double] = [3, 0, 0, 1.5, 0, 2, 0, 0, 0, 0, 0],
        expected: [Double] = [4.25, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    ) -> BaselineMemory {
        BaselineMemory(
            indicator: IndicatorName(probe: probe, kind: kind),
            digest: 0xF00,
            since: .seconds(-85_400),
            learnedAt: .seconds(400),
            bad: bad,
            expected: expected
        )
    }

    private static let golden = #"""
        {"endpoints":{"us-east":[{"bad":[3,0,0,1.5,0,2,0,0,0,0,0],"digest":"f00","expected":[4.25,0.5,0,0,0,0,0,0,0,0,0],"indicator":"latency","learned_at":"2026-11-22T11:54:31.250Z","since":"2026-11-21T12:04:31.250Z"}]},"schema":"failoverd.baselines/1","written_at":"2026-11-22T12:04:31.250Z"}
        """#

    private static func read(_ text: String) throws -> [EndpointName: [BaselineMemory]] {
        try Wire.decode(BaselineDocument.self, from: Data(text.utf8)).baselines(at: clock)
    }

    private static func text(_ document: BaselineDocument) throws -> String {
        String(decoding: try Wire.encode(document), as: UTF8.self)
    }

    @Test func baselinesAreWrittenAndReadBack() throws {
        let baselines: [EndpointName: [BaselineMemory]] = ["us-east": [Self.baseline()]]
        #expect(try Self.text(BaselineDocument(baselines, at: Self.clock)) == Self.golden)
        #expect(try Self.read(Self.golden) == baselines)
    }

    @Test func everyNumberIsReadBackAsTheSameDouble() throws {
        let odd: [Double] = [
            0.1 + 0.2, 1 / 3, 999_999_999.999_999_9, 1e-12, 1_234_567.890_123_456, 5.0.nextUp, 0, 1e9, 2, 0.5, 7,
        ]
        let baselines: [EndpointName: [BaselineMemory]] = [
            "us-east": [Self.baseline(.availability, bad: odd, expected: odd.reversed()), Self.baseline(.ttft)],
            "eu.west": [Self.baseline(probe: "short"), Self.baseline(.availability, probe: "a.b")],
        ]
        #expect(try Self.read(Self.text(BaselineDocument(baselines, at: Self.clock))) == baselines)
    }

    @Test func laterTimesAndUnknownIndicatorsDoNoHarm() throws {
        let unknown = Self.golden.replacing("\"latency\"", with: "\"taste\"")
        #expect(try Self.read(unknown) == [:])
        // A clock that was set back.
        let future = Self.golden.replacing("2026-11-22T11", with: "2026-11-23T11")
        #expect(try Self.read(future)["us-east"]?.map(\.learnedAt) == [Self.clock.monotonic])
    }

    static let faults: [(old: String, new: String, found: String)] = [
        (
            "[3,0,", "[3,", "endpoints.us-east[0].bad is a list of 10, and must be a list of 11 numbers"
        ),
        (
            "[4.25,", "[4.25,1,", "endpoints.us-east[0].expected is a list of 12, and must be a list of 11 numbers"
        ),
        (
            "1.5", "-1.5", "endpoints.us-east[0].bad[3] is -1.5, and must be a number from 0 to a billion"
        ),
        (
            "4.25", "1000000001",
            "endpoints.us-east[0].expected[0] is 1000000001.0, and must be a number from 0 to a billion"
        ),
        (
            "\"f00\"", "\"foo\"",
            "endpoints.us-east[0].digest is \"foo\", and must be at most 16 hexadecimal digits"
        ),
        (
            "2026-11-21", "1921-11-21",
            "endpoints.us-east[0].since is 1921-11-21T12:04:31.250Z, and must be a time after 1970"
        ),
    ]

    @Test(arguments: faults)
    func whatCannotBeIsRefused(old: String, new: String, found: String) throws {
        let text = Self.golden.replacing(old, with: new)
        let document = try Wire.decode(BaselineDocument.self, from: Data(text.utf8))
        let error = #expect(throws: BaselineDocumentError.self) { try document.baselines(at: Self.clock) }
        #expect(error?.description == found)
    }

    @Test(arguments: ["1e999", "null", "\"3\""])
    func whatIsNoNumberIsRefused(number: String) {
        #expect(throws: (any Error).self) { try Self.read(Self.golden.replacing("1.5", with: number)) }
    }

    // MARK: - In recordings

    private static func memory(_ count: Int) -> Memory {
        let endpoints = (0..<count).map { index in
            EndpointMemory(
                name: EndpointName(rawValue: "e\(10_000 + index)"),
                penalty: 0,
                penaltyAt: .seconds(400),
                mustProve: false,
                baselines: [baseline(.availability, bad: Array(repeating: 1 / 3, count: 11)), baseline()]
            )
        }
        return Memory(generation: 7, routes: [], endpoints: endpoints)
    }

    private static func beginning(_ memory: Memory?, isComplete: Bool = true) -> RecordingBeginning {
        RecordingBeginning(
            memory,
            at: clock,
            configuration: Configuration(
                vantage: "here",
                endpoints: [],
                routes: [],
                outputs: OutputConfiguration(),
                record: RecordConfiguration(maximumBytes: 1 << 20)
            ),
            configHash: "00ff",
            isComplete: isComplete
        )
    }

    private static func header(of beginning: RecordingBeginning) throws -> RecordingHeader {
        let header = beginning.header(vantage: "here", seed: nil, instance: "i", segment: 1)
        var reader = RecordingReader()
        try reader.read(
            try RecordingWriter.line(of: header) + Array(#"{"t":0,"type":"local","event":"started"}"#.utf8),
            file: "f"
        )
        return try #require(reader.recording.sections.first?.header)
    }

    @Test(arguments: [true, false])
    func aRecordingBeginsWithTheBaselines(isComplete: Bool) throws {
        let memory = Self.memory(3)
        let beginning = Self.beginning(memory, isComplete: isComplete)
        let header = try Self.header(of: beginning)
        #expect(beginning.memory == memory)
        #expect(header.memory == memory)
        #expect(header.isComplete == isComplete)
    }

    /// A file has 64 KiB here, so that a quarter holds 27 baselines.
    @Test func baselinesThatWouldFillAFileAreLeftOutAndTheReplayIsNotExact() throws {
        #expect(Self.beginning(Self.memory(13)).isComplete)
        let memory = Self.memory(14)
        let beginning = Self.beginning(memory)
        let header = try Self.header(of: beginning)
        #expect(beginning.memory == memory)
        #expect(header.memory == memory.with([:], at: .seconds(0)))
        #expect(!header.isComplete)
    }

    /// 600 bytes are counted for each.
    @Test func aBaselineOfOddNumbersIsAsLargeAsItIsTakenFor() throws {
        let third = Array(repeating: 1 / 3.0, count: 11)
        let largest = Self.baseline(.availability, probe: "a-rather-long-name", bad: third, expected: third)
        let bytes = try Wire.encode(BaselineDocument.Baseline(largest, at: Self.clock)).count
        #expect((500...600).contains(bytes))
    }

    @Test func aMemoryWithoutBaselinesSaysNothingOfThem() throws {
        let document = MemoryDocument(Self.memory(1).with([:], at: .seconds(0)), at: Self.clock)
        #expect(!String(decoding: try Wire.encode(document), as: UTF8.self).contains("baselines"))
        #expect(document.memory(at: Self.clock).baselines == [:])
    }

    @Test func whatCannotBeIsLeftOutOfARecordedMemory() throws {
        var document = MemoryDocument(Self.memory(2), at: Self.clock)
        document.endpoints["e10000"]?.baselines?[0].bad = [1]
        let read = document.memory(at: Self.clock).baselines
        #expect(read["e10000"]?.map(\.indicator.kind) == [.latency])
        #expect(read["e10001"]?.map(\.indicator.kind) == [.availability, .latency])
    }
}
