/// Reads an event stream, the format of `text/event-stream`, in pieces of any size.
///
/// Lines end with CR, LF or both; a byte order mark at the beginning is skipped. All pieces of one stream tell the same
/// as the whole of it does. Memory is bounded by the largest event, and each byte is looked at a fixed number of times.
/// Source: WHATWG HTML, "Server-sent events".
package struct EventStreamParser: Sendable {
    /// What one event says; its identifier and the time to reconnect mean nothing to a probe.
    package struct Event: Hashable, Sendable {
        /// Empty if the event has none; at most 64 bytes.
        package let name: String
        /// The lines of the event's text, joined by line feeds.
        package let text: [UInt8]

        package init(name: String = "", text: [UInt8]) {
            self.name = name
            self.text = text
        }
    }

    /// What the next bytes amount to.
    package enum Item: Hashable, Sendable {
        case event(Event)
        case comment
        /// An event is over the limit: nothing after it is read.
        case tooLarge
    }

    private enum Progress {
        /// At the beginning, after so many bytes of a byte order mark.
        case beginning(Int)
        case lines
        /// After a CR: an LF belongs to it.
        case afterCR
        case stopped
    }

    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let maximumNameBytes = 64

    /// Of one event, in bytes.
    private let limit: Int
    private var progress = Progress.beginning(0)
    /// What has arrived of a line whose end has not.
    private var line: [UInt8] = []
    /// The line whose end has not arrived is a comment: nothing of it is kept.
    private var isComment = false
    /// The text of the event so far; `nil` before its first line.
    private var text: [UInt8]?
    private var name: [UInt8] = []

    /// - Parameter limit: Largest event, in bytes.
    package init(limit: Int = EventStreamParser.defaultLimit) { self.limit = limit }

    package static let defaultLimit = 256 * 1024

    /// Reads from `input` what the next item needs, and takes it off.
    ///
    /// - Returns: `nil` when all of `input` is read.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) -> Item? {
        while let first = input.first {
            switch progress {
            case .stopped:
                input = UnsafeRawBufferPointer(rebasing: input[input.endIndex...])
                return nil
            case .beginning(let count): skipMark(count, first, &input)
            case .afterCR:
                progress = .lines
                if first == 0x0a { input = UnsafeRawBufferPointer(rebasing: input.dropFirst()) }
            case .lines:
                if let item = readLine(&input) { return item }
            }
        }
        return nil
    }

    /// The event that the end of the stream found without the empty line that should follow it; `nil` if there is none.
    package mutating func end() -> Event? {
        if case .stopped = progress { return nil }
        progress = .stopped
        if !line.isEmpty, !isComment, takeLine() != nil { return nil }
        return takeEvent()
    }

    private mutating func skipMark(_ count: Int, _ byte: UInt8, _ input: inout UnsafeRawBufferPointer) {
        guard byte == Self.byteOrderMark[count] else {
            // What looked like a mark is the beginning of a line.
            line = Array(Self.byteOrderMark.prefix(count))
            progress = .lines
            return
        }
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        progress = count + 1 == Self.byteOrderMark.count ? .lines : .beginning(count + 1)
    }

    private mutating func readLine(_ input: inout UnsafeRawBufferPointer) -> Item? {
        let end = input.firstIndex { $0 == 0x0a || $0 == 0x0d }
        let piece = UnsafeRawBufferPointer(rebasing: input[..<(end ?? input.endIndex)])
        if let end { progress = input[end] == 0x0d ? .afterCR : .lines }
        input = UnsafeRawBufferPointer(rebasing: input[(end.map { $0 + 1 } ?? input.endIndex)...])
        if line.isEmpty, !isComment {
            if piece.first == UInt8(ascii: ":") {
                isComment = true
            } else if end != nil {
                return isWithinLimit(piece.count) ? takeLine(piece) : stop()
            }
        }
        guard !isComment else {
            guard end != nil else { return nil }
            isComment = false
            return .comment
        }
        guard isWithinLimit(line.count + piece.count) else { return stop() }
        line.append(contentsOf: piece)
        return end == nil ? nil : takeLine()
    }

    private func isWithinLimit(_ lineBytes: Int) -> Bool { lineBytes + (text?.count ?? 0) <= limit }

    private mutating func stop() -> Item {
        progress = .stopped
        line = []
        text = nil
        return .tooLarge
    }

    /// Takes the line that arrived in pieces.
    private mutating func takeLine() -> Item? {
        // Taken out while it is read, so that nothing is copied.
        var whole: [UInt8] = []
        swap(&whole, &line)
        let item = whole.withUnsafeBytes { takeLine($0) }
        whole.removeAll(keepingCapacity: true)
        line = whole
        return item
    }

    private mutating func takeLine(_ line: UnsafeRawBufferPointer) -> Item? {
        guard !line.isEmpty else { return takeEvent().map { .event($0) } }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == 0x20 { value = value.dropFirst() }
        let field = line[..<colon]
        if field.elementsEqual("data".utf8) {
            if text == nil {
                text = Array(value)
            } else {
                text?.append(0x0a)
                text?.append(contentsOf: value)
            }
        } else if field.elementsEqual("event".utf8) {
            name = Array(value.prefix(Self.maximumNameBytes))
        }
        return nil
    }

    private mutating func takeEvent() -> Event? {
        defer {
            text = nil
            name = []
        }
        return text.map { Event(name: String(decoding: name, as: UTF8.self), text: $0) }
    }
}
