import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// Orders over a real socket.
@Suite struct ControlOrderTests {
    private static let pin = OperatorIntent(
        kind: .pin("chat", to: "eu-west"),
        by: "alice",
        reason: "new kernel",
        since: Samples.instant(0),
        until: Samples.instant(-1800)
    )
    private static let receipt = OperatorReceipt(
        intent: pin,
        stands: true,
        generation: 8,
        routes: [.init(name: "chat", active: "eu-west", mode: .pinned)]
    )

    private func ask(_ running: Running, _ path: String, _ body: String) async throws -> ControlClient.Answer {
        try await running.client.post(path, json: Data(body.utf8))
    }

    @Test func aReceiptSaysWhatStands() async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.answer = .accepted(Self.receipt) }
        try await withServer(source: source) { (running) async throws in
            let answer = try await ask(running, "/v1/routes/chat/pin", #"{"endpoint":"eu-west","reason":"new kernel"}"#)
            #expect(answer.status == 200)
            #expect(
                String(decoding: answer.body, as: UTF8.self)
                    == #"{"generation":8,"intent":{"begun":true,"by":"alice","endpoint":"eu-west","#
                    + #""from":"2026-11-22T12:04:31.000Z","kind":"pin","reason":"new kernel","route":"chat","#
                    + #""since":"2026-11-22T12:04:31.000Z","until":"2026-11-22T12:34:31.000Z"},"notes":[],"#
                    + #""persisted":true,"renewed":false,"routes":{"chat":{"active":"eu-west","mode":"pinned"}},"#
                    + #""stands":true}"# + "\n"
            )
            let asked = running.source.script.withLockedValue { ($0.orders, $0.orderedBy.map(\.uid)) }
            let terms = OrderTerms(endpoint: "eu-west", reason: "new kernel")
            #expect(asked.0 == [ControlOrder(action: .pin(route: "chat"), terms: terms)])
            #expect(asked.1 == [geteuid()])
        }
    }

    struct Sent: Sendable, CustomTestStringConvertible {
        let path: String
        var body = ""
        let order: ControlOrder
        var testDescription: String { "\(path) \(body)" }
    }

    private static let until = WallTime(secondsSince1970: 1_795_370_400)

    @Test(arguments: [
        Sent(
            path: "/v1/routes/chat/pin",
            body: #"{"endpoint":"eu-west","reason":"r","until":"2026-11-22T18:00:00Z","force":true}"#,
            order: ControlOrder(
                action: .pin(route: "chat"),
                terms: OrderTerms(endpoint: "eu-west", reason: "r", until: until, force: true)
            )
        ),
        Sent(
            path: "/v1/routes/chat/failback",
            body: #"{"endpoint":"eu-west","reason":"r"}"#,
            order: ControlOrder(
                action: .failback(route: "chat"),
                terms: OrderTerms(endpoint: "eu-west", reason: "r")
            )
        ),
        Sent(path: "/v1/routes/chat/unpin", order: ControlOrder(action: .unpin(route: "chat"), terms: OrderTerms())),
        Sent(
            path: "/v1/endpoints/us-east/drain",
            body: #"{"reason":"r","for_seconds":1800,"at":"2026-11-22T18:00:00.000Z"}"#,
            order: ControlOrder(
                action: .drain(.endpoint("us-east")),
                terms: OrderTerms(reason: "r", forSeconds: 1800, at: until)
            )
        ),
        Sent(
            path: "/v1/endpoints/us-east/undrain",
            body: "{}",
            order: ControlOrder(action: .undrain(.endpoint("us-east")), terms: OrderTerms())
        ),
        Sent(
            path: "/v1/regions/us/drain",
            body: #"{"reason":"r"}"#,
            order: ControlOrder(action: .drain(.region("us")), terms: OrderTerms(reason: "r"))
        ),
        Sent(
            path: "/v1/regions/us/undrain",
            body: #"{"reason":"done"}"#,
            order: ControlOrder(action: .undrain(.region("us")), terms: OrderTerms(reason: "done"))
        ),
        Sent(
            path: "/v1/freeze",
            body: #" {"reason" : "audit"} "#,
            order: ControlOrder(action: .freeze, terms: OrderTerms(reason: "audit"))
        ),
        Sent(path: "/v1/unfreeze", order: ControlOrder(action: .unfreeze, terms: OrderTerms())),
    ])
    func everyOrderArrivesAsItWasSentAndTheClientSendsTheSame(sent: Sent) async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.answer = .accepted(Self.receipt) }
        try await withServer(source: source) { (running) async throws in
            #expect(try await ask(running, sent.path, sent.body).status == 200)
            #expect(try await running.client.operate(sent.order) == ReceiptDocument(Self.receipt, at: Samples.clock))
            #expect(running.source.script.withLockedValue { $0.orders } == [sent.order, sent.order])
        }
    }

    private static let pinFields = ["endpoint", "reason", "for_seconds", "until", "force"]
    private static let noObject = "the body is not one object of JSON whose fields are text, numbers, true or false"

    @Test(
        arguments: [
            ("/v1/freeze", "[]", noObject, nil),
            ("/v1/freeze", "reason=audit", noObject, nil),
            ("/v1/freeze", #"{"reason":["r"]}"#, noObject, nil),
            ("/v1/freeze", #"{"reason":"r""#, noObject, nil),
            ("/v1/freeze", #"{"reason":null}"#, "\"reason\" is no text", nil),
            ("/v1/freeze", #"{"reason":7}"#, "\"reason\" is no text", nil),
            (
                "/v1/freeze", #"{"reason":"r","force":true}"#, "there is no field \"force\" here",
                ["reason", "for_seconds", "until"]
            ),
            ("/v1/unpin", "", "there is nothing at /v1/unpin", ControlResource.paths),
            (
                "/v1/routes/chat/pin", #"{"reason":"r"}"#,
                "there is no \"endpoint\": a pin needs the endpoint that the route is to stay on", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","reasons":"r"}"#, "there is no field \"reasons\" here",
                pinFields
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","for_seconds":"30m"}"#,
                "\"for_seconds\" is no number of seconds above zero", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","for_seconds":-1}"#,
                "\"for_seconds\" is no number of seconds above zero", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","for_seconds":1e300}"#,
                "\"for_seconds\" is no number of seconds above zero", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","until":"18:00"}"#,
                "\"until\" is \"18:00\", but must be a time such as 2026-11-22T18:00:00Z", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","until":"2026-11-22T18:00:00Z","for_seconds":60}"#,
                "\"for_seconds\" and \"until\" exclude each other", nil
            ),
            (
                "/v1/routes/chat/pin", #"{"endpoint":"eu-west","force":"yes"}"#, "\"force\" is neither true nor false",
                nil
            ),
            ("/v1/routes/chat/unpin", #"{"endpoint":"eu-west"}"#, "there is no field \"endpoint\" here", ["reason"]),
        ] as [(String, String, String, [String]?)]
    )
    func aBadBodyIsAProblemAndAsksTheEngineNothing(
        path: String,
        body: String,
        detail: String,
        allowed: [String]?
    ) async throws {
        try await withServer { (running) async throws in
            let answer = try await ask(running, path, body)
            let problem = try Wire.decode(ProblemDocument.self, from: answer.body)
            #expect(problem.detail == detail && problem.allowed == allowed)
            #expect(answer.status == (path == "/v1/unpin" ? 404 : 400) && problem.status == answer.status)
            #expect(running.source.script.withLockedValue { $0.orders } == [])
        }
    }

    @Test(arguments: [
        (
            OperatorRefusal(.unknownName, "there is no endpoint mars", allowed: ["us-east"]),
            ProblemDocument(
                title: "No such name",
                status: 404,
                detail: "there is no endpoint mars",
                allowed: ["us-east"]
            )
        ),
        (
            OperatorRefusal(.notAllowed, "it would last 10 s; allowed: 60 s to 30 d"),
            ProblemDocument(title: "Not allowed", status: 400, detail: "it would last 10 s; allowed: 60 s to 30 d")
        ),
        (
            OperatorRefusal(.conflict, "draining us-east is refused unless it is forced", objections: ["chat …"]),
            ProblemDocument(
                title: "Conflict",
                status: 409,
                detail: "draining us-east is refused unless it is forced",
                errors: ["chat …"]
            )
        ),
        (
            OperatorRefusal(.busy, "64 orders wait"),
            ProblemDocument(title: "Busy", status: 503, detail: "64 orders wait")
        ),
    ])
    func aRefusalIsAProblemDocument(refusal: OperatorRefusal, problem: ProblemDocument) async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.answer = .refused(refusal) }
        try await withServer(source: source) { (running) async throws in
            let answer = try await ask(running, "/v1/endpoints/us-east/drain", #"{"reason":"r"}"#)
            #expect(answer.status == problem.status)
            #expect(try Wire.decode(ProblemDocument.self, from: answer.body) == problem)
            let order = ControlOrder(action: .drain(.endpoint("us-east")), terms: OrderTerms(reason: "r"))
            await #expect(throws: ControlClientError.refused(problem)) { try await running.client.operate(order) }
        }
    }

    @Test func aBodyLargerThanAnyOrderIsRefused() async throws {
        try await withServer { (running) async throws in
            let reason = String(repeating: "x", count: 20_000)
            #expect(try await ask(running, "/v1/freeze", #"{"reason":"\#(reason)"}"#).status == 413)
            #expect(running.source.script.withLockedValue { $0.orders } == [])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
    func aStrangerMayOrderNothing() async throws {
        try await withServer(mode: 0o666) { (running) async throws in
            for path in ["routes/chat/pin", "endpoints/us-east/drain", "regions/us/undrain", "freeze", "unfreeze"] {
                let answer = try await run(
                    "/usr/bin/setpriv",
                    [
                        "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/curl", "-sS", "-o", "/dev/null",
                        "-w", "%{http_code}", "-d", #"{"reason":"r"}"#, "--unix-socket", running.path,
                        "http://localhost/v1/\(path)",
                    ]
                )
                #expect(answer == CommandResult(status: 0, output: "403"))
            }
            #expect(running.source.script.withLockedValue { $0.orders } == [])
        }
    }

    @Test func whoAsksComesFromTheSocket() async throws {
        try await withServer { (running) async throws in
            _ = try await ask(running, "/v1/freeze", #"{"reason":"r"}"#)
            let operators = running.source.script.withLockedValue { $0.orderedBy }
            #expect(operators.map(\.description) == [Accounts.name(ofUser: geteuid()) ?? "uid \(geteuid())"])
        }
    }

    // MARK: - For the engine

    @Test func timesBecomeInstants() {
        let terms = OrderTerms(reason: "r", until: Self.until, at: Samples.now)
        let command = ControlOrder(action: .drain(.region("us")), terms: terms)
            .command(ticket: 7, by: Operator(uid: 1007, name: nil), at: Samples.clock)
        #expect(
            command
                == OperatorCommand(
                    ticket: 7,
                    order: .drain(.region("us"), at: Samples.instant(0)),
                    by: "uid 1007",
                    reason: "r",
                    expiry: .at(Samples.instant(-21_329))
                )
        )
    }

    @Test(arguments: ["us east", "a/b?c", "x\r\nHost: y", "é"])
    func aNameThatCannotBeBreaksNoRequest(name: String) async throws {
        try await withServer { (running) async throws in
            let order = ControlOrder(action: .unpin(route: name), terms: OrderTerms())
            // The scripted daemon refuses everything; what arrives is one path all the same.
            await #expect(throws: ControlClientError.self) { try await running.client.operate(order) }
            #expect(running.source.script.withLockedValue { $0.orders.count } == 1)
        }
    }
}
