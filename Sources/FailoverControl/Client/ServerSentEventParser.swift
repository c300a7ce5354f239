/// Reads an event stream piece by piece, wherever the pieces were cut.
///
/// Follows "Interpreting an event stream" of the HTML standard: lines end with LF, CR or CRLF; an empty line
/// dispatches; a line that begins with a colon is a comment.
package struct ServerSentEventParser: Sendable {
    /// The message in the making is longer than `maximumBytes`.
    package struct TooLong: Error, Hashable, Sendable {
        package let maximumBytes: Int
    }

    /// Bytes of one message that are kept while it is not whole.
    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var id: String?
    private var event = ""
    private var data: [String] = []
    private var dataBytes = 0
    private var lastWasCarriageReturn = false
    private var isAtStart = true

    /// 1 MiB is far above the largest event, a move with the arithmetic of every indicator.
    package init(maximumBytes: Int = 1024 * 1024) { self.maximumBytes = maximumBytes }

    /// The messages that `bytes` complete, in order.
    package mutating func append(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where lastWasCarriageReturn: lastWasCarriageReturn = false
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                lastWasCarriageReturn = byte == UInt8(ascii: "\r")
                if let event = endLine() { events.append(event) }
            default:
                lastWasCarriageReturn = false
                line.append(byte)
                guard line.count + dataBytes <= maximumBytes else { throw TooLong(maximumBytes: maximumBytes) }
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        var text = String(decoding: line, as: UTF8.self)[...]
        line.removeAll(keepingCapacity: true)
        if isAtStart, text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        isAtStart = false
        guard !text.isEmpty else { return dispatch() }
        let colon = text.firstIndex(of: ":")
        let field = text[..<(colon ?? text.endIndex)]
        var value = colon.map { text[text.index(after: $0)...] } ?? ""
        if value.first == " " { value.removeFirst() }
        switch field {
        case "id": if !value.unicodeScalars.contains("\0") { id = String(value) }
        case "event": event = String(value)
        case "data":
            data.append(String(value))
            dataBytes += value.utf8.count + 1
        // Comments, `retry`, and whatever is added one day.
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            event = ""
            data = []
            dataBytes = 0
        }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(id: id, event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n"))
    }
}
