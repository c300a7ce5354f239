import Foundation
import RegionSim
import Testing

/// Each fault, seen over a real socket as itself.
struct FaultTests {
    private let chat = #"{"model":"any","messages":[{"role":"user","content":"hi"}],"max_tokens":4}"#
    private let stream = #"{"model":"any","messages":[{"role":"user","content":"hi"}],"max_tokens":4,"stream":true}"#

    private func post(
        _ port: Int?,
        _ body: String,
        isSilentAfterwards: Bool = false,
        until condition: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> (text: String, ending: RawConnection.Ending) {
        try await RawConnection.exchange(
            port,
            "POST",
            "/v1/chat/completions",
            body: body,
            isSilentAfterwards: isSilentAfterwards,
            until: condition
        )
    }

    @Test func healthyRegionTellsItsName() async throws {
        try await withRegions([.init(name: "us-east"), .init(name: "eu-west")]) { _, ports in
            for (region, port) in ports {
                let reply = try await RawConnection.reply(port, "GET", "/health")
                #expect(reply?.body == "{\"region\":\"\(region)\",\"status\":\"ok\"}")
                #expect(reply?.headers["x-region"] == region)
            }
        }
    }

    @Test func streamArrivesWhole() async throws {
        try await withRegions { _, ports in
            let reply = try await RawConnection.reply(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
            let events = (reply?.body ?? "").components(separatedBy: "\n\n")
            #expect(events.count == 8)
            #expect(events.suffix(2) == ["data: [DONE]", ""])
            #expect(reply?.headers["content-type"] == "text/event-stream; charset=utf-8")
        }
    }

    @Test func connectionServesRequestAfterRequest() async throws {
        try await withRegions { simulator, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            for _ in 0..<3 {
                try await connection.send(RawConnection.request("GET", "/health", isLast: false))
                let found = try await connection.read { $0.hasSuffix("}") }
                #expect(Reply(found.text)?.body == #"{"region":"us-east","status":"ok"}"#)
            }
            connection.close()
            let isSeen = try await eventually { try simulator.counters("us-east").openConnections == 0 }
            #expect(isSeen)
            var expected = RegionCounters()
            expected.connections = 1
            expected.requests = 3
            expected.answered = 3
            expected.statuses = [200: 3]
            #expect(try simulator.counters("us-east") == expected)
        }
    }

    @Test func statusFaultAnswersWithAnErrorObject() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.status(503, retryAfter: .seconds(3))))
            let reply = try await RawConnection.reply(ports["us-east"], "POST", "/v1/chat/completions", body: chat)
            let error =
                #"{"error":{"code":"service_unavailable","message":"Simulated fault in us-east: status 503.","#
                + #""param":null,"type":"server_error"}}"#
            #expect(reply?.status == 503)
            #expect(reply?.body == error)
            #expect(reply?.headers["retry-after"] == "3")
        }
    }

    @Test func refuseClosesEverythingAndHealReopensTheSamePort() async throws {
        try await withRegions { simulator, ports in
            let port = ports["us-east"]
            let open = try await RawConnection.open(port)
            _ = try await eventually { try simulator.counters("us-east").openConnections == 1 }
            for _ in 0..<3 {
                try await simulator.setFault("us-east", Fault(.refuse))
                await #expect(throws: RawConnection.SocketError.refused) { try await RawConnection.open(port) }
                try await simulator.heal("us-east")
                #expect(try await RawConnection.reply(port, "GET", "/")?.status == 200)
                #expect(try simulator.port("us-east") == port)
            }
            #expect(try await open.read().text == "")
            open.close()
        }
    }

    @Test func quickChangesEndWithTheLastOne() async throws {
        try await withRegions { simulator, ports in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask { try await simulator.setFaults("us-east", number % 2 == 0 ? [Fault(.refuse)] : []) }
                }
                try await group.waitForAll()
            }
            try await simulator.heal("us-east")
            #expect(try await RawConnection.reply(ports["us-east"], "GET", "/")?.status == 200)
        }
    }

    @Test func blackholeReadsAndNeverAnswers() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.blackhole))
            let found = try await post(ports["us-east"], chat, isSilentAfterwards: true) { _ in true }
            #expect(found.text == "")
            #expect(found.ending == .silent)
            let isSeen = try await eventually { try simulator.counters("us-east").unfinished == 1 }
            #expect(isSeen)
        }
    }

    @Test func stallSendsTheBeginningAndThenNothing() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.stall))
            let plain = try await post(ports["us-east"], chat, isSilentAfterwards: true) { $0.contains("\"choices\"") }
            #expect(plain.ending == .silent)
            #expect(plain.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(!plain.text.contains("\"usage\""))
            let streamed = try await post(ports["us-east"], stream, isSilentAfterwards: true) { $0.contains("\"OK\"") }
            #expect(streamed.ending == .silent)
            #expect(Reply(streamed.text)?.body.components(separatedBy: "\n\n").count == 3)
        }
    }

    @Test func truncateClosesInTheMiddle() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.truncate))
            let plain = try await post(ports["us-east"], chat)
            let reply = try #require(Reply(plain.text))
            #expect(plain.ending == .closed)
            #expect(reply.headers["content-length"].flatMap { Int($0) }.map { $0 / 2 } == reply.body.utf8.count)
            let streamed = try await post(ports["us-east"], stream)
            #expect(streamed.ending == .closed)
            #expect(!streamed.text.contains("[DONE]"))
            #expect(!streamed.text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func dripSendsEveryByteInTheEnd() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.drip(interval: .milliseconds(1))))
            let reply = try await RawConnection.reply(ports["us-east"], "GET", "/health")
            #expect(reply?.body == #"{"region":"us-east","status":"ok"}"#)
            #expect(try simulator.counters("us-east").faults == ["drip": 1])
        }
    }

    @Test func resetIsATCPReset() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.reset))
            let found = try await post(ports["us-east"], chat)
            #expect(found.text == "")
            #expect(found.ending == .reset)
        }
    }

    @Test func garbageIsNotHTTP() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.garbage))
            let found = try await post(ports["us-east"], chat)
            #expect(found.text == "220 us-east ESMTP \u{1}\u{2}\u{3}\r\n")
            #expect(found.ending == .closed)
        }
    }

    @Test func endlessBodyOutgrowsEveryLimit() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.endless))
            let found = try await post(ports["us-east"], chat) { $0.utf8.count > 3 * 1024 * 1024 }
            #expect(found.ending == .arrived)
            let isSeen = try await eventually { try simulator.counters("us-east").unfinished == 1 }
            #expect(isSeen)
        }
    }

    @Test func emptyIsASuccessWithoutABody() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.empty))
            let reply = try await RawConnection.reply(ports["us-east"], "POST", "/v1/chat/completions", body: chat)
            #expect(reply?.status == 200)
            #expect(reply?.body == "")
        }
    }

    @Test func slowAnswerIsAGoodAnswer() async throws {
        try await withRegions { simulator, ports in
            let latency = LatencyModel.constant(.milliseconds(50))
            let slow = Fault(.slow(.replaced(latency: latency, timeToFirstToken: nil)))
            try await simulator.setFault("us-east", slow)
            #expect(try await RawConnection.reply(ports["us-east"], "GET", "/")?.status == 200)
            #expect(try simulator.counters("us-east").faults == ["slow": 1])
        }
    }

    @Test func shareHitsTheRequestsThatTheSeedChose() async throws {
        try await withRegions(seed: 7) { simulator, ports in
            try await simulator.setFault("us-east", Fault(.status(503, retryAfter: nil), share: 0.3))
            var outcomes = ""
            for _ in 0..<20 {
                let reply = try await RawConnection.reply(ports["us-east"], "GET", "/")
                outcomes += reply?.status == 503 ? "x" : "."
            }
            #expect(outcomes == "..xx....xxxx...x.x.x")
        }
    }

    @Test func healEndsEveryFault() async throws {
        try await withRegions { simulator, ports in
            for kind: Fault.Kind in [.status(500, retryAfter: nil), .garbage, .empty, .refuse, .reset, .truncate] {
                try await simulator.setFault("us-east", Fault(kind))
                try await simulator.heal("us-east")
                let reply = try await RawConnection.reply(ports["us-east"], "GET", "/health")
                #expect(reply?.body == #"{"region":"us-east","status":"ok"}"#)
            }
        }
    }
}
