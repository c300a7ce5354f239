import FailoverConfig
import FailoverCore
import FailoverReplay
import FailoverWire
import Foundation
import Testing

@Suite("Recordings that were made by hand, and other rules")
struct HandMadeTests {
    private func read(_ text: String) throws -> Recording {
        var reader = RecordingReader()
        try reader.read(Array(text.utf8), file: "hand.jsonl")
        return reader.recording
    }

    private func replay(_ text: String, _ decision: String = "{}") throws -> Replay {
        let configuration = try Configurations.load(Configurations.plain(decision))
        return try Replay(try read(text), configuration: configuration, file: "hand.jsonl")
    }

    /// Both are probed every five seconds; `us-east` is as told.
    private func minutes(_ count: Int, _ usEast: (Int) -> String) -> String {
        (0..<(count * 12)).map { index in
            let t = Double(index * 5)
            return """
                {"t": \(t + 0.1), "endpoint": "us-east", \(usEast(index))}
                {"t": \(t + 2.6), "endpoint": "eu-west", "outcome": "success", "latency_ms": 40}

                """
        }.joined()
    }

    private static let good = #""outcome": "success", "latency_ms": 20.5"#

    private func summary(_ result: ReplayResult) -> [String] {
        result.transitions.map { transition in
            "\(transition.at.inSeconds.formatted(decimals: 0)) \(transition.event.rawValue) \(transition.to ?? "")"
        }
    }

    @Test func outagesMoveTheRouteAndRecoveryBringsItBack() throws {
        let text = minutes(10) { index in
            24..<48 ~= index ? #""outcome": "failure", "kind": "connect_refused""# : Self.good
        }
        let result = try replay(text).run()
        // Five bad probes, and the candidate answers at once; back after 22 good ones and 30 s.
        #expect(summary(result) == ["140 failover eu-west", "375 failback us-east"])
        #expect(result.name == "as configured")
        #expect(!result.isExact)
        #expect(result.notes == ["deadlines, the disk and questions to candidates are assumed"])
        #expect(result.probes == 240)
    }

    @Test func slownessIsReadFromTheLatency() throws {
        let text = minutes(6) { index in
            index < 24 ? Self.good : #""outcome": "success", "latency_ms": 2500"#
        }
        #expect(try summary(replay(text).run()).map { $0.split(separator: " ")[1] } == ["failover"])
    }

    @Test func rulesAreComparedSideBySide() throws {
        let text = minutes(10) { index in
            24..<48 ~= index || index == 60 || index == 62
                ? #""outcome": "failure", "kind": "http_503""# : Self.good
        }
        let replay = try replay(text)
        let results = try ["consecutive:1,2", "window:2,4,3", "evidence:fast", "evidence:cautious"].map { rule in
            let variant = try #require(ReplayVariant(rule))
            return replay.run(under: variant)
        }
        let figures = ([replay.run()] + results).map { result in
            let route = result.routes[0]
            return "\(result.name): \(route.moves), \(route.onBadEndpoint.inSeconds.formatted(decimals: 0)), "
                + (route.afterTroubleBegan?.inSeconds.formatted(decimals: 0) ?? "-")
        }
        #expect(
            figures == [
                "as configured: 2, 20, 20", "consecutive:1,2: 4, 0, 0", "window:2,4,3: 4, 10, 5",
                "evidence:fast: 2, 10, 10", "evidence:cautious: 2, 35, 35",
            ]
        )
    }

    @Test(arguments: [
        ("consecutive:3,2", RuleConfiguration.consecutive(fall: 3, rise: 2)),
        ("window:3,10", .window(bad: 3, of: 10, rise: 10)),
        ("window:3,10,4", .window(bad: 3, of: 10, rise: 4)),
        ("evidence:fast", .evidence(.fast)),
    ])
    func ruleIsReadFromTheCommandLine(text: String, rule: RuleConfiguration) {
        #expect(ReplayVariant(text)?.rule == rule)
        #expect(ReplayVariant(text)?.name == text)
    }

    @Test(arguments: [
        "", "consecutive", "consecutive:", "consecutive:3", "consecutive:0,2", "consecutive:3,2,1", "window:5,4",
        "window:3", "evidence:", "evidence:quick", "fast", "consecutive:3,2:1", "consecutive:a,b", "window:1001,1001",
    ])
    func whatIsNoRuleIsRefused(text: String) { #expect(ReplayVariant(text) == nil) }

    @Test func withoutAnyConfigurationItSaysWhatIsMissing() throws {
        let read = try read(minutes(1) { _ in Self.good })
        #expect {
            try Replay(read, configuration: nil, file: "hand.jsonl")
        } throws: { error in
            "\(error)"
                == "hand.jsonl: found no configuration in it, allowed: a recording with one, or --config"
        }
    }

    @Test func emptyRecordingIsRefused() throws {
        #expect {
            try Replay(try read("\n"), configuration: nil, file: "hand.jsonl")
        } throws: { error in
            "\(error)" == "hand.jsonl: found nothing recorded, allowed: at least one input"
        }
    }

    @Test func whatTheConfigurationDoesNotKnowIsNoted() throws {
        let text = minutes(1) { _ in Self.good } + #"{"t": 60, "endpoint": "sa-east", "outcome": "success"}"#
        let yaml = Configurations.plain().replacingOccurrences(
            of: "routes:",
            with: "  ap: { region: ap, url: \"tcp://ap.example.com:443\" }\nroutes:"
        )
        let result = try Replay(try read(text), configuration: Configurations.load(yaml), file: "f").run()
        #expect(
            result.notes == [
                "deadlines, the disk and questions to candidates are assumed",
                "1 probe of endpoints or profiles that no configuration has", "nothing was recorded of ap",
            ]
        )
    }

    // MARK: - The fixture

    @Test func fixtureIsToldAsATimelineAndAsJSON() throws {
        var reader = RecordingReader()
        try reader.read(try Fixtures.bytes("outage.jsonl"), file: "outage.jsonl")
        let replay = try Replay(reader.recording, configuration: nil, file: "outage.jsonl")
        let rules = try ["consecutive:3,2", "window:5,10"].map { try #require(ReplayVariant($0)) }
        let results = [replay.run()] + rules.map { replay.run(under: $0) }
        #expect(ReplayText.render(results, of: reader.recording) == (try Fixtures.text("outage.txt")))
        let json = String(decoding: try ReplayJSON.bytes(of: [results[0]]), as: UTF8.self)
        #expect(json == (try Fixtures.text("outage.replay.jsonl")))
    }

    @Test func folderIsReadInTheOrderOfItsNames() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let line = #"{"t": 1, "endpoint": "us-east", "outcome": "success"}"#
        try Data("\(line)\n".utf8).write(to: folder.appending(path: "2.jsonl"))
        try Data("\(line)\n\(line)\n{\"t\": 2, \"endp".utf8).write(to: folder.appending(path: "1.jsonl"))
        try Data("nothing".utf8).write(to: folder.appending(path: "3.txt"))
        let recording = try RecordingFiles.load(folder.path)
        #expect(recording.sections.map(\.entries.count) == [2, 1])
        #expect(recording.sections.map(\.torn) == ["\(folder.path)/1.jsonl:3", nil])
        #expect(throws: RecordingError.self) { try RecordingFiles.load(folder.path + "/missing") }
    }
}
