import RegionSim
import Testing

/// Bounds of a region, and the ways to start and stop.
struct ServerLimitTests {
    @Test func excessConnectionIsClosedAndCounted() async throws {
        try await withRegions([RegionConfiguration(name: "us-east", maximumConnections: 1)]) { simulator, ports in
            let first = try await RawConnection.open(ports["us-east"])
            let isOpen = try await eventually { try simulator.counters("us-east").openConnections == 1 }
            #expect(isOpen)
            let second = try await RawConnection.open(ports["us-east"])
            let end = try await second.read()
            #expect(end.text == "")
            #expect([.closed, .reset].contains(end.ending))
            second.close()
            #expect(try simulator.counters("us-east").excessConnections == 1)
            try await first.send(RawConnection.request("GET", "/"))
            #expect(Reply(try await first.read().text)?.status == 200)
            first.close()
        }
    }

    @Test func idleConnectionIsClosed() async throws {
        let limits = ConnectionLimits(idle: .milliseconds(20))
        try await withRegions([RegionConfiguration(name: "us-east", limits: limits)]) { _, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            #expect(try await connection.read().ending == .closed)
            connection.close()
        }
    }

    @Test func requestThatDoesNotEndIsClosed() async throws {
        let limits = ConnectionLimits(request: .milliseconds(20))
        try await withRegions([RegionConfiguration(name: "us-east", limits: limits)]) { simulator, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            try await connection.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")
            #expect(try await connection.read().ending != .silent)
            connection.close()
            #expect(try simulator.counters("us-east").requests == 0)
        }
    }

    @Test func blackholeEndsAtItsLimit() async throws {
        let limits = ConnectionLimits(answer: .milliseconds(20))
        try await withRegions([RegionConfiguration(name: "us-east", limits: limits)]) { simulator, ports in
            try await simulator.setFault("us-east", Fault(.blackhole))
            #expect(try await RawConnection.exchange(ports["us-east"], "GET", "/").ending == .closed)
        }
    }

    @Test(arguments: [false, true])
    func bodyOverTheLimitIsAnsweredWith413(isAnnounced: Bool) async throws {
        let body = String(repeating: "x", count: ConnectionLimits.maximumRequestBytes + 1)
        let length = isAnnounced ? "content-length: \(body.utf8.count)" : "transfer-encoding: chunked"
        let framed = isAnnounced ? body : "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        try await withRegions { _, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            try await connection.send("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n\(length)\r\n\r\n\(framed)")
            let reply = Reply(try await connection.read().text)
            #expect(reply?.status == 413)
            #expect(reply?.headers["connection"] == "close")
            connection.close()
        }
    }

    @Test func clientThatAsksForLeaveGetsIt() async throws {
        try await withRegions { _, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            let body = #"{"model":"m","messages":[{}]}"#
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\n"
                    + "content-length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(try await connection.read { $0.hasSuffix("\r\n\r\n") }.text == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send(body)
            #expect(Reply(try await connection.read().text)?.status == 200)
            connection.close()
        }
    }

    @Test func oldClientGetsAStreamWithoutChunks() async throws {
        let body = #"{"model":"m","messages":[{}],"stream":true,"max_tokens":1}"#
        try await withRegions { _, ports in
            let connection = try await RawConnection.open(ports["us-east"])
            try await connection.send(
                "POST /v1/chat/completions HTTP/1.0\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let found = try await connection.read()
            connection.close()
            #expect(found.ending == .closed)
            #expect(Reply(found.text)?.headers["transfer-encoding"] == nil)
            #expect(found.text.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test func portInUseIsNamedAndNothingStaysOpen() async throws {
        try await withRegions { _, ports in
            let taken = try #require(ports["us-east"])
            let regions = [RegionConfiguration(name: "a"), RegionConfiguration(name: "b", port: taken)]
            let second = RegionSimulator(regions: regions)
            let error = SimulatorError.portInUse(taken, owner: "b")
            await #expect(throws: error) { try await second.start() }
            let text =
                "b: port \(taken) is in use by another process; stop it, or choose another port (0 takes a free one)"
            #expect(error.description == text)
            #expect(try second.port("a") == nil)
        }
    }

    @Test func refusedPortIsNotGivenAway() async throws {
        try await withRegions { simulator, ports in
            try await simulator.setFault("us-east", Fault(.refuse))
            try await withRegions((0..<20).map { RegionConfiguration(name: "r\($0)") }) { _, others in
                #expect(!others.values.contains(ports["us-east"] ?? 0))
            }
        }
    }

    @Test func stopClosesAndStartOpensAgain() async throws {
        let simulator = RegionSimulator(regions: [RegionConfiguration(name: "us-east")])
        let port = try await simulator.start()["us-east"]
        await #expect(throws: SimulatorError.alreadyStarted) { try await simulator.start() }
        #expect(try await RawConnection.reply(port, "GET", "/")?.status == 200)
        await simulator.stop()
        await #expect(throws: RawConnection.SocketError.refused) { try await RawConnection.open(port) }
        let again = try await simulator.start()["us-east"]
        #expect(try await RawConnection.reply(again, "GET", "/")?.status == 200)
        await simulator.stop()
    }

    @Test func unknownRegionIsAnErrorThatListsTheKnownOnes() async {
        let simulator = RegionSimulator(regions: [.init(name: "us-east"), .init(name: "eu-west")])
        let error = SimulatorError.unknownRegion("mars", known: ["us-east", "eu-west"])
        await #expect(throws: error) { try await simulator.heal("mars") }
        #expect(error.description == "no region is named 'mars'; there are: us-east, eu-west")
    }
}
