import Foundation
import NIOConcurrencyHelpers
import RegionSim
import Testing

/// Faults set over HTTP.
struct ControlTests {
    private func withControl(_ body: (RegionSimulator, Int, Int) async throws -> Void) async throws {
        try await withRegions { simulator, ports in
            let control = ControlServer(simulator: simulator)
            let port = try await control.start(port: 0)
            do {
                try await body(simulator, port, ports["us-east"] ?? 0)
            } catch {
                await control.stop()
                throw error
            }
            await control.stop()
        }
    }

    private func region(_ port: Int, isListening: Bool = true, faults: String) -> String {
        "{\"faults\":[\(faults)],\"listening\":\(isListening),\"name\":\"us-east\",\"port\":\(port)}"
    }

    @Test(arguments: [
        (#"{"status": 503}"#, #"{"share":1,"status":503}"#),
        (#"{"status": 429, "retry_after": "10s", "share": 0.25}"#, #"{"retry_after":"10s","share":0.25,"status":429}"#),
        (#""blackhole""#, #"{"blackhole":true,"share":1}"#),
        ("stall", #"{"share":1,"stall":true}"#),
        (#"{"truncate": true}"#, #"{"share":1,"truncate":true}"#),
        (#"{"drip": "5ms"}"#, #"{"drip":"5ms","share":1}"#),
        (#"{"drip": true}"#, #"{"drip":"1s","share":1}"#),
        (#"[{"slow": {"factor": 4}}, "empty"]"#, #"{"share":1,"slow":{"factor":4}},{"empty":true,"share":1}"#),
        (#"{"chat": "crlf", "share": 0.5}"#, #"{"chat":"crlf","share":0.5}"#),
        (
            #"{"chat": {"quirk": "stalled", "tokens": 2}}"#,
            #"{"chat":{"quirk":"stalled","tokens":2},"share":1}"#
        ),
        (
            #"{"slow": {"latency": {"p50": "4s", "p99": "9s"}, "ttft": {"p50": "1s", "p99": "2s"}}}"#,
            #"{"share":1,"slow":{"latency":{"p50":"4s","p99":"9s"},"ttft":{"p50":"1s","p99":"2s"}}}"#
        ),
    ])
    func faultIsSetShownAndTakenAway(body: String, faults: String) async throws {
        try await withControl { simulator, control, port in
            let set = try await RawConnection.reply(control, "PUT", "/regions/us-east/fault", body: body)
            #expect(set?.status == 200)
            #expect(set?.body == region(port, faults: faults) + "\n")
            let shown = try await RawConnection.reply(control, "GET", "/regions")
            #expect(shown?.body == "{\"regions\":[\(region(port, faults: faults))]}\n")
            let healed = try await RawConnection.reply(control, "DELETE", "/regions/us-east/fault")
            #expect(healed?.body == region(port, faults: "") + "\n")
            #expect(try simulator.faults("us-east") == [])
        }
    }

    @Test func refusalIsInForceWhenTheAnswerComes() async throws {
        try await withControl { _, control, port in
            let set = try await RawConnection.reply(control, "PUT", "/regions/us-east/fault", body: "refuse")
            #expect(set?.body == region(port, isListening: false, faults: #"{"refuse":true}"#) + "\n")
            await #expect(throws: RawConnection.SocketError.refused) { try await RawConnection.open(port) }
            _ = try await RawConnection.reply(control, "DELETE", "/regions/us-east/fault")
            #expect(try await RawConnection.reply(port, "GET", "/")?.status == 200)
        }
    }

    @Test func countersAreShown() async throws {
        try await withControl { simulator, control, port in
            try await simulator.setFault("us-east", Fault(.status(500, retryAfter: nil)))
            _ = try await RawConnection.reply(port, "GET", "/")
            let isClosed = try await eventually { try simulator.counters("us-east").openConnections == 0 }
            #expect(isClosed)
            let counters =
                #"{"answered":1,"connections":1,"excess_connections":0,"faults":{"status":1},"open_connections":0,"#
                + #""requests":1,"statuses":{"500":1},"unfinished":0}"#
            let shown = try await RawConnection.reply(control, "GET", "/regions/us-east/counters")
            #expect(shown?.body == counters + "\n")
        }
    }

    private static let kinds =
        "status, refuse, blackhole, stall, truncate, drip, reset, garbage, slow, endless, empty, chat"
    private static let allowedKinds = kinds.components(separatedBy: ", ").map { "\"\($0)\"" }.joined(separator: ",")

    private static func problem(_ status: Int, _ title: String, _ detail: String, allowed: String) -> String {
        "{\"allowed\":[\(allowed)],\"detail\":\"\(detail)\",\"status\":\(status),\"title\":\"\(title)\","
            + "\"type\":\"about:blank\"}\n"
    }

    @Test(arguments: [
        (#"{"status": 99}"#, "fault.status: found '99'; expected a whole number from 200 to 599"),
        (#"{"status": 503, "share": 30}"#, "fault.share: found '30'; expected a number from 0.0 to 1.0"),
        (
            #"{"status": 503, "stall": true}"#,
            "fault: found status, stall; expected exactly one of \(kinds) (several faults make a list)"
        ),
        (#"{"refuse": true, "share": 0.5}"#, "fault.share: refuse takes no share: a listener is open or closed"),
        ("", "found nothing; expected a mapping"),
    ])
    func badFaultIsAProblemThatListsWhatIsAllowed(body: String, detail: String) async throws {
        try await withControl { simulator, control, _ in
            let reply = try await RawConnection.reply(control, "PUT", "/regions/us-east/fault", body: body)
            #expect(reply?.status == 400)
            #expect(reply?.headers["content-type"] == "application/problem+json")
            #expect(reply?.body == Self.problem(400, "Not a fault", detail, allowed: Self.allowedKinds))
            #expect(try simulator.faults("us-east") == [])
        }
    }

    private static let paths =
        #""GET /regions","GET /regions/NAME","GET /regions/NAME/counters","PUT /regions/NAME/fault","#
        + #""DELETE /regions/NAME/fault""#

    @Test(arguments: [
        ("GET", "/regions/mars", 404, problem(404, "Unknown region", "found 'mars'", allowed: "\"us-east\"")),
        ("GET", "/nothing", 404, problem(404, "Unknown path", "found GET /nothing", allowed: paths)),
        (
            "GET", "/regions/us-east/x", 404,
            problem(404, "Unknown path", "found GET /regions/us-east/x", allowed: paths)
        ),
        ("POST", "/regions", 405, problem(405, "Method not allowed", "found POST /regions", allowed: paths)),
    ])
    func wrongRequestIsAProblem(method: String, path: String, status: Int, body: String) async throws {
        try await withControl { _, control, _ in
            let reply = try await RawConnection.reply(control, method, path)
            #expect(reply?.status == status)
            #expect(reply?.body == body)
        }
    }

    @Test func bodyOverTheLimitIsRefused() async throws {
        try await withControl { _, control, _ in
            let body = String(repeating: " ", count: 70_000)
            let reply = try await RawConnection.reply(control, "PUT", "/regions/us-east/fault", body: body)
            #expect(reply?.status == 413)
        }
    }

    @Test func portInUseIsNamed() async throws {
        try await withRegions { simulator, ports in
            let taken = try #require(ports["us-east"])
            await #expect(throws: SimulatorError.portInUse(taken, owner: "control")) {
                try await ControlServer(simulator: simulator).start(port: taken)
            }
        }
    }

    @Test func timelineIsPlayedInOrderAndObserved() async throws {
        let seen = NIOLockedValueBox<[String]>([])
        let timeline = [
            TimelineStep(at: .zero, action: .say, comment: "calm"),
            TimelineStep(at: .seconds(1), action: .setFaults(region: "us-east", [Fault(.refuse)]), comment: "storm"),
            TimelineStep(at: .seconds(2), action: .setFaults(region: "us-east", [])),
        ]
        let observer: RegionSimulator.Observer = { region, faults, comment in
            seen.withLockedValue { $0.append("\(region) \(faults.map(\.description)) \(comment ?? "-")") }
        }
        try await withRegions(observer: observer) { simulator, ports in
            try await simulator.play(timeline, timeScale: 0.01) { line in seen.withLockedValue { $0.append(line) } }
            #expect(seen.withLockedValue { $0 } == ["calm", #"us-east ["refuse"] storm"#, "us-east [] -"])
            #expect(try await RawConnection.reply(ports["us-east"], "GET", "/")?.status == 200)
        }
    }

    @Test func cancelledTimelineStops() async throws {
        let timeline = [TimelineStep(at: .seconds(3600), action: .say, comment: "never")]
        try await withRegions { simulator, _ in
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await simulator.play(timeline) }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }
}
