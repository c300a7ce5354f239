/// Reads the answer to one HTTP/1.1 request from bytes that arrive in pieces of any size.
///
/// Call ``next(_:)`` with each piece until it returns ``Event/needsMore`` or ``Event/end(isReusable:)``, and
/// ``inputEnded()`` when the peer has closed. Equal bytes give equal events however they are split; only bodies come
/// in other pieces. Interim answers (100 to 199) are skipped.
///
/// Lines end in carriage return and line feed and nothing else, header lines are not folded, and a line holds no
/// control character but the tab. Framing follows RFC 9112, section 6. Where the standard leaves a choice it is the
/// one of llhttp 9, which many servers are tried against.
package struct HTTP1ResponseParser {
    /// What the bytes so far amount to.
    package enum Event {
        /// The input is used up, and the answer goes on.
        case needsMore
        /// Status line and header fields of the final answer.
        case head(HTTP1ResponseHead)
        /// A part of the body, never empty.
        ///
        /// It lies within the input, so it is valid as long as that is.
        case body(UnsafeRawBufferPointer)
        /// The answer is complete.
        ///
        /// `isReusable` tells whether the connection may carry another request. Bytes after the end forbid it; they
        /// are left in the input.
        case end(isReusable: Bool)
    }

    /// Which request is answered, since that decides whether there is a body.
    package enum Request: Sendable {
        case head
        /// Opens a tunnel: what follows the head of a 2xx answer belongs to it.
        case connect
        case other
    }

    /// Largest sum of head, chunk headers and trailers without progress, in bytes, unless the caller sets another.
    ///
    /// Source: `HTTPProbe.maximumHeaderBytes`.
    package static let defaultLimit = 64 * 1024

    private enum State {
        /// Before or within a status line; ends in `fields`.
        case statusLine
        /// Ends in any of the body's states, or in `statusLine` after an interim answer.
        case fields
        /// Octets that are still to come, perhaps none; ends in `ended`.
        case counted(UInt64)
        /// Lasts until the connection ends; ends in `ended`.
        case untilClose
        /// Ends in `chunk`, or in `trailers` after the last one.
        case chunkSize
        /// Octets of the chunk that are still to come, at least one; ends in `chunkEnd`.
        case chunk(UInt64)
        /// Ends in `chunkSize`.
        case chunkEnd
        /// Ends in `ended`.
        case trailers
        case ended
        /// Stays: every further call gives the same error.
        case failed(HTTP1ResponseError)
    }

    /// Octets of the body so far, without chunk headers.
    package private(set) var bodyBytes: UInt64 = 0
    /// Values of the fields that were asked for.
    package private(set) var captured: HTTP1FieldCapture

    private var state = State.statusLine
    private let request: Request
    private let limit: Int
    /// Bytes of lines since the last progress; at most `limit`.
    private var overhead = 0
    /// The beginning of a line whose end has not come yet; at most `limit` bytes.
    private var carried: [UInt8] = []
    private var head = HTTP1HeadBuilder()

    /// - Parameters:
    ///   - request: Which request is answered.
    ///   - capturing: The fields of the final head to keep; by default none.
    ///   - limit: Largest sum of head, chunk headers and trailers without progress, in bytes.
    package init(
        answerTo request: Request = .other,
        capturing: HTTP1FieldCapture = .none,
        limit: Int = HTTP1ResponseParser.defaultLimit
    ) {
        self.request = request
        self.limit = limit
        captured = capturing
    }

    /// The next thing that the answer says.
    ///
    /// - Parameter input: What has arrived; shortened by what was used.
    /// - Returns: What the input says, or that there is too little of it.
    /// - Throws: What is wrong with the answer; again on every further call.
    package mutating func next(
        _ input: inout UnsafeRawBufferPointer
    ) throws(HTTP1ResponseError) -> Event {
        while true {
            switch state {
            case .statusLine, .fields, .chunkSize, .chunkEnd, .trailers:
                do throws(HTTP1ResponseError) {
                    if let event = try nextLine(&input) { return event }
                } catch {
                    state = .failed(error)
                    throw error
                }
            case .counted(0):
                state = .ended
                return .end(isReusable: head.keepsAlive && input.isEmpty)
            case .counted(let left):
                guard let part = takeBody(&input, atMost: left) else { return .needsMore }
                state = .counted(left - UInt64(part.count))
                return .body(part)
            case .chunk(let left):
                guard let part = takeBody(&input, atMost: left) else { return .needsMore }
                let rest = left - UInt64(part.count)
                state = rest == 0 ? .chunkEnd : .chunk(rest)
                return .body(part)
            case .untilClose:
                guard let part = takeBody(&input, atMost: .max) else { return .needsMore }
                return .body(part)
            case .ended:
                return .end(isReusable: false)
            case .failed(let error):
                throw error
            }
        }
    }

    /// The peer has closed its side, and all that came before was given to ``next(_:)``.
    ///
    /// Returns if the answer is complete, with or without an earlier ``Event/end(isReusable:)``; the connection is
    /// not reusable.
    package mutating func inputEnded() throws(HTTP1ResponseError) {
        switch state {
        case .ended, .counted(0): return
        case .untilClose: state = .ended
        case .failed(let error): throw error
        case .statusLine where overhead == 0: throw .empty
        case .statusLine, .fields, .counted, .chunkSize, .chunk, .chunkEnd, .trailers: throw .truncated
        }
    }

    // MARK: - Body

    private mutating func takeBody(
        _ input: inout UnsafeRawBufferPointer,
        atMost most: UInt64
    ) -> UnsafeRawBufferPointer? {
        guard !input.isEmpty else { return nil }
        let count = Int(min(most, UInt64(input.count)))
        let part = UnsafeRawBufferPointer(rebasing: input[..<count])
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        bodyBytes &+= UInt64(count)
        overhead = 0
        return part
    }

    // MARK: - Lines

    /// Reads one line.
    ///
    /// - Returns: `nil` if the line by itself says nothing to the caller.
    private mutating func nextLine(
        _ input: inout UnsafeRawBufferPointer
    ) throws(HTTP1ResponseError) -> Event? {
        if case .statusLine = state {
            try skipEmptyLines(&input)
            try checkBeginning(input)
        }
        // What lies beyond the limit must not be looked at, or the error would depend on how the answer is split.
        let window = min(input.count, limit - overhead)
        if carried.last == HTTP1LineScanner.carriageReturn, window > 0 {
            guard input[0] == HTTP1LineScanner.lineFeed else { throw .malformedLineEnd }
            drop(1, from: &input)
            return try handleCarried(carried.count - 1)
        }
        guard let end = HTTP1LineScanner.firstControl(in: input, count: window) else {
            try carry(&input, window)
            return .needsMore
        }
        switch input[end] {
        case HTTP1LineScanner.carriageReturn where end + 1 < window:
            guard input[end + 1] == HTTP1LineScanner.lineFeed else { throw .malformedLineEnd }
        case HTTP1LineScanner.carriageReturn:
            try carry(&input, window)
            return .needsMore
        case HTTP1LineScanner.lineFeed: throw .malformedLineEnd
        case let code: throw .controlCharacter(code)
        }
        let line = UnsafeRawBufferPointer(rebasing: input[..<end])
        drop(end + 2, from: &input)
        guard !carried.isEmpty else { return try handle(line) }
        carried.append(contentsOf: line)
        return try handleCarried(carried.count)
    }

    /// Keeps the beginning of a line for the next piece.
    private mutating func carry(_ input: inout UnsafeRawBufferPointer, _ count: Int) throws(HTTP1ResponseError) {
        guard input.count == count else { throw .tooLarge(limit: limit) }
        carried.append(contentsOf: input)
        drop(count, from: &input)
    }

    @inline(__always)
    private mutating func drop(_ count: Int, from input: inout UnsafeRawBufferPointer) {
        overhead &+= count
        input = UnsafeRawBufferPointer(rebasing: input[count...])
    }

    private mutating func handleCarried(_ count: Int) throws(HTTP1ResponseError) -> Event? {
        var line: [UInt8] = []
        swap(&line, &carried)
        let result = line.withUnsafeBytes { bytes in
            Result { () throws(HTTP1ResponseError) in
                try handle(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
        }
        line.removeAll(keepingCapacity: true)
        swap(&line, &carried)
        return try result.get()
    }

    /// Line ends before the status line, which llhttp skips, too.
    private mutating func skipEmptyLines(_ input: inout UnsafeRawBufferPointer) throws(HTTP1ResponseError) {
        guard carried.isEmpty else { return }
        while let byte = input.first, byte == HTTP1LineScanner.carriageReturn || byte == HTTP1LineScanner.lineFeed {
            guard overhead < limit else { throw .tooLarge(limit: limit) }
            drop(1, from: &input)
        }
    }

    /// Refuses what is not HTTP at its first byte that differs: other protocols send no line ends.
    private func checkBeginning(_ input: UnsafeRawBufferPointer) throws(HTTP1ResponseError) {
        let name: StaticString = "HTTP/"
        var index = carried.count
        while index < name.utf8CodeUnitCount, index - carried.count < min(input.count, limit - overhead) {
            let byte = input[index - carried.count]
            guard byte == name.utf8Start[index] else {
                let found = "HTTP/".prefix(index) + String(decoding: [byte], as: UTF8.self)
                throw .notHTTP(found: printable(found, limit: name.utf8CodeUnitCount))
            }
            index += 1
        }
    }

    /// Takes one line without its end.
    @inline(__always)
    private mutating func handle(_ line: UnsafeRawBufferPointer) throws(HTTP1ResponseError) -> Event? {
        switch state {
        case .statusLine:
            try head.readStatusLine(line)
            state = .fields
        case .fields where line.isEmpty:
            return try finishHead()
        case .fields:
            let field = try HTTP1Field(line)
            try head.read(field)
            if !captured.isEmpty { captured.take(field) }
        case .chunkSize:
            let size = try Self.chunkSize(line)
            state = size == 0 ? .trailers : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformedChunkEnd }
            state = .chunkSize
        case .trailers where line.isEmpty:
            state = .counted(0)
        case .trailers:
            // A trailer that frames the answer comes too late to be meant well.
            guard try !HTTP1Field(line).isNamed("content-length") else { throw .malformedContentLength }
        case .counted, .untilClose, .chunk, .ended, .failed:
            break
        }
        return nil
    }

    private mutating func finishHead() throws(HTTP1ResponseError) -> Event? {
        let status = head.status
        guard status != 101 else { throw .protocolSwitched }
        if status < 200 {
            // What an interim answer says of the connection is true for the final one, too.
            head = HTTP1HeadBuilder(closes: head.closes)
            captured.clear()
            state = .statusLine
            return nil
        }
        let hasBody =
            switch request {
            case .head: false
            case .connect: status >= 300
            case .other: true
            }
        let framing = hasBody && status != 204 && status != 304 ? head.framing : .none
        state =
            switch framing {
            case .none: .counted(0)
            case .counted(let count): .counted(count)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
        if framing == .untilClose { head.close() }
        overhead = 0
        return .head(
            HTTP1ResponseHead(
                status: status,
                minorVersion: head.minorVersion,
                keepsAlive: head.keepsAlive,
                framing: framing
            )
        )
    }

    /// The size of a chunk, whose extensions are allowed and mean nothing.
    private static func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTP1ResponseError) -> UInt64 {
        var size: UInt64 = 0
        var index = 0
        while index < line.count, let digit = HTTP1LineScanner.hexadecimal(line[index]) {
            guard size >> 60 == 0 else { throw .malformedChunkSize }
            size = size << 4 | digit
            index += 1
        }
        let rest = HTTP1LineScanner.trimmed(UnsafeRawBufferPointer(rebasing: line[index...]))
        guard index > 0, rest.isEmpty || rest[0] == UInt8(ascii: ";") else { throw .malformedChunkSize }
        return size
    }
}
