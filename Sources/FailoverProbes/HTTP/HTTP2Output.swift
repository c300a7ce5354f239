/// What our own side of an HTTP/2 connection has to say, as bytes.
enum HTTP2Output {
    /// Source: RFC 9113, section 4.1.
    private static let frameHeaderBytes = 9
    /// Source: RFC 9113, section 3.4.
    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// Whether the end of a body is among whole frames, perhaps with the connection's preface before them.
    static func endsBody(_ output: UnsafeRawBufferPointer) -> Bool {
        var rest = output
        let prefaceBytes = UnsafeRawBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount)
        if rest.starts(with: prefaceBytes) { rest = UnsafeRawBufferPointer(rebasing: rest[prefaceBytes.count...]) }
        while rest.count >= frameHeaderBytes {
            let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
            // The type DATA, and the flag END_STREAM.
            if rest[3] == 0, rest[4] & 1 == 1 { return true }
            guard rest.count >= frameHeaderBytes + length else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[(frameHeaderBytes + length)...])
        }
        return false
    }
}
