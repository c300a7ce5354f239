import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// Reports of applications, over a real socket.
@Suite struct ObservationTests {
    private func source(_ limits: ReportBook.Limits = ReportBook.Limits()) -> ScriptedSource {
        let source = ScriptedSource()
        let desk = ObservationDesk(endpoints: ["us-east", "eu-west"], limits: limits) { Samples.clock }
        source.script.withLockedValue { $0.reports = desk }
        return source
    }

    private func send(_ body: String, to running: Running) async throws -> ControlClient.Answer {
        try await running.client.post("/v1/observations", json: Data(body.utf8))
    }

    @Test func aBatchIsTakenAsAWhole() async throws {
        let source = source()
        try await withServer(source: source) { (running) async throws in
            let answer = try await send(
                #"{"observations": [{"endpoint": "us-east", "outcome": "success", "latency_ms": 812.4, "ttft_ms": 210,"#
                    + #" "at": "2026-11-22T12:04:30Z", "count": 3}, {"endpoint": "us-east", "outcome": "failure","#
                    + #" "kind": "http_503", "latency_ms": null}], "worker": "w1", "in_flight_tokens": {"eu-west": 5}}"#,
                to: running
            )
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self) == "{\"accepted\":2}\n")
            let desk = try #require(source.script.withLockedValue { $0.reports })
            let standings = desk.standings(at: Samples.clock)
            let us = try #require(standings?["us-east"])
            #expect(us.samples == 4 && us.bad == 1 && us.p99 == 812.4 && us.ttftP50 == 210)
            #expect(standings?["eu-west"]?.inFlightTokens == 5)
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let body: String
        let detail: String
        var testDescription: String { detail }
    }

    @Test(arguments: [
        Bad(body: "", detail: "the body is not one object of JSON"),
        Bad(body: "[1]", detail: "the body is not one object of JSON"),
        Bad(body: "{}", detail: "there is nothing in the body"),
        Bad(body: #"{"x": 1}"#, detail: #"there is no field "x" here"#),
        Bad(body: #"{"observations": 3}"#, detail: #""observations" is no list"#),
        Bad(body: #"{"observations": [7]}"#, detail: "observations[0] is no object"),
        Bad(body: #"{"observations": [OK, {}]}"#, detail: #"observations[1]: there is no "endpoint""#),
        Bad(
            body: #"{"observations": [OK, {"endpoint": "us-east"}]}"#,
            detail: #"observations[1]: there is no "outcome""#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "us-east", "outcome": "good"}]}"#,
            detail: #"observations[0]: "outcome" is "good""#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": 5, "outcome": "success"}]}"#,
            detail: #"observations[0]: "endpoint" is 5, but must be text"#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "us-east", "outcome": "success", "latency_ms": -1}]}"#,
            detail: #"observations[0]: "latency_ms" is -1, but must be a number of milliseconds from 0 to 86400000"#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "us-east", "outcome": "success", "count": 1001}]}"#,
            detail: #"observations[0]: "count" is 1001, but must be a number of requests from 1 to 1000"#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "us-east", "outcome": "failure", "kind": "No!"}]}"#,
            detail: #"observations[0]: "kind" is "No!", but must be a reason code of small letters, digits and _"#
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "us-east", "outcome": "success", "at": "2026-11-22T11:59:30Z"}]}"#,
            detail: #"observations[0]: "at" is 2026-11-22T11:59:30Z, and it is 2026-11-22T12:04:31.000Z: "#
                + "at most 300 s ago and 5 s ahead are allowed"
        ),
        Bad(
            body: #"{"observations": [OK, {"endpoint": "mars", "outcome": "success"}]}"#,
            detail: #"observations[1]: there is no endpoint "mars""#
        ),
        Bad(
            body: #"{"worker": "w", "in_flight_tokens": {"mars": 1}}"#,
            detail: #"in_flight_tokens: there is no endpoint "mars""#
        ),
        Bad(
            body: #"{"in_flight_tokens": {"us-east": 1}}"#,
            detail: #"there is no "worker": tokens in flight need the name of whoever has them"#
        ),
        Bad(
            body: #"{"worker": "w", "in_flight_tokens": {"us-east": "many"}}"#,
            detail: #"in_flight_tokens: "us-east" is "many", but must be a number of tokens from 0 to 1000000000000"#
        ),
        Bad(
            body: #"{"worker": "WIDE", "in_flight_tokens": {"us-east": 1}}"#,
            detail: #""worker" has 65 bytes, at most 64 are allowed"#
        ),
        Bad(
            body: #"{"worker": "w", "in_flight_tokens": {"WIDE": 1}}"#,
            detail: "in_flight_tokens: the name of an endpoint has 65 bytes, at most 64 are allowed"
        ),
        Bad(
            body: #"{"observations": [{"endpoint": "WIDE", "outcome": "success"}]}"#,
            detail: #"observations[0]: "endpoint" has 65 bytes, at most 64 are allowed"#
        ),
    ])
    func aBadEntryIsNamedAndNothingCounts(bad: Bad) async throws {
        let source = source()
        try await withServer(source: source) { (running) async throws in
            let good = #"{"endpoint": "us-east", "outcome": "failure"}"#
            // One character of many bytes.
            let wide = "e" + String(repeating: "\u{301}", count: 32)
            let body = bad.body.replacing("OK", with: good).replacing("WIDE", with: wide)
            let answer = try await send(body, to: running)
            let problem = try Wire.decode(ProblemDocument.self, from: answer.body)
            #expect(problem.status == 400 && problem.detail == bad.detail + "; nothing of the body counts")
            let desk = try #require(source.script.withLockedValue { $0.reports })
            #expect(desk.standings(at: Samples.clock) == nil)
        }
    }

    @Test func aThousandEntriesAreTheMost() async throws {
        try await withServer(source: source()) { (running) async throws in
            func send(_ count: Int) async throws -> ControlClient.Answer {
                let entry = #"{"endpoint": "us-east", "outcome": "success", "latency_ms": 812.437, "ttft_ms": 210.002}"#
                let list = Array(repeating: entry, count: count).joined(separator: ",")
                return try await self.send(#"{"observations": [\#(list)]}"#, to: running)
            }
            #expect(try await send(1000).status == 200)
            let answer = try await send(1001)
            #expect(answer.status == 400)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("at most 1000 are allowed"))
        }
    }

    @Test(
        arguments: [
            ("/v1/observations", 200 * 1024, 400), ("/v1/observations", 257 * 1024, 413), ("/v1/freeze", 70_000, 413),
        ]
    )
    func onlyReportsMayBeLong(path: String, bytes: Int, status: Int) async throws {
        try await withServer(source: source()) { (running) async throws in
            let body = Data(repeating: UInt8(ascii: " "), count: bytes)
            #expect(try await running.client.post(path, json: body).status == status)
        }
    }

    @Test func whoReportsTooMuchIsToldWhenToComeBack() async throws {
        var limits = ReportBook.Limits()
        limits.burst = 100
        limits.requestsPerSecond = 100
        limits.workers = 0
        try await withServer(source: source(limits)) { (running) async throws in
            func answer(_ body: String) async throws -> String {
                try await run(
                    "/usr/bin/curl",
                    ["-s", "-o", "/dev/null", "-w", "%{http_code} %header{retry-after}", "--unix-socket", running.path]
                        + ["-d", body, "http://localhost/v1/observations"]
                ).output
            }
            let many = #"{"observations": [{"endpoint": "us-east", "outcome": "success", "count": 350}]}"#
            #expect(try await answer(many) == "429 3")
            #expect(try await answer(#"{"worker": "w", "in_flight_tokens": {"us-east": 1}}"#) == "503 30")
        }
    }

    @Test(
        arguments: [
            (0, 0, [], true), (990, 990, [], true), (1000, 1000, [], false), (1000, 1000, [500], true),
            (1000, 1000, [600], true), (1000, 600, [], true), (1000, 1000, [4], false),
        ] as [(UInt32, UInt32, [UInt32], Bool)]
    )
    func reportingNeedsTheObserversGroupOrTheRightToChange(uid: UInt32, gid: UInt32, groups: [UInt32], may: Bool) {
        let access = ControlAccess(daemonUID: 990, adminGroup: "failoverd-admin", adminGID: 500, observerGID: 600)
        let peer = PeerCredentials(uid: uid, gid: gid, groups: groups)
        #expect(access.mayReport(peer) == may)
        // An observer may change nothing.
        #expect(access.mayChange(peer) == (may && gid != 600 && !groups.contains(600)))
    }

    @Test(.enabled(if: geteuid() == 0, "becoming another user needs root"))
    func theKernelSaysWhoIsAnObserver() async throws {
        // Group 12 is "man" on Debian, and 20 "dialout"; any two that exist will do.
        guard let observers = Accounts.name(ofGroup: 12), let readers = Accounts.gid(ofGroup: "dialout") else { return }
        let source = source()
        try await withServer(source: source, mode: 0o660, group: "dialout", observerGroup: observers) {
            (running) async throws in
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: URL(filePath: running.path).deletingLastPathComponent().path
            )
            func ask(_ groups: String, _ path: String) async throws -> CommandResult {
                try await run(
                    "/usr/bin/setpriv",
                    ["--reuid=65534", "--regid=65534", "--groups=\(groups)", "/usr/bin/curl", "-s", "-o", "/dev/null"]
                        + ["-w", "%{http_code}", "--unix-socket", running.path, "-d"]
                        + [#"{"observations":[{"endpoint":"us-east","outcome":"failure"}]}"#]
                        + ["http://localhost\(path)"]
                )
            }
            let both = "\(readers),12"
            #expect(try await ask("\(readers)", "/v1/observations").output == "403")
            // The group of observers alone does not reach the socket: its mode stays as it is.
            #expect(try await ask("12", "/v1/observations") == CommandResult(status: 7, output: "000"))
            #expect(try await ask(both, "/v1/observations").output == "200")
            #expect(try await ask(both, "/v1/reload").output == "403")
        }
    }

    @Test func whatUsersReportStandsBesideTheProbes() {
        var state = Samples.preferred
        let desk = ObservationDesk(endpoints: ["us-east"]) { Samples.clock }
        let body =
            #"{"observations": [{"endpoint": "us-east", "outcome": "success", "latency_ms": 812,"#
            + #" "count": 97}, {"endpoint": "us-east", "outcome": "failure", "count": 3}], "worker": "w1","#
            + #""in_flight_tokens": {"us-east": 18000}}"#
        #expect(desk.take(Data(body.utf8)) == .success(ObservationReceipt(accepted: 2)))
        state.endpoints["us-east"]?.reported = desk.standings(at: Samples.clock)?["us-east"]
        let text = StatusText.render(state, routes: ["chat"], in: TextStyle(now: Samples.now))
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains(
                "reported by users: 100 requests in the last minute, 3.0 % bad, p50 / p99 812 ms / 812 ms, "
                    + "18,000 tokens in flight at 1 worker"
            ),
            "\(text)"
        )
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
