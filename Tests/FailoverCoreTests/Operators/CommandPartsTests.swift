import Testing

@testable import FailoverCore

@Suite("Commands in plain parts")
struct CommandPartsTests {
    private static let orders: [OperatorCommand.Order] = [
        .pin("chat", to: "eu"), .unpin("chat"), .drain(.endpoint("us"), at: nil),
        .drain(.endpoint("us"), at: .seconds(7)),
        .drain(.region("us"), at: .seconds(7)), .undrain(.endpoint("us")), .undrain(.region("us")), .freeze, .unfreeze,
        .failback("chat", to: nil), .failback("chat", to: "us"),
    ]
    private static let expiries: [OperatorCommand.Expiry] = [.usual, .after(.seconds(90)), .at(.seconds(900))]

    @Test(arguments: orders, expiries)
    func partsMakeTheSameCommandAgain(order: OperatorCommand.Order, expiry: OperatorCommand.Expiry) {
        let command = OperatorCommand(ticket: 3, order: order, by: "a", reason: "r", expiry: expiry, force: true)
        let again = OperatorCommand(ticket: 3, parts: command.parts, by: "a", reason: "r", force: true)
        #expect(again == command)
    }

    @Test(
        arguments: [
            OperatorCommand.Parts(order: "restart"), OperatorCommand.Parts(order: "pin", route: "chat"),
            OperatorCommand.Parts(order: "drain"), OperatorCommand.Parts(order: "freeze", region: "us"),
            OperatorCommand.Parts(order: "drain", endpoint: "us", region: "us"),
            OperatorCommand.Parts(order: "freeze", length: .seconds(60), end: .seconds(60)),
        ]
    )
    func partsThatDoNotFitMakeNone(parts: OperatorCommand.Parts) {
        #expect(OperatorCommand(ticket: 3, parts: parts, by: "a", reason: nil, force: false) == nil)
    }
}
