import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// No size breaks a screen, and no text does.
@Suite struct WatchSizeTests {
    /// Reasons that take more columns than they have characters, or fewer, or would steer a terminal.
    private static let hostile = "東京\u{1B}[31m 故障 e\u{301}\u{301}\u{301}\u{301} 👩‍👩‍👧 \u{202E}gnorw ☎\u{FE0F}\n\u{0301}"

    private static let state = Samples.state(
        routes: [Samples.route(active: "us-east", mode: .failOpen)],
        endpoints: [
            Samples.endpoint(
                "us-east",
                verdict: .unhealthy,
                reason: Reason(.availability, hostile),
                indicators: Samples.healthyIndicators
            ),
            Samples.endpoint("eu-west", indicators: Samples.healthyIndicators),
        ],
        intents: WatchSamples.intents
    )

    private static let pages: [(name: String, keys: [WatchKey])] = [
        ("list", []), ("help", [.character("?")]), ("detail", [.enter]), ("endpoint", [.down, .enter, .end]),
        ("choice", [.character("p")]), ("reason", [.character("p"), .enter, .character("東"), .enter]),
        ("confirmation", [.character("f"), .character("x"), .enter, .enter]),
    ]

    @Test(arguments: pages.indices)
    func nothingIsWiderOrHigherThanTheScreen(page: Int) {
        var model = WatchSamples.model(Self.state, explaining: Samples.explanation, events: [Samples.failover])
        for key in Self.pages[page].keys { _ = WatchSamples.press(key, in: &model) }
        var broken: [String] = []
        for width in 1...200 {
            // Every height with some width of each kind; all of them together would take minutes.
            let height = 1 + (width * 7 + page) % 60
            let glyphs = width % 3 == 0 ? WatchGlyphs.ascii : .unicode
            let lines = WatchSamples.draw(model, width, height, later: width % 2 == 0 ? 30 : 0, glyphs: glyphs).lines
            let isTame = !glyphs.isASCII || lines.allSatisfy { $0.text.utf8.allSatisfy(isPlain) }
            if lines.count > height || lines.contains(where: { $0.columns > width }) || !isTame {
                broken.append("\(Self.pages[page].name) \(width)x\(height)")
            }
        }
        #expect(broken == [])
    }

    private func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) }

    @Test func textIsTamed() {
        #expect(ScreenColumns.tamed(Self.hostile, ascii: false) == "東京 [31m 故障 e\u{301}\u{301} 👩👩👧 gnorw ☎ \u{301}")
        #expect(ScreenColumns.tamed(Self.hostile, ascii: true) == "?? [31m ?? e ??? gnorw ? ")
        #expect(ScreenColumns.of("東京") == 4)
        #expect(ScreenColumns.of("e\u{301}") == 1)
        #expect(ScreenColumns.of("👩👩👧") == 6)
    }

    @Test(arguments: [
        (0, ""), (1, "…"), (2, "…"), (3, "東…"), (4, "東…"), (5, "東京…"), (6, "東京x…"), (7, "東京xyz"),
    ])
    func longTextIsCutBetweenCharacters(width: Int, text: String) {
        let fitted = ScreenLine("東京xyz").fitted(to: width, .unicode)
        #expect(fitted.columns <= width)
        #expect(fitted.text == text)
    }

    @Test func theSelectedRowIsAlwaysOnTheScreen() {
        let names = (0..<300).map { "r\($0)" }
        var state = Samples.preferred
        let route = state.routes["chat"]
        state.routes = Dictionary(uniqueKeysWithValues: names.compactMap { name in route.map { (name, $0) } })
        var model = WatchSamples.model(state)
        for height in [3, 12, 24] {
            _ = WatchSamples.press(.home, in: &model)
            for _ in 0..<30 {
                let lines = WatchSamples.draw(model, 80, height).lines
                #expect(lines.count { $0.text.hasPrefix("> ") } == 1)
                for _ in 0..<3 { _ = WatchSamples.press(.pageDown, in: &model) }
            }
            #expect(model.selection == .endpoint("eu-west", of: "r99"))
        }
    }
}
