import FailoverConfig
import FailoverCore
import FailoverReplay
import FailoverWire
import Foundation
import Testing

@Suite("Replays of what was recorded live")
struct ReplayExactnessTests {
    private func recording(_ bytes: [UInt8]) throws -> Recording {
        var reader = RecordingReader()
        try reader.read(bytes, file: "live.jsonl")
        return reader.recording
    }

    private func text(_ result: ReplayResult) throws -> String {
        String(decoding: try ReplayJSON.bytes(of: [result]), as: UTF8.self)
    }

    private func lines(_ transitions: [ReplayTransition]) throws -> [String] {
        try transitions.map { String(decoding: try ReplayJSON.line(of: $0), as: UTF8.self) }
    }

    /// Half an hour with a reload that changes a secret, stalls and a disk that fails at times.
    private func live(seed: UInt64, files: Int = 1, configuration: String = Configurations.first()) throws -> LiveRun {
        var run = try LiveRun(seed: seed, configuration: Configurations.load(configuration))
        for part in 0..<12 {
            run.run(for: .seconds(150))
            if part == 4 { run.reload(try Configurations.load(Configurations.second)) }
            if part % 3 == 1 { run.stall(.seconds(20)) }
            switch part {
            case 1: run.order(.pin("chat", to: "ap"), expiry: .after(.nanoseconds(100_000_000_001)))
            case 3:
                run.order(
                    .drain(.region("us"), at: run.now + .nanoseconds(70_000_000_123)),
                    expiry: .after(.seconds(90))
                )
            case 5: run.order(.failback("chat", to: nil))
            case 6: run.order(.freeze, expiry: .at(run.now + .seconds(200)))
            case 7: run.order(.unfreeze)
            case 9: run.order(.drain(.endpoint("eu"), at: nil), force: true)
            case 10: run.order(.undrain(.endpoint("eu")))
            default: break
            }
            if files > 1, part % (12 / files) == 1 { try run.rotate() }
        }
        try run.flush()
        return run
    }

    /// Shares, canaries and an order to return; the reload makes it an active-standby route.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aWeightedRouteIsReplayedExactly(seed: UInt64) throws {
        let run = try live(seed: seed, files: 4, configuration: Configurations.weighted)
        #expect(run.transitions.contains { $0.event == .weights && $0.share != nil })
        let result = try Replay(try recording(run.bytes), configuration: nil, file: "live.jsonl").run()
        #expect(result.isExact && result.transitions == run.transitions)
        #expect(try lines(result.transitions) == lines(run.transitions))
        let chat = try #require(result.routes.first { $0.name == "chat" })
        #expect(chat.moves == run.transitions.count { $0.route == "chat" && $0.isMove })
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func replayComesToTheTransitionsThatWerePublishedLive(seed: UInt64) throws {
        let run = try live(seed: seed)
        #expect(run.transitions.count { $0.event == .failover } > 1)
        #expect(run.transitions.contains { $0.event == .config })
        let replay = try Replay(try recording(run.bytes), configuration: nil, file: "live.jsonl")
        let result = replay.run()
        #expect(result.isExact)
        #expect(try lines(result.transitions) == lines(run.transitions))
        #expect(result.transitions == run.transitions)
    }

    @Test func replayedTwiceTheBytesAreTheSame() throws {
        let bytes = try live(seed: 7).bytes
        func replayed() throws -> String {
            let replay = try Replay(try recording(bytes), configuration: nil, file: "live.jsonl")
            let variant = try #require(ReplayVariant("consecutive:3,2"))
            let results = [replay.run(), replay.run(under: variant)]
            return String(decoding: try ReplayJSON.bytes(of: results), as: UTF8.self)
                + ReplayText.render(results, of: try recording(bytes))
        }
        #expect(try replayed() == replayed())
    }

    @Test func filesOfARingAreReplayedAsOne() throws {
        let whole = try live(seed: 8)
        let inFiles = try live(seed: 8, files: 4)
        let read = try recording(inFiles.bytes)
        #expect(read.sections.count == 1)
        #expect(
            String(decoding: inFiles.bytes, as: UTF8.self).split(separator: "{\"schema\":\"failoverd.recording").count
                == 5
        )
        let result = try Replay(read, configuration: nil, file: "ring").run()
        #expect(result.isExact)
        #expect(result.transitions == whole.transitions)
    }

    /// What was recorded before is gone: the rest is replayed as from a restart.
    @Test func ringWithoutItsBeginningIsReplayedAndSaysSo() throws {
        let inFiles = try live(seed: 14, files: 4)
        let newline = UInt8(ascii: "\n")
        let lines = inFiles.bytes.split(separator: newline)
        let second = try #require(lines.dropFirst().firstIndex { $0.starts(with: Array("{\"schema\"".utf8)) })
        let rest = Array(lines[second...].joined(separator: [newline]))
        let result = try Replay(try recording(rest), configuration: nil, file: "ring").run()
        #expect(!result.isExact)
        #expect(
            result.notes == [
                "deadlines, the disk and questions to candidates are assumed; windows and evidence start empty where "
                    + "the recording begins"
            ]
        )
        #expect(result.transitions.contains { $0.event == .failover })
    }

    /// Another process with what the first one remembered, after a reboot that began the clock anew.
    @Test func restartsAreReplayedToo() throws {
        var first = try LiveRun(seed: 9, configuration: Configurations.load(Configurations.first()))
        first.run(for: .seconds(1000))
        try first.flush()
        let begun = MonotonicInstant(nanoseconds: 77_777_777_777)
        var second = try LiveRun(
            seed: 10,
            configuration: Configurations.load(Configurations.first()),
            memory: MemoryDocument(first.engine.remembered, at: first.clock).memory(
                at: ClockReading(monotonic: begun, wall: WallTime(secondsSince1970: 1_795_005_000))
            ),
            at: begun,
            wall: 1_795_005_000,
            toldFrom: begun.inMicroseconds - .milliseconds(4_999_877)
        )
        second.run(for: .seconds(1000))
        try second.flush()
        let read = try recording(first.bytes + second.bytes)
        #expect(read.sections.count == 2)
        let result = try Replay(read, configuration: nil, file: "both").run()
        #expect(result.isExact)
        #expect(try lines(result.transitions) == lines(first.transitions + second.transitions))
    }

    /// What an engine learns within an hour in which `us` has a hiccup now and then.
    private func learned(_ configuration: Configuration) -> [EndpointName: [BaselineMemory]] {
        var engine = Engine(configuration: configuration, memory: nil, at: .seconds(0))
        for second in stride(from: 0, to: 3600, by: 2) {
            for (place, name) in (["us", "ap"] as [EndpointName]).enumerated() {
                let (key, attempt) = (ProbeKey(endpoint: name), AttemptID(UInt64(2 * second + place + 1)))
                let start = MonotonicInstant.seconds(Double(second))
                let end = start + .milliseconds(20)
                let began = AttemptStart(key: key, attempt: attempt, source: .probe, start: start)
                _ = engine.handle(.attemptStarted(began), at: start)
                let isBad = name == "us" && second % 600 == 300
                let observation = Observation(
                    key: key,
                    attempt: attempt,
                    start: start,
                    end: end,
                    outcome: isBad ? .failure(.connectRefused, isTimeout: false) : .success,
                    latency: isBad ? nil : .milliseconds(20)
                )
                _ = engine.handle(.observed(observation), at: end)
            }
        }
        return engine.baselines
    }

    /// Without a decision to remember: the first start of a daemon whose memory is lost.
    @Test(arguments: [21, 22, 23] as [UInt64])
    func aDaemonThatKnowsItsEndpointsIsReplayedExactly(seed: UInt64) throws {
        let loaded = try Configurations.load(Configurations.first())
        let baselines = learned(loaded.configuration)
        #expect(baselines.keys.sorted() == ["ap", "us"])
        let memory = Memory(generation: 0, routes: [], endpoints: []).with(baselines, at: .seconds(3600))
        var run = try LiveRun(seed: seed, configuration: loaded, memory: memory)
        run.run(for: .seconds(600))
        try run.flush()
        let read = try recording(run.bytes)
        #expect(read.sections.first?.header?.memory?.baselines.keys.sorted() == ["ap", "us"])
        let result = try Replay(read, configuration: nil, file: "live.jsonl").run()
        #expect(result.isExact)
        #expect(try lines(result.transitions) == lines(run.transitions))
    }

    @Test func theSameConfigurationFromItsFileIsNoOther() throws {
        let run = try live(seed: 11)
        let read = try recording(run.bytes)
        let given = try Configurations.load(Configurations.first())
        let result = try Replay(read, configuration: given, file: "live.jsonl").run()
        #expect(result.isExact)
        #expect(result.name == "as recorded")
        #expect(result.transitions == run.transitions)
    }

    @Test func anotherConfigurationTellsWhatWouldHaveHappened() throws {
        let run = try live(seed: 12)
        let read = try recording(run.bytes)
        let yaml = Configurations.first().replacingOccurrences(of: "preset: fast", with: "preset: cautious")
        let result = try Replay(read, configuration: try Configurations.load(yaml), file: "live.jsonl").run()
        #expect(!result.isExact)
        #expect(result.name == "as configured")
        #expect(result.routes[0].moves > 0)
        #expect(!result.transitions.contains { $0.event == .config })
    }

    /// Where only the probes are taken from the recording, the same rule comes to about the same.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func assumedWorldIsCloseToTheRecordedOne(seed: UInt64) throws {
        let read = try recording(live(seed: seed).bytes)
        let replay = try Replay(read, configuration: nil, file: "live.jsonl")
        let fast = try #require(ReplayVariant("evidence:fast"))
        let (exact, assumed) = (replay.run(), replay.run(under: fast))
        #expect(!assumed.isExact)
        for (one, other) in zip(exact.routes, assumed.routes) {
            #expect(abs(one.moves - other.moves) <= 2, "\(one.name)")
        }
        #expect(exact.routes.count == assumed.routes.count && exact.routes.contains { $0.moves > 0 })
    }

    @Test func noSecretReachesARecording() throws {
        let text = String(decoding: try live(seed: 13).bytes, as: UTF8.self)
        #expect(text.contains("(set)"))
        #expect(!text.contains("s3cret-one") && !text.contains("s3cret-two"))
    }
}
