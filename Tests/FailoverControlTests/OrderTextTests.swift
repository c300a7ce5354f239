import FailoverCore
import FailoverWire
import Testing

@testable import FailoverControl

@Suite struct OrderTextTests {
    private static let style = TextStyle(now: Samples.now)

    private static func receipt(
        _ kind: OperatorIntent.Kind?,
        stands: Bool = true,
        begins: Double = 0,
        active: EndpointName = "eu-west",
        mode: RouteMode = .preferred,
        change: (inout OperatorReceipt) -> Void = { _ in }
    ) -> ReceiptDocument {
        var receipt = OperatorReceipt(
            intent: kind.map {
                OperatorIntent(
                    kind: $0,
                    by: "alice",
                    reason: "new kernel",
                    since: Samples.instant(0),
                    from: Samples.instant(-begins),
                    until: Samples.instant(-begins - 14_400),
                    isBegun: begins == 0
                )
            },
            stands: stands,
            generation: 8,
            routes: [.init(name: "chat", active: active, mode: mode)]
        )
        change(&receipt)
        return ReceiptDocument(receipt, at: Samples.clock)
    }

    @Test(
        arguments: [
            (
                receipt(.pin("chat", to: "eu-west"), mode: .pinned), .pin(route: "chat"),
                """
                chat is pinned to eu-west until 16:04:31
                  chat: eu-west, pinned

                """
            ),
            (
                receipt(.pin("chat", to: "eu-west"), mode: .pinned) {
                    $0.isRenewed = true
                    $0.isPersisted = false
                    $0.notes = ["forced: eu-west is drained by bob: audit"]
                }, .pin(route: "chat"),
                """
                chat is pinned to eu-west until 16:04:31 (in place of an earlier one)
                  chat: eu-west, pinned
                  forced: eu-west is drained by bob: audit
                not on disk: if the daemon is restarted now, this is forgotten

                """
            ),
            (
                receipt(.pin("chat", to: "eu-west"), stands: false, mode: .failover), .unpin(route: "chat"),
                """
                chat is no longer pinned to eu-west; it was wanted until 16:04:31 by alice: new
                kernel
                  chat: eu-west, failed over

                """
            ),
            (
                receipt(.drain(.endpoint("us-east"))) {
                    $0.routes = [.init(name: "chat", active: "us-east", mode: .preferred, isLeaving: true)]
                }, .drain(.endpoint("us-east")),
                """
                us-east is drained until 16:04:31
                  chat: us-east, preferred, and moves away as soon as another endpoint has
                  confirmed

                """
            ),
            (
                receipt(.drain(.region("us"))) {
                    $0.routes = [
                        .init(name: "chat", active: "us-east", mode: .preferred, isLeaving: true),
                        .init(name: "other", active: "eu-west", mode: .preferred),
                    ]
                }, .drain(.region("us")),
                """
                region us is drained until 16:04:31
                  chat: us-east, preferred, and moves away as soon as another endpoint has
                  confirmed
                  other: eu-west, preferred

                """
            ),
            (
                receipt(.pin("chat", to: "eu-west")) {
                    $0.routes = [
                        .init(name: "chat", active: "us-east", mode: .pinned, wouldBeActive: "eu-west"),
                        .init(name: "other", active: "us-east", mode: .preferred, wouldBeActive: "us-east"),
                    ]
                }, .pin(route: "chat"),
                """
                chat is pinned to eu-west until 16:04:31
                  chat: us-east, pinned, only observed: it stays, and would be on eu-west
                  other: us-east, preferred, only observed

                """
            ),
            (
                receipt(.drain(.region("us")), begins: 3600), .drain(.region("us")),
                """
                region us will be drained from 13:04:31 until 17:04:31
                  chat: eu-west, preferred

                """
            ),
            (
                receipt(.freeze, mode: .held), .freeze,
                """
                automatic moves are frozen until 16:04:31
                  chat: eu-west, held

                """
            ),
            (
                receipt(nil, stands: false), .undrain(.region("us")),
                """
                region us was not drained: nothing has changed
                  chat: eu-west, preferred

                """
            ),
        ] as [(ReceiptDocument, ControlOrder.Action, String)]
    )
    func receiptsAreSentences(receipt: ReceiptDocument, action: ControlOrder.Action, text: String) {
        #expect(OrderText.render(receipt, of: action, in: Self.style) == text)
    }

    @Test(
        arguments: [
            ("2026-11-22T18:00:00Z", "2026-11-22T18:00:00.000Z"), ("18:30", "2026-11-22T17:30:00.000Z"),
            ("13:04", "2026-11-23T12:04:00.000Z"), ("13:05", "2026-11-22T12:05:00.000Z"),
            ("2026-11-24 07:00", "2026-11-24T06:00:00.000Z"), ("00:00", "2026-11-22T23:00:00.000Z"),
            ("24:00", nil), ("7:00", nil), ("18:60", nil), ("", nil), ("tomorrow", nil), ("2026-11-24", nil),
            ("2026-13-24 07:00", nil), ("2026-11-24  07:00", nil), ("1٨:30", nil),
        ] as [(String, String?)]
    )
    func momentsAreReadInTheReadersZone(text: String, expected: String?) {
        #expect(Moment.time(text, now: Samples.now, secondsEast: { _ in 3600 })?.description == expected)
    }

    @Test func statusShowsIntentBesideVerdict() {
        let intents = [
            OperatorIntent(
                kind: .pin("chat", to: "eu-west"),
                by: "alice",
                reason: "new kernel",
                since: Samples.instant(60),
                until: Samples.instant(-3600)
            ),
            OperatorIntent(
                kind: .drain(.endpoint("us-east")),
                by: "alice",
                reason: "new kernel",
                since: Samples.instant(60),
                until: Samples.instant(-3600)
            ),
            OperatorIntent(
                kind: .drain(.region("ap-southeast")),
                by: "bob",
                reason: "moving out",
                since: Samples.instant(60),
                from: Samples.instant(-7200),
                until: Samples.instant(-9000),
                isBegun: false
            ),
            OperatorIntent(
                kind: .freeze,
                by: "carol",
                reason: "audit",
                since: Samples.instant(60),
                until: Samples.instant(-600)
            ),
        ]
        let text = StatusText.render(Samples.failedOver(with: intents), routes: ["chat"], in: Self.style)
        for line in [
            "frozen by carol until 12:14:31: audit",
            "  pinned to eu-west by alice until 13:04:31: new kernel",
            "       drained by alice until 13:04:31: new kernel",
            "       to be drained with region ap-southeast at 14:04:31 by bob until 14:34:31:",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)\n\(text)")
        }
    }
}
