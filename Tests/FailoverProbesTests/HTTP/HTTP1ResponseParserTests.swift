import FailoverProbes
import Testing

/// What an answer must be read as, however it is split.
struct AnswerCase: CustomTestStringConvertible, Sendable {
    let answer: String
    let request: HTTP1ResponseParser.Request
    let expected: HTTP1Trace

    var testDescription: String { answer.debugDescription }

    /// A complete answer.
    static func read(
        _ answer: String,
        to request: HTTP1ResponseParser.Request = .other,
        status: Int = 200,
        minor: UInt8 = 1,
        keepsAlive: Bool = true,
        _ framing: HTTP1ResponseHead.Framing,
        body: String = "",
        isReusable: Bool? = nil
    ) -> AnswerCase {
        let head = HTTP1ResponseHead(status: status, minorVersion: minor, keepsAlive: keepsAlive, framing: framing)
        let trace = HTTP1Trace(head: head, body: body, ending: .complete(isReusable: isReusable ?? keepsAlive))
        return AnswerCase(answer: answer, request: request, expected: trace)
    }

    /// An answer that is refused before its head is complete.
    static func refused(_ answer: String, _ error: HTTP1ResponseError) -> AnswerCase {
        AnswerCase(answer: answer, request: .other, expected: HTTP1Trace(head: nil, ending: .failed(error)))
    }

    /// An answer with a good head that is refused in its body.
    static func refusedLater(
        _ answer: String,
        in framing: HTTP1ResponseHead.Framing = .chunked,
        body: String = "",
        _ error: HTTP1ResponseError
    ) -> AnswerCase {
        let head = HTTP1ResponseHead(status: 200, minorVersion: 1, keepsAlive: true, framing: framing)
        return AnswerCase(
            answer: answer,
            request: .other,
            expected: HTTP1Trace(head: head, body: body, ending: .failed(error))
        )
    }
}

private let ok = "HTTP/1.1 200 OK\r\n"
private let chunked = "\(ok)Transfer-Encoding: chunked\r\n\r\n"

@Suite struct HTTP1ResponseParserTests {
    private func check(_ test: AnswerCase) {
        let bytes = Array(test.answer.utf8)
        #expect(HTTP1Trace(of: Arrival.whole(bytes), to: test.request) == test.expected)
        #expect(HTTP1Trace(of: Arrival.byteByByte(bytes), to: test.request) == test.expected)
        for pieces in Arrival.inTwo(bytes) {
            let trace = HTTP1Trace(of: pieces, to: test.request)
            #expect(trace == test.expected, "cut after \(pieces[0].count) bytes")
        }
    }

    static let countedAnswersEndWhereTheyMustCases: [AnswerCase] = [
        .read("\(ok)Content-Length: 2\r\n\r\nok", .counted(2), body: "ok"),
        .read("\(ok)content-LENGTH:2\r\n\r\nok", .counted(2), body: "ok"),
        .read("\(ok)Content-Length: \t 02 \t\r\n\r\nok", .counted(2), body: "ok"),
        .read("\(ok)Content-Length: 0\r\n\r\n", .counted(0)),
        .read("\(ok)Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", .counted(2), body: "ok"),
        .read("\(ok)Content-Length: 2, 2\r\n\r\nok", .counted(2), body: "ok"),
        .read("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .counted(0)),
        .read("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", .counted(0)),
        .read("HTTP/1.1 999 ü\t!\r\nContent-Length: 0\r\n\r\n", status: 999, .counted(0)),
        .read("\r\n\r\n\(ok)Content-Length: 0\r\n\r\n", .counted(0)),
        .read("\(ok)A:\r\nB: \r\nC: ü\t\"\r\nContent-Length: 0\r\n\r\n", .counted(0)),
    ]

    @Test(arguments: countedAnswersEndWhereTheyMustCases)
    func countedAnswersEndWhereTheyMust(test: AnswerCase) { check(test) }

    static let answersWithoutALengthEndWithTheConnectionCases: [AnswerCase] = [
        .read("\(ok)\r\nuntil close", keepsAlive: false, .untilClose, body: "until close"),
        .read("\(ok)\r\n", keepsAlive: false, .untilClose),
        .read("\(ok)Transfer-Encoding: gzip\r\n\r\nx", keepsAlive: false, .untilClose, body: "x"),
        .read("\(ok)Transfer-Encoding: chunked, gzip\r\n\r\nx", keepsAlive: false, .untilClose, body: "x"),
        .read("\(ok)Transfer-Encoding: xchunked\r\n\r\nx", keepsAlive: false, .untilClose, body: "x"),
        .read("\(ok)Transfer-Encoding:\r\n\r\nx", keepsAlive: false, .untilClose, body: "x"),
        .read("HTTP/1.0 200 OK\r\n\r\nx", minor: 0, keepsAlive: false, .untilClose, body: "x"),
    ]

    @Test(arguments: answersWithoutALengthEndWithTheConnectionCases)
    func answersWithoutALengthEndWithTheConnection(test: AnswerCase) { check(test) }

    static let chunkedAnswersEndAfterTheirTrailersCases: [AnswerCase] = [
        .read("\(chunked)0\r\n\r\n", .chunked),
        .read("\(chunked)2\r\nab\r\nA\r\n0123456789\r\n000\r\n\r\n", .chunked, body: "ab0123456789"),
        .read("\(chunked)00000000000000000002\r\nab\r\n0\r\n\r\n", .chunked, body: "ab"),
        .read("\(chunked)2;a=b;c=\"d;e\"\r\nab\r\n0;x\r\n\r\n", .chunked, body: "ab"),
        .read("\(chunked)2 ; a = b\r\nab\r\n0 \r\n\r\n", .chunked, body: "ab"),
        .read("\(chunked)0\r\nA: b\r\nTrailer-Two:c\r\n\r\n", .chunked),
        .read("\(ok)transfer-encoding: gzip, CHUNKED\r\n\r\n0\r\n\r\n", .chunked),
        .read("\(ok)Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", .chunked),
        .read("\(ok)Transfer-Encoding: ,chunked,\r\n\r\n0\r\n\r\n", .chunked),
        .read("\(ok)Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n", .chunked),
    ]

    @Test(arguments: chunkedAnswersEndAfterTheirTrailersCases)
    func chunkedAnswersEndAfterTheirTrailers(test: AnswerCase) { check(test) }

    static let someAnswersHaveNoBodyWhateverTheySayCases: [AnswerCase] = [
        .read("\(ok)Content-Length: 5\r\n\r\n", to: .head, .none),
        .read(chunked, to: .head, .none),
        .read("\(ok)\r\n", to: .head, .none),
        .read("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", status: 204, .none),
        .read("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", status: 304, .none),
        .read("\(ok)Transfer-Encoding: chunked\r\n\r\n", to: .connect, .none),
        .read("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno", to: .connect, status: 407, .counted(2), body: "no"),
    ]

    @Test(arguments: someAnswersHaveNoBodyWhateverTheySayCases)
    func someAnswersHaveNoBodyWhateverTheySay(test: AnswerCase) { check(test) }

    static let onlyWhatIsCleanMayBeReusedCases: [AnswerCase] = [
        .read("\(ok)Connection: close\r\nContent-Length: 0\r\n\r\n", keepsAlive: false, .counted(0)),
        .read("\(ok)connection: x ,\tCLOSE, keep-alive\r\nContent-Length: 0\r\n\r\n", keepsAlive: false, .counted(0)),
        .read("\(ok)Connection: closed, un close\r\nContent-Length: 0\r\n\r\n", .counted(0)),
        .read(
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            minor: 0,
            keepsAlive: false,
            .counted(0)
        ),
        .read("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", minor: 0, .counted(0)),
        .read(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            minor: 0,
            keepsAlive: false,
            .chunked
        ),
        .read("\(ok)Content-Length: 2\r\n\r\nokX", .counted(2), body: "ok", isReusable: false),
        .read("\(ok)Content-Length: 2\r\n\r\nok\r\n", .counted(2), body: "ok", isReusable: false),
        .read("\(chunked)0\r\n\r\n0\r\n\r\n", .chunked, isReusable: false),
        .read("\(ok)Content-Length: 2\r\n\r\nok", to: .head, .none, isReusable: false),
    ]

    @Test(arguments: onlyWhatIsCleanMayBeReusedCases)
    func onlyWhatIsCleanMayBeReused(test: AnswerCase) { check(test) }

    static let interimAnswersAreSkippedCases: [AnswerCase] = [
        .read("HTTP/1.1 100 Continue\r\n\r\n\(ok)Content-Length: 0\r\n\r\n", .counted(0)),
        .read(
            "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 199\r\n\r\n\(ok)Content-Length: 1\r\n\r\nx",
            .counted(1),
            body: "x"
        ),
        .read(
            "HTTP/1.1 100\r\nConnection: close\r\n\r\n\(ok)Content-Length: 0\r\n\r\n",
            keepsAlive: false,
            .counted(0)
        ),
        .refused("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .protocolSwitched),
        .refused("HTTP/1.1 100 Continue\r\n\r\n", .truncated),
    ]

    @Test(arguments: interimAnswersAreSkippedCases)
    func interimAnswersAreSkipped(test: AnswerCase) { check(test) }

    static let answersThatStopEarlyAreTruncatedCases: [AnswerCase] = [
        .refused("", .empty),
        .refused("\r\n", .truncated),
        .refused("HTTP/1.1 200 OK", .truncated),
        .refused(ok, .truncated),
        .refused("\(ok)\r", .truncated),
        .refusedLater("\(ok)Content-Length: 3\r\n\r\nok", in: .counted(3), body: "ok", .truncated),
        .refusedLater(chunked, .truncated),
        .refusedLater("\(chunked)2\r\na", body: "a", .truncated),
        .refusedLater("\(chunked)2\r\nab", body: "ab", .truncated),
        .refusedLater("\(chunked)0\r\n", .truncated),
        .refusedLater("\(chunked)0\r\nA: b\r\n", .truncated),
    ]

    @Test(arguments: answersThatStopEarlyAreTruncatedCases)
    func answersThatStopEarlyAreTruncated(test: AnswerCase) { check(test) }

    static let badStatusLinesAreRefusedCases: [AnswerCase] = [
        .refused("SSH-2.0-OpenSSH_9.6\r\n", .notHTTP(found: "S")),
        .refused("HTTX", .notHTTP(found: "HTTX")),
        .refused("http/1.1 200 OK\r\n\r\n", .notHTTP(found: "h")),
        .refused("\u{15}\u{3}\u{1}", .notHTTP(found: "?")),
        .refused(" HTTP/1.1 200 OK\r\n\r\n", .notHTTP(found: " ")),
        .refused("HTTP/2 200 OK\r\n\r\n", .unsupportedVersion(found: "2")),
        .refused("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion(found: "2.0")),
        .refused("HTTP/1.2 200 OK\r\n\r\n", .unsupportedVersion(found: "1.2")),
        .refused("HTTP/0.9 200 OK\r\n\r\n", .unsupportedVersion(found: "0.9")),
        .refused("HTTP/1.1\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1  200 OK\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1 20 OK\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1 2x0 OK\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1 099 OK\r\n\r\n", .malformedStatus),
        .refused("HTTP/1.1 200\tOK\r\n\r\n", .malformedStatus),
    ]

    @Test(arguments: badStatusLinesAreRefusedCases)
    func badStatusLinesAreRefused(test: AnswerCase) { check(test) }

    static let badLinesAreRefusedCases: [AnswerCase] = [
        .refused("HTTP/1.1 200 OK\n\n", .malformedLineEnd),
        .refused("HTTP/1.1 200 OK\rX", .malformedLineEnd),
        .refused("\(ok)A: b\n\r\n", .malformedLineEnd),
        .refused("\(ok)A: b\rc: d\r\n\r\n", .malformedLineEnd),
        .refused("\(ok)A: b\r\r\n\r\n", .malformedLineEnd),
        .refused("\(ok)A: b\r\n\n", .malformedLineEnd),
        .refused("\(ok)A: \0\r\n\r\n", .controlCharacter(0)),
        .refused("\(ok)A: \u{7f}\r\n\r\n", .controlCharacter(0x7f)),
        .refused("HTTP/1.1 200 O\u{1}\r\n\r\n", .controlCharacter(1)),
        .refused("\(ok)A: b\r\n c\r\n\r\n", .foldedField),
        .refused("\(ok)\tA: b\r\n\r\n", .foldedField),
        .refused("\(ok)A\r\n\r\n", .malformedField),
        .refused("\(ok): b\r\n\r\n", .malformedField),
        .refused("\(ok)A : b\r\n\r\n", .malformedField),
        .refused("\(ok)A b: c\r\n\r\n", .malformedField),
        .refused("\(ok)Ü: c\r\n\r\n", .malformedField),
    ]

    @Test(arguments: badLinesAreRefusedCases)
    func badLinesAreRefused(test: AnswerCase) { check(test) }

    static let badFramingIsRefusedCases: [AnswerCase] = [
        .refused("\(ok)Content-Length: 2\r\nContent-Length: 3\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: 2, 3\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length:\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: ,\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: +2\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: -2\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: 2 2\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: 18446744073709551616\r\n\r\n", .malformedContentLength),
        .refused("\(ok)Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousLength),
        .refused("\(ok)Transfer-Encoding:\r\nContent-Length: 2\r\n\r\n", .ambiguousLength),
        .refused("\(ok)Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n", .ambiguousLength),
        .refusedLater("\(chunked)\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)g\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)0x2\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)-2\r\n", .malformedChunkSize),
        .refusedLater("\(chunked) 2\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)2 2\r\n", .malformedChunkSize),
        .refusedLater("\(chunked);a\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)fffffffffffffffff\r\n", .malformedChunkSize),
        .refusedLater("\(chunked)2\nab\r\n", .malformedLineEnd),
        .refusedLater("\(chunked)2;\0\r\nab\r\n", .controlCharacter(0)),
        .refusedLater("\(chunked)2\r\nabc\r\n0\r\n\r\n", body: "ab", .malformedChunkEnd),
        .refusedLater("\(chunked)2\r\nab\n0\r\n\r\n", body: "ab", .malformedLineEnd),
        .refusedLater("\(chunked)0\r\nA b\r\n\r\n", .malformedField),
        .refusedLater("\(chunked)0\r\nContent-Length: 0\r\n\r\n", .malformedContentLength),
    ]

    @Test(arguments: badFramingIsRefusedCases)
    func badFramingIsRefused(test: AnswerCase) { check(test) }

    /// Sizes near 2^64 are sizes like others: the answer is cut short, and nothing overflows.
    static let hugeSizesDoNotOverflowCases: [AnswerCase] = [
        .refusedLater(
            "\(ok)Content-Length: 18446744073709551615\r\n\r\nab",
            in: .counted(.max),
            body: "ab",
            .truncated
        ),
        .refusedLater("\(chunked)ffffffffffffffff\r\nab", body: "ab", .truncated),
    ]

    @Test(arguments: hugeSizesDoNotOverflowCases)
    func hugeSizesDoNotOverflow(test: AnswerCase) { check(test) }
}
