import Testing

@testable import FailoverControl

@Suite struct ServerSentEventParserTests {
    private static let text =
        "\u{FEFF}retry: 2000\n: connected\n\nid: 9f1c:12\nevent: failover\ndata: {\"a\": \"ä\"}\n\n"
        + ": keep-alive\r\n\r\nid:9f1c:13\r\nevent:verdict\r\ndata:one\r\ndata: two\r\n\r\ndata\r\runknown: x\rdata: last\r\r"

    private static let events = [
        ServerSentEvent(id: "9f1c:12", event: "failover", data: "{\"a\": \"ä\"}"),
        ServerSentEvent(id: "9f1c:13", event: "verdict", data: "one\ntwo"),
        ServerSentEvent(id: "9f1c:13", event: "message", data: ""),
        ServerSentEvent(id: "9f1c:13", event: "message", data: "last"),
    ]

    @Test func splitsMakeNoDifference() throws {
        let bytes = Array(Self.text.utf8)
        for first in 0...bytes.count {
            for second in first...min(first + 3, bytes.count) {
                var parser = ServerSentEventParser()
                var events = try parser.append(bytes[..<first])
                events += try parser.append(bytes[first..<second])
                events += try parser.append(bytes[second...])
                #expect(events == Self.events, "split at \(first) and \(second)")
            }
        }
    }

    @Test func oneByteAtATimeIsTheSame() throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for byte in Self.text.utf8 { events += try parser.append([byte]) }
        #expect(events == Self.events)
    }

    @Test func unfinishedMessageIsHeldBack() throws {
        var parser = ServerSentEventParser()
        #expect(try parser.append("data: half\n".utf8) == [])
        #expect(try parser.append("\n".utf8) == [ServerSentEvent(data: "half")])
    }

    @Test(arguments: ["data: 0123456789", "data: 01\ndata: 23\ndata: 45\n"])
    func endlessMessageIsRefused(text: String) {
        var parser = ServerSentEventParser(maximumBytes: 12)
        #expect(throws: ServerSentEventParser.TooLong(maximumBytes: 12)) { try parser.append(text.utf8) }
    }
}
