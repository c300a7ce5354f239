import FailoverCore
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// What is asked about the past over the socket.
@Suite struct HistoryQuestionTests {
    private func ask(_ path: String, of running: Running) async throws -> (status: Int, body: Data) {
        let answer = try await running.client.get(path, accept: "*/*")
        return (answer.status, Data(answer.body))
    }

    @Test func questionsAreReadAsTheyAreMeant() async throws {
        let source = ScriptedSource()
        try await withServer(source: source) { (running) async throws in
            for path in [
                "/v1/history/series?endpoint=us&minutes=1", "/v1/history/series?endpoint=us&minutes=2880",
                "/v1/history/series?hours=2160&probe=deep&endpoint=us", "/v1/budgets", "/v1/budgets?days=7",
                "/v1/history/report", "/v1/history/report?route=chat&days=90",
            ] {
                let answer = try await ask(path, of: running)
                #expect(answer.status == 503, "\(path)")
                let problem = try Wire.decode(ProblemDocument.self, from: answer.body)
                #expect(problem == ProblemDocument(title: "No history", status: 503, detail: "nothing is scripted"))
            }
        }
        #expect(
            source.script.withLockedValue { $0.questions } == [
                .series(endpoint: "us", probe: nil, step: .minute, count: 1),
                .series(endpoint: "us", probe: nil, step: .minute, count: 2880),
                .series(endpoint: "us", probe: "deep", step: .hour, count: 2160), .budgets(days: 30),
                .budgets(days: 7), .report(days: 30, route: nil), .report(days: 90, route: "chat"),
            ]
        )
    }

    private static let seriesKeys = ["endpoint", "probe", "minutes", "hours"]

    @Test(
        arguments: [
            ("/v1/history/series?minutes=5", "endpoint is missing: ask with endpoint=NAME", nil),
            ("/v1/history/series?endpoint=us", "ask with minutes=N or hours=N", nil),
            (
                "/v1/history/series?endpoint=us&minutes=5&hours=1",
                "both minutes and hours are given: ask for one of them",
                nil
            ),
            (
                "/v1/history/series?endpoint=us&minutes=0",
                "minutes is \"0\", but must be a whole number from 1 to 2880",
                nil
            ),
            (
                "/v1/history/series?endpoint=us&minutes=2881",
                "minutes is \"2881\", but must be a whole number from 1 to 2880", nil
            ),
            (
                "/v1/history/series?endpoint=us&minutes=99999999999999999999",
                "minutes is \"99999999999999999999\", but must be a whole number from 1 to 2880", nil
            ),
            (
                "/v1/history/series?endpoint=us&minutes=",
                "minutes is \"\", but must be a whole number from 1 to 2880", nil
            ),
            (
                "/v1/history/series?endpoint=us&hours=2161",
                "hours is \"2161\", but must be a whole number from 1 to 2160", nil
            ),
            (
                "/v1/history/series?endpoint=us&hours=1.5",
                "hours is \"1.5\", but must be a whole number from 1 to 2160",
                nil
            ),
            ("/v1/history/series?endpoint=us&days=5", "nothing is asked for by \"days\"", seriesKeys),
            ("/v1/budgets?days=0", "days is \"0\", but must be one of 1, 7 and 30", ["1", "7", "30"]),
            ("/v1/budgets?days=x", "days is \"x\", but must be one of 1, 7 and 30", ["1", "7", "30"]),
            ("/v1/budgets?route=chat", "nothing is asked for by \"route\"", ["days"]),
            ("/v1/history/report?days=0", "days is \"0\", but must be a whole number from 1 to 90", nil),
            ("/v1/history/report?days=91", "days is \"91\", but must be a whole number from 1 to 90", nil),
            ("/v1/history/report?day=1", "nothing is asked for by \"day\"", ["days", "route"]),
        ] as [(String, String, [String]?)]
    )
    func aBadQuestionIsRefusedAndAsksNobody(path: String, detail: String, allowed: [String]?) async throws {
        let source = ScriptedSource()
        try await withServer(source: source) { (running) async throws in
            let answer = try await ask(path, of: running)
            #expect(answer.status == 400)
            let problem = try Wire.decode(ProblemDocument.self, from: answer.body)
            let expected = ProblemDocument(title: "Bad question", status: 400, detail: detail, allowed: allowed)
            #expect(problem == expected)
        }
        #expect(source.script.withLockedValue { $0.questions } == [])
    }

    @Test(
        arguments: [
            (
                .unknown(kind: "endpoint", name: "mars", allowed: ["us", "eu"]),
                ProblemDocument(
                    title: "No such endpoint",
                    status: 404,
                    detail: "there is no endpoint mars",
                    allowed: ["us", "eu"]
                )
            ),
            (
                .busy,
                ProblemDocument(
                    title: "Too many questions",
                    status: 503,
                    detail: "others ask about the past: try again"
                )
            ),
            (
                .unavailable("the history is not written: disk I/O error"),
                ProblemDocument(
                    title: "No history",
                    status: 503,
                    detail: "the history is not written: disk I/O error"
                )
            ),
        ] as [(HistoryRefusal, ProblemDocument)]
    )
    func aRefusalIsToldAsAProblem(refusal: HistoryRefusal, expected: ProblemDocument) async throws {
        let source = ScriptedSource()
        source.script.withLockedValue { $0.history = .failure(refusal) }
        try await withServer(source: source) { (running) async throws in
            let answer = try await ask("/v1/history/series?endpoint=mars&hours=1", of: running)
            #expect(answer.status == expected.status)
            #expect(try Wire.decode(ProblemDocument.self, from: answer.body) == expected)
        }
    }
}
