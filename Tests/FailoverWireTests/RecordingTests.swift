import FailoverCore
import FailoverWire
import Testing

@Suite("Recordings as lines")
struct RecordingTests {
    private func read(_ text: String) throws -> Recording {
        var reader = RecordingReader()
        try reader.read(Array(text.utf8), file: "r.jsonl")
        return reader.recording
    }

    private func entries(_ text: String) throws -> [RecordedEntry] { try read(text).sections[0].entries }

    private static let origin = MonotonicInstant(nanoseconds: 98_765_432_101_000)
    private static let key = ProbeKey(endpoint: "us", probe: "short")

    private static func at(_ microseconds: Int64) -> MonotonicInstant { origin + .microseconds(microseconds) }

    // MARK: - Writing and reading back

    @Test func everyKindOfLineReadsBackToTheSameLine() throws {
        let certificate = CertificateFacts(expires: Self.at(5) + .nanoseconds(7), lifetime: .seconds(90 * 86_400))
        let address = HostPort(host: "192.0.2.1", port: 443)
        let full = Observation(
            key: Self.key,
            attempt: AttemptID(12),
            source: .confirm,
            start: Self.at(1_500_000),
            end: Self.at(1_812_401),
            outcome: .failure(.ttftTimeout, isTimeout: true),
            latency: .microseconds(812_400),
            ttft: .microseconds(210_001),
            connection: ConnectionFacts(address: address, family: .ipv6, certificate: certificate),
            chat: ChatReport(model: "m", fingerprint: "f\"1", poorQuality: Reason(.quality, "no OK in it")),
            tier: .shallow,
            retryAfter: .milliseconds(1500)
        )
        let refused = Observation(
            key: ProbeKey(endpoint: "eu"),
            attempt: AttemptID(13),
            start: Self.at(0),
            end: Self.at(1),
            outcome: .misconfigured(.auth),
            detail: "HTTP 401, \"wrong key\" 🔑"
        )
        let contents: [RecordedEntry.Content] = [
            .configuration(RecordedConfiguration(hash: "0f", yaml: "a: 1\n", isReload: false)),
            .started,
            .input(.attemptStarted(AttemptStart(key: Self.key, attempt: AttemptID(12), start: Self.at(-5)))),
            .input(.attemptWaits(Self.key, AttemptID(12), onUs: true)),
            .input(.overdue(Self.key, AttemptID(12), .ttft)),
            .input(.observed(full)), .input(.observed(refused)), .bare(refused), .input(.skipped(Self.key, count: 3)),
            .input(.tick), .input(.persisted(ticket: 4, succeeded: false)), .lost(17),
            .configuration(RecordedConfiguration(yaml: nil, isReload: true, changed: ["us", "eu"])),
        ]
        let told = contents.enumerated().map { RecordedEntry(at: Self.at(Int64($0) * 2_000_001), $1) }
        let header = RecordingHeader(
            vantage: "here",
            seed: .max,
            configHash: "00ff",
            startedAt: WallTime("2026-11-22T12:00:00.250Z"),
            origin: Self.origin,
            instance: "i1",
            segment: 3,
            isComplete: true
        )
        let first = try RecordingWriter.line(of: header)
        let bytes = try first + RecordingWriter(origin: Self.origin).lines(of: told)
        var reader = RecordingReader()
        try reader.read(bytes, file: "r.jsonl")
        let section = try #require(reader.recording.sections.first)
        #expect(section.header == header)
        #expect(section.entries.count == told.count)
        let again = try first + RecordingWriter(origin: Self.origin).lines(of: section.entries)
        #expect(String(decoding: again, as: UTF8.self) == String(decoding: bytes, as: UTF8.self))
        guard case .input(.observed(let read)) = section.entries[5].content else { return #expect(Bool(false)) }
        #expect(read.start == full.start && read.end == full.end && read.outcome == full.outcome)
        #expect(read.latency == full.latency && read.ttft == full.ttft && read.retryAfter == full.retryAfter)
        #expect(read.chat == full.chat && read.tier == full.tier && read.source == full.source)
        #expect(read.connection?.certificate == certificate)
    }

    @Test func linesAreThoseOfTheContract() throws {
        let observation = Observation(
            key: ProbeKey(endpoint: "us-east"),
            attempt: AttemptID(1),
            start: Self.at(11_500_000),
            end: Self.at(12_312_400),
            outcome: .failure(.http(503), isTimeout: false),
            latency: .microseconds(812_400)
        )
        let entry = RecordedEntry(at: Self.at(12_345_678), .input(.observed(observation)))
        let line = String(decoding: try RecordingWriter(origin: Self.origin).lines(of: [entry]), as: UTF8.self)
        #expect(
            line == """
                {"t":12.345678,"type":"observation","endpoint":"us-east","probe":"default","source":"probe","start":11.5,\
                "outcome":"failure","kind":"http_503","latency_ms":812.4,"ttft_ms":null,"end":12.3124,"attempt":1}

                """
        )
    }

    @Test func timesAreRoundedDownToMicroseconds() {
        let cases: [(Int64, Int64)] = [(0, 0), (999, 0), (1000, 1000), (-1, -1000), (-1000, -1000), (-1001, -2000)]
        for (given, expected) in cases {
            #expect(MonotonicInstant(nanoseconds: given).inMicroseconds.nanoseconds == expected)
        }
    }

    // MARK: - Made by hand

    @Test func whatIsLeftOutHasItsDefault() throws {
        let line = #" {"outcome":"failure","endpoint":"us","t":3.25,"latency_ms":250,"colour":["blue",{"a":null}]} "#
        let entry = try #require(try entries(line + "\r\n\n").first)
        guard case .bare(let observation) = entry.content else { return #expect(Bool(false)) }
        #expect(
            observation
                == Observation(
                    key: ProbeKey(endpoint: "us"),
                    attempt: AttemptID(0),
                    start: .seconds(3),
                    end: .seconds(3.25),
                    outcome: .failure("unspecified", isTimeout: false),
                    latency: .milliseconds(250)
                )
        )
    }

    @Test(
        arguments: [
            ("12.345678", 12_345_678), ("0", 0), ("1e2", 100_000_000), ("0.0000019", 1),
            ("9999999.999999", 9_999_999_999_999),
        ] as [(String, Int64)]
    )
    func timesAreExact(text: String, microseconds: Int64) throws {
        let entry = try #require(try entries(#"{"t":\#(text),"endpoint":"a","outcome":"success"}"#).first)
        #expect(entry.at == .seconds(0) + .microseconds(microseconds))
    }

    /// Wherever the daemon was when it was killed.
    @Test func tornLastLineIsPassedOverAndNoted() throws {
        let second = #"{"t":2.5,"endpoint":"\u00e4 é","outcome":"success","chat":{"model":null,"a":[1,-2e3]},"x":true}"#
        let bytes = Array(second.utf8)
        for length in 1..<bytes.count {
            var reader = RecordingReader()
            try reader.read(Array("\(Self.good)\n".utf8) + bytes[..<length], file: "r.jsonl")
            #expect(reader.recording.sections.map(\.entries.count) == [1])
            #expect(reader.recording.sections[0].torn == "r.jsonl:2")
        }
        #expect(try entries("\(Self.good)\n\(second)").count == 2)
    }

    @Test func mistakeInALastLineWithoutALineFeedIsStillOne() {
        #expect(throws: RecordingError.self) { try read("\(Self.good)\n{\"t\":0}") }
    }

    @Test func lastLineWithoutALineFeedIsWhole() throws {
        #expect(try read("{\"t\":1,\"endpoint\":\"a\",\"outcome\":\"success\"}").sections[0].torn == nil)
    }

    // MARK: - Mistakes

    private static let good = #"{"t":1,"endpoint":"a","outcome":"success"}"#

    @Test(arguments: [
        ("nonsense", "1: found no JSON at byte 1, allowed: one JSON object"),
        ("[]", "1: found no JSON at byte 1, allowed: one JSON object"),
        (#"{"t":1"#, "1: found its end too early, allowed: one JSON object"),
        (#"{"t":1}}"#, "1: found no JSON at byte 8, allowed: one JSON object"),
        (#"{"t":01x}"#, "1: found no JSON at byte 8, allowed: one JSON object"),
        (#"{"t":nan}"#, "1: found no JSON at byte 7, allowed: one JSON object"),
        (#"{"t":1,"t":2}"#, "1: t: found the same name twice, allowed: once"),
        (#"{"endpoint":"a"}"#, "1: t: found nothing, allowed: seconds since the recording's start, from 0 to 10000000"),
        (#"{"t":-1}"#, "1: t: found -1, allowed: seconds since the recording's start, from 0 to 10000000"),
        (
            #"{"t":1795000000}"#,
            "1: t: found 1795000000, allowed: seconds since the recording's start, from 0 to 10000000"
        ),
        (#"{"t":"1"}"#, "1: t: found \"1\", allowed: seconds since the recording's start, from 0 to 10000000"),
        (
            #"{"t":1,"endpoint":"a"}"#,
            "1: outcome: found nothing, allowed: success, failure, throttled, misconfigured, inconclusive"
        ),
        (
            #"{"t":1,"endpoint":"a","outcome":"succes"}"#,
            "1: outcome: found \"succes\", allowed: success, failure, throttled, misconfigured, inconclusive"
        ),
        (#"{"t":1,"outcome":"success"}"#, "1: endpoint: found nothing, allowed: text"),
        (#"{"t":1,"endpoint":5,"outcome":"success"}"#, "1: endpoint: found 5, allowed: text"),
        (
            #"{"t":1,"type":"weather"}"#,
            "1: type: found \"weather\", allowed: observation, command, config, local"
        ),
        (
            #"{"t":1,"endpoint":"a","outcome":"success","latency_ms":-1}"#,
            "1: latency_ms: found -1, allowed: milliseconds, at most a day"
        ),
        (
            #"{"t":1,"endpoint":"a","outcome":"success","start":1.5}"#,
            "1: start: found 1.5, allowed: at most t (1)"
        ),
        (good + "\n" + good.replacing("1", with: "0.5") + "\n", "2: t: found 0.5, allowed: 1.000000 or later"),
        (
            good + "\n" + #"{"schema":"failoverd.recording/2"}"# + "\n",
            "2: schema: found \"failoverd.recording/2\", allowed: \"failoverd.recording/1\""
        ),
        (
            #"{"schema":"failoverd.recording/1","started_at":"noon"}"#,
            "1: started_at: found \"noon\", allowed: a time in RFC 3339, UTC"
        ),
        (
            #"{"schema":"failoverd.recording/1","snapshot":{}}"#,
            "1: snapshot: found something else, allowed: null, or what memory.json holds (failoverd.memory/1)"
        ),
        (good + "\nx\n" + good, "2: found no JSON at byte 1, allowed: one JSON object"),
        ("{\"t\":1,\"a\":\"\u{1}\"}", "1: found no JSON at byte 13, allowed: one JSON object"),
    ])
    func mistakeIsToldWithItsPlace(text: String, expected: String) {
        #expect {
            try read(text)
        } throws: { error in
            "\(error)" == "r.jsonl:\(expected)"
        }
    }

    @Test func nestingWithoutEndIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: RecordingError.self) { try read("{\"t\":1,\"a\":\(deep)\n") }
    }

    @Test func filesThatGoOnAreOneSectionAndOthersAreNot() throws {
        func header(_ segment: Int, _ continues: String, _ instance: String = "i") -> String {
            """
            {"schema":"failoverd.recording/1","origin":\(segment)0,"instance":"\(instance)","segment":\(segment),\
            "continues":\(continues)}
            \(Self.good)

            """
        }
        #expect(try read(header(1, "null") + header(2, "1") + header(3, "2")).sections.map(\.entries.count) == [3])
        #expect(try read(header(1, "null") + header(3, "2")).sections.map(\.entries.count) == [1, 1])
        #expect(try read(header(1, "null") + header(2, "1", "j")).sections.map(\.entries.count) == [1, 1])
        let times = try read(header(1, "null") + header(2, "1")).sections[0].entries.map(\.at)
        #expect(times == [.seconds(11), .seconds(21)])
    }
}
