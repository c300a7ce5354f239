import Testing

@testable import FailoverCore

@Suite("Orders that are refused")
struct OrderRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let order: OperatorCommand.Order
        var reason: String? = "work"
        var length: Duration?
        /// Seconds from now.
        var end: Double?
        let refusal: OperatorRefusal
        var testDescription: String { refusal.text }
    }

    private static let reasonRule = "a reason is one line of 1 to 200 characters"

    @Test(arguments: [
        Case(
            order: .pin("caht", to: "eu"),
            refusal: OperatorRefusal(.unknownName, "there is no route caht", allowed: ["chat"])
        ),
        Case(
            order: .pin("chat", to: "mars"),
            refusal: OperatorRefusal(.unknownName, "mars is no endpoint of chat", allowed: ["us", "eu", "ap"])
        ),
        Case(
            order: .unpin("caht"),
            refusal: OperatorRefusal(.unknownName, "there is no route caht", allowed: ["chat"])
        ),
        Case(
            order: .drain(.endpoint("mars"), at: nil),
            refusal: OperatorRefusal(.unknownName, "there is no endpoint mars", allowed: ["us", "eu", "ap"])
        ),
        Case(
            order: .undrain(.endpoint("mars")),
            refusal: OperatorRefusal(.unknownName, "there is no endpoint mars", allowed: ["us", "eu", "ap"])
        ),
        Case(
            order: .drain(.region("mars"), at: nil),
            refusal: OperatorRefusal(.unknownName, "there is no region mars", allowed: ["ap", "eu", "us"])
        ),
        Case(
            order: .undrain(.region("mars")),
            refusal: OperatorRefusal(.unknownName, "there is no region mars", allowed: ["ap", "eu", "us"])
        ),
        Case(
            order: .freeze,
            reason: nil,
            refusal: OperatorRefusal(.notAllowed, "there is no reason; \(reasonRule)")
        ),
        Case(
            order: .freeze,
            reason: " \t\n",
            refusal: OperatorRefusal(.notAllowed, "there is no reason; \(reasonRule)")
        ),
        Case(
            order: .freeze,
            reason: String(repeating: "é", count: 201),
            refusal: OperatorRefusal(.notAllowed, "the reason has 201 characters; \(reasonRule)")
        ),
        Case(
            order: .unfreeze,
            reason: "two\nlines",
            refusal: OperatorRefusal(.notAllowed, "the reason has control characters; \(reasonRule)")
        ),
        Case(
            order: .freeze,
            reason: "red \u{1B}[31m",
            refusal: OperatorRefusal(.notAllowed, "the reason has control characters; \(reasonRule)")
        ),
        Case(
            order: .freeze,
            reason: "back\u{202E}wards",
            refusal: OperatorRefusal(.notAllowed, "the reason has control characters; \(reasonRule)")
        ),
        Case(
            order: .freeze,
            length: .seconds(59),
            refusal: OperatorRefusal(.notAllowed, "it would last 59 s; allowed: 60 s to 30 d")
        ),
        Case(
            order: .freeze,
            length: .seconds(30 * 86_400 + 1),
            refusal: OperatorRefusal(.notAllowed, "it would last 30 d; allowed: 60 s to 30 d")
        ),
        Case(
            order: .freeze,
            length: .seconds(1e15),
            refusal: OperatorRefusal(.notAllowed, "it would last 11574074074 d; allowed: 60 s to 30 d")
        ),
        Case(
            order: .pin("chat", to: "eu"),
            end: -10,
            refusal: OperatorRefusal(.notAllowed, "it would be over before it begins; allowed: 60 s to 30 d")
        ),
        Case(
            order: .drain(.endpoint("us"), at: .seconds(-1)),
            refusal: OperatorRefusal(.notAllowed, "it would begin 61 s ago; allowed: now or later")
        ),
        Case(
            order: .drain(.endpoint("us"), at: .seconds(60 + 31 * 86_400)),
            refusal: OperatorRefusal(.notAllowed, "it would begin in 31 d; allowed: at most 30 d from now")
        ),
        Case(
            order: .drain(.endpoint("us"), at: .seconds(660)),
            end: 610,
            refusal: OperatorRefusal(.notAllowed, "it would last 10 s; allowed: 60 s to 30 d")
        ),
    ])
    func aBadOrderChangesNothingAndIsAnsweredAtOnce(order: Case) {
        var world = World.judged()
        let before = world.engine.memory(after: nil)
        let answer = world.order(
            order.order,
            reason: order.reason,
            for: order.length,
            until: order.end.map { world.now + .seconds($0) }
        )
        #expect(answer == .refused(order.refusal))
        #expect(world.told == [] && world.engine.memory(after: nil) == before)
        #expect(world.violations == [])
    }

    @Test(arguments: [60, 2_592_000] as [Double])
    func theBoundsThemselvesAreAllowed(seconds: Double) {
        var world = World.judged()
        #expect(world.order(.freeze, for: .seconds(seconds))?.receipt?.intent?.until == .seconds(60 + seconds))
    }

    @Test func aReasonIsTrimmedAndMayHaveAnyLetters() {
        var world = World.judged()
        #expect(world.order(.freeze, reason: "  Prüfung 🧪 \n")?.receipt?.intent?.reason == "Prüfung 🧪")
    }

    @Test(
        arguments: [
            OperatorCommand.Order.unpin("chat"), OperatorCommand.Order.undrain(.endpoint("us")),
            OperatorCommand.Order.undrain(.region("us")), OperatorCommand.Order.unfreeze,
        ]
    )
    func liftingWhatDoesNotStandIsNoMistake(order: OperatorCommand.Order) {
        var world = World.judged()
        #expect(world.order(order)?.inShort == .lifted(nil, isPersisted: true))
        #expect(world.told == [])
    }

    @Test func ordersThatWaitForTheDiskAreBounded() {
        var world = World.judged()
        world.disk = .isSilent
        for ticket in 1...UInt64(WaitingOrder.maximum + 1) {
            world.handle(
                .command(OperatorCommand(ticket: ticket, order: .freeze, by: "alice", reason: "work"))
            )
        }
        #expect(world.answers.map(\.ticket) == [65])
        #expect(world.answers.last?.answer.refusal?.kind == .busy)
        world.run(for: .seconds(3))
        #expect(world.answers.map(\.ticket) == [65] + Array(1...64))
        #expect(world.answers.allSatisfy { $0.answer.receipt?.isPersisted != true })
        #expect(world.engine.orders.isEmpty)
        #expect(world.violations == [])
    }
}
