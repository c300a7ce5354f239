import Testing

@testable import FailoverProbes

@Suite struct EventStreamParserTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let stream: String
        var comments = 0
        let events: [String]
        var unfinished: String?
        var testDescription: String { stream }
    }

    /// Written as `name=text`.
    @Test(arguments: [
        Example(stream: "data: a\n\n", events: ["=a"]),
        Example(stream: "data:a\n\ndata:  b\n\n", events: ["=a", "= b"]),
        Example(stream: "data: a\ndata: b\ndata\n\n", events: ["=a\nb\n"]),
        Example(stream: "data\n\ndata:\n\n", events: ["=", "="]),
        Example(stream: "event: x\ndata: a\n\ndata: b\n\n", events: ["x=a", "=b"]),
        Example(stream: "event: x\n\ndata: b\n\n", events: ["=b"]),
        Example(stream: "id: 1\nretry: 2\nother: 3\nwhat\n\n", events: []),
        Example(stream: " data: a\n\nDATA: a\n\n", events: []),
        Example(stream: ": c\n:\ndata: a\n: in between\n\n", comments: 3, events: ["=a"]),
        Example(stream: "data: a\r\n\r\ndata: b\r\rdata: c\n\n", events: ["=a", "=b", "=c"]),
        Example(stream: "data: a\r\ndata: b\r\n\r\n", events: ["=a\nb"]),
        Example(stream: "\n\r\n\rdata: a\n\r\n", events: ["=a"]),
        Example(stream: "\u{feff}data: a\n\n\u{feff}data: b\n\n", events: ["=a"]),
        Example(stream: "data: a:b\n\n", events: ["=a:b"]),
        Example(stream: "data: a\n", events: [], unfinished: "=a"),
        Example(stream: "data: a", events: [], unfinished: "=a"),
        Example(stream: "event: x\ndata: a\ndata: b", events: [], unfinished: "x=a\nb"),
        Example(stream: "data: a\n\n: cut", events: ["=a"]),
        Example(stream: "data: a\n: cut", events: [], unfinished: "=a"),
        Example(stream: "event: x", events: []),
        Example(stream: "\u{feff}", events: []),
        Example(stream: "", events: []),
        Example(stream: "data: ü👋\n\n", events: ["=ü👋"]),
    ])
    func streamIsRead(_ example: Example) {
        let bytes = Array(example.stream.utf8)
        for size in [bytes.count + 1, 1, 2, 3] {
            let reading = Reading(bytes, pieces: size)
            #expect(reading.events.map(Self.written) == example.events, "pieces of \(size)")
            #expect(reading.comments == example.comments, "pieces of \(size)")
            #expect(reading.unfinished.map(Self.written) == example.unfinished, "pieces of \(size)")
            #expect(!reading.isTooLarge)
        }
    }

    @Test func halfAMarkIsText() {
        let reading = Reading([0xef, 0xbb] + Array("data: a\n\ndata: b\n\n".utf8), pieces: 1)
        #expect(reading.events.map(Self.written) == ["=b"])
    }

    /// Both sides of the limit, which counts whole lines.
    @Test(arguments: [
        ("data: 4567890123\n\n", false), ("data: 45678901234\n\n", true), ("data: 45678901234", true),
        ("data: 45\ndata: 4567890\n\n", false), ("data: 45\ndata: 456789012\n\n", true),
        ("other: 890123456789\n\n", true), (": 34567890123456789\n\n", false),
    ])
    func eventIsBounded(_ stream: String, isTooLarge: Bool) {
        for size in [100, 1, 7] {
            let reading = Reading(Array(stream.utf8) + Array("data: z\n\n".utf8), pieces: size, limit: 16)
            #expect(reading.isTooLarge == isTooLarge, "pieces of \(size)")
            #expect(reading.events.last.map(Self.written) == (isTooLarge ? nil : "=z"), "pieces of \(size)")
        }
    }

    /// A megabyte in single bytes: with anything but a fixed amount of work for each it would not end.
    @Test func singleBytesAreReadInLinearTime() {
        let line = Array(repeating: UInt8(ascii: "x"), count: 200_000)
        let event = Array("data: ".utf8) + line + Array("\n\n".utf8)
        let bytes = event + event + event + event + event
        #expect(Reading(bytes, pieces: 1).events.map(\.text) == Array(repeating: line, count: 5))
    }

    private static func written(_ event: EventStreamParser.Event) -> String {
        "\(event.name)=\(String(decoding: event.text, as: UTF8.self))"
    }

    /// All that a parser tells of a stream.
    private struct Reading {
        var events: [EventStreamParser.Event] = []
        var comments = 0
        var isTooLarge = false
        var unfinished: EventStreamParser.Event?

        init(_ bytes: [UInt8], pieces size: Int, limit: Int = EventStreamParser.defaultLimit) {
            var parser = EventStreamParser(limit: limit)
            bytes.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: size) {
                    var piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
                    while let item = parser.next(&piece) {
                        switch item {
                        case .event(let event): events.append(event)
                        case .comment: comments += 1
                        case .tooLarge: isTooLarge = true
                        }
                    }
                }
            }
            unfinished = parser.end()
        }
    }
}
