/// A running fingerprint of everything that went in and came out: FNV-1a with 64 bits, over whole words.
///
/// Two runs that differ anywhere have different ones, but for a chance that does not matter here.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x0000_0100_0000_01B3 }
    mutating func add(_ word: Int64) { add(UInt64(bitPattern: word)) }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        // So that two texts never run into each other.
        add(UInt64(0xFF))
    }

    /// 16 hexadecimal digits.
    package var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
