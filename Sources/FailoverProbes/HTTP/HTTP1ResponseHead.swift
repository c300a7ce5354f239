/// What the status line and the header fields of an answer say to a probe.
package struct HTTP1ResponseHead: Hashable, Sendable {
    /// Where the body ends.
    package enum Framing: Hashable, Sendable {
        /// There is none, whatever the fields say.
        case none
        /// After this number of octets, perhaps 0.
        case counted(UInt64)
        /// After the last chunk and its trailers.
        case chunked
        /// Where the connection ends.
        case untilClose
    }

    /// 200...999.
    package let status: Int
    /// 0 or 1: the answer is in HTTP/1.0 or HTTP/1.1.
    package let minorVersion: UInt8
    /// Whether the server keeps the connection open after the answer.
    package let keepsAlive: Bool
    package let framing: Framing

    package init(status: Int, minorVersion: UInt8 = 1, keepsAlive: Bool, framing: Framing) {
        self.status = status
        self.minorVersion = minorVersion
        self.keepsAlive = keepsAlive
        self.framing = framing
    }
}

/// A header field within a line that has no control characters.
struct HTTP1Field {
    /// At least one character, all of them such as names have.
    let name: UnsafeRawBufferPointer
    /// Without white space at its ends.
    let value: UnsafeRawBufferPointer

    @inline(__always)
    init(_ line: UnsafeRawBufferPointer) throws(HTTP1ResponseError) {
        var colon = 0
        while colon < line.count, HTTP1LineScanner.isToken(line[colon]) { colon &+= 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            let isFolded = line.first == HTTP1LineScanner.space || line.first == HTTP1LineScanner.tab
            throw isFolded ? .foldedField : .malformedField
        }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        value = HTTP1LineScanner.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon &+ 1)...]))
    }

    @inline(__always)
    func isNamed(_ word: StaticString) -> Bool { HTTP1LineScanner.equal(name, word) }

    /// Calls `body` with each element of a comma-separated list, without empty ones.
    @inline(__always)
    func forEachElement(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start <= value.count {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ",") { end &+= 1 }
            let element = HTTP1LineScanner.trimmed(UnsafeRawBufferPointer(rebasing: value[start..<end]))
            if !element.isEmpty { body(element) }
            start = end &+ 1
        }
    }
}

/// Gathers from a head what decides about framing and reuse.
struct HTTP1HeadBuilder {
    /// 100...999 once the status line was read.
    private(set) var status = 0
    private(set) var minorVersion: UInt8 = 1
    /// The server said that it closes the connection.
    private(set) var closes: Bool
    private var asksToKeepAlive = false
    private var contentLength: UInt64?
    private var coding = Coding.none

    /// The last transfer coding of all fields.
    private enum Coding {
        case none
        case chunked
        /// Chunked is not the last one, so the body ends with the connection.
        case other
    }

    init(closes: Bool = false) { self.closes = closes }

    mutating func close() { closes = true }

    var keepsAlive: Bool {
        guard !closes else { return false }
        // HTTP/1.0 knows no transfer coding: whoever sent one may mean another end of the answer.
        return minorVersion > 0 || (asksToKeepAlive && coding == .none)
    }

    var framing: HTTP1ResponseHead.Framing {
        switch coding {
        case .chunked: .chunked
        case .other: .untilClose
        case .none: contentLength.map { .counted($0) } ?? .untilClose
        }
    }

    /// Reads `HTTP/1.1 200 OK`, whose first five characters are known to be right if they are there.
    mutating func readStatusLine(_ line: UnsafeRawBufferPointer) throws(HTTP1ResponseError) {
        let text = UnsafeRawBufferPointer(rebasing: line.dropFirst(5))
        guard text.count > 2, text[0] == UInt8(ascii: "1"), text[1] == UInt8(ascii: "."),
            text[2] == UInt8(ascii: "0") || text[2] == UInt8(ascii: "1")
        else {
            let found = text.prefix { $0 != HTTP1LineScanner.space }.prefix(17)
            throw .unsupportedVersion(found: printable(String(decoding: found, as: UTF8.self), limit: 16))
        }
        minorVersion = text[2] &- UInt8(ascii: "0")
        guard text.count > 6, text[3] == HTTP1LineScanner.space,
            text.count == 7 || text[7] == HTTP1LineScanner.space
        else { throw .malformedStatus }
        var code = 0
        for byte in text[4..<7] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformedStatus }
            code = code &* 10 &+ Int(byte &- UInt8(ascii: "0"))
        }
        guard code >= 100 else { throw .malformedStatus }
        status = code
    }

    @inline(__always)
    mutating func read(_ field: HTTP1Field) throws(HTTP1ResponseError) {
        // The lengths of the three names; most fields have another.
        switch field.name.count {
        case 10 where field.isNamed("connection"): readConnection(field)
        case 14 where field.isNamed("content-length"): try readContentLength(field)
        case 17 where field.isNamed("transfer-encoding"): try readTransferEncoding(field)
        default: break
        }
    }

    private mutating func readConnection(_ field: HTTP1Field) {
        field.forEachElement { element in
            if HTTP1LineScanner.equal(element, "close") { closes = true }
            if HTTP1LineScanner.equal(element, "keep-alive") { asksToKeepAlive = true }
        }
    }

    private mutating func readContentLength(_ field: HTTP1Field) throws(HTTP1ResponseError) {
        guard coding == .none else { throw .ambiguousLength }
        // Several equal values are what a proxy makes of two fields (RFC 9112, section 6.3).
        var lengths = 0
        var isValid = true
        field.forEachElement { element in
            let length = Self.decimal(element)
            isValid = isValid && length != nil && (contentLength == nil || contentLength == length)
            contentLength = length
            lengths += 1
        }
        guard isValid, lengths > 0 else { throw .malformedContentLength }
    }

    private mutating func readTransferEncoding(_ field: HTTP1Field) throws(HTTP1ResponseError) {
        guard contentLength == nil else { throw .ambiguousLength }
        // An empty field names no coding, and takes none back.
        if coding == .none { coding = .other }
        field.forEachElement { element in
            coding = HTTP1LineScanner.equal(element, "chunked") ? .chunked : .other
        }
    }

    /// `nil` for anything but digits, and from 2^64 on.
    private static func decimal(_ digits: UnsafeRawBufferPointer) -> UInt64? {
        var value: UInt64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
            guard !overflowed, !carried else { return nil }
            value = sum
        }
        return value
    }
}
