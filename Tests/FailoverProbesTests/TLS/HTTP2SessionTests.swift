import FailoverCore
import NIOCore
import NIOHPACK
import Testing

@testable import FailoverProbes

/// Answers are written frame by frame, as RFC 9113 says.
struct HTTP2SessionTests {
    private static let settings = frame(4, stream: 0)

    /// A frame of `type`.
    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags]
            + bytes(stream) + payload
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    private static func headers(_ fields: [(String, String)], stream: UInt32 = 1, end: Bool = false) -> [UInt8] {
        var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
        var buffer = ByteBuffer()
        // The test's own fields are all right.
        try? encoder.encode(headers: HPACKHeaders(fields), to: &buffer)
        return frame(1, flags: end ? 5 : 4, stream: stream, Array(buffer.readableBytesView))
    }

    private static func data(_ text: String, stream: UInt32 = 1, end: Bool = false) -> [UInt8] {
        frame(0, flags: end ? 1 : 0, stream: stream, Array(text.utf8))
    }

    private static func goAway(last: UInt32, code: UInt32 = 0) -> [UInt8] {
        frame(7, stream: 0, bytes(last) + bytes(code))
    }

    private static func reset(_ code: UInt32) -> [UInt8] { frame(3, stream: 1, bytes(code)) }

    private static let request = HTTP2Request(
        method: "GET",
        scheme: "https",
        authority: "localhost",
        path: "/",
        headers: [HeaderField(name: "Host", value: "x"), HeaderField(name: "X-Key", value: "y")],
        body: nil
    )

    private func asked() -> HTTP2Session {
        let session = HTTP2Session(loop: SessionLoop(wallSeconds: { 0 }))
        session.start()
        session.send(Self.request)
        return session
    }

    private func feed(_ session: HTTP2Session, _ bytes: [UInt8], piece: Int = .max) -> [HTTP2Event] {
        var events: [HTTP2Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(piece).withUnsafeBytes { session.receive($0) }
            rest = rest.dropFirst(piece)
            while let event = session.nextEvent() { events.append(event) }
        }
        return events
    }

    private static func failed(_ code: ReasonCode, _ detail: String, isUnprocessed: Bool = false) -> [HTTP2Event] {
        [.failed(HTTP2Failure(code, detail, isUnprocessed: isUnprocessed))]
    }

    private static let ok = HTTP2Event.head(status: 200, fields: [])

    /// What arrives, and what comes of it; then whether another request may be sent.
    private static let answers: [(String, [UInt8], [HTTP2Event], usable: Bool)] = [
        ("no body", headers([(":status", "204")], end: true), [.head(status: 204, fields: []), .end], true),
        (
            "a body in pieces", headers([(":status", "200"), ("a", "b")]) + data("one") + data("two", end: true),
            [
                .head(status: 200, fields: [HeaderField(name: "a", value: "b")]), .data(ByteBuffer(string: "one")),
                .data(ByteBuffer(string: "two")), .end,
            ], true
        ),
        (
            "a hint first, trailers last",
            headers([(":status", "103")]) + headers([(":status", "200")]) + data("x")
                + headers([("t", "v")], end: true),
            [ok, .data(ByteBuffer(string: "x")), .end], true
        ),
        ("a reset", reset(2), failed(.responseReset, "the server reset the stream: Internal Error"), true),
        (
            "a refused stream", reset(7),
            failed(.responseReset, "the server reset the stream: Refused Stream", isUnprocessed: true), true
        ),
        (
            "a reset within the body", headers([(":status", "200")]) + reset(8),
            [ok] + failed(.responseReset, "the server reset the stream: Cancel"), true
        ),
        (
            "going away without us", goAway(last: 0),
            failed(.responseReset, "the server is going away: No Error", isUnprocessed: true), false
        ),
        (
            "going away after us", goAway(last: 1) + headers([(":status", "200")], end: true), [ok, .end], false
        ),
        (
            "a broken frame", frame(6, stream: 0, [1]),
            failed(.responseMalformed, "not HTTP/2 as it should be: UnableToParseFrame"), false
        ),
        (
            "no status", headers([("a", "b")], end: true),
            failed(.responseMalformed, "not HTTP/2 as it should be: InvalidPseudoHeaders"), false
        ),
        (
            "a push",
            frame(4, flags: 1, stream: 0)
                + frame(5, flags: 4, stream: 1, bytes(2) + [0x82, 0x84, 0x87, 0x41, 1, 0x61]),
            failed(.responseMalformed, "not HTTP/2 as it should be: PushInViolationOfSetting"), false
        ),
        (
            "a large head", frame(4, flags: 1, stream: 0) + largeHead(fields: 20),
            failed(.headerTooLarge, "the response head is over 65536 bytes"), false
        ),
        (
            "a flood of continuations",
            frame(1, stream: 1, [0x88])
                + (0..<20).flatMap { _ in frame(9, stream: 1, []) },
            failed(.headerTooLarge, "the response head is over 65536 bytes"), false
        ),
    ]

    /// A list of fields of 4 KiB each, in as many frames as it takes.
    private static func largeHead(fields: Int) -> [UInt8] {
        let value = String(repeating: "~", count: 4096)
        var encoder = HPACKEncoder(allocator: ByteBufferAllocator(), useHuffmanEncoding: false)
        var buffer = ByteBuffer()
        let list = [(":status", "200")] + (0..<fields).map { ("x-\($0)", value) }
        try? encoder.encode(headers: HPACKHeaders(list), to: &buffer)
        var rest = Array(buffer.readableBytesView)[...]
        var frames: [UInt8] = []
        while !rest.isEmpty {
            let piece = Array(rest.prefix(16_384))
            rest = rest.dropFirst(16_384)
            frames += frame(frames.isEmpty ? 1 : 9, flags: rest.isEmpty ? 4 : 0, stream: 1, piece)
        }
        return frames
    }

    @Test(arguments: [Int.max, 1]) func answerBecomesEvents(piece: Int) {
        for (name, bytes, expected, usable) in Self.answers {
            let session = asked()
            let events = feed(session, Self.settings + bytes, piece: piece)
            #expect(joined(events) == joined(expected), "\(name)")
            #expect(session.isUsable == usable, "\(name)")
        }
    }

    /// Pieces of a body that follow one another, as one.
    private func joined(_ events: [HTTP2Event]) -> [HTTP2Event] {
        events.reduce(into: []) { joined, event in
            if case .data(let next) = event, case .data(var last) = joined.last {
                last.writeImmutableBuffer(next)
                joined[joined.count - 1] = .data(last)
            } else {
                joined.append(event)
            }
        }
    }

    @Test func endOfTheConnectionIsAFailureOfWhatWasAsked() {
        let cases: [([UInt8], [HTTP2Event])] = [
            ([], Self.failed(.responseEmpty, "the connection closed without an answer")),
            (
                Self.headers([(":status", "200")]),
                [Self.ok] + Self.failed(.responseTruncated, "the connection closed before the answer was complete")
            ),
            (Self.headers([(":status", "200")], end: true), [Self.ok, .end]),
        ]
        for (bytes, expected) in cases {
            let session = asked()
            var events = feed(session, Self.settings + bytes)
            session.receiveEnd()
            while let event = session.nextEvent() { events.append(event) }
            #expect(events == expected)
            #expect(!session.isUsable)
        }
    }

    @Test func serverOfAnotherProtocolIsToldApart() {
        let events = feed(asked(), Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
        #expect(events == Self.failed(.protocolMismatch, "the server does not speak HTTP/2"))
    }

    @Test func settingsAndPingAreAnswered() {
        let session = asked()
        _ = session.takeOutput()
        _ = feed(session, Self.settings + Self.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]))
        let answers = Self.frame(4, flags: 1, stream: 0) + Self.frame(6, flags: 1, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(session.takeOutput().map { Array($0.readableBytesView) } == answers)
    }

    @Test func floodOfPingsEndsTheConnection() {
        let session = asked()
        let flood = (0..<1000).flatMap { _ in Self.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]) }
        let events = feed(session, Self.settings + flood)
        #expect(events == Self.failed(.responseMalformed, "not HTTP/2 as it should be: ExcessiveControlFrames"))
    }

    @Test func goodbyeIsSaidOnce() {
        let session = asked()
        _ = feed(session, Self.settings + Self.headers([(":status", "200")], end: true))
        _ = session.takeOutput()
        session.close()
        session.close()
        #expect(session.takeOutput().map { Array($0.readableBytesView) } == Self.goAway(last: 0))
    }

    @Test func garbageEndsInAFailure() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<500 {
            let session = asked()
            let count = Int.random(in: 1...400, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { bytes = Self.settings + bytes }
            var events = feed(session, bytes)
            session.receiveEnd()
            while let event = session.nextEvent() { events.append(event) }
            guard case .failed = events.last else {
                Issue.record("\(events)")
                continue
            }
            #expect(!session.isUsable)
        }
    }
}
