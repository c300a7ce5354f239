/// A key, as a terminal tells it.
package enum WatchKey: Hashable, Sendable {
    case character(Character)
    case enter
    case escape
    case backspace
    /// Ctrl-U: forget what was typed.
    case clear
    case up
    case down
    case pageUp
    case pageDown
    case home
    case end
    /// Ctrl-L: draw everything anew.
    case redraw
}

/// Finds keys in what a terminal sends, in whatever pieces it comes.
package struct WatchKeyReader: Sendable {
    private var pending: [UInt8] = []
    private var isPasting = false

    package init() {}

    /// An escape came, and what follows will say whether it was the key or the beginning of another.
    package var isUndecided: Bool { !pending.isEmpty }

    /// Longer than any key's sequence; what does not end by then is noise.
    private static let longest = 32

    package mutating func read(_ bytes: some Sequence<UInt8>) -> [WatchKey] {
        pending += bytes
        var keys: [WatchKey] = []
        while let (key, length) = next() {
            pending.removeFirst(length)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// What is left undecided after a pause: an escape alone is the key.
    package mutating func settle() -> [WatchKey] {
        defer { pending = [] }
        return pending.first == Self.escape ? [.escape] : []
    }

    private static let escape: UInt8 = 0x1B

    /// The first key with its length in bytes; `nil` as a key for what is none, and `nil` altogether if more must come.
    private mutating func next() -> (key: WatchKey?, length: Int)? {
        guard let first = pending.first else { return nil }
        switch first {
        case Self.escape: return sequence()
        // A pasted line must not answer a question.
        case 0x0D, 0x0A: return (isPasting ? .character(" ") : .enter, 1)
        case 0x7F, 0x08: return (.backspace, 1)
        case 0x0C: return (.redraw, 1)
        case 0x15: return (.clear, 1)
        case 0x09: return (.down, 1)
        case 0..<0x20: return (nil, 1)
        default: return character(first)
        }
    }

    private func character(_ first: UInt8) -> (key: WatchKey?, length: Int)? {
        let length =
            switch first {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        guard pending.count >= length else { return nil }
        guard let text = String(validating: pending[..<length], as: UTF8.self), let character = text.first else {
            return (nil, 1)
        }
        let isControl = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return (isControl ? nil : .character(character), length)
    }

    private mutating func sequence() -> (key: WatchKey?, length: Int)? {
        guard pending.count > 1 else { return nil }
        guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
            // An escape before another key: both of them.
            return (.escape, 1)
        }
        // Parameters end with a letter or a tilde.
        guard let end = pending[2...].firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            return pending.count > Self.longest ? (nil, pending.count) : nil
        }
        let parameters = String(decoding: pending[2..<end], as: UTF8.self)
        return (key(parameters, final: pending[end]), end + 1)
    }

    private mutating func key(_ parameters: String, final: UInt8) -> WatchKey? {
        switch (final, parameters) {
        case (UInt8(ascii: "A"), _): return .up
        case (UInt8(ascii: "B"), _): return .down
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): return .home
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): return .end
        case (UInt8(ascii: "~"), "5"): return .pageUp
        case (UInt8(ascii: "~"), "6"): return .pageDown
        case (UInt8(ascii: "~"), "200"): isPasting = true
        case (UInt8(ascii: "~"), "201"): isPasting = false
        default: break
        }
        return nil
    }
}
