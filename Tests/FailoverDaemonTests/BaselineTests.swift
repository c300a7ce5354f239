import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon

@Suite("Baselines of a daemon")
struct BaselineTests {
    private let now = ClockReading(monotonic: .seconds(1_000), wall: WallTime(secondsSince1970: 1_795_349_071))

    private func baselines(_ bad: Double = 1) -> [EndpointName: [BaselineMemory]] {
        let count = Situation.allCases.count
        return [
            "a": [
                BaselineMemory(
                    indicator: IndicatorName(probe: .default, kind: .availability),
                    digest: 5,
                    since: .seconds(-9_000),
                    learnedAt: .seconds(900),
                    bad: [Double](repeating: bad, count: count),
                    expected: [Double](repeating: 0.25, count: count)
                )
            ]
        ]
    }

    /// What is read of it, without times: they were told by clocks that go on.
    private func counts(_ baselines: [EndpointName: [BaselineMemory]]) -> [EndpointName: [[Double]]] {
        baselines.mapValues { list in list.flatMap { [$0.bad, $0.expected] } }
    }

    private func counts(in directory: TemporaryDirectory) -> [EndpointName: [[Double]]]? {
        guard case .baselines(let read) = BaselineStore(directory: directory.path).load(clock: SystemClock.reading)
        else { return nil }
        return counts(read)
    }

    // MARK: - The start

    private func recollect(_ memory: Memory?, in directory: TemporaryDirectory) throws -> (Memory?, [String]) {
        let store = MemoryStore(directory: directory.path)
        if let memory { try store.save(memory, clock: now) }
        let reports = Notes<String>()
        let recollection = Recollection(
            store: store,
            learned: BaselineStore(directory: directory.path),
            stateFile: directory.path("state.json"),
            report: { reports.add("\($0) \($1)") }
        )
        return (recollection.memory(at: now), reports.all)
    }

    @Test func whatWasDecidedAndWhatWasLearnedIsRemembered() async throws {
        try await withTemporaryDirectory { directory in
            try BaselineStore(directory: directory.path).save(baselines(), clock: now)
            let (recollected, reports) = try recollect(memory(generation: 7), in: directory)
            #expect(recollected == memory(generation: 7).with(baselines(), at: now.monotonic))
            #expect(reports == [])
        }
    }

    @Test func whatWasLearnedIsRememberedWithoutADecision() async throws {
        try await withTemporaryDirectory { directory in
            try BaselineStore(directory: directory.path).save(baselines(), clock: now)
            let (recollected, reports) = try recollect(nil, in: directory)
            #expect(recollected?.holdsDecision == false)
            #expect(recollected?.baselines == baselines())
            #expect(reports == [])
        }
    }

    @Test func damagedBaselinesAreSetAsideAndTheDecisionStands() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.path("baselines.json")
            try "{ half a".write(toFile: path, atomically: false, encoding: .utf8)
            let (recollected, reports) = try recollect(memory(generation: 7), in: directory)
            #expect(recollected == memory(generation: 7))
            #expect(
                reports == [
                    "error what was learned of endpoints cannot be used (it is no JSON object with a \"schema\"); "
                        + "it was kept as \(path).bad: they are judged as configured"
                ]
            )
        }
    }

    // MARK: - The disk

    @Test func theNewestBaselinesWin() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            try await disk.hang(after: memory(generation: 1), ticket: 1)
            for bad in [1.0, 2, 3] { disk.writer.save(baselines(bad)) }
            disk.goOn()
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(counts(in: directory) == counts(baselines(3)))
            #expect(disk.reports.all == [])
        }
    }

    @Test func aDiskThatFailsIsToldOnceAndItsReturnToo() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.path("later")
            let disk = try Disk(path)
            disk.writer.save(baselines())
            try await condition("it is told") { disk.reports.all.count == 1 }
            disk.writer.save(baselines())
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            disk.writer.save(baselines())
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(
                disk.reports.all == [
                    "error remembering the baselines fails: cannot open \(path)/baselines.json: "
                        + "No such file or directory (ENOENT)",
                    "notice remembering the baselines works again",
                ]
            )
        }
    }

    // MARK: - The keeper

    private let configuration = Configuration(
        vantage: "here",
        endpoints: [
            EndpointConfiguration(
                name: "a",
                region: "r",
                publicURL: "tcp://192.0.2.1:443",
                probes: [
                    ProbeConfiguration(
                        request: .tcp(TCPProbe(address: HostPort(host: "192.0.2.1", port: 443))),
                        latencyObjective: .seconds(1)
                    )
                ]
            )
        ],
        routes: [RouteConfiguration(name: "chat", endpoints: ["a"])],
        outputs: OutputConfiguration()
    )

    /// Feeds good probes, one in five seconds.
    private func live(_ engine: inout Engine, _ seconds: Range<Int>) {
        for second in seconds where second.isMultiple(of: 5) {
            let (key, attempt) = (ProbeKey(endpoint: "a"), AttemptID(UInt64(second + 1)))
            let start = MonotonicInstant.seconds(Double(second))
            let end = start + .milliseconds(20)
            let began = AttemptStart(key: key, attempt: attempt, source: .probe, start: start)
            _ = engine.handle(.attemptStarted(began), at: start)
            let observation = Observation(
                key: key,
                attempt: attempt,
                start: start,
                end: end,
                outcome: .success,
                latency: .milliseconds(20)
            )
            _ = engine.handle(.observed(observation), at: end)
        }
    }

    @Test func whatIsNewIsSavedHourlyAndAtTheEnd() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            var engine = Engine(configuration: configuration, memory: nil, at: .seconds(0))
            var keeper = BaselineKeeper(engine, disk: disk.writer, at: .seconds(0))
            // Nothing is known yet.
            keeper.save(engine)
            live(&engine, 0..<3000)
            keeper.turn(engine, at: .seconds(3000))
            #expect(try names(in: directory) == [])
            keeper.turn(engine, at: .seconds(3600))
            let known = counts(engine.baselines)
            // Not by loading it, which tidies up what a crash left: a file that is being written.
            try await condition("it is saved") { try names(in: directory) == ["baselines.json"] }
            #expect(counts(in: directory) == known)
            live(&engine, 3600..<6000)
            keeper.save(engine)
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(counts(in: directory) == counts(engine.baselines))
        }
    }

    @Test func whatWasReadAtTheStartIsNotWrittenAgain() async throws {
        try await withTemporaryDirectory { directory in
            let disk = try Disk(directory.path)
            var first = Engine(configuration: configuration, memory: nil, at: .seconds(0))
            live(&first, 0..<3000)
            #expect(first.baselines != [:])
            let second = Engine(configuration: configuration, memory: first.remembered, at: .seconds(3000))
            #expect(second.baselines == first.baselines)
            var keeper = BaselineKeeper(second, disk: disk.writer, at: .seconds(3000))
            keeper.save(second)
            #expect(await disk.writer.close(within: .seconds(30)))
            #expect(try names(in: directory) == [])
        }
    }

    private func names(in directory: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }
}
