import Foundation
import RegionSim
import Testing

/// Chats over a real socket: keys, identifiers and quirks.
struct ChatSocketTests {
    private let stream = #"{"model":"any","messages":[{"role":"user","content":"hi"}],"max_tokens":4,"stream":true}"#

    private func ask(
        _ port: Int?,
        _ method: String,
        _ path: String,
        header: String? = nil,
        body: String = ""
    ) async throws -> Reply? {
        let connection = try await RawConnection.open(port)
        defer { connection.close() }
        let extra = header.map { "\($0)\r\n" } ?? ""
        try await connection.send(
            "\(method) \(path) HTTP/1.1\r\nhost: sim\r\n\(extra)connection: close\r\n"
                + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        return Reply(try await connection.read().text)
    }

    @Test(arguments: [
        ("/v1/models", nil, 401), ("/v1/models", "authorization: Bearer sk-one", 200),
        ("/v1/models", "authorization: bearer sk-two", 200), ("/v1/models", "authorization: Bearer sk-onee", 401),
        ("/v1/models", "authorization: Basic sk-one", 401), ("/v1/models", "authorization: sk-one", 401),
        ("/v1/models", "api-key: sk-one", 200), ("/v1/models", "x-api-key: sk-two", 200),
        ("/v1/models", "x-api-key: other", 401), ("/v1/models/sim-small", nil, 401), ("/health", nil, 200),
        ("/", nil, 200),
    ])
    func keyIsDemandedBelowTheVersion(path: String, header: String?, status: Int) async throws {
        try await withRegions([RegionConfiguration(name: "us-east", keys: ["sk-one", "sk-two"])]) { _, ports in
            let reply = try await ask(ports["us-east"], "GET", path, header: header)
            #expect(reply?.status == status)
        }
    }

    @Test func wrongKeyIsToldAsTheAPIDoes() async throws {
        try await withRegions([RegionConfiguration(name: "us-east", keys: ["sk-one"])]) { _, ports in
            let chat = "/v1/chat/completions"
            let wrong = try await ask(ports["us-east"], "POST", chat, header: "authorization: Bearer x", body: stream)
            #expect(
                wrong?.body
                    == #"{"error":{"code":"invalid_api_key","message":"Incorrect API key provided.","param":null,"#
                    + #""type":"invalid_request_error"}}"#
            )
            let none = try await ask(ports["us-east"], "POST", chat, body: stream)
            #expect(
                none?.body == #"{"error":{"code":null,"message":"You didn't provide an API key. "#
                    + #"Expected 'Authorization: Bearer KEY'.","param":null,"type":"invalid_request_error"}}"#
            )
            let right = try await ask(
                ports["us-east"],
                "POST",
                chat,
                header: "authorization: Bearer sk-one",
                body: stream
            )
            #expect(right?.body.hasSuffix("data: [DONE]\n\n") == true)
        }
    }

    @Test func answersCarryIdentifiersOfTheirOwn() async throws {
        try await withRegions { simulator, ports in
            var identifiers: [String] = []
            for fault in [[], [Fault(.status(500, retryAfter: nil))], [Fault(.chat("auth_401"))]] {
                try await simulator.setFaults("us-east", fault)
                let reply = try await ask(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
                identifiers.append(reply?.headers["x-request-id"] ?? "")
            }
            #expect(identifiers.allSatisfy { $0.wholeMatch(of: /req_[0-9a-f]{16}/) != nil })
            #expect(Set(identifiers).count == 3)
        }
    }

    @Test func quirkConcernsChatsAlone() async throws {
        try await withRegions { simulator, ports in
            let port = ports["us-east"]
            try await simulator.setFault("us-east", Fault(.chat("overloaded_529")))
            #expect(try await ask(port, "POST", "/v1/chat/completions", body: stream)?.status == 529)
            #expect(try await ask(port, "GET", "/v1/models")?.status == 200)
            #expect(try await ask(port, "GET", "/health")?.status == 200)
            // What would be refused anyhow is refused as ever.
            #expect(try await ask(port, "POST", "/v1/chat/completions", body: "{}")?.status == 400)
            #expect(try simulator.counters("us-east").faults == ["chat": 2])
        }
    }

    @Test func faultBesideAQuirkConcernsTheRest() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFaults(
                "us-east",
                [Fault(.chat("payment_402")), Fault(.status(500, retryAfter: nil))]
            )
            #expect(try await ask(ports["us-east"], "POST", "/v1/chat/completions", body: stream)?.status == 402)
            #expect(try await ask(ports["us-east"], "GET", "/health")?.status == 500)
        }
    }

    @Test func keepalivesComeForEver() async throws {
        try await withRegions(timeScale: 0.01) { simulator, ports in
            try await simulator.setFault("us-east", Fault(.chat("keepalives_only")))
            let found = try await RawConnection.exchange(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
            {
                $0.components(separatedBy: ": OPENROUTER PROCESSING\n\n").count > 20
            }
            #expect(found.ending == .arrived)
            #expect(!found.text.contains("data:"))
        }
    }

    @Test(arguments: ["comments_forever", "endless_event", "endless_tokens"])
    func floodOutgrowsEveryLimit(name: String) async throws {
        try await withRegions { simulator, ports in
            let quirk = try #require(ChatQuirk(named: name))
            try await simulator.setFault("us-east", Fault(.chat(quirk)))
            let found = try await RawConnection.exchange(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
            {
                $0.utf8.count > 2 * 1024 * 1024
            }
            #expect(found.ending == .arrived)
        }
    }

    @Test(arguments: [
        ("truncated", RawConnection.Ending.closed), ("reset_in_stream", .reset), ("closed_before_head", .closed),
    ])
    func connectionEndsAsTheQuirkSays(name: String, ending: RawConnection.Ending) async throws {
        try await withRegions { simulator, ports in
            let quirk = try #require(ChatQuirk(named: name))
            try await simulator.setFault("us-east", Fault(.chat(quirk)))
            let found = try await RawConnection.exchange(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
            #expect(found.ending == ending)
            #expect(!found.text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func characterArrivesInPieces() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.chat("split_utf8")))
            let found = try await RawConnection.exchange(ports["us-east"], "POST", "/v1/chat/completions", body: stream)
            // Every byte is a chunk of its own, so those of a character are apart.
            #expect(found.text.contains("1\r\n\u{FFFD}\r\n1\r\n\u{FFFD}\r\n"))
            #expect(found.text.hasSuffix("0\r\n\r\n"))
        }
    }
}
