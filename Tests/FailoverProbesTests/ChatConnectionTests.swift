import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHPACK
import Testing

@testable import FailoverProbes

extension Probing {
    /// Chats over HTTP/2, over kept connections, over TLS, and what earlier attempts have to do with later ones.
    @Suite struct ChatConnectionTests {
        private static let locations = """
            location = /v1/chat/completions {
                default_type text/event-stream;
                return 200 '\(ChatEvents.answer)';
            }
            location = /v1/models { default_type application/json; return 200 '{"data":[{"id":"m"}]}'; }
            location = /health { return 503; }
            """

        @Test func nginxIsAskedOverBothVersionsOfHTTP() async throws {
            let nginx = try await Nginx.start(locations: Self.locations)
            defer { nginx.stop() }
            let shallow = ChatJudgement(.success, ttft: false, latency: true, tokens: nil, tier: .shallow)
            let down = ChatJudgement(
                .failure(.unavailable, isTimeout: false),
                ttft: false,
                latency: false,
                tokens: nil,
                tier: .shallow
            )
            for (port, version, spoken) in [
                (nginx.port, HTTPVersion.http1, SpokenHTTP.http1), (nginx.http2Port, .http2, .http2),
            ] {
                for (mode, judgement) in [
                    (ChatProbe.Mode.chat, ChatJudgement.good), (.models, shallow), (.health, down),
                ] {
                    let observation = await observe(chat(port, mode: mode, version: version))
                    #expect(ChatJudgement(observation) == judgement, "\(observation.detail ?? "")")
                    #expect(observation.connection?.http == spoken)
                }
                // Longer than an HTTP/2 server takes before it has allowed more.
                let long = String(repeating: "a long context ", count: 20_000)
                let observation = await observe(chat(port, version: version, prompt: long))
                #expect(ChatJudgement(observation) == .good, "\(observation.detail ?? "")")
            }
            let port = try #require(nginx.tlsPorts[.good])
            let tls = TLSSettings(caFile: nginx.certificates.authority)
            #expect(ChatJudgement(await observe(chat(port, tls: tls))) == .good)
        }

        // MARK: HTTP/2, frame by frame

        private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
            let length = payload.count
            return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags, 0, 0, 0, stream]
                + payload
        }

        private static var head: [UInt8] {
            var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
            var buffer = ByteBuffer()
            let fields = HPACKHeaders([(":status", "200"), ("content-type", "text/event-stream")])
            // The test's own fields are all right.
            try? encoder.encode(headers: fields, to: &buffer)
            return frame(1, flags: 4, stream: 1, Array(buffer.readableBytesView))
        }

        private static func data(_ text: String, end: Bool = false) -> [UInt8] {
            frame(0, flags: end ? 1 : 0, stream: 1, Array(text.utf8))
        }

        private static let settings = frame(4, stream: 0)
        private static let reset = frame(3, stream: 1, [0, 0, 0, 2])
        private static let goAway = frame(7, stream: 0, [0, 0, 0, 0, 0, 0, 0, 0])

        private static let frames: [(String, [UInt8], ChatJudgement)] = [
            ("an answer", head + data(ChatEvents.answer, end: true), .good),
            (
                "a reset after a token", head + data(ChatEvents.token("O")) + reset,
                .failed(.truncated, ttft: true, tokens: 1)
            ),
            ("a reset before the head", reset, .failed(.responseReset)),
            (
                "an end after a token", head + data(ChatEvents.token("O"), end: true),
                .failed(.truncated, ttft: true, tokens: 1)
            ),
            ("a close after a token", head + data(ChatEvents.token("O")), .failed(.truncated, ttft: true, tokens: 1)),
            ("going away before the head", goAway, .failed(.responseReset)),
            ("a close before the head", [], .failed(.responseEmpty)),
        ]

        @Test(arguments: frames)
        func endsOfAStreamAreTold(_ name: String, _ answer: [UInt8], _ judgement: ChatJudgement) async throws {
            let server = try RawServer { connection in
                connection.waitForBytes()
                connection.write(Self.settings + answer)
                connection.finish()
            }
            defer { server.stop() }
            let observation = await observe(chat(server.port, version: .http2))
            #expect(ChatJudgement(observation) == judgement, "\(name): \(observation.detail ?? "")")
        }

        @Test func aStreamOfWhichNoMoreIsWantedIsCancelled() async throws {
            let received = NIOLockedValueBox<[UInt8]>([])
            let server = try RawServer { connection in
                connection.waitForBytes()
                // All that is wanted, but not the end of the stream.
                connection.write(Self.settings + Self.head + Self.data(ChatEvents.answer))
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = recv(connection.descriptor, &buffer, buffer.count, 0)
                    guard count > 0 else { return }
                    received.withLockedValue { $0 += buffer.prefix(count) }
                }
            }
            defer { server.stop() }
            #expect(ChatJudgement(await observe(chat(server.port, version: .http2))) == .good)
            let cancel = Self.frame(3, stream: 1, [0, 0, 0, 8])
            // The server's thread reads it a moment later.
            while !received.withLockedValue({ $0.suffix(cancel.count).elementsEqual(cancel) }) {
                try await Task.sleep(for: .milliseconds(2))
            }
        }

        @Test func theRequestIsNotWrittenBeforeTheServerTakesIt() async throws {
            let server = try RawServer { connection in
                connection.waitForBytes()
                connection.write(Self.settings)
                connection.waitUntilClosed()
            }
            defer { server.stop() }
            let probe = chat(server.port, version: .http2, prompt: String(repeating: "x", count: 100_000))
            let observation = await observe(probe, timeouts: ProbeTimeouts(firstByte: .milliseconds(200)))
            #expect(
                ChatJudgement(observation)
                    == ChatJudgement(
                        .failure(.requestTimeout, isTimeout: true),
                        ttft: false,
                        latency: true,
                        tokens: nil
                    )
            )
            #expect(observation.phases.requestWritten == nil)
        }

        @Test func anAnswerThatDoesNotWaitForTheRequestCounts() async throws {
            let server = try RawServer { connection in
                connection.waitForBytes()
                // No room for the rest of the request is ever made.
                connection.write(Self.settings + Self.head + Self.data(ChatEvents.answer, end: true))
                connection.waitUntilClosed()
            }
            defer { server.stop() }
            let prompt = String(repeating: "x", count: 100_000)
            let observation = await observe(chat(server.port, version: .http2, prompt: prompt))
            #expect(ChatJudgement(observation) == .good, "\(observation.detail ?? "")")
            #expect(observation.phases.requestWritten == nil)
        }

        // MARK: Kept connections

        @Test func aConnectionIsKeptWhenTheMessageHasEnded() async throws {
            let whole = ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.answer) + ChatEvents.chunk("")
            let unended = ChatEvents.chunkedHead + ChatEvents.chunk(ChatEvents.answer)
            for (answer, reused) in [(whole, [false, true, true]), (unended, [false, false, false])] {
                let server = try RawServer { connection in
                    while !connection.readMessage().isEmpty { connection.write(answer) }
                }
                defer { server.stop() }
                let probe = ProbeConfiguration(
                    request: chat(server.port),
                    timeouts: .generous,
                    connection: ConnectionSettings(use: .reuse(freshEvery: 10)),
                    latencyObjective: nil
                )
                let observations = try await observe(probe, attempts: 3, together: false)
                #expect(observations.map { ChatJudgement($0) } == Array(repeating: .good, count: 3))
                #expect(observations.map { $0.connection?.isReused } == reused)
            }
        }

        // MARK: What never was right

        /// The outcomes of attempts that are answered one after the other.
        private func outcomes(_ answers: [String], mode: ChatProbe.Mode = .chat) async throws -> [Outcome] {
            let left = NIOLockedValueBox(answers)
            let server = try RawServer { connection in
                connection.readMessage()
                connection.write(left.withLockedValue { $0.removeFirst() })
            }
            defer { server.stop() }
            let probe = ProbeConfiguration.test(chat(server.port, mode: mode))
            return try await observe(probe, attempts: answers.count, together: false).map(\.outcome)
        }

        @Test func aPageInsteadOfAnAnswerIsOursUntilThereWasAnAnswer() async throws {
            let page = ChatEvents.whole(200, "<html>", type: "text/html")
            let answer = ChatEvents.endlessHead + ChatEvents.answer
            #expect(
                try await outcomes([page, answer, page]) == [
                    .misconfigured(.protocolError), .success, .failure(.protocolError, isTimeout: false),
                ]
            )
            // Other failures are the endpoint's from the beginning.
            let failure = ChatEvents.whole(500, "{}")
            #expect(try await outcomes([failure]) == [.failure(.http(500), isTimeout: false)])
        }

        @Test func aCertificateThatWasNeverRightIsOurs() async throws {
            let nginx = try await Nginx.start(locations: Self.locations)
            defer { nginx.stop() }
            let tls = TLSSettings(caFile: nginx.certificates.authority)
            for (kind, code) in [
                (Certificates.Kind.expired, ReasonCode.tlsExpired), (.wrongName, .tlsNameMismatch),
                (.unknown, .tlsUntrusted),
            ] {
                let port = try #require(nginx.tlsPorts[kind])
                #expect(await observe(chat(port, tls: tls)).outcome == .misconfigured(code))
                #expect(await observe(http(port, tls: tls)).outcome == .failure(code, isTimeout: false))
            }
            let port = try #require(nginx.tlsPorts[.good])
            guard case .chat(let good) = chat(port, tls: tls) else { return }
            let prepared = PreparedProbe(.test(.chat(good)))
            let expired = Outcome.failure(.tlsExpired, isTimeout: false)
            #expect(prepared.judged(expired, .deep) == .misconfigured(.tlsExpired))
            prepared.proved(.shallow)
            #expect(prepared.judged(expired, .deep) == expired)
            let page = Outcome.failure(.protocolError, isTimeout: false)
            #expect(prepared.judged(page, .deep) == .misconfigured(.protocolError))
            prepared.proved(.deep)
            #expect(prepared.judged(page, .deep) == page)
        }
    }
}
