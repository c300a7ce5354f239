/// Finds the characters that matter in a line, eight bytes at a time.
enum HTTP1LineScanner {
    static let carriageReturn: UInt8 = 0x0d
    static let lineFeed: UInt8 = 0x0a
    static let tab: UInt8 = 0x09
    static let space: UInt8 = 0x20

    /// The offset of the first control character other than a tab, which is the end of a well-formed line.
    ///
    /// - Returns: An offset below `count`, or `nil` if there is none.
    @inline(__always)
    static func firstControl(in bytes: UnsafeRawBufferPointer, count: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var offset = 0
        while offset &+ 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            var found = controls(in: word)
            while found != 0 {
                let index = offset &+ found.trailingZeroBitCount / 8
                // Above the first hit there may be false ones, so look at the byte itself.
                if isForbidden(base.load(fromByteOffset: index, as: UInt8.self)) { return index }
                found &= found &- 1
            }
            offset &+= 8
        }
        while offset < count {
            if isForbidden(base.load(fromByteOffset: offset, as: UInt8.self)) { return offset }
            offset &+= 1
        }
        return nil
    }

    /// The highest bit of each byte that is below 0x20 or is 0x7f; bytes above the first such byte may be marked too.
    ///
    /// Source: "Determine if a word has a byte less than n" of Bit Twiddling Hacks, where a borrow may mark bytes above
    /// a hit and never below it.
    @inline(__always)
    private static func controls(in word: UInt64) -> UInt64 {
        let delete = word ^ 0x7f7f_7f7f_7f7f_7f7f
        let low = (word &- 0x2020_2020_2020_2020) & ~word
        let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete
        return (low | isDelete) & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func isForbidden(_ byte: UInt8) -> Bool { (byte < space && byte != tab) || byte == 0x7f }

    /// Whether the byte may stand in the name of a field: a `tchar` of RFC 9110, section 5.6.2.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit a character: !#$%&'*+-. and the digits below 64; the letters and ^_`|~ from 64 on.
        let bits: UInt64 = byte < 64 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
        return byte < 128 && (bits &>> UInt64(byte & 63)) & 1 == 1
    }

    /// The value of a hexadecimal digit, `nil` for any other byte.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    /// Without spaces and tabs at both ends: the optional white space of RFC 9110, section 5.6.3.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == space || bytes[start] == tab { start &+= 1 }
        while start < end, bytes[end &- 1] == space || bytes[end &- 1] == tab { end &-= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Whether the bytes are `word` in any case; `word` is in lower case and has only letters and hyphens.
    ///
    /// A hyphen has the bit that lower case sets, so a carriage return would pass for one; lines hold none.
    @inline(__always)
    static func equal(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count where bytes[index] | 0x20 != word.utf8Start[index] { return false }
        return true
    }
}
