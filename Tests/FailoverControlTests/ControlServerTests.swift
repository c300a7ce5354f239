import FailoverWire
import Foundation
import Logging
import NIOConcurrencyHelpers
import NIOHTTP1
import Synchronization
import Testing

@testable import FailoverControl

@Suite struct ControlServerTests {
    @Test func documentsComeAsTheyAre() async throws {
        try await withServer { (running) async throws in
            let client = running.client
            let state = Samples.preferred
            #expect(try await client.status() == state)
            #expect(try await client.route("chat") == RouteDocument(name: "chat", in: state))
            #expect(try await client.explain(route: "chat") == Samples.explanation)
        }
    }

    @Test func routeCarriesOnlyItsOwnEndpoints() {
        var state = Samples.failedOver
        state.routes["chat"]?.endpoints = ["us-east", "eu-west"]
        let route = RouteDocument(name: "chat", in: state)
        #expect(route?.endpoints.keys.sorted() == ["eu-west", "us-east"])
        #expect(RouteDocument(name: "none", in: state) == nil)
    }

    @Test func activeEndpointIsPlainText() async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get("/v1/routes/chat/active", accept: "*/*")
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self) == "us-east\n")
            #expect(answer.headers["content-type"] == ["text/plain; charset=utf-8"])
        }
    }

    @Test func metricsAreTextForPrometheus() async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get("/metrics", accept: "*/*")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            #expect(String(decoding: answer.body, as: UTF8.self) == MetricsText(Samples.preferred).finish())
        }
    }

    @Test func healthFollowsTheEngine() async throws {
        try await withServer { (running) async throws in
            #expect(try await running.client.get("/healthz").status == 200)
            running.source.script.withLockedValue { $0.turning = false }
            #expect(try await running.client.get("/healthz").status == 503)
        }
    }

    @Test(arguments: [
        (
            "/v1/routes/chta",
            ProblemDocument(title: "No such route", status: 404, detail: "there is no route chta", allowed: ["chat"])
        ),
        (
            "/v1/routes/chta/active",
            ProblemDocument(title: "No such route", status: 404, detail: "there is no route chta", allowed: ["chat"])
        ),
        (
            "/v1/routes/chta/explain",
            ProblemDocument(title: "No such route", status: 404, detail: "there is no route chta", allowed: ["chat"])
        ),
        (
            "/v2",
            ProblemDocument(
                title: "No such path",
                status: 404,
                detail: "there is nothing at /v2",
                allowed: ControlResource.paths
            )
        ),
        (
            "/v1/reload",
            ProblemDocument(
                title: "Method not allowed",
                status: 405,
                detail: "/v1/reload does not answer to GET",
                allowed: ["OPTIONS", "POST"]
            )
        ),
        (
            "/v1/events?limit=0",
            ProblemDocument(
                title: "Bad limit",
                status: 400,
                detail: "limit is 0, but must be a whole number from 1 to 1000"
            )
        ),
        (
            "/v1/events?limit=many",
            ProblemDocument(
                title: "Bad limit",
                status: 400,
                detail: "limit is many, but must be a whole number from 1 to 1000"
            )
        ),
    ])
    func errorsAreProblemDocumentsWithWhatIsAllowed(path: String, problem: ProblemDocument) async throws {
        try await withServer { (running) async throws in
            let answer = try await running.client.get(path)
            #expect(answer.status == problem.status)
            #expect(answer.headers["content-type"] == ["application/problem+json"])
            #expect(try Wire.decode(ProblemDocument.self, from: answer.body) == problem)
        }
    }

    @Test func headAndOptionsAreAnswered() async throws {
        try await withServer { (running) async throws in
            let head = try RawConnection(path: running.path)
            head.send("HEAD /v1/routes/chat/active HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answer = await head.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Length: 8\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
            let events = try RawConnection(path: running.path)
            events.send("HEAD /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await events.readToEnd().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(running.source.feed.followers == 0)
            let options = try RawConnection(path: running.path)
            options.send("OPTIONS /v1/reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let allowed = await options.readToEnd()
            #expect(allowed.hasPrefix("HTTP/1.1 204 No Content\r\n"))
            #expect(allowed.contains("Allow: OPTIONS, POST\r\n"))
        }
    }

    @Test func requestsOfOneConnectionAreAnsweredInOrder() async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send(
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/routes/chat/active HTTP/1.1\r\nHost: x\r\n"
                    + "Connection: close\r\n\r\n"
            )
            let answers = await connection.readToEnd().components(separatedBy: "\r\n\r\n")
            #expect(answers.count == 3)
            #expect(answers[1].hasPrefix("ok\nHTTP/1.1 200 OK"))
            #expect(answers[2] == "us-east\n")
        }
    }

    @Test func clientThatFinishedWritingIsAnswered() async throws {
        try await withServer { (running) async throws in
            let connection = try RawConnection(path: running.path)
            connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.shutdownWriting()
            #expect(await connection.readToEnd().hasSuffix("\r\n\r\nok\n"))
        }
    }

    // MARK: curl

    @Test func curlReadsTheSocket() async throws {
        try await withServer { (running) async throws in
            let active = try await run(
                "/usr/bin/curl",
                ["-sS", "--unix-socket", running.path, "http://localhost/v1/routes/chat/active"]
            )
            #expect(active == CommandResult(status: 0, output: "us-east\n"))
            let reload = try await run(
                "/usr/bin/curl",
                [
                    "-sS", "-X", "POST", "--data-binary", "@-", "--unix-socket", running.path,
                    "http://localhost/v1/reload",
                ]
            )
            #expect(
                reload
                    == CommandResult(
                        status: 0,
                        output: "{\"changed\":true,\"config_hash\":\"c0ffee0123456789\",\"warnings\":[]}\n"
                    )
            )
            #expect(running.source.script.withLockedValue { $0.reloadedBy.map(\.uid) } == [geteuid()])
        }
    }

    @Test func curlReadsTheProblemOfATooLargeBody() async throws {
        try await withServer { (running) async throws in
            let body = String(repeating: "x", count: 70_000)
            let answer = try await run(
                "/usr/bin/curl",
                [
                    "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", body, "--unix-socket",
                    running.path,
                    "http://localhost/v1/reload",
                ]
            )
            #expect(answer == CommandResult(status: 0, output: "413"))
        }
    }

    // MARK: Changes

    @Test func refusedConfigurationTellsEveryError() async throws {
        let source = ScriptedSource()
        source.script.withLockedValue {
            $0.reload = .failure(ReloadRefusal(errors: ["line 3: no such key", "line 9: too long"]))
        }
        try await withServer(source: source) { (running) async throws in
            let problem = ProblemDocument(
                title: "Configuration refused",
                status: 422,
                detail: "the configuration has errors; nothing was changed",
                errors: ["line 3: no such key", "line 9: too long"]
            )
            await #expect(throws: ControlClientError.refused(problem)) { try await running.client.reload() }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
    func strangerMayReadAndNotChange() async throws {
        try await withServer(mode: 0o666) { (running) async throws in
            func curlAsStranger(_ arguments: [String]) async throws -> CommandResult {
                try await run(
                    "/usr/bin/setpriv",
                    ["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/curl", "-sS", "--unix-socket"]
                        + [running.path] + arguments
                )
            }
            #expect(try await curlAsStranger(["http://localhost/healthz"]) == CommandResult(status: 0, output: "ok\n"))
            let refusal = try await curlAsStranger(["-X", "POST", "http://localhost/v1/reload"])
            #expect(
                try Wire.decode(ProblemDocument.self, from: Data(refusal.output.utf8))
                    == ProblemDocument(
                        title: "Not permitted",
                        status: 403,
                        detail: "changing needs root, the daemon's own user (uid 0) or membership of the group "
                            + "no-such-group-failoverd, which does not exist on this machine; you are uid 65534"
                    )
            )
            #expect(running.source.script.withLockedValue { $0.reloadedBy } == [])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
    func supplementaryGroupOfTheAdministratorsMayChange() async throws {
        // Group 12 is "man" on Debian; any existing group will do.
        guard let group = Accounts.name(ofGroup: 12) else { return }
        try await withServer(mode: 0o666, adminGroup: group) { (running) async throws in
            let answer = try await run(
                "/usr/bin/setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--groups=4,12", "/usr/bin/curl", "-sS", "-o", "/dev/null", "-w",
                    "%{http_code}", "-X", "POST", "--unix-socket", running.path, "http://localhost/v1/reload",
                ]
            )
            #expect(answer == CommandResult(status: 0, output: "200"))
            #expect(running.source.script.withLockedValue { $0.reloadedBy.map(\.uid) } == [65534])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
    func socketModeKeepsStrangersOut() async throws {
        try await withServer { (running) async throws in
            let answer = try await run(
                "/usr/bin/setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/curl", "-sS", "--unix-socket",
                    running.path, "http://localhost/healthz",
                ]
            )
            #expect(answer == CommandResult(status: 7, output: ""))
        }
    }

    @Test func secondServerOnTheSamePathIsRefused() async throws {
        try await withServer { (running) async throws in
            let second = ControlServer(
                socketPath: running.path,
                source: ScriptedSource(),
                logger: .init(label: "test")
            )
            await #expect(throws: SocketPathError.livingDaemon(path: running.path)) { try await second.run() }
            #expect(try await running.client.get("/healthz").status == 200)
        }
    }
}
