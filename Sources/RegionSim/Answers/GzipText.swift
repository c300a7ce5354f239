/// Wraps bytes in the gzip format (RFC 1952) without making them smaller: a client that cannot read it sees no less.
enum GzipText {
    static func encode(_ text: String) -> [UInt8] {
        let plain = Array(text.utf8)
        // The magic number, deflate, no flags, no time, no extra flags, unknown system.
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for start in stride(from: 0, through: max(plain.count - 1, 0), by: blockSize) {
            let block = plain[start..<min(start + blockSize, plain.count)]
            let length = UInt16(block.count)
            bytes.append(start + blockSize >= plain.count ? 1 : 0)
            bytes += littleEndian(length) + littleEndian(~length) + block
        }
        return bytes + littleEndian(checksum(plain)) + littleEndian(UInt32(truncatingIfNeeded: plain.count))
    }

    /// The most that a stored block of deflate (RFC 1951) holds.
    private static let blockSize = 65_535

    /// The cyclic redundancy check of RFC 1952, section 8.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        let rest = bytes.reduce(~0 as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in (sum >> 1) ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~rest
    }

    private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
