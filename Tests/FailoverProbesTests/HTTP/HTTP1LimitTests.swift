import FailoverCore
import FailoverProbes
import Testing

@Suite struct HTTP1LimitTests {
    private let limit = 100

    /// A head of exactly so many bytes.
    private func head(bytes: Int, _ fields: String = "Content-Length: 2\r\n") -> [UInt8] {
        let start = "HTTP/1.1 200 OK\r\n" + fields + "A:"
        return Array((start + String(repeating: "x", count: bytes - start.utf8.count - 4) + "\r\n\r\n").utf8)
    }

    private func check(_ answer: [UInt8], _ ending: HTTP1Trace.Ending, limit: Int? = nil) {
        let limit = limit ?? self.limit
        #expect(HTTP1Trace(of: Arrival.whole(answer), limit: limit).ending == ending)
        #expect(HTTP1Trace(of: Arrival.byteByByte(answer), limit: limit).ending == ending)
        for pieces in Arrival.inTwo(answer) where answer.count < 1000 {
            #expect(HTTP1Trace(of: pieces, limit: limit).ending == ending)
        }
    }

    @Test func aHeadUpToTheLimitIsRead() {
        check(head(bytes: limit) + Array("ok".utf8), .complete(isReusable: true))
        check(head(bytes: limit + 1) + Array("ok".utf8), .failed(.tooLarge(limit: limit)))
    }

    @Test func theUsualLimitIsThatOfTheConfiguration() {
        let usual = HTTPProbe.maximumHeaderBytes
        #expect(HTTP1ResponseParser.defaultLimit == usual)
        check(head(bytes: usual) + Array("ok".utf8), .complete(isReusable: true), limit: usual)
        check(head(bytes: usual + 1) + Array("ok".utf8), .failed(.tooLarge(limit: usual)), limit: usual)
    }

    @Test func aLineWithoutEndIsCutOff() {
        check(Array("HTTP/1.1 200 ".utf8) + [UInt8](repeating: 0x41, count: 200), .failed(.tooLarge(limit: limit)))
        check([UInt8](repeating: 0x0d, count: 200), .failed(.tooLarge(limit: limit)))
        // What is wrong beyond the limit is not looked at.
        let broken = Array("HTTP/1.1 200 ".utf8) + [UInt8](repeating: 0x41, count: 87) + [0]
        check(broken, .failed(.tooLarge(limit: limit)))
        check(Array(broken.dropLast(2)) + [0], .failed(.controlCharacter(0)))
    }

    @Test func interimAnswersCountTogether() {
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 5)
        check(Array(interim.utf8), .failed(.tooLarge(limit: limit)))
    }

    @Test func chunkHeadersAndTrailersMustLeadSomewhere() {
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let long = String(repeating: "x", count: 120)
        check(Array((start + "2;" + long).utf8), .failed(.tooLarge(limit: limit)))
        check(Array((start + "0\r\nA: " + long).utf8), .failed(.tooLarge(limit: limit)))
        // Each chunk is progress, so that many small ones are fine.
        let many = String(repeating: "1;\(long.prefix(60))\r\nx\r\n", count: 50)
        check(Array((start + many + "0\r\n\r\n").utf8), .complete(isReusable: true))
    }

    @Test func theBodyIsCountedAndNotLimited() {
        let body = [UInt8](repeating: 0x61, count: 1_000_000)
        let answer = Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + body
        var parser = HTTP1ResponseParser(limit: limit)
        #expect(throws: Never.self) {
            try answer.withUnsafeBytes { bytes in
                var input = bytes
                while !input.isEmpty { _ = try parser.next(&input) }
            }
        }
        #expect(parser.bodyBytes == 1_000_000)
    }

    @Test func anErrorIsToldAgain() {
        var parser = HTTP1ResponseParser()
        for _ in 0..<2 {
            #expect(throws: HTTP1ResponseError.notHTTP(found: "x")) {
                try Array("x".utf8).withUnsafeBytes { bytes in
                    var input = bytes
                    _ = try parser.next(&input)
                }
            }
        }
        #expect(throws: HTTP1ResponseError.notHTTP(found: "x")) { try parser.inputEnded() }
    }
}

@Suite struct HTTP1FieldCaptureTests {
    private func captured(_ answer: String, _ names: [String], byteByByte: Bool) -> HTTP1FieldCapture {
        var parser = HTTP1ResponseParser(capturing: HTTP1FieldCapture(names))
        let bytes = Array(answer.utf8)
        for piece in byteByByte ? Arrival.byteByByte(bytes) : Arrival.whole(bytes) {
            piece.span.bytes.withUnsafeBytes { piece in
                var input = piece
                while !input.isEmpty, (try? parser.next(&input)) != nil {}
            }
        }
        return parser.captured
    }

    private static let answer =
        "HTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\n\r\nHTTP/1.1 503 Busy\r\nretry-AFTER:  120 \r\n"
        + "Content-Type: text/plain\r\nRetry-After: 7\r\nX-Long: \(String(repeating: "y", count: 300))\r\n\r\n"

    @Test(
        arguments: [
            ("Retry-After", "120"),
            ("content-type", "text/plain"),
            ("X-Long", String(repeating: "y", count: HTTP1FieldCapture.maximumValueBytes)),
            ("X-Absent", nil),
            ("Content-Typ", nil),
        ] as [(String, String?)]
    )
    func theFirstValueOfTheFinalHeadIsKept(name: String, value: String?) {
        for byteByByte in [false, true] {
            #expect(captured(Self.answer, ["X-Other", name], byteByByte: byteByByte)[name] == value)
        }
    }

    @Test func nothingIsKeptUnlessItWasAskedFor() {
        #expect(captured(Self.answer, [], byteByByte: false) == .none)
        #expect(captured(Self.answer, ["Content-Type"], byteByByte: false)["Retry-After"] == nil)
    }

    @Test func onlySoManyFieldsAreKept() {
        let names = (1...HTTP1FieldCapture.maximumFields).map { "X-\($0)" } + ["Content-Type"]
        #expect(captured(Self.answer, names, byteByByte: false)["Content-Type"] == nil)
    }
}

@Suite struct HTTP1ResponseErrorTests {
    @Test(arguments: [
        (HTTP1ResponseError.notHTTP(found: "HX"), ReasonCode.responseMalformed),
        (.unsupportedVersion(found: "2"), .responseMalformed),
        (.malformedStatus, .responseMalformed),
        (.malformedLineEnd, .responseMalformed),
        (.controlCharacter(0), .responseMalformed),
        (.malformedField, .responseMalformed),
        (.foldedField, .responseMalformed),
        (.malformedContentLength, .responseMalformed),
        (.ambiguousLength, .responseMalformed),
        (.malformedChunkSize, .responseMalformed),
        (.malformedChunkEnd, .responseMalformed),
        (.protocolSwitched, .responseMalformed),
        (.tooLarge(limit: 1), .headerTooLarge),
        (.empty, .responseEmpty),
        (.truncated, .responseTruncated),
    ])
    func everyErrorHasACodeAndALine(error: HTTP1ResponseError, reason: ReasonCode) {
        #expect(error.reason == reason)
        #expect((10...200).contains(error.description.count))
        #expect(!error.description.contains("\n"))
    }
}
