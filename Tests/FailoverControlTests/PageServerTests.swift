import FailoverCore
import FailoverWire
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import FailoverControl

/// What is served over TCP, and to whom.
@Suite struct PageServerTests {
    private static let token = "0123456789abcdef-token"
    /// What a browser gets for the token, from the numbers of `withPage`.
    private static let session =
        "failoverd_session=0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"

    private func problem(_ answer: RunningPage.Answer) throws -> ProblemDocument {
        try Wire.decode(ProblemDocument.self, from: Data(answer.body.utf8))
    }

    @Test func whatOnlyTellsIsServed() async throws {
        try await withPage { (page) async throws in
            let status = try await page.ask("/v1/status")
            #expect(try Wire.decode(StateDocument.self, from: Data(status.body.utf8)) == Samples.preferred)
            #expect(try await page.ask("/v1/routes/chat/active").body == "us-east\n")
            #expect(try await page.ask("/healthz").body == "ok\n")
            #expect(try await page.ask("/metrics").body == MetricsText(Samples.preferred).finish())
            #expect(try await page.ask("/v1/routes/chat/explain").status == 200)
            #expect(try await page.ask("/nothing").status == 404)
            let head = try await page.ask("/v1/status", "--head")
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH"])
    func nothingCanBeChanged(method: String) async throws {
        try await withPage { (page) async throws in
            for path in ["/v1/freeze", "/v1/reload", "/v1/routes/chat/pin", "/v1/observations", "/", "/login"] {
                let answer = try await page.ask(path, "-X", method, "-d", "{}")
                #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD, OPTIONS")
            }
            let script = page.source.script.withLockedValue { $0 }
            #expect(script.orders == [] && script.reloadedBy == [])
        }
    }

    @Test func browsersAreToldWhatToForbid() async throws {
        let expected = [
            "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY",
            "cross-origin-resource-policy": "same-origin", "cross-origin-opener-policy": "same-origin",
        ]
        try await withPage { (page) async throws in
            for path in ["/", "/page.js", "/v1/status", "/nothing"] {
                let headers = try await page.ask(path).headers
                #expect(expected.allSatisfy { headers[$0.key] == $0.value }, "\(path)")
                #expect(headers["access-control-allow-origin"] == nil && headers["set-cookie"] == nil)
            }
        }
    }

    @Test func thePageIsSmallAndAskedForAgainOnlyIfItChanged() async throws {
        try await withPage { (page) async throws in
            let files = [
                "/": "text/html", "/page.css": "text/css", "/page.js": "text/javascript", "/live.js": "text/javascript",
                "/text.js": "text/javascript", "/routes.js": "text/javascript", "/charts.js": "text/javascript",
                "/timeline.js": "text/javascript", "/explain.js": "text/javascript", "/words.js": "text/javascript",
                "/icon.svg": "image/svg+xml",
            ]
            var bytes = 0
            for (path, type) in files {
                let answer = try await page.ask(path)
                #expect(answer.status == 200 && answer.headers["content-type"]?.hasPrefix(type) == true, "\(path)")
                bytes += Int(answer.headers["content-length"] ?? "") ?? 1_000_000
                let tag = try #require(answer.headers["etag"])
                let again = try await page.ask(path, "-H", "If-None-Match: \(tag)")
                #expect(again.status == 304 && again.body.isEmpty)
            }
            #expect(bytes < 150_000)
        }
    }

    @Test func thePageIsOnTheControlSocketToo() async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get("/", accept: "text/html")
            #expect(answer.status == 200 && answer.headers["content-security-policy"] == [PageHeaders.policy])
        }
    }

    @Test(arguments: ["/v1/freeze", "/v1/reload", "/v1/routes/chat/pin"])
    func pagesInABrowserMayChangeNothing(path: String) async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(
                "POST \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: https://example.com\r\nContent-Length: 2\r\n"
                    + "Connection: close\r\n\r\n{}"
            )
            #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 403 "))
            let script = running.source.script.withLockedValue { $0 }
            #expect(script.orders == [] && script.reloadedBy == [])
        }
    }

    // MARK: Names

    @Test(arguments: [
        ("127.0.0.1:9464", true), ("localhost", true), ("LOCALHOST:9464", true), ("[::1]:9464", true), ("[::1]", true),
        ("192.0.2.7", true), ("failover.example.com", true), ("Failover.Example.com:443", true),
        ("evil.example.com:9464", false), ("localhost.example.com", false), ("127.0.0.1.example.com", false),
        ("", false), ("a:b", false), ("[::1", false), ("[::1]x", false), ("localhost:", false),
        ("localhost:999999", false),
    ])
    func onlyOurOwnNamesAreAnswered(host: String, isOurs: Bool) {
        #expect(PageAccess(token: nil, hosts: ["failover.example.com"]).admits(host: host) == isOurs)
        #expect(!PageAccess(token: nil, hosts: []).admits(host: nil))
    }

    @Test func somebodyElsesPageGetsNothing() async throws {
        try await withPage { (page) async throws in
            let answer = try await page.ask("/v1/status", "-H", "Host: evil.example.com:\(page.port)")
            #expect(answer.status == 421)
            #expect(try problem(answer).title == "Misdirected request")
        }
    }

    // MARK: Tokens

    @Test(arguments: [
        ([], 401), (["Authorization: Bearer \(token)"], 200), (["Authorization: bearer \(token)"], 200),
        (["Authorization: Bearer \(token)x"], 401), (["Authorization: Bearer 0123456789abcdef-toke"], 401),
        (["Authorization: Basic \(token)"], 401), (["Authorization: Bearer"], 401), (["Cookie: \(session)"], 200),
        (["Cookie: a=b; \(session); c=d"], 200), (["Cookie: \(session)0"], 401),
        (["Cookie: failoverd_session=\(token)"], 401), (["Cookie: failoverd_session="], 401),
        (["Authorization: Bearer wrong", "Cookie: \(session)"], 401),
    ])
    func everyRequestShowsTheToken(headers: [String], status: Int) async throws {
        try await withPage(token: Self.token) { (page) async throws in
            for path in ["/v1/status", "/metrics", "/page.js", "/", "/healthz"] {
                let result = try await run(
                    "/usr/bin/curl",
                    ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(page.port)\(path)"]
                        + headers.flatMap { ["-H", $0] }
                )
                #expect(result.output == "\(status)", "\(path)")
            }
        }
    }

    @Test func aBrowserLogsInByAFormAndKeepsACookie() async throws {
        try await withPage(token: Self.token) { (page) async throws in
            let form = try await page.ask("/", "-H", "Accept: text/html")
            #expect(form.status == 401 && form.body.contains("name=\"token\""))
            #expect(form.headers["www-authenticate"] == "Bearer realm=\"failoverd\"")
            #expect(try await page.ask("/page.css").status == 200)
            let wrong = try await page.ask("/login", "--data-urlencode", "token=something else")
            #expect(wrong.status == 401 && wrong.headers["set-cookie"] == nil)
            #expect(form.body.contains(#"role="alert" hidden>That is not the token."#))
            #expect(wrong.body.contains(#"role="alert">That is not the token."#))
            let right = try await page.ask("/login", "--data-urlencode", "token=\(Self.token)")
            #expect(right.status == 303 && right.headers["location"] == "./")
            let cookie = "\(Self.session); Path=/; HttpOnly; SameSite=Strict"
            #expect(right.headers["set-cookie"] == cookie)
            #expect(try await page.ask("/", "-H", "Cookie: \(Self.session)").status == 200)
            #expect(try await page.ask("/?token=\(Self.token)").status == 401, "what is in an address is seen by many")
        }
    }

    @Test func aShortTokenIsNone() {
        #expect(PageAccess.Token("0123456789abcde", random: (1, 2, 3, 4)) == nil)
        #expect(PageAccess.Token("0123456789abcdef", random: (1, 2, 3, 4)) != nil)
    }

    // MARK: Listening

    @Test func anAddressThatIsTakenIsReported() async throws {
        try await withPage { (page) async throws in
            let (reports, report) = AsyncStream.makeStream(of: String?.self)
            let second = PageServer(
                listen: HostPort(host: "127.0.0.1", port: page.port),
                access: { PageAccess(token: nil, hosts: []) },
                source: page.source,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                report: { report.yield($0) }
            )
            let task = Task { await second.run() }
            var iterator = reports.makeAsyncIterator()
            let first = await iterator.next()
            #expect((first ?? nil)?.contains("Address already in use") == true)
            task.cancel()
            await task.value
        }
    }

    @Test func whatHasToBeShownAndIsNotThereLetsNobodyIn() async throws {
        struct Missing: Error {}
        let (reports, report) = AsyncStream.makeStream(of: String?.self)
        let server = PageServer(
            listen: HostPort(host: "127.0.0.1", port: 0),
            access: { throw Missing() },
            source: ScriptedSource(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            report: { report.yield($0) },
            onListening: { _ in Issue.record("nobody may come in") }
        )
        let task = Task { await server.run() }
        var iterator = reports.makeAsyncIterator()
        #expect(await iterator.next() == "Missing()")
        task.cancel()
        await task.value
    }

    @Test func oneConnectionTooManyIsToldSo() async throws {
        let limits = ControlLimits(connections: 1, leavingTime: .milliseconds(50))
        try await withPage(limits: limits) { (page) async throws in
            let first = try RawConnection(port: page.port)
            first.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await first.read(until: ": connected").contains("200 OK"))
            #expect(try await page.ask("/healthz").status == 503)
        }
    }
}
