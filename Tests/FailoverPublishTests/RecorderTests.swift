import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct RecorderTests {
    private static func probe(header: String = "one") -> ProbeConfiguration {
        let request = HTTPProbe(
            address: HostPort(host: "192.0.2.1", port: 80),
            headers: [HeaderField(name: "x-key", value: header)]
        )
        return ProbeConfiguration(request: .http(request), latencyObjective: .seconds(1))
    }

    private static func configuration(header: String = "one", record: RecordConfiguration) -> Configuration {
        let endpoints = ["us", "eu"].map { name in
            EndpointConfiguration(
                name: EndpointName(rawValue: name),
                region: "r",
                publicURL: "http://192.0.2.1",
                probes: [probe(header: name == "us" ? header : "one")]
            )
        }
        return Configuration(
            vantage: "here",
            endpoints: endpoints,
            routes: [RouteConfiguration(name: "chat", endpoints: ["us", "eu"])],
            outputs: OutputConfiguration(),
            record: record
        )
    }

    private static let origin = MonotonicInstant.seconds(5000)

    private static func beginning(
        at seconds: Double = 0,
        settings: RecordConfiguration = RecordConfiguration(),
        isComplete: Bool = false
    ) -> RecordingBeginning {
        let clock = ClockReading(
            monotonic: origin + .seconds(seconds),
            wall: WallTime(secondsSince1970: Date().timeIntervalSince1970 + seconds)
        )
        return RecordingBeginning(
            Memory(generation: 7, routes: [], endpoints: []),
            at: clock,
            configuration: configuration(record: settings),
            configHash: "00ff",
            isComplete: isComplete
        )
    }

    private static func entries(_ count: Int, at seconds: Double = 0) -> [RecordedEntry] {
        (0..<count).map { index in
            let at = origin + .seconds(seconds) + .microseconds(index)
            return RecordedEntry(at: at, .input(.skipped(ProbeKey(endpoint: "us"), count: index)))
        }
    }

    private func ring(_ directory: TemporaryDirectory, _ settings: RecordConfiguration) -> RecordingRing {
        let writer = RecordingRing.Writer(
            vantage: "here",
            instance: "i1",
            seed: 5,
            describe: { "hold: \($0.record.maximumBytes)\n" }
        )
        return RecordingRing(stateDirectory: directory.path, writer: writer, settings: settings)
    }

    private func files(_ directory: TemporaryDirectory) throws -> [String] {
        let folder = directory.path("recordings")
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func read(_ directory: TemporaryDirectory) throws -> Recording {
        var reader = RecordingReader()
        for file in try files(directory) {
            let data = try Data(contentsOf: URL(filePath: directory.path("recordings/\(file)")))
            try reader.read(Array(data), file: file)
        }
        return reader.recording
    }

    // MARK: - The ring

    @Test func filesOfAProcessAreReadAsOne() async throws {
        try await withTemporaryDirectory { directory async throws in
            var ring = ring(directory, RecordConfiguration())
            try ring.begin(Self.beginning(isComplete: true))
            try ring.append(Self.entries(3))
            try ring.begin(Self.beginning(at: 20))
            try ring.append(Self.entries(2, at: 20))
            let section = try #require(try read(directory).sections.first)
            #expect(try read(directory).sections.count == 1)
            #expect(section.header?.isComplete == true)
            #expect(section.header?.memory?.generation == 7)
            // Each file holds the configuration first.
            #expect(section.entries.count == 7)
            #expect(try files(directory).map { $0.prefix(9) } == ["00000001-", "00000002-"])
            let mode = try FileManager.default.attributesOfItem(
                atPath: directory.path("recordings/\(files(directory)[0])")
            )[.posixPermissions]
            #expect(mode as? Int == 0o640)
        }
    }

    @Test func oldestFilesMakeRoom() async throws {
        try await withTemporaryDirectory { directory async throws in
            // The least size of a file is 64 KiB.
            var ring = ring(directory, RecordConfiguration(maximumBytes: 256 * 1024))
            for number in 0..<10 {
                let seconds = Double(number)
                try ring.begin(Self.beginning(at: seconds))
                var later = 0.0
                while !ring.isFull(at: Self.origin + .seconds(seconds)) {
                    try ring.append(Self.entries(100, at: seconds + later))
                    later += 0.001
                }
            }
            let kept = try files(directory)
            #expect(kept.map { $0.prefix(8) } == ["00000008", "00000009", "00000010"])
            #expect(try read(directory).sections.map { $0.header?.isComplete } == [false])
        }
    }

    @Test func oldFilesAreRemovedWhateverTheWallClockSays() async throws {
        try await withTemporaryDirectory { directory async throws in
            var ring = ring(directory, RecordConfiguration(keep: .seconds(60)))
            for seconds in [0.0, 30, 61, 95] {
                try ring.begin(Self.beginning(at: seconds))
                try ring.append(Self.entries(1, at: seconds))
            }
            // The first ended at 30 and the second at 61.
            #expect(try files(directory).map { $0.prefix(8) } == ["00000002", "00000003", "00000004"])
        }
    }

    @Test func anotherProcessGoesOnCounting() async throws {
        try await withTemporaryDirectory { directory async throws in
            for _ in 0..<2 {
                var ring = ring(directory, RecordConfiguration())
                try ring.begin(Self.beginning(isComplete: true))
            }
            #expect(try files(directory).map { $0.prefix(8) } == ["00000001", "00000002"])
            #expect(try read(directory).sections.count == 2)
        }
    }

    @Test func reloadNamesTheEndpointsWhoseSecretChanged() async throws {
        try await withTemporaryDirectory { directory async throws in
            var ring = ring(directory, RecordConfiguration())
            try ring.begin(Self.beginning())
            let other = Self.configuration(header: "two", record: RecordConfiguration())
            try ring.append([RecordedEntry(at: Self.origin, .input(.reconfigured(other)))])
            let told = try read(directory).sections[0].entries.map(\.content)
            guard case .configuration(let first) = told[0], case .configuration(let second) = told[1] else {
                return #expect(Bool(false))
            }
            #expect(!first.isReload && first.hash == "00ff" && first.changed == [])
            #expect(second == RecordedConfiguration(yaml: "hold: 67108864\n", isReload: true, changed: ["us"]))
        }
    }

    // MARK: - The recorder

    private struct Told: Sendable {
        let settled = NIOLockedValueBox<[String?]>([])
        let lost = NIOLockedValueBox<[Int]>([])
        let now = NIOLockedValueBox(RecorderTests.origin)
    }

    private func recorder(
        _ directory: TemporaryDirectory,
        _ told: Told,
        _ settings: RecordConfiguration = RecordConfiguration()
    ) throws -> Recorder {
        try Recorder(
            ring: ring(directory, settings),
            settings: settings,
            now: { told.now.withLockedValue { $0 } },
            settle: { error in told.settled.withLockedValue { if $0.last != error { $0.append(error) } } },
            report: { count in told.lost.withLockedValue { $0.append(count) } }
        )
    }

    @Test func whatWasFedIsOnDiskWhenItIsClosed() async throws {
        try await withTemporaryDirectory { directory async throws in
            let recorder = try recorder(directory, Told())
            recorder.begin(Self.beginning(isComplete: true))
            for second in 0..<5 {
                recorder.append(Self.entries(4, at: Double(second))) { Self.beginning(at: Double(second)) }
            }
            #expect(await recorder.close(within: .seconds(10)))
            #expect(try read(directory).sections.map(\.entries.count) == [21])
        }
    }

    @Test func nothingIsRecordedWhileItIsOff() async throws {
        try await withTemporaryDirectory { directory async throws in
            let recorder = try recorder(directory, Told(), RecordConfiguration(keep: .zero))
            recorder.begin(Self.beginning(isComplete: true))
            #expect(!recorder.isOn)
            recorder.append(Self.entries(4)) { Self.beginning() }
            recorder.update(RecordConfiguration())
            #expect(recorder.isOn)
            recorder.append(Self.entries(4)) { Self.beginning(at: 1) }
            recorder.append(Self.entries(2, at: 2)) { Self.beginning(at: 2) }
            #expect(await recorder.close(within: .seconds(10)))
            let recording = try read(directory)
            #expect(recording.sections.map { $0.header?.isComplete } == [false])
            #expect(recording.sections.map(\.entries.count) == [3])
        }
    }

    @Test func whatIsTooMuchIsCountedAndTheRecordingBeginsAnew() async throws {
        try await withTemporaryDirectory { directory async throws in
            let told = Told()
            let recorder = try recorder(directory, told)
            recorder.begin(Self.beginning(isComplete: true))
            recorder.append(Self.entries(70_000)) { Self.beginning() }
            try await condition("the loss is told") { told.lost.withLockedValue { !$0.isEmpty } }
            recorder.append(Self.entries(1, at: 1)) { Self.beginning(at: 2) }
            recorder.append(Self.entries(2, at: 3)) { Self.beginning(at: 3) }
            #expect(await recorder.close(within: .seconds(10)))
            #expect(told.lost.withLockedValue { $0 } == [70_000])
            let recording = try read(directory)
            #expect(recording.sections.map(\.entries.count) == [2, 3])
            guard case .lost(let count)? = recording.sections[0].entries.last?.content else {
                return #expect(Bool(false))
            }
            #expect(count == 70_000)
        }
    }

    @Test func failingDiskIsToldOnceAndTriedAgain() async throws {
        try await withTemporaryDirectory { directory async throws in
            let told = Told()
            let blocked = directory.path("recordings")
            try Data().write(to: URL(filePath: blocked))
            let recorder = try recorder(directory, told)
            recorder.begin(Self.beginning(isComplete: true))
            try await condition("the failure is told") { told.settled.withLockedValue { !$0.isEmpty } }
            recorder.append(Self.entries(1)) { Self.beginning() }
            try FileManager.default.removeItem(atPath: blocked)
            told.now.withLockedValue { $0 = Self.origin + .seconds(6) }
            try await condition("it is tried again") {
                recorder.append(Self.entries(1, at: 7)) { Self.beginning(at: 7) }
                return told.settled.withLockedValue { $0.last == .some(nil) }
            }
            #expect(await recorder.close(within: .seconds(10)))
            let first = told.settled.withLockedValue { $0.first }
            #expect((first ?? nil)?.hasPrefix("cannot list \(blocked): ") == true)
            #expect(told.settled.withLockedValue { $0.count } == 2)
            #expect(try read(directory).sections.map { $0.header?.isComplete } == [false])
        }
    }
}
