import FailoverProbes
import NIOHTTP1
import Testing

/// Where the parser and SwiftNIO's decoder may part; each is a choice.
enum AllowedDifference: CaseIterable {
    /// We want a status from 100 to 999, as RFC 9110, section 15, does; llhttp takes any three digits.
    case statusBelow100
    /// We allow no control character in the reason phrase, as RFC 9112, section 4, does; llhttp skips it unread.
    case controlInReason
    /// A status of 101 was not asked for, and HTTP ends there; SwiftNIO ends the answer.
    case protocolSwitched
    /// RFC 9112, section 6.3, lets equal lengths pass, which a proxy may make of one; llhttp refuses them.
    case equalLengths
    /// RFC 9110, section 5.5, drops tabs at the ends of a value; llhttp refuses one after a length, and takes one to
    /// be part of the name of a coding.
    case tabAfterValue
    /// RFC 9110, section 5.6.1, ignores empty elements of a list; llhttp does not see `chunked` before one, nor that
    /// an empty `Transfer-Encoding` stands beside a length.
    case emptyElement
    /// RFC 9112, section 7.1.1, allows any extension to a chunk's size, and white space around it; llhttp refuses the
    /// white space, and an extension without a name or with characters that a name cannot have.
    case chunkExtension
    /// An interim answer says nothing of where the final one ends; llhttp ends the connection after one that is in
    /// HTTP/1.0 or says `close`.
    case closingInterim

    /// The difference that explains why the two do not agree on the answer; `nil` if none does.
    static func explaining(_ ours: HTTP1Trace, _ theirs: NIOReading, of answer: [UInt8]) -> AllowedDifference? {
        let text = String(String.UnicodeScalarView(answer.map(Unicode.Scalar.init))).lowercased()
        // By scalars, since the two characters of a line end are one otherwise.
        func has(_ pattern: Regex<Substring>) -> Bool { text.contains(pattern.matchingSemantics(.unicodeScalar)) }
        if case .failed(let error) = ours.ending {
            switch error {
            case .malformedStatus where has(/http\/1\.[01] 0\d\d/): return .statusBelow100
            case .controlCharacter where has(/http\/1\.[01] \d\d\d [^\r\n]*[\x00-\x08\x0b-\x1f\x7f]/):
                return .controlInReason
            case .protocolSwitched: return .protocolSwitched
            case .ambiguousLength where has(/transfer-encoding:[ \t,]*\r\n/): return .emptyElement
            default: break
            }
        }
        if has(/(?:transfer-encoding|connection):[^\r\n]*(?:chunked|close|keep-alive) *\t/) { return .tabAfterValue }
        if has(/transfer-encoding:[^\r\n]*chunked[ \t]*,[ \t,]*\r\n/) { return .emptyElement }
        switch theirs.error as? HTTPParserError {
        case .unexpectedContentLength: return .equalLengths
        case .invalidContentLength where has(/content-length:[^\r\n]*\d+ *\t/): return .tabAfterValue
        case .invalidContentLength where has(/content-length:[^\r\n]*,/): return .equalLengths
        case .strictModeAssertion where has(/\n[0-9a-f]+;[^\r\n]*\r\n/): return .chunkExtension
        case .invalidChunkSize where has(/\n[0-9a-f]+[ \t]+(?:;[^\r\n]*)?\r\n/): return .chunkExtension
        case .closedConnection where has(/http\/1\.[01] 1\d\d/): return .closingInterim
        default: return nil
        }
    }
}

@Suite struct HTTP1DifferentialTests {
    /// Whether the two read the same: both the same answer, or both none.
    private func agree(_ ours: HTTP1Trace, _ theirs: NIOReading) -> Bool {
        guard case .complete(let isReusable) = ours.ending else { return !theirs.isComplete }
        // Where there is no body, llhttp speaks of reuse before it knows that.
        let agreesOnReuse = theirs.keepsAlive || !isReusable || ours.head?.framing == HTTP1ResponseHead.Framing.none
        return theirs.isComplete && ours.head?.status == theirs.status && ours.body == theirs.body && agreesOnReuse
    }

    private static let ok = "HTTP/1.1 200 OK\r\n"

    private static let corpus: [String] = [
        "\(ok)Server: nginx/1.26.3\r\nDate: Sun, 22 Nov 2026 04:43:58 GMT\r\nContent-Length: 5\r\n\r\nhello",
        "\(ok)Content-Length: 5\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nuntil close",
        "\(ok)\r\nuntil close",
        "\(ok)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "\(ok)Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
        "\(ok)Transfer-Encoding: gzip, chunked\r\nConnection: keep-alive\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "\(ok)Transfer-Encoding: gzip\r\n\r\nuntil close",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n\(ok)Content-Length: 0\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 4\r\n\r\nbusy",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        "\r\n\(ok)Content-Length: 1\r\n\r\nx",
        // Broken.
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "\(ok)Content-Length: 5\r\n\r\nhel",
        "\(ok)Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "\(ok)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\(ok)Transfer-Encoding: chunked\r\n\r\nhello",
        "\(ok)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "\(ok)A: b\r\n c: d\r\nContent-Length: 0\r\n\r\n",
        "\(ok)A: \0\r\nContent-Length: 0\r\n\r\n",
        "\(ok)A : b\r\nContent-Length: 0\r\n\r\n",
        "\(ok)Content-Length: 2\r\n\r\nokHTTP/1.1 500 Later\r\n\r\n",
    ]

    @Test func bothReadTheCorpusAlike() throws {
        for answer in Self.corpus {
            for toHEAD in [false, true] {
                let bytes = Array(answer.utf8)
                let ours = HTTP1Trace(of: Arrival.whole(bytes), to: toHEAD ? .head : .other)
                let theirs = try NIOReading(of: bytes, toHEAD: toHEAD)
                #expect(agree(ours, theirs), "\(answer.debugDescription): \(ours), \(theirs)")
            }
        }
    }

    /// Each difference that is allowed does occur, and is one.
    @Test(arguments: [
        ("\(ok.replacing("200", with: "099"))Content-Length: 0\r\n\r\n", AllowedDifference.statusBelow100),
        ("HTTP/1.1 200 O\u{1}K\r\nContent-Length: 0\r\n\r\n", .controlInReason),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", .protocolSwitched),
        ("\(ok)Content-Length: 0\r\nContent-Length: 0\r\n\r\n", .equalLengths),
        ("\(ok)Content-Length: 2, 2\r\n\r\nok", .equalLengths),
        ("\(ok)Content-Length: 2\t\r\n\r\nok", .tabAfterValue),
        ("\(ok)Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", .tabAfterValue),
        ("\(ok)Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", .emptyElement),
        ("\(ok)Transfer-Encoding:\r\nContent-Length: 0\r\n\r\n", .emptyElement),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\t\r\nContent-Length: 0\r\n\r\n", .tabAfterValue),
        ("\(ok)Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n", .chunkExtension),
        ("\(ok)Transfer-Encoding: chunked\r\n\r\n1; a\r\nx\r\n0\r\n\r\n", .chunkExtension),
        ("HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n\(ok)Content-Length: 0\r\n\r\n", .closingInterim),
    ])
    func theDifferencesAreTheseAndReal(answer: String, expected: AllowedDifference) throws {
        let bytes = Array(answer.utf8)
        let ours = HTTP1Trace(of: Arrival.whole(bytes))
        let theirs = try NIOReading(of: bytes, toHEAD: false)
        #expect(!agree(ours, theirs))
        #expect(AllowedDifference.explaining(ours, theirs, of: bytes) == expected)
    }

    /// A failure names the mutation, which is the same in every run.
    @Test func bothReadMutationsAlike() throws {
        let seeds = Self.corpus.map { Array($0.utf8) }
        var mutator = HTTP1Mutator(seed: 1)
        var complete = 0
        var explained = 0
        for number in 0..<20_000 {
            let bytes = mutator.next(from: seeds)
            let toHEAD = mutator.happens(onceIn: 10)
            let request: HTTP1ResponseParser.Request = toHEAD ? .head : .other
            let ours = HTTP1Trace(of: Arrival.whole(bytes), to: request)
            let cut = mutator.offset(in: bytes)
            let split = HTTP1Trace(of: [bytes[..<cut], bytes[cut...]], to: request)
            let theirs = try NIOReading(of: bytes, toHEAD: toHEAD)
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            guard ours == split else {
                Issue.record("mutation \(number), \(text): whole \(ours), cut at \(cut) \(split)")
                continue
            }
            if case .complete = ours.ending { complete += 1 }
            guard !agree(ours, theirs) else { continue }
            explained += 1
            if AllowedDifference.explaining(ours, theirs, of: bytes) == nil {
                Issue.record("mutation \(number), \(text): ours \(ours), theirs \(theirs)")
            }
        }
        // Mutations that are all refused, or all excused, would show nothing.
        #expect(complete > 4_000)
        #expect(explained < 500)
    }
}
