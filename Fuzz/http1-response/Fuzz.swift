// Feeds arbitrary bytes to the parser of HTTP/1.1 answers: whole, and split into pieces. Both must tell the same.
//
// The first byte of the input chooses the request and the limit, the second the sizes of the pieces.

/// Reads one input whole and in pieces, and stops the process if they differ.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let answer = UnsafeRawBufferPointer(rebasing: input[2...])
    let whole = Telling(of: answer, options: input[0]) { $0 }
    var seed = UInt32(input[1])
    let split = Telling(of: answer, options: input[0]) { left in
        seed = seed &* 1_664_525 &+ 1_013_904_223
        return min(left, 1 + Int(seed >> 24) % (1 + Int(input[1]) % 32))
    }
    precondition(whole == split, "whole: \(whole), split: \(split)")
    return 0
}

/// All that the parser tells of an answer.
struct Telling: Equatable {
    private var head: HTTP1ResponseHead?
    private var body: [UInt8] = []
    private var isReusable = false
    private var error: HTTP1ResponseError?
    private var captured: String?

    /// - Parameters:
    ///   - answer: The bytes to read.
    ///   - options: Chooses request, captured fields and limit.
    ///   - size: The size of the next piece, from the number of bytes that are left.
    init(of answer: UnsafeRawBufferPointer, options: UInt8, size: (Int) -> Int) {
        let requests: [HTTP1ResponseParser.Request] = [.other, .other, .head, .connect]
        var parser = HTTP1ResponseParser(
            answerTo: requests[Int(options & 3)],
            capturing: options & 4 == 0 ? .none : HTTP1FieldCapture(["Content-Type"]),
            limit: options & 8 == 0 ? HTTP1ResponseParser.defaultLimit : 1 + Int(options >> 4) * 8
        )
        do throws(HTTP1ResponseError) {
            try read(answer, into: &parser, size: size)
        } catch {
            self.error = error
        }
        captured = parser.captured["content-type"]
        precondition(parser.bodyBytes == UInt64(body.count))
    }

    private mutating func read(
        _ answer: UnsafeRawBufferPointer,
        into parser: inout HTTP1ResponseParser,
        size: (Int) -> Int
    ) throws(HTTP1ResponseError) {
        var start = 0
        while start < answer.count {
            let end = start + size(answer.count - start)
            var piece = UnsafeRawBufferPointer(rebasing: answer[start..<end])
            start = end
            var isUsedUp = false
            while !isUsedUp {
                switch try parser.next(&piece) {
                case .needsMore:
                    precondition(piece.isEmpty)
                    isUsedUp = true
                case .head(let head):
                    precondition(self.head == nil)
                    self.head = head
                case .body(let part):
                    precondition(!part.isEmpty)
                    body += part
                case .end(let isReusable):
                    self.isReusable = isReusable && start == answer.count
                    return
                }
            }
        }
        try parser.inputEnded()
    }
}
