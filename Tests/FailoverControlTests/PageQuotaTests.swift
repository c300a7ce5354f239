import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import FailoverControl

/// What TCP leaves for the control socket.
@Suite struct PageQuotaTests {
    /// Over TCP one that has gone is noticed when something is written to it.
    private static let limits = ControlLimits(keepAlive: .milliseconds(20), leavingTime: .milliseconds(50))

    /// Serves the same daemon over TCP and over a control socket.
    private func withBoth(
        _ source: ScriptedSource,
        _ quota: PageQuota,
        _ body: (RunningPage, Running) async throws -> Void
    ) async throws {
        try await withPage(source: source, limits: Self.limits, quota: quota) { (page) async throws in
            try await withServer(source: source) { (running) async throws in try await body(page, running) }
        }
    }

    private func follow(_ connection: RawConnection) async -> String {
        connection.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return await connection.read(until: "\n\n")
    }

    @Test func streamsOverTCPLeaveSomeForTheSocket() async throws {
        let source = ScriptedSource(feed: EventFeed(maximumFollowers: 4))
        try await withBoth(source, PageQuota(streams: 3)) { (page, running) async throws in
            var followers: [RawConnection] = []
            for _ in 0..<3 {
                let follower = try RawConnection(port: page.port)
                #expect(await follow(follower).contains("200 OK"))
                followers.append(follower)
            }
            let answer = try await page.ask("/v1/events")
            let problem = try Wire.decode(ProblemDocument.self, from: Data(answer.body.utf8))
            #expect(
                problem
                    == ProblemDocument(
                        title: "Too many followers",
                        status: 503,
                        detail: "the limit of event streams is reached; close one, or ask with Accept: application/json"
                    )
            )
            #expect(source.script.withLockedValue { $0.refusedFollowers } == 1)
            // Neither of these takes a stream.
            #expect(try await page.ask("/v1/events", "--head").status == 200)
            #expect(try await page.ask("/v1/events", "-H", "Accept: application/json").status == 200)
            let neighbour = try RawConnection(path: running.path)
            #expect(await follow(neighbour).contains("200 OK"))
            // One that leaves makes room.
            followers.removeLast()
            #expect(
                try await eventually {
                    let next = try RawConnection(port: page.port)
                    return await follow(next).contains("200 OK")
                }
            )
            withExtendedLifetime((followers, neighbour)) {}
        }
    }

    @Test(arguments: ["/v1/events", "/v1/events?with=state"])
    func placesOfThoseWhoLeaveAreFreeAgain(path: String) async throws {
        try await withPage(limits: Self.limits, quota: PageQuota(streams: 1)) { (page) async throws in
            for _ in 0..<5 {
                #expect(
                    try await eventually {
                        let follower = try RawConnection(port: page.port)
                        follower.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        return await follower.read(until: "\n\n").contains("200 OK")
                    }
                )
            }
        }
    }

    @Test func questionsOverTCPComeOneAtATime() async throws {
        let quota = PageQuota()
        let source = ScriptedSource()
        try await withBoth(source, quota) { (page, running) async throws in
            var place = quota.questions.take()
            #expect(place != nil && quota.questions.take() == nil)
            // Somebody else is being answered for as long as they wait.
            async let budgets = page.ask("/v1/budgets")
            async let past = page.ask("/v1/routes/chat/explain?generation=3")
            for answer in try await [budgets, past] {
                let problem = try Wire.decode(ProblemDocument.self, from: Data(answer.body.utf8))
                #expect(problem.status == 503 && problem.title == "Too many questions")
            }
            #expect(source.script.withLockedValue { $0.questions } == [])
            _ = try await running.client.get("/v1/budgets", accept: "*/*")
            #expect(source.script.withLockedValue { $0.questions } == [.budgets(days: 30)])
            place = nil
            #expect(try await page.ask("/v1/budgets?days=7").body.contains("nothing is scripted"))
            #expect(source.script.withLockedValue { $0.questions } == [.budgets(days: 30), .budgets(days: 7)])
        }
    }
}
