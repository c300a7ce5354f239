import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import FailoverPublish

/// Those who are told, over real sockets and by real commands.
@Suite struct NotificationsTests {
    /// What was complained about.
    private final class Complaints: Sendable {
        let lines = NIOLockedValueBox<[String]>([])
        func add(_ line: String) { lines.withLockedValue { $0.append(line) } }
        var all: [String] { lines.withLockedValue { $0 } }
    }

    private static let secrets: [Credential: String] = [
        .systemd(name: "hook-key"): "s3cret-key", .systemd(name: "nowhere"): "https://127.0.0.1:1/s3cret",
    ]

    private static func notifications(_ complaints: Complaints) -> Notifications {
        Notifications(
            clock: { ClockReading(monotonic: now, wall: WallTime(Date())) },
            secret: { credential in
                secrets[credential].map { .success($0) } ?? .failure(NotificationSecretError("credential x is missing"))
            },
            settle: { topic, error in complaints.add("\(topic): \(error ?? "fine")") },
            report: { complaints.add("\($0) \($1)") }
        )
    }

    private static var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(DispatchTime.now().uptimeNanoseconds))
    }

    private static func configuration(_ notifications: [NotificationConfiguration]) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: [],
            routes: [],
            outputs: OutputConfiguration(),
            notifications: notifications
        )
    }

    private static func event(_ number: Int, route: RouteName = "chat") -> EventDocument {
        let happened = Event(
            kind: .failover,
            at: .seconds(0),
            route: route,
            from: "us-east",
            to: "eu-west",
            reason: Reason("availability", #"says "no""#),
            generation: 8
        )
        return EventDocument(happened, sequence: UInt64(number), at: noon, publisher: publisher)
    }

    /// One webhook in front of `server`.
    private func withHook(
        _ server: HookServer,
        _ webhook: NotificationConfiguration.Webhook? = nil,
        timeout: Duration = .seconds(10),
        retries: Int = 4,
        _ body: (Notifications, Complaints) async throws -> Void
    ) async throws {
        let complaints = Complaints()
        let notifications = Self.notifications(complaints)
        let target = NotificationConfiguration.Target.webhook(webhook ?? .init(address: .url(server.url)))
        notifications.apply(
            Self.configuration([
                NotificationConfiguration(
                    name: "hook",
                    events: [.failover],
                    target: target,
                    timeout: timeout,
                    retries: retries,
                    minimumInterval: .zero
                )
            ])
        )
        do { try await body(notifications, complaints) } catch {
            server.end()
            await notifications.close(within: .zero)
            throw error
        }
        server.end()
        await notifications.close(within: .zero)
        #expect(complaints.all.allSatisfy { !$0.contains("s3cret") }, "\(complaints.all)")
    }

    @Test func aWebhookGetsTheEventAndAnIdentity() async throws {
        let server = try HookServer()
        try await withHook(server) { (notifications, complaints) async throws in
            notifications.offer(Self.event(1))
            // The same event again, and one of another kind.
            notifications.offer(Self.event(1))
            var other = Self.event(2)
            other.event = "verdict"
            notifications.offer(other)
            notifications.offer(Self.event(3))
            try await condition("both are told") { notifications.standings?["hook"]?.sent == 2 }
            let request = try #require(server.requests.first)
            #expect(server.requests.map { $0.header("idempotency-key") } == [Self.event(1).id, Self.event(3).id])
            #expect(request.head.hasPrefix("POST /hook/s3cret HTTP/1.1"))
            #expect(request.header("content-type") == "application/json" && request.header("authorization") == nil)
            #expect(request.json["from"] as? String == "us-east" && request.json["folded"] as? Int == 0)
            #expect(
                request.json["message"] as? String
                    == #"chat failed over, us-east -> eu-west: says "no" (generation 8)"#
            )
            #expect(complaints.all == ["notification hook: fine", "notification hook: fine"])
        }
    }

    @Test func aBodyOfOnesOwnIsFilledAndStaysJSON() async throws {
        let server = try HookServer()
        let body = JSONTree.object([
            .init("routing_key", .string("{{credential}}")), .init("n", .integer(3)),
            .init("payload", .object([.init("summary", .array([.string("{{ reason }} / {{to}}{{actor}}")]))])),
        ])
        let webhook = NotificationConfiguration.Webhook(
            address: .url(server.url),
            credential: .systemd(name: "hook-key"),
            headers: [HeaderField(name: "X-Route", value: "{{route}}")],
            body: body
        )
        try await withHook(server, webhook) { (notifications, _) async throws in
            notifications.offer(Self.event(1))
            try await condition("it is told") { notifications.standings?["hook"]?.sent == 1 }
            let request = try #require(server.requests.first)
            #expect(
                request.body
                    == #"{"routing_key":"s3cret-key","n":3,"payload":{"summary":["says \"no\" / eu-west"]}}"#
            )
            // The key stands in the body, and so nowhere else.
            #expect(request.header("authorization") == nil && request.header("x-route") == "chat")
        }
    }

    @Test func aCredentialWithoutAPlaceIsABearer() async throws {
        let server = try HookServer()
        let webhook = NotificationConfiguration.Webhook(
            address: .url(server.url),
            credential: .systemd(name: "hook-key")
        )
        try await withHook(server, webhook) { (notifications, _) async throws in
            notifications.offer(Self.event(1))
            try await condition("it is told") { notifications.standings?["hook"]?.sent == 1 }
            #expect(server.requests.first?.header("authorization") == "Bearer s3cret-key")
        }
    }

    @Test func aServerThatFailsAndComesBackIsToldTheSameAgain() async throws {
        let server = try HookServer([.status(500), .nothing, .status(429, headers: "Retry-After: 1\r\n")])
        try await withHook(server) { (notifications, complaints) async throws in
            notifications.offer(Self.event(1))
            try await condition("it is told", within: .seconds(30)) { notifications.standings?["hook"]?.sent == 1 }
            let identities = server.requests.map { $0.header("idempotency-key") }
            #expect(identities == Array(repeating: Self.event(1).id, count: 4))
            #expect(
                complaints.all == [
                    "notification hook: status 500", "notification hook: Remote connection closed",
                    "notification hook: status 429", "notification hook: fine",
                ]
            )
            let standing = try #require(notifications.standings?["hook"])
            #expect(standing.state == "idle" && standing.failure == nil && standing.sentAt != nil)
        }
    }

    @Test(
        arguments: [
            (302, "status 302: redirects are not followed"), (401, "status 401"), (410, "status 410"),
        ]
    )
    func aRefusalIsGivenUpAtOnce(status: Int, text: String) async throws {
        let elsewhere = try HookServer()
        let server = try HookServer([.status(status, headers: "Location: \(elsewhere.url)\r\n")])
        try await withHook(server) { (notifications, _) async throws in
            notifications.offer(Self.event(1))
            try await condition("it is given up") { notifications.standings?["hook"]?.failed == 1 }
            #expect(server.requests.count == 1 && elsewhere.requests.isEmpty)
            #expect(notifications.standings?["hook"]?.failure?.text == text)
            #expect(notifications.standings?["hook"]?.state == "failing")
        }
        elsewhere.end()
    }

    @Test func aServerThatHangsIsLeftAndNobodyWaitsForIt() async throws {
        let server = try HookServer([.silence, .silence])
        try await withHook(server, timeout: .milliseconds(200), retries: 1) { (notifications, _) async throws in
            notifications.offer(Self.event(1))
            notifications.offer(Self.event(2))
            try await condition("the first is given up, the second told", within: .seconds(20)) {
                notifications.standings?["hook"].map { $0.failed == 1 && $0.sent == 1 } ?? false
            }
        }
    }

    @Test func theEndIsBoundedHoweverMuchHangs() async throws {
        let server = try HookServer(Array(repeating: .silence, count: 50))
        try await withHook(server, timeout: .seconds(60)) { (notifications, _) async throws in
            for number in 1...20 { notifications.offer(Self.event(number)) }
            try await condition("one hangs") { server.requests.count == 1 }
            await notifications.close(within: .milliseconds(100))
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        arguments: [
            (.url("http://127.0.0.1:1/s3cret"), "Connection refused"),
            (.secret(.systemd(name: "nowhere")), "Connection refused"),
            (.secret(.systemd(name: "missing")), "credential x is missing"),
        ] as [(NotificationConfiguration.Address, String)]
    )
    func aTestSaysWhatIsWrongAndNoSecret(address: NotificationConfiguration.Address, text: String) async throws {
        let server = try HookServer()
        try await withHook(server, .init(address: address)) { (notifications, complaints) async throws in
            let document = await notifications.test(["hook"], by: "alice", publisher: publisher)
            let failure = try #require(document.notifications.first?.failure)
            #expect(failure.contains(text) && !failure.contains("s3cret"), "\(failure)")
            // A test is no event: nothing is complained about, counted or tried again.
            #expect(complaints.all == [] && notifications.standings?["hook"]?.state == "idle")
        }
    }

    /// A client that goes on connecting until the attempt's time is up would need ten minutes.
    @Test(.timeLimit(.minutes(1)))
    func aRefusedConnectionEndsTheAttempt() async throws {
        let server = try HookServer()
        let nobody = NotificationConfiguration.Webhook(address: .url("http://127.0.0.1:1/s3cret"))
        try await withHook(server, nobody, timeout: .seconds(600), retries: 0) {
            (notifications, complaints) async throws in
            notifications.offer(Self.event(1))
            try await condition("it is given up") { notifications.standings?["hook"]?.failed == 1 }
            #expect(notifications.standings?["hook"]?.failure?.text == "Connection refused")
            #expect(complaints.all.first == "notification hook: Connection refused")
        }
    }

    @Test func aTestIsMarkedAsOne() async throws {
        let server = try HookServer()
        try await withHook(server) { (notifications, _) async throws in
            let document = await notifications.test(["hook"], by: "alice", publisher: publisher)
            #expect(document.notifications.map(\.name) == ["hook"] && document.notifications.allSatisfy(\.sent))
            let request = try #require(server.requests.first)
            #expect(request.json["event"] as? String == "test")
            #expect(request.json["message"] as? String == "this is a test of the notification hook, ordered by alice")
        }
    }

    @Test func aCommandGetsTheEventOnItsInputAndInItsEnvironment() async throws {
        try await withTemporaryDirectory { directory in
            let complaints = Complaints()
            let notifications = Self.notifications(complaints)
            let place = directory.path
            let script = "cat > \(place)/in.json; env | grep FAILOVERD_ | sort > \(place)/told"
            let target = NotificationConfiguration.Target.command(["/bin/sh", "-c", script])
            notifications.apply(
                Self.configuration([
                    NotificationConfiguration(name: "c", events: [.failover], target: target)
                ])
            )
            notifications.offer(Self.event(1))
            try await condition("it is told") { notifications.standings?["c"]?.sent == 1 }
            let told = try String(contentsOfFile: place + "/told", encoding: .utf8).split(separator: "\n")
            #expect(told.contains("FAILOVERD_EVENT=failover") && told.contains("FAILOVERD_TO=eu-west"))
            #expect(told.contains("FAILOVERD_NOTIFICATION=c") && told.contains("FAILOVERD_FOLDED=0"))
            let input = try Data(contentsOf: URL(filePath: place + "/in.json"))
            #expect(try Wire.decode(EventDocument.self, from: input) == Self.event(1))
            await notifications.close(within: .seconds(1))
        }
    }

    @Test func aCommandThatHangsIsKilledAndOneThatFailsIsTriedAgain() async throws {
        try await withTemporaryDirectory { directory in
            let notifications = Self.notifications(Complaints())
            let mark = directory.path + "/mark"
            let script = "if [ -e \(mark) ]; then exit 0; fi; touch \(mark); sleep 60"
            notifications.apply(
                Self.configuration([
                    NotificationConfiguration(
                        name: "c",
                        events: [.failover],
                        target: .command(["/bin/sh", "-c", script]),
                        timeout: .milliseconds(300)
                    )
                ])
            )
            notifications.offer(Self.event(1))
            try await condition("it is told in the end", within: .seconds(30)) {
                notifications.standings?["c"]?.sent == 1
            }
            await notifications.close(within: .seconds(1))
        }
    }

    @Test(
        arguments: [
            ([], false, [], "failover", "chat", false), ([.failover], false, [], "failover", "chat", true),
            ([.failover], false, ["other"], "failover", "chat", false),
            ([.failover], false, ["chat"], "failover", "chat", true),
            ([.failover], false, ["chat"], "failover", nil, true), ([], true, [], "failover", "chat", true),
            ([.verdict], false, [], "failover", "chat", false),
        ] as [([EventKind], Bool, [RouteName], String, String?, Bool)]
    )
    func whatIsWantedIsChosen(
        kinds: [EventKind],
        moves: Bool,
        routes: [RouteName],
        kind: String,
        route: String?,
        expected: Bool
    ) {
        let notification = NotificationConfiguration(
            name: "n",
            events: kinds,
            includesMoves: moves,
            routes: routes,
            target: .command(["true"])
        )
        var event = Self.event(1)
        event.event = kind
        event.route = route
        #expect(notification.wants(event) == expected)
    }
}
