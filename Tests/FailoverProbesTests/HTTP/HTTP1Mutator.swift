/// Makes answers that are almost right out of answers that are, the same ones for the same seed.
struct HTTP1Mutator {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// One of the seeds with one or two changes.
    mutating func next(from seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[pick(seeds.count)]
        for _ in 0...pick(2) { change(&bytes, seeds) }
        return bytes
    }

    /// True once in so many calls.
    mutating func happens(onceIn count: Int) -> Bool { pick(count) == 0 }

    /// Any place to cut, the two ends included.
    mutating func offset(in bytes: [UInt8]) -> Int { pick(bytes.count + 1) }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &random) }

    private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        let at = pick(bytes.count + 1)
        let end = min(bytes.count, at + pick(12))
        switch pick(8) {
        case 0 where at < bytes.count: bytes[at] = UInt8(pick(256))
        case 1: bytes.replaceSubrange(at..<end, with: [])
        case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
        case 3: bytes.insert(contentsOf: Self.words[pick(Self.words.count)].utf8, at: at)
        case 4: bytes.replaceSubrange(at..<end, with: Self.words[pick(Self.words.count)].utf8)
        case 5: bytes.insert(Self.marks[pick(Self.marks.count)], at: at)
        case 6: addLine(&bytes)
        default:
            let other = seeds[pick(seeds.count)]
            bytes = Array(bytes[..<at] + other[pick(other.count)...])
        }
    }

    /// Adds a whole line after one that is there.
    private mutating func addLine(_ bytes: inout [UInt8]) {
        let ends = bytes.indices.filter { bytes[$0] == 0x0a }
        guard !ends.isEmpty else { return }
        let line = Self.lines[pick(Self.lines.count)] + "\r\n"
        bytes.insert(contentsOf: line.utf8, at: ends[pick(ends.count)] + 1)
    }

    private static let marks = Array("\r\n\t \0:;,=\"0a9fG-+xX\u{7f}".utf8)
    private static let words = [
        "\r\n", "\r\n\r\n", "\n", "\r", "HTTP/1.1 200 OK\r\n", "HTTP/1.0", "HTTP/2.0", "100", "101", "204", "304",
        "chunked",
        "gzip, ", ", chunked", "Content-Length", "Transfer-Encoding", "Connection", "close", "keep-alive",
        "18446744073709551615", "18446744073709551616", "ffffffffffffffff", "00000000000000000000", "0\r\n\r\n",
        ";a=\"b\"",
    ]
    private static let lines = [
        "Content-Length: 0", "Content-Length: 5", "Content-Length: 5, 5", "Content-Length:5\t", "content-length: x",
        "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked,", "Transfer-Encoding:",
        "Connection: close", "Connection: keep-alive, close", "connection:Keep-Alive\t", "A: b", " folded", "A", ":",
        "",
        "HTTP/1.1 100 Continue", "HTTP/1.1 200 OK", "5", "0", "5;x", "5 ;x", "5 ", "hello",
    ]
}

/// The generator of Steele, Lea and Flood (2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
