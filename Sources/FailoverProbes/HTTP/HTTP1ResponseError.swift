/// Why bytes are not an answer to an HTTP/1.1 request, or not a whole one.
package enum HTTP1ResponseError: Error, Hashable, Sendable {
    /// The first bytes differ from `HTTP/`; what was found, up to the byte that differs, at most five bytes.
    case notHTTP(found: String)
    /// A version other than 1.0 and 1.1; what was found between `HTTP/` and the space, at most 16 characters.
    case unsupportedVersion(found: String)
    /// The version is not followed by a space, a status from 100 to 999, and a space or the end of the line.
    case malformedStatus
    /// A line feed without a carriage return before it, or a carriage return without a line feed after it.
    case malformedLineEnd
    /// A control character within a line, by its code.
    case controlCharacter(UInt8)
    /// A field line without a colon, or with a character before the colon that a name cannot have.
    case malformedField
    /// A field line that begins with white space, as the continuation of the one before.
    case foldedField
    /// `Content-Length` is not a number from 0 to 2^64 - 1, stands in a trailer, or its values differ.
    case malformedContentLength
    /// Both `Content-Length` and `Transfer-Encoding`: two readers could disagree on where the answer ends.
    case ambiguousLength
    /// A chunk does not begin with a hexadecimal size below 2^64.
    case malformedChunkSize
    /// The data of a chunk are not followed by the end of a line.
    case malformedChunkEnd
    /// Status 101, which nobody asked for.
    case protocolSwitched
    /// Head, chunk headers or trailers exceed the limit, in bytes, without any progress.
    case tooLarge(limit: Int)
    /// The connection ended before the first byte.
    case empty
    /// The connection ended within the answer.
    case truncated
}

extension HTTP1ResponseError: CustomStringConvertible {
    /// One line for people: what was found, and what is allowed.
    package var description: String {
        switch self {
        case .notHTTP(let found): "not an HTTP response: begins with \"\(found)\" instead of \"HTTP/\""
        case .unsupportedVersion(let found): "an answer in HTTP version \"\(found)\", where 1.0 and 1.1 are understood"
        case .malformedStatus: "not an HTTP response: the status line has no status from 100 to 999"
        case .malformedLineEnd: "not an HTTP response: a line does not end in carriage return and line feed"
        case .controlCharacter(let code): "not an HTTP response: a line has the control character \(code)"
        case .malformedField: "not an HTTP response: a header line does not begin with a name and a colon"
        case .foldedField: "not an HTTP response: a header line begins with white space"
        case .malformedContentLength: "not an HTTP response: Content-Length is not one number"
        case .ambiguousLength: "not an HTTP response: it has both Content-Length and Transfer-Encoding"
        case .malformedChunkSize: "not an HTTP response: a chunk does not begin with a hexadecimal size"
        case .malformedChunkEnd: "not an HTTP response: a chunk is longer than its size says"
        case .protocolSwitched: "status 101: the server switches to another protocol, which was not asked for"
        case .tooLarge(let limit): "over \(limit) bytes of head, chunk headers or trailers"
        case .empty: "the connection closed without an answer"
        case .truncated: "the connection closed before the answer was complete"
        }
    }
}
