import Testing

@testable import FailoverControl

/// Keys in whatever pieces a terminal sends them, and screens in as few bytes as they need.
@Suite struct WatchKeyTests {
    @Test(arguments: [
        ("j", [WatchKey.character("j")]),
        ("\r", [.enter]),
        ("\u{1B}[A\u{1B}[B", [.up, .down]),
        ("\u{1B}OA\u{1B}OB", [.up, .down]),
        ("\u{1B}[5~\u{1B}[6~\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~", [.pageUp, .pageDown, .home, .end, .home, .end]),
        ("\u{1B}[1;5A", [.up]),
        ("é東👍", [.character("é"), .character("東"), .character("👍")]),
        ("\u{7F}\u{08}", [.backspace, .backspace]),
        ("\u{0C}\u{15}", [.redraw, .clear]),
        ("\u{00}\u{01}", []),
        ("\u{1B}[200~new\ny\u{1B}[201~\r", "new y".map { WatchKey.character($0) } + [.enter]),
        ("\u{1B}q", [.escape, .character("q")]),
    ])
    func keysAreFound(text: String, keys: [WatchKey]) {
        var whole = WatchKeyReader()
        #expect(whole.read(text.utf8) + whole.settle() == keys)
        var pieces = WatchKeyReader()
        #expect(text.utf8.flatMap { pieces.read([$0]) } + pieces.settle() == keys)
    }

    @Test func anEscapeAloneIsTheKeyAfterAPause() {
        var reader = WatchKeyReader()
        #expect(reader.read([0x1B]) == [])
        #expect(reader.isUndecided)
        #expect(reader.settle() == [.escape])
        #expect(!reader.isUndecided)
    }

    @Test func noiseIsForgotten() {
        var reader = WatchKeyReader()
        #expect(reader.read([0x1B, 0x5B] + Array(repeating: UInt8(ascii: "1"), count: 100)) == [])
        #expect(reader.read([0xFF, 0xC3, 0x28]) == [.character("(")])
        #expect(!reader.isUndecided)
    }

    @Test func onlyWhatDiffersIsDrawn() {
        var screen = ScreenUpdate()
        let (begin, end) = ("\u{1B}[?2026h", "\u{1B}[?2026l")
        func line(_ row: Int, _ text: String) -> String { "\u{1B}[\(row);1H\u{1B}[0m\u{1B}[2K\(text)" }
        #expect(
            screen.bytes(for: ["a", "", "b"], width: 5, height: 4)
                == begin + "\u{1B}[2J" + line(1, "a") + line(3, "b") + end
        )
        #expect(screen.bytes(for: ["a", "", "b"], width: 5, height: 4) == "")
        #expect(screen.bytes(for: ["a", "c"], width: 5, height: 4) == begin + line(2, "c") + line(3, "") + end)
        #expect(screen.bytes(for: ["a"], width: 6, height: 4) == begin + "\u{1B}[2J" + line(1, "a") + end)
        screen.forget()
        #expect(screen.bytes(for: ["a"], width: 6, height: 4) == begin + "\u{1B}[2J" + line(1, "a") + end)
    }

    @Test(arguments: [
        (0.0, "░░░░░░░░"), (0.5, "████░░░░"), (0.99, "███████▉"), (1, "████████"), (7, "████████"), (0.01, "▏░░░░░░░"),
        (-1, "░░░░░░░░"), (.nan, "░░░░░░░░"),
    ])
    func evidenceFillsItsBar(share: Double, bar: String) {
        #expect(WatchGlyphs.unicode.bar(share, width: 8) == bar)
    }

    @Test func theObjectiveAlwaysHasTheSameHeight() {
        let sparkline = Sparkline(values: [1, 750, 1500, 3000, 3001, 6000, 6001, nil], objective: 3000)
        #expect(sparkline.line(.unicode).text == "▁▁▂▄▆▆█ ")
        #expect(sparkline.line(.ascii).text == "__.=!!# ")
        #expect(
            sparkline.chart(height: 3, .unicode).map(\.text) == [
                "┄┄┄┄▁██┄",
                "   ████ ",
                "▁▄█████ ",
            ]
        )
    }
}
