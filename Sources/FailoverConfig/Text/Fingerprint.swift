/// FNV-1a with 64 bits: short and stable, enough to tell two configurations apart, not made against forgers.
enum Fingerprint {
    /// 16 hexadecimal digits.
    static func hex(of text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
