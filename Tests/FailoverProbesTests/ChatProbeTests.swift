import FailoverCore
import Foundation
import Testing

@testable import FailoverProbes

extension Probing {
    /// A whole attempt at a chat over HTTP/1.1: what is sent, and what comes of the ways in which an answer ends.
    @Suite struct ChatProbeTests {
        struct Script: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let judgement: ChatJudgement
            var timeouts = ProbeTimeouts.generous
            /// After the request was read whole.
            let answer: @Sendable (RawServer.Connection) -> Void

            init(
                _ name: String,
                _ judgement: ChatJudgement,
                timeouts: ProbeTimeouts = .generous,
                _ answer: @escaping @Sendable (RawServer.Connection) -> Void
            ) {
                (testDescription, self.judgement, self.timeouts, self.answer) = (name, judgement, timeouts, answer)
            }
        }

        private func run(_ script: Script) async throws {
            let server = try RawServer { connection in
                connection.readMessage()
                script.answer(connection)
            }
            defer { server.stop() }
            let observation = await observe(chat(server.port), timeouts: script.timeouts)
            #expect(ChatJudgement(observation) == script.judgement, "\(observation.detail ?? "")")
        }

        private static let framings: [Script] = [
            Script("until the connection ends", .good) { $0.write(ChatEvents.endlessHead + ChatEvents.answer) },
            Script("chunked", .good) {
                $0.write(ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.answer) + ChatEvents.chunk(""))
            },
            Script("counted", .good) {
                $0.write(ChatEvents.whole(200, ChatEvents.answer, type: "text/event-stream"))
            },
            Script("byte by byte", .good) {
                $0.drip(ChatEvents.chunkedHead)
                for byte in ChatEvents.answer.utf8 {
                    $0.drip(ChatEvents.chunk(String(decoding: [byte], as: UTF8.self)))
                }
            },
            Script("never closed after the terminator", .good) {
                $0.write(ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.answer))
                $0.waitUntilClosed()
            },
            Script("the tail never comes", .good) {
                $0.write(ChatEvents.endlessHead + ChatEvents.token("O") + ChatEvents.token("K") + ChatEvents.finish)
                $0.waitUntilClosed()
            },
        ]

        private static let endings: [Script] = [
            Script("closed within the stream", .failed(.truncated, ttft: true, tokens: 1)) {
                $0.write(ChatEvents.endlessHead + ChatEvents.role + ChatEvents.token("O"))
            },
            Script("a chunk cut short", .failed(.truncated, ttft: true, tokens: 1)) {
                $0.write(ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.token("O")) + "40\r\ndata: {")
            },
            Script("shorter than its length", .failed(.truncated, ttft: true, tokens: 1)) {
                $0.write(ChatEvents.streamHead + "Content-Length: 10000\r\n\r\n" + ChatEvents.token("O"))
            },
            Script("closed before the head", .failed(.responseEmpty)) { _ in },
            Script("reset before the head", .failed(.responseReset)) { $0.resetOnClose() },
            Script("cut within the head", .failed(.responseTruncated)) { $0.write("HTTP/1.1 200 OK\r\nConte") },
            Script("not HTTP", .failed(.responseMalformed)) { $0.write("SSH-2.0-OpenSSH_9.2\r\n") },
            Script("an error of the server", .failed(.http(500))) { $0.write(ChatEvents.whole(500, "{}")) },
            Script(
                "a refused key",
                ChatJudgement(.misconfigured(.auth), ttft: false, latency: false, tokens: nil)
            ) { $0.write(ChatEvents.whole(401, #"{"error":{"message":"no"}}"#)) },
        ]

        private static func limits(
            ttft: Duration = .seconds(60),
            idle: Duration = .seconds(60),
            total: Duration = .seconds(100)
        ) -> ProbeTimeouts {
            ProbeTimeouts(firstByte: .seconds(60), ttft: ttft, idle: idle, total: total)
        }

        /// Writes `part` again and again until the probe has had enough.
        private static func forEver(_ connection: RawServer.Connection, _ part: String) {
            while connection.write(part) { usleep(2000) }
        }

        private static let silences: [Script] = [
            Script(
                "never answers",
                .failed(.ttftTimeout, isTimeout: true, ttft: true),
                timeouts: limits(ttft: .milliseconds(150))
            ) { $0.waitUntilClosed() },
            Script(
                "keep-alives for ever",
                .failed(.ttftTimeout, isTimeout: true, ttft: true, tokens: 0),
                timeouts: limits(ttft: .milliseconds(150))
            ) {
                $0.write(ChatEvents.endlessHead)
                forEver($0, ChatEvents.keepalive)
            },
            Script(
                "roles for ever",
                .failed(.ttftTimeout, isTimeout: true, ttft: true, tokens: 0),
                timeouts: limits(ttft: .milliseconds(150))
            ) {
                $0.write(ChatEvents.endlessHead)
                forEver($0, ChatEvents.role)
            },
            Script(
                "no token after the first",
                .failed(.stalled, isTimeout: true, ttft: true, tokens: 1),
                timeouts: limits(idle: .milliseconds(150))
            ) {
                $0.write(ChatEvents.endlessHead + ChatEvents.token("O"))
                forEver($0, ChatEvents.keepalive)
            },
        ]

        @Test(arguments: framings) func answersAreReadHoweverTheyArrive(_ script: Script) async throws {
            try await run(script)
        }
        @Test(arguments: endings) func endsThatComeTooEarlyAreTold(_ script: Script) async throws {
            try await run(script)
        }
        @Test(arguments: silences) func silenceEndsAtItsLimit(_ script: Script) async throws { try await run(script) }

        @Test func aStreamThatNeverEndsIsSlow() async throws {
            let server = try RawServer { connection in
                connection.readMessage()
                connection.write(ChatEvents.endlessHead)
                Self.forEver(connection, ChatEvents.token("O"))
            }
            defer { server.stop() }
            let observation = await observe(chat(server.port), timeouts: Self.limits(total: .milliseconds(300)))
            #expect(observation.outcome == .failure("slow", isTimeout: true))
            #expect(observation.ttft != nil)
            #expect(observation.latency != nil)
        }

        @Test func timesCountFromTheRequestAndNotFromTheConnection() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            defer { server.stop() }
            let observation = await observe(chat(server.port))
            let written = try #require(observation.phases.requestWritten)
            let ttft = try #require(observation.ttft)
            let latency = try #require(observation.latency)
            let end = observation.end - observation.start
            #expect(ttft > .zero && ttft <= latency && written + latency <= end)
            #expect(observation.chat?.usage == TokenUsage(prompt: 20, completion: 2))
            #expect(observation.chat?.finish == "stop")
            #expect(observation.tier == .deep)
        }

        // MARK: What is sent

        /// The request with what is random replaced, and what was random.
        private func request(
            _ probe: ProbeRequest,
            to server: ChatServer
        ) async throws -> (text: String, random: [String]) {
            _ = await observe(probe)
            var text = try #require(server.requests.all.last)
            var random: [String] = []
            for (before, count) in [("X-Request-Id: fd-", 32), (#""content":""#, 8)] {
                guard let start = text.range(of: before)?.upperBound else { continue }
                let end = text.index(start, offsetBy: count)
                random.append(String(text[start..<end]))
                text.replaceSubrange(start..<end, with: "*")
            }
            return (text, random)
        }

        @Test func theQuestionIsSentAsDocumented() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            defer { server.stop() }
            let first = try await request(chat(server.port), to: server)
            let body =
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"#
                + #""messages":[{"role":"user","content":"* Reply with the word OK and nothing else."}],"max_tokens":16}"#
            let head = """
                POST /v1/chat/completions HTTP/1.1
                Host: 127.0.0.1:\(server.port)
                User-Agent: failoverd (probe)
                Accept-Encoding: identity
                Connection: close
                Accept: text/event-stream
                Content-Type: application/json
                Cache-Control: no-store
                X-Request-Id: fd-*
                Content-Length: \(body.utf8.count + 7)

                """
            #expect(first.text == head.replacing("\n", with: "\r\n") + "\r\n" + body)
            let second = try await request(chat(server.port), to: server)
            #expect(second.text == first.text)
            #expect(zip(first.random, second.random).allSatisfy { $0 != $1 })
            #expect(first.random.count == 2)
        }

        @Test func configuredHeadersWinOverOurs() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            let directory = try TemporaryDirectory()
            defer {
                server.stop()
                directory.remove()
            }
            try directory.write("k3y\n", to: "key")
            let headers = ["accept", "CACHE-CONTROL", "user-agent", "x-request-id", "Authorization"].map {
                HeaderField(name: $0, value: "own")
            }
            let probe = chat(server.port, headers: headers, credential: .file(path: directory.path("key")))
            let text = try await request(probe, to: server).text
            for header in headers {
                let lines = text.split(separator: "\r\n").filter {
                    $0.lowercased().hasPrefix("\(header.name.lowercased()):")
                }
                #expect(lines == ["\(header.name): own"])
            }
        }

        @Test(arguments: [
            (CredentialHeader.bearer, "Authorization: Bearer k3y"), (.apiKey, "api-key: k3y"),
            (.xAPIKey, "x-api-key: k3y"),
        ])
        func theCredentialIsShownAsWanted(_ header: CredentialHeader, _ line: String) async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            let directory = try TemporaryDirectory()
            defer {
                server.stop()
                directory.remove()
            }
            try directory.write("k3y\r\nnot this\n", to: "key")
            for mode in [ChatProbe.Mode.chat, .models, .health] {
                let credential = Credential.file(path: directory.path("key"))
                let probe = chat(server.port, mode: mode, credential: credential, credentialHeader: header)
                let text = try await request(probe, to: server).text
                #expect(text.components(separatedBy: "\r\n").filter { $0.contains("k3y") } == [line])
                #expect(!text.contains("not this"))
            }
        }

        // MARK: Cheaper questions

        @Test func cheaperQuestionsAreShallow() async throws {
            let list = ChatEvents.whole(200, #"{"object":"list","data":[{"id":"m"}]}"#)
            let longList = ChatEvents.whole(
                200,
                #"{"data":[{"id":"m"}"# + String(repeating: #",{"id":"another"}"#, count: 1000) + "]}"
            )
            let cases: [(ChatProbe.Mode, answer: String, line: String, Outcome)] = [
                (.models, list, "GET /v1/models HTTP/1.1", .success),
                (.models, longList, "GET /v1/models HTTP/1.1", .success),
                (.models, ChatEvents.whole(200, #"{"data":[]}"#), "GET /v1/models HTTP/1.1", .misconfigured(.model)),
                (.health, ChatEvents.whole(200, "ok", type: "text/plain"), "GET /health HTTP/1.1", .success),
                (.health, ChatEvents.whole(500, "x"), "GET /health HTTP/1.1", .failure(.http(500), isTimeout: false)),
            ]
            for (mode, answer, line, outcome) in cases {
                let server = try ChatServer(answer)
                defer { server.stop() }
                let observation = await observe(chat(server.port, mode: mode))
                #expect(
                    ChatJudgement(observation)
                        == ChatJudgement(
                            outcome,
                            ttft: false,
                            latency: outcome == .success,
                            tokens: nil,
                            tier: .shallow
                        )
                )
                #expect(server.requests.all.first?.hasPrefix(line + "\r\n") == true)
            }
        }

        // MARK: Expectations

        @Test func anExpressionIsEvaluatedElsewhereAndOneThatNeverEndsIsGivenUp() async throws {
            let tokens = String(repeating: "a", count: 18) + "b"
            let server = try ChatServer(
                ChatEvents.endlessHead + ChatEvents.token(tokens) + ChatEvents.finish + ChatEvents.done
            )
            defer { server.stop() }
            func outcome(_ pattern: String) async -> Observation {
                await observe(chat(server.port, quality: QualityExpectation(text: [.regex(pattern)])))
            }
            let good = await outcome("^a+b$")
            #expect(good.outcome == .success && good.chat?.poorQuality == nil)
            let poor = await outcome("^c")
            #expect(poor.outcome == .success && poor.chat?.poorQuality?.code == .quality)
            #expect(await outcome("^(a+)+$").outcome == .inconclusive(.localConfiguration))
            #expect(await outcome("(").outcome == .inconclusive(.localConfiguration))
        }
    }
}
