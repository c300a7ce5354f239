import FailoverCore
import FailoverProbes
import Foundation
import Testing

extension Probing {
    @Suite struct MisbehavingServerTests {
        private static let succeeded = Judgement.succeeded(.connected, .requestWritten, .firstByte, .lastByte)

        private static func failed(_ code: ReasonCode) -> Judgement {
            .failed(code, .connected, .requestWritten, .firstByte)
        }

        private static func limits(firstByte: Duration = .seconds(60), total: Duration = .seconds(60)) -> ProbeTimeouts
        {
            ProbeTimeouts(firstByte: firstByte, total: total)
        }

        private static let answerScripts: [ServerScript] = [
            .answer(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                succeeded,
                expect: HTTPExpectation(body: [.contains("ok")])
            ),
            .answer(
                "HTTP/1.0 200 OK\r\n\r\nuntil the end",
                succeeded,
                expect: HTTPExpectation(body: [.contains("the end")])
            ),
            .answer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n",
                succeeded,
                expect: HTTPExpectation(body: [.regex("^hello$")])
            ),
            .answer(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    + "HTTP/1.1 204 No Content\r\n\r\n",
                succeeded
            ),
            .answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", succeeded, method: "HEAD"),
            .answer(
                "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n",
                succeeded,
                expect: HTTPExpectation(statuses: [304...304])
            ),
            .answer(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
                failed(.responseMalformed)
            ),
            .answer("HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", failed(.http(599))),
            .answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", failed(.responseTruncated)),
            .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", failed(.responseTruncated)),
            .answer("HTTP/1.1 200 OK\r\nConte", failed(.responseTruncated)),
            .answer("HTTP/1.1 100 Continue\r\n\r\n", failed(.responseTruncated)),
            .answer("SSH-2.0-OpenSSH_9.2\r\n", failed(.responseMalformed)),
            .answer("HTTP/2 200 OK\r\n\r\n", failed(.responseMalformed)),
            .answer("HTTP/1.1 2OO OK\r\n\r\n", failed(.responseMalformed)),
            .answer("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", failed(.responseMalformed)),
            .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", failed(.responseMalformed)),
            .answer("\u{1}\u{2}\u{3}\u{0}", failed(.responseMalformed)),
        ]

        private static let silenceScripts: [ServerScript] = [
            ServerScript("closes at once", .failed(.responseEmpty, .connected, .requestWritten)) { $0.finish() },
            ServerScript("closes after the request", .failed(.responseEmpty, .connected, .requestWritten)) {
                $0.readRequest()
            },
            ServerScript("resets after the request", .failed(.responseReset, .connected, .requestWritten)) {
                $0.readRequest()
                $0.resetOnClose()
            },
            ServerScript(
                "never answers",
                .timedOut(.responseTimeout, .connected, .requestWritten),
                timeouts: limits(firstByte: .milliseconds(100))
            ) { $0.waitUntilClosed() },
            ServerScript(
                "never answers, and the total is the shorter limit",
                .timedOut(.totalTimeout, .connected, .requestWritten),
                timeouts: limits(total: .milliseconds(100))
            ) { $0.waitUntilClosed() },
            ServerScript(
                "stops in the body",
                .timedOut(.bodyTimeout, .connected, .requestWritten, .firstByte),
                timeouts: limits(total: .milliseconds(200))
            ) {
                $0.readRequest()
                $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                $0.waitUntilClosed()
            },
            ServerScript(
                "drips its head for ever",
                .timedOut(.bodyTimeout, .connected, .requestWritten, .firstByte),
                timeouts: limits(total: .milliseconds(200))
            ) {
                $0.readRequest()
                guard $0.write("HTTP/1.1 200 OK\r\nX: ") else { return }
                while $0.write("x") { usleep(5000) }
            },
        ]

        private static let floodScripts: [ServerScript] = [
            .endless(
                "headers without end",
                failed(.headerTooLarge),
                head: "HTTP/1.1 200 OK\r\n",
                part: "X-Header: value\r\n"
            ),
            .endless(
                "one header without end",
                failed(.headerTooLarge),
                head: "HTTP/1.1 200 OK\r\nX: ",
                part: "xxxxxxxxxxxxxxxx"
            ),
            .endless(
                "a status line without end",
                failed(.headerTooLarge),
                head: "HTTP/1.1 200 O",
                part: "KKKKKKKKKKKKKKKK"
            ),
            .endless(
                "interim answers without end",
                failed(.headerTooLarge),
                head: "",
                part: "HTTP/1.1 100 Continue\r\n\r\n"
            ),
            .endless(
                "a body without end",
                failed(.bodyTooLarge),
                head: "HTTP/1.1 200 OK\r\n\r\n",
                part: String(repeating: "x", count: 4096)
            ),
            .endless(
                "chunks without end",
                failed(.bodyTooLarge),
                head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                part: "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
            ),
            .endless(
                "a chunk extension without end",
                failed(.headerTooLarge),
                head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=",
                part: "xxxxxxxxxxxxxxxx"
            ),
            .endless(
                "trailers without end",
                failed(.headerTooLarge),
                head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                part: "X-Trailer: value\r\n"
            ),
        ]

        @Test(arguments: answerScripts) func answers(_ example: ServerScript) async throws { try await run(example) }
        @Test(arguments: silenceScripts) func silences(_ example: ServerScript) async throws { try await run(example) }
        @Test(arguments: floodScripts) func floods(_ example: ServerScript) async throws { try await run(example) }

        private func run(_ example: ServerScript) async throws {
            let server = try RawServer(example.script)
            defer { server.stop() }
            let request = http(server.port, method: example.method, expect: example.expect)
            let observation = await observe(request, timeouts: example.timeouts)
            #expect(Judgement(observation) == example.judgement, "\(observation.detail ?? "")")
        }

        @Test func theLargestHeadAndBodyAreAcceptedToTheByte() async throws {
            func judgement(head: Int, body: Int) async throws -> Outcome {
                let server = try RawServer { connection in
                    connection.readRequest()
                    // In fields, because one field has the same limit as all of them.
                    var text = "HTTP/1.1 200 OK\r\nContent-Length: \(body)\r\n"
                    while text.utf8.count < head - 1100 { text += "X: \(String(repeating: "x", count: 995))\r\n" }
                    text += "Y: \(String(repeating: "y", count: head - text.utf8.count - 7))\r\n\r\n"
                    guard connection.write(text) else { return }
                    connection.write(String(repeating: "b", count: body))
                }
                defer { server.stop() }
                return await observe(http(server.port)).outcome
            }
            let head = HTTPProbe.maximumHeaderBytes
            let body = HTTPProbe.maximumBodyBytes
            #expect(try await judgement(head: head, body: 100) == .success)
            #expect(try await judgement(head: head + 1, body: 100) == .failure(.headerTooLarge, isTimeout: false))
            #expect(try await judgement(head: 2000, body: body) == .success)
            #expect(try await judgement(head: 2000, body: body + 1) == .failure(.bodyTooLarge, isTimeout: false))
        }

        @Test func aResetInTheBodyIsAReset() async throws {
            let server = try RawServer {
                $0.readRequest()
                $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
                $0.resetOnClose()
            }
            defer { server.stop() }
            // Whether the head was read before the reset discarded it is chance.
            #expect(await observe(http(server.port)).outcome == .failure(.responseReset, isTimeout: false))
        }

        @Test func aRequestThatIsNotTakenTimesOut() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let request = http(server.port, method: "POST", body: String(repeating: "x", count: 32 * 1024 * 1024))
            let judgement = await judge(request, timeouts: Self.limits(firstByte: .milliseconds(200)))
            #expect(judgement == .timedOut(.requestTimeout, .connected))
        }

        @Test func theRequestIsSentAsConfigured() async throws {
            let requests = Collected<String>()
            let server = try RawServer { connection in
                requests.append(connection.readRequest())
                connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            }
            defer { server.stop() }
            _ = await observe(http(server.port, "/health?x=1"))
            let headers = [
                HeaderField(name: "host", value: "example.org"), HeaderField(name: "Authorization", value: "Bearer x"),
            ]
            _ = await observe(http(server.port, method: "POST", headers: headers, body: "{é}"))
            #expect(
                requests.all == [
                    "GET /health?x=1 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nUser-Agent: failoverd (probe)\r\n"
                        + "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n",
                    "POST / HTTP/1.1\r\nUser-Agent: failoverd (probe)\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
                        + "Connection: close\r\nContent-Length: 4\r\nhost: example.org\r\n"
                        + "Authorization: Bearer x\r\n\r\n{é}",
                ]
            )
        }

        @Test func aHandshakeThatNeverEndsTimesOut() async throws {
            let server = try RawServer { $0.waitUntilClosed() }
            defer { server.stop() }
            let timeouts = ProbeTimeouts(tls: .milliseconds(100))
            #expect(
                await judge(http(server.port, tls: TLSSettings()), timeouts: timeouts)
                    == .timedOut(.tlsTimeout, .connected)
            )
        }

        @Test func aHandshakeThatIsCutShortFails() async throws {
            let closing = try RawServer { $0.finish() }
            let resetting = try RawServer {
                $0.waitForBytes()
                $0.resetOnClose()
            }
            defer {
                closing.stop()
                resetting.stop()
            }
            for port in [closing.port, resetting.port] {
                #expect(await judge(http(port, tls: TLSSettings())) == .failed(.tlsHandshake, .connected))
            }
        }

        @Test func aSecretHeaderNeverShowsUp() async throws {
            let secret = "s3cr3t\r\nX: injected"
            let observation = await observe(http(1, headers: [HeaderField(name: "Authorization", value: secret)]))
            #expect(Judgement(observation) == .inconclusive(.localConfiguration))
            #expect(
                observation.detail == "header Authorization has a control character in its value; only a tab is allowed"
            )
        }

        @Test func aRegularExpressionThatNeverEndsIsGivenUp() async throws {
            let server = try RawServer { connection in
                connection.readRequest()
                connection.write("HTTP/1.1 200 OK\r\n\r\n\(String(repeating: "a", count: 18))b")
            }
            defer { server.stop() }
            let expect = HTTPExpectation(body: [.regex("^(a+)+$")])
            let judgement = await judge(http(server.port, expect: expect))
            #expect(judgement == .inconclusive(.localConfiguration, .connected, .requestWritten, .firstByte, .lastByte))
        }
    }
}
