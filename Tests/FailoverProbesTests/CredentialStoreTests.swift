import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverProbes

@Suite struct CredentialStoreTests {
    private static let secret = "s3cr3t-k3y"

    private func value(_ wanted: CredentialStore.Wanted, in store: CredentialStore) -> String? {
        (try? store.secret(wanted))?.value
    }

    private func defect(_ wanted: CredentialStore.Wanted, in store: CredentialStore) -> String? {
        store.reload([wanted])
        do throws(ProbeDefect) {
            _ = try store.secret(wanted)
            return nil
        } catch {
            return error.detail
        }
    }

    @Test func filesAreReadAgainOnReloadAndOnlyThen() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("first", to: "key")
        try directory.write("u:first", to: "proxy")
        let wanted = [
            CredentialStore.Wanted.key(.file(path: directory.path("key"))), .proxy(file: directory.path("proxy")),
            .key(.systemd(name: "key")),
        ]
        let store = CredentialStore(directory: directory.url.path)
        store.reload(Set(wanted))
        try directory.write("second", to: "key")
        try directory.write("u:second", to: "proxy")
        func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }
        #expect(wanted.map { value($0, in: store) } == ["first", basic("u:first"), "first"])
        store.reload(Set(wanted))
        // What systemd handed over is the same for the life of the process.
        #expect(wanted.map { value($0, in: store) } == ["second", basic("u:second"), "first"])
        try directory.write("third", to: "key")
        // Attempts that began before a reload go on with what they had; nothing is read for them.
        store.reload([])
        #expect(value(wanted[0], in: store) == "second")
        store.reload([])
        #expect(value(wanted[0], in: store) == nil)
    }

    @Test(arguments: [
        ("\n", "is empty"),
        ("", "is empty"),
        ("\(secret) with a space", "byte 11 of the first line is no visible ASCII character, as in a header"),
        ("\(secret)é", "byte 11 of the first line is no visible ASCII character, as in a header"),
        (String(repeating: secret, count: 7000), "the first line is over 65536 bytes"),
    ])
    func whatIsNoKeyIsADefectThatNamesTheFileOnly(_ content: String, _ words: String) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write(content, to: "key")
        let store = CredentialStore(directory: directory.url.path)
        let path = directory.path("key")
        let byPath = try #require(defect(.key(.file(path: path)), in: store))
        let byName = try #require(defect(.key(.systemd(name: "key")), in: store))
        #expect(byPath.hasPrefix("credential file \(path)") && byPath.hasSuffix(words))
        #expect(byName.hasPrefix("credential key") && byName.hasSuffix(words))
        #expect(!byPath.contains(Self.secret) && !byName.contains(Self.secret))
    }

    @Test func aLineOfTheUnitComesBeforeTheDirectoryOfKeys() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let wanted = CredentialStore.Wanted.key(.systemd(name: "us-east"))
        func key() throws -> String? {
            let store = CredentialStore(directory: directory.url.path)
            store.reload([wanted])
            return try? store.secret(wanted).value
        }
        #expect(try key() == nil)
        try directory.write("sk-of-the-directory", to: "key_us-east")
        #expect(try key() == "sk-of-the-directory")
        try directory.write("sk-of-its-own-line", to: "us-east")
        #expect(try key() == "sk-of-its-own-line")
    }

    @Test func whatIsNotThereIsADefect() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let store = CredentialStore(directory: directory.url.path)
        let missing = "No such file or directory"
        #expect(
            defect(.key(.file(path: "/nonexistent/key")), in: store)
                == "credential file /nonexistent/key cannot be read: \(missing)"
        )
        #expect(defect(.key(.systemd(name: "none")), in: store) == "credential none cannot be read: \(missing)")
        #expect(
            defect(.key(.systemd(name: "../key")), in: store)
                == "credential ../key: not the name of a systemd credential, which has no /"
        )
        #expect(
            defect(.key(.systemd(name: "key")), in: CredentialStore())
                == "credential key: $CREDENTIALS_DIRECTORY is not set, systemd gave us none"
        )
    }

    @Test(arguments: [
        ("the key is hunter22, is it", "the key is ***, is it"),
        ("hunter22hunter22", "******"),
        ("cut at the end: hunter2…", "cut at the end: ***"),
        ("cut at the end: hunt", "cut at the end: ***"),
        ("cut too short: hun…", "cut too short: hun…"),
        ("nothing of it", "nothing of it"),
    ])
    func textIsRedactedAlsoWhereItWasCut(_ text: String, _ redacted: String) {
        #expect(Secret("hunter22").redacted(text) == redacted)
        #expect(Secret("x").redacted(text) == text)
    }

    /// Everything that holds a key, printed in every way that looks into it.
    @Test func nothingThatHoldsAKeyShowsIt() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write(Self.secret, to: "key")
        let store = CredentialStore()
        let wanted = CredentialStore.Wanted.key(.file(path: directory.path("key")))
        store.reload([wanted])
        let prepared = PreparedProbe(.test(chat(1, credential: .file(path: directory.path("key")))))
        var random = SystemRandomNumberGenerator()
        let turn = try #require(prepared.turn(.deep(nil), using: &random))
        try turn.prepare(store)
        #expect(turn.message.fields.contains { $0.value.contains(Self.secret) })
        let session = HTTP2Session(loop: SessionLoop(wallSeconds: { 0 }))
        let holders: [Any] = [store, try store.secret(wanted), turn.message, turn, prepared, session]
        for holder in holders {
            var text = "\(holder) \(String(reflecting: holder))"
            dump(holder, to: &text)
            #expect(!text.contains(Self.secret), "\(type(of: holder))")
        }
    }
}

extension Probing {
    /// Attempts whose credential is missing, wrong or refused.
    @Suite struct CredentialProbeTests {
        @Test func aReloadShowsTheNewKeyAlthoughTheProbeIsTheSame() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            let directory = try TemporaryDirectory()
            defer {
                server.stop()
                directory.remove()
            }
            let finished = AsyncStream.makeStream(of: Observation.self)
            let service = try ProbeService(
                loops: 1,
                clocks: .test,
                seed: 1,
                credentialsDirectory: directory.url.path
            ) { events in
                for case .finished(let observation) in events { finished.continuation.yield(observation) }
            }
            func endpoint(_ name: EndpointName, _ credential: Credential) -> EndpointConfiguration {
                let probe = ProbeConfiguration.test(chat(server.port, credential: credential), interval: .seconds(3600))
                return EndpointConfiguration(name: name, region: "r", publicURL: "http://a", probes: [probe])
            }
            let endpoints = [
                endpoint("file", .file(path: directory.path("key"))), endpoint("systemd", .systemd(name: "key")),
            ]
            var results = finished.stream.makeAsyncIterator()
            var shown: [[String]] = []
            for key in ["one", "two"] {
                try directory.write(key, to: "key")
                service.apply(endpoints)
                var keys: [String] = []
                for endpoint in endpoints {
                    service.probeNow(ProbeKey(endpoint: endpoint.name), source: .confirm)
                    #expect(await results.next()?.outcome == .success)
                    let request = server.requests.all.last ?? ""
                    keys += request.split(separator: "\r\n").filter { $0.hasPrefix("Authorization") }.map(String.init)
                }
                shown.append(keys)
            }
            await service.shutdown()
            let (one, two) = ("Authorization: Bearer one", "Authorization: Bearer two")
            #expect(shown == [[one, one], [two, one]])
        }

        @Test func aMissingCredentialIsOurOwnFault() async throws {
            let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.answer)
            defer { server.stop() }
            let observation = await observe(chat(server.port, credential: .file(path: "/nonexistent/key")))
            #expect(observation.outcome == .inconclusive(.localConfiguration))
            #expect(
                observation.detail == "credential file /nonexistent/key cannot be read: No such file or directory"
            )
            #expect(server.requests.all.isEmpty)
        }

        /// Keys that look like one, and keys that look like nothing.
        @Test(arguments: ["sk-s3cr3t-k3y-0123456789", "correct.horse.battery.staple", "k08-x"])
        func aKeyNeverShowsUpWhateverTheServerSays(_ secret: String) async throws {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            try directory.write(secret, to: "key")
            let echo = #"{"error":{"message":"Incorrect API key provided: \#(secret)."}}"#
            let answers = [
                ChatEvents.whole(401, echo), ChatEvents.whole(500, echo), ChatEvents.whole(429, echo),
                ChatEvents.endlessHead + ChatEvents.event(echo),
                ChatEvents.endlessHead + ChatEvents.event(secret), ChatEvents.whole(200, echo, type: "text/html"),
                ChatEvents.whole(200, "x", type: secret), "HTTP/\(secret) 200 OK\r\n\r\n", secret,
                ChatEvents.endlessHead + ChatEvents.event(#"{"model":"\#(secret)","choices":[]}"#),
            ]
            for answer in answers {
                let server = try ChatServer(answer)
                defer { server.stop() }
                let probe = chat(server.port, credential: .file(path: directory.path("key")))
                let observation = await observe(probe)
                #expect(server.requests.all.first?.contains("Bearer \(secret)") == true)
                #expect(observation.outcome != .success)
                var text = "\(observation)"
                dump(observation, to: &text)
                #expect(!text.contains(secret))
            }
        }

        /// What is configured, echoed where answers are shown: cut, whole, and where it looks like nothing.
        @Test(arguments: [
            "sk-proj-" + String(repeating: "Ab3", count: 52), "hunter2@corp!" + String(repeating: "a1", count: 20),
        ])
        func whatIsSentIsNotShownInGoodAnswersEither(_ secret: String) async throws {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            try directory.write(secret, to: "key")
            let team = "teamvalue-zebra"
            for echoed in [secret, team] {
                let answers = [
                    #"{"model":"\#(echoed)","system_fingerprint":"\#(echoed)","#
                        + #""choices":[{"index":0,"delta":{"content":"OK"},"finish_reason":"\#(echoed)"}]}"#,
                    #"{"error":{"code":"denied-\#(echoed)-here","message":"for \#(echoed) and for"}}"#,
                    #"{"choices":[{"index":0,"delta":{"content":"\#(echoed)"},"finish_reason":"stop"}]}"#,
                ]
                for answer in answers {
                    let server = try ChatServer(ChatEvents.endlessHead + ChatEvents.event(answer) + ChatEvents.done)
                    defer { server.stop() }
                    let probe = chat(
                        server.port,
                        headers: [HeaderField(name: "X-Team", value: team)],
                        credential: .file(path: directory.path("key")),
                        quality: QualityExpectation(text: [.contains("nothing of it")])
                    )
                    let observation = await observe(probe)
                    var text = "\(observation)"
                    dump(observation, to: &text)
                    #expect(text.contains("***") && !text.contains(echoed.prefix(4)), "\(text)")
                }
            }
        }

        @Test func configuredHeadersOfPlainProbesAreNotShownEither() async throws {
            let server = try ChatServer(ChatEvents.whole(200, "you are teamvalue-zebra"))
            defer { server.stop() }
            let probe = http(
                server.port,
                headers: [HeaderField(name: "X-Team", value: "teamvalue-zebra")],
                expect: HTTPExpectation(body: [.contains("OK")])
            )
            let found = "body does not contain \"OK\", found: you are ***"
            #expect(await observe(probe).detail == found)
        }
    }
}
