import FailoverCore
import FailoverWire
import Foundation

@testable import FailoverControl

/// What a screen shows of the same day as ``Samples``.
enum WatchSamples {
    static func clock(_ secondsLater: Double = 0) -> ClockReading {
        ClockReading(
            monotonic: .seconds(10_000 + secondsLater),
            wall: WallTime(secondsSince1970: Samples.now.secondsSince1970 + secondsLater)
        )
    }

    /// A model that has been told of `state`, with what a minute of latencies left behind.
    static func model(
        _ state: StateDocument,
        isReadOnly: Bool = false,
        explaining document: ExplainDocument? = nil,
        events: [EventDocument] = []
    ) -> WatchModel {
        var model = WatchModel(isReadOnly: isReadOnly)
        _ = model.handle(.state(.success(state), took: .milliseconds(2)), at: clock())
        _ = model.handle(.pastEvents(events), at: clock())
        if let document { _ = model.handle(.explanation(route: document.route, .success(document)), at: clock()) }
        for name in state.endpoints.keys.sorted() {
            _ = model.handle(.series(endpoint: name, .success(series(name))), at: clock())
        }
        return model
    }

    /// A quarter of an hour by the minute: calm, then slow in us-east, then with a gap.
    static func series(_ endpoint: String) -> SeriesDocument {
        let start = (Samples.now.secondsSince1970 / 60).rounded(.down) * 60
        let figures: [Double?] =
            endpoint == "us-east"
            ? [700, 800, 1500, 2200, 2900, 3000, 3100, 5900, 6100, 15_000, nil, nil, 800, 700, 600]
            : [700, 800, 700, 900, 800, 700, 800, 1600, 2300, 2380, 900, 800, 700, 800, 700]
        let points = figures.enumerated().map { index, figure in
            SeriesDocument.Point(
                at: WallTime(secondsSince1970: start - Double(14 - index) * 60),
                samples: figure == nil ? 0 : 60,
                bad: 0,
                slow: 0,
                void: 0,
                p99Milliseconds: figure
            )
        }
        return SeriesDocument(
            endpoint: endpoint,
            probe: nil,
            stepSeconds: 60,
            objectives: .init(availability: 0.999),
            points: points
        )
    }

    static func draw(
        _ model: WatchModel,
        _ width: Int = 80,
        _ height: Int = 24,
        later: Double = 0,
        glyphs: WatchGlyphs = .unicode
    ) -> WatchScreen.Drawing {
        let style = testStyle(width, now: clock(later).wall)
        return WatchScreen(model, width: width, height: height, style: style, glyphs: glyphs).draw()
    }

    /// The screen as plain text, without the empty lines at its end.
    static func text(
        _ model: WatchModel,
        _ width: Int = 80,
        _ height: Int = 24,
        later: Double = 0,
        glyphs: WatchGlyphs = .unicode
    ) -> String {
        draw(model, width, height, later: later, glyphs: glyphs).lines
            .map { $0.rendered(colour: false) }.joined(separator: "\n")
    }

    static func press(_ keys: WatchKey..., in model: inout WatchModel) -> [WatchModel.Action] {
        keys.flatMap { model.handle(.key($0), at: clock()) }
    }

    static func type(_ text: String, in model: inout WatchModel) {
        for character in text { _ = model.handle(.key(.character(character)), at: clock()) }
    }
}

extension WatchSamples {
    /// A pin, a drain that is over soon, and a freeze.
    static let intents: [OperatorIntent] = [
        intent(.pin("chat", to: "eu-west"), "new kernel", minutes: 72.05),
        intent(.drain(.endpoint("us-east")), "disk swap", minutes: 0.5),
        intent(.freeze, "audit", minutes: 3 * 1440),
    ]

    private static func intent(_ kind: OperatorIntent.Kind, _ reason: String, minutes: Double) -> OperatorIntent {
        OperatorIntent(
            kind: kind,
            by: "alice",
            reason: reason,
            since: Samples.instant(60),
            until: Samples.instant(-60 * minutes)
        )
    }
}
