import FailoverProbes

/// All that a parser tells of one answer, pieces of the body put together.
struct HTTP1Trace: Hashable {
    enum Ending: Hashable {
        /// `isReusable` is false also if bytes came after the end.
        case complete(isReusable: Bool)
        case failed(HTTP1ResponseError)
    }

    var head: HTTP1ResponseHead?
    var body: [UInt8] = []
    var ending: Ending?

    init(head: HTTP1ResponseHead?, body: String = "", ending: Ending) {
        self.head = head
        self.body = Array(body.utf8)
        self.ending = ending
    }

    /// Feeds the pieces to a parser, then the end of the connection.
    init(
        of pieces: [ArraySlice<UInt8>],
        to request: HTTP1ResponseParser.Request = .other,
        limit: Int = HTTP1ResponseParser.defaultLimit
    ) {
        var parser = HTTP1ResponseParser(answerTo: request, limit: limit)
        do throws(HTTP1ResponseError) {
            for piece in pieces {
                try piece.span.bytes.withUnsafeBytes { bytes throws(HTTP1ResponseError) in
                    var input = bytes
                    try read(&input, with: &parser)
                }
            }
            try parser.inputEnded()
            if ending == nil { ending = .complete(isReusable: false) }
        } catch {
            ending = .failed(error)
        }
    }

    private mutating func read(
        _ input: inout UnsafeRawBufferPointer,
        with parser: inout HTTP1ResponseParser
    ) throws(HTTP1ResponseError) {
        if case .complete = ending, !input.isEmpty { ending = .complete(isReusable: false) }
        while ending == nil {
            switch try parser.next(&input) {
            case .needsMore: return
            case .head(let head): self.head = head
            case .body(let part): body += part
            case .end(let isReusable): ending = .complete(isReusable: isReusable)
            }
        }
    }
}

/// The ways in which an answer may arrive.
enum Arrival {
    static func whole(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { [bytes[...]] }

    static func byteByByte(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { bytes.indices.map { bytes[$0...$0] } }

    /// Each way to cut it in two, the empty pieces included.
    static func inTwo(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        (0...bytes.count).map { [bytes[..<$0], bytes[$0...]] }
    }
}
