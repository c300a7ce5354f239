import FailoverPublish
import FailoverWire
import Glibc
import TestSupport
import Testing

@Suite struct TextLineTests {
    private static let failover = JournalEntry(document(move()))
    private static let text = "chat us-east -> eu-west  availability: \"outage\" evidence 7.20 >= 6.98 (generation 3)"

    static let lines: [(JournalEntry, TextStyle, offset: Int, expected: String)] = [
        (failover, .terminal(isColoured: false), 0, "12:04:31.250 FAILOVER \(text)\n"),
        (failover, .terminal(isColoured: false), 7_200, "14:04:31.250 FAILOVER \(text)\n"),
        (failover, .terminal(isColoured: false), -46_800, "23:04:31.250 FAILOVER \(text)\n"),
        (
            failover, .terminal(isColoured: true), 0,
            "\u{1b}[2m12:04:31.250\u{1b}[0m \u{1b}[33mFAILOVER\u{1b}[0m \(text)\n"
        ),
        (failover, .timestamped, 7_200, "2026-11-22T12:04:31.250Z FAILOVER \(text)\n"),
        (
            failover, .prefixed, 0,
            "<4>chat failed over, us-east -> eu-west: availability: \"outage\" evidence 7.20 >= 6.98 (generation 3)\n"
        ),
        (
            JournalEntry(document(verdict())), .terminal(isColoured: true), 0,
            "\u{1b}[2m12:04:31.250\u{1b}[0m VERDICT us-east: healthy -> unhealthy: connect_refused\n"
        ),
        (JournalEntry(.info, "probing", at: noon.wall), .terminal(isColoured: false), 0, "12:04:31.250 probing\n"),
        (JournalEntry(.info, "probing", at: noon.wall), .timestamped, 0, "2026-11-22T12:04:31.250Z probing\n"),
        (JournalEntry(.error, "a\nb", at: noon.wall), .timestamped, 0, "2026-11-22T12:04:31.250Z ERROR a b\n"),
        (JournalEntry(.warning, "late", at: noon.wall), .prefixed, 0, "<4>late\n"),
    ]

    @Test(arguments: lines)
    func aLineFitsItsReader(entry: JournalEntry, style: TextStyle, offset: Int, expected: String) {
        #expect(entry.line(style, secondsFromUTC: offset) == expected)
    }

    @Test func nothingIsToldTwice() throws {
        var pipe: [Int32] = [0, 0]
        try #require(Glibc.pipe(&pipe) == 0)
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(terminal >= 0)
        defer { for descriptor in pipe + [terminal] { close(descriptor) } }
        var status = stat()
        try #require(fstat(pipe[1], &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        func text(_ descriptor: Int32, journal: Bool, _ environment: [String: String]) -> TextStyle? {
            SinkOutputs.detect(journal: journal, environment: environment, descriptor: descriptor).text
        }
        // Standard error is the journal.
        #expect(text(pipe[1], journal: true, ["JOURNAL_STREAM": stream]) == nil)
        #expect(text(pipe[1], journal: false, ["JOURNAL_STREAM": stream]) == .prefixed)
        // It was, before someone redirected it.
        for other in ["", "8", "8:", ":9", "8:9:10", "x:y", "\(status.st_dev):\(status.st_ino &+ 1)"] {
            #expect(text(pipe[1], journal: true, ["JOURNAL_STREAM": other]) == .timestamped)
        }
        #expect(text(pipe[1], journal: true, [:]) == .timestamped)
        #expect(text(terminal, journal: true, [:]) == .terminal(isColoured: true))
        #expect(text(terminal, journal: true, ["NO_COLOR": ""]) == .terminal(isColoured: true))
        #expect(text(terminal, journal: true, ["NO_COLOR": "1"]) == .terminal(isColoured: false))
        #expect(text(terminal, journal: true, ["TERM": "dumb"]) == .terminal(isColoured: false))
    }
}

@Suite struct StatusLineTests {
    static let lines: [([String: StateDocument.Route], persisted: Bool, expected: String)] = [
        (["chat": route(on: "us-east")], true, "chat on us-east (preferred)"),
        (["chat": route(on: "us-east", provisional: true)], true, "chat on us-east (preferred, not judged yet)"),
        (["chat": route(on: "eu-west", mode: "failover")], true, "chat on eu-west (failed over 12:04:31Z)"),
        (
            ["chat": route(on: "us-east", mode: "fail_open")], false,
            "chat on us-east (fail-open, nobody else is healthy); NOT persisted"
        ),
        (["chat": route(on: "us-east", mode: "held")], true, "chat on us-east (held)"),
        (["chat": route(on: "us-east", wouldBeActive: "us-east")], true, "chat on us-east (preferred, observing)"),
        (
            ["chat": route(on: "us-east", wouldBeActive: "eu-west")], true,
            "chat on us-east (observing, would be eu-west)"
        ),
        (
            ["a": route(on: "us-east"), "b": route(on: "eu-west", mode: "failover"), "c": route(on: "us-east")], true,
            "3 routes: b on eu-west (failed over 12:04:31Z), a on us-east (preferred), c on us-east (preferred)"
        ),
        ([:], true, "0 routes: "),
    ]

    @Test(arguments: lines)
    func oneLineSaysHowTheRoutesStand(routes: [String: StateDocument.Route], persisted: Bool, expected: String) {
        var document = state([:])
        document.routes = routes
        document.persisted = persisted
        #expect(statusLine(for: document) == expected)
    }

    @Test func theLineIsBounded() {
        let many = Dictionary(uniqueKeysWithValues: (1...100).map { ("route-\($0)", route(on: "us-east")) })
        var document = state([:])
        document.routes = many
        #expect(
            statusLine(for: document)
                == "100 routes: route-1 on us-east (preferred), route-10 on us-east (preferred), "
                + "route-100 on us-east (preferred), route-11 on us-east (preferred), route-12 on us-east (preferred), …"
        )
        document.persisted = false
        #expect(statusLine(for: document).hasSuffix(", …; NOT persisted"))
        document.routes = [String(repeating: "long", count: 100): route(on: "us-east")]
        #expect(statusLine(for: document).count == 200)
    }
}
