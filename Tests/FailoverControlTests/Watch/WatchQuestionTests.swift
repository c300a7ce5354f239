import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// What is asked beside the state, from the first second on, and what of it is drawn together.
@Suite struct WatchQuestionTests {
    private typealias Answer = Result<SeriesDocument, ControlClientError>

    private static let busy = Answer.failure(.refused(ProblemDocument(.busy)))
    private static let noHistory = Answer.failure(.refused(ProblemDocument(.unavailable("there is no history"))))

    @Test func theFirstStateLeavesItsQuestionsToWhoeverCanAskThem() {
        var model = WatchModel()
        model.begin(with: Samples.failedOver, at: WatchSamples.clock())
        let questions: [WatchModel.Action] = [.askExplanation(route: "chat"), .askSeries(endpoint: "us-east")]
        #expect(model.handle(.tick, at: WatchSamples.clock()) == questions)
        #expect(model.handle(.tick, at: WatchSamples.clock(1)) == [.askState])
    }

    @Test func oneSeriesIsAskedForAtATime() {
        var model = WatchModel()
        func tick(_ seconds: Double) -> [WatchModel.Action] { model.handle(.tick, at: WatchSamples.clock(seconds)) }
        func answer(_ endpoint: String, _ result: Answer? = nil, at seconds: Double) -> [WatchModel.Action] {
            let series = result ?? .success(WatchSamples.series(endpoint))
            return model.handle(.series(endpoint: endpoint, series), at: WatchSamples.clock(seconds))
        }
        var state = Samples.failedOver
        state.endpoints = state.endpoints.mapValues { endpoint in
            var endpoint = endpoint
            endpoint.verdict = "healthy"
            return endpoint
        }
        model.begin(with: state, at: WatchSamples.clock())
        // The state stays unanswered, and so is asked for no more.
        #expect(tick(1) == [.askState, .askSeries(endpoint: "us-east")])
        #expect(tick(2) == [])
        #expect(answer("us-east", at: 2) == [.askSeries(endpoint: "eu-west")])
        // Others ask about the past: a rest, and then those that have waited longest.
        #expect(answer("eu-west", Self.busy, at: 2.1) == [])
        #expect(tick(4) == [])
        #expect(tick(4.1) == [.askSeries(endpoint: "ap-southeast")])
        #expect(answer("ap-southeast", Self.noHistory, at: 4.2) == [.askSeries(endpoint: "eu-west")])
        #expect(answer("eu-west", at: 4.3) == [])
        #expect(tick(16.9) == [])
        #expect(tick(17) == [.askSeries(endpoint: "us-east")])
        #expect(answer("us-east", at: 17.1) == [])
        #expect(tick(19.3) == [.askSeries(endpoint: "eu-west")])
        #expect(answer("eu-west", at: 19.4) == [])
    }

    /// Two minutes have been looked on, as somebody does beside a fresh daemon.
    private static func lookingOn() -> WatchModel {
        var model = WatchModel()
        for second in stride(from: -120.0, through: 0, by: 1) {
            var state = Samples.preferred
            if second > -50 {
                let slow = Samples.failedOver.endpoints["us-east"]
                state.endpoints["eu-west"]?.indicators["latency"] = slow?.indicators["latency"]
            }
            model.begin(with: state, at: WatchSamples.clock(second))
        }
        return model
    }

    @Test func withoutAnyHistoryAllRowsAreGathered() {
        #expect(
            WatchSamples.text(Self.lookingOn(), 80, 8) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT VERDICT   P99, 70 S      P50/P99           ERRORS EVIDENCE
                > chat: us-east  preferred for 90 s: first in order
                  * us-east  healthy   ▄▄▄▄▄▄▄▄▄▄▄▄▄▄ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    eu-west  healthy   ▄▄▄███████████ 0.94/>15.0 of 3 s 0.0 %  █████▉░░  5.1/7.0


                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func allRowsHaveTheScaleOfTheHistory() {
        var model = Self.lookingOn()
        let series = WatchSamples.series("us-east")
        _ = model.handle(.series(endpoint: "us-east", .success(series)), at: WatchSamples.clock())
        #expect(
            WatchSamples.text(model, 80, 8) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT VERDICT   P99, 14 MIN    P50/P99           ERRORS EVIDENCE
                > chat: us-east  preferred for 90 s: first in order
                  * us-east  healthy   ▂▂▃▄▄▆▆██  ▂▁▁ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    eu-west  healthy              ▄██ 0.94/>15.0 of 3 s 0.0 %  █████▉░░  5.1/7.0


                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func theWorstOfFinerSlotsCounts() {
        var fine = LatencyTrace(step: 5)
        for (second, figure) in [(0, 10.0), (5, 30), (55, 20), (60, 7), (180, 1)] {
            fine.take(figure, at: WallTime(secondsSince1970: Double(second)))
        }
        let now = WallTime(secondsSince1970: 200)
        #expect(fine.inSteps(of: 60)?.latest(4, at: now) == [30, 7, nil, 1])
        #expect(fine.inSteps(of: 5) == fine)
        #expect(LatencyTrace(step: 60).inSteps(of: 5) == nil)
    }

    @Test(arguments: [
        ([WatchKey.character("3"), .character("0"), .character("m")], "30m"),
        ([.backspace, .character("d")], "4d"),
        ([.backspace, .backspace, .character("2"), .character("d")], "2d"),
        ([.clear, .character("2"), .character("d")], "2d"),
        ([.character("1"), .clear], ""),
        ([.up], "4h"),
    ])
    func whatIsTypedTakesThePlaceOfTheUsualLength(keys: [WatchKey], length: String) {
        var model = WatchSamples.model(Samples.failedOver)
        _ = WatchSamples.press(.character("f"), .character("a"), .clear, .character("b"), .enter, in: &model)
        #expect(model.dialog?.reason == "b")
        for key in keys { _ = WatchSamples.press(key, in: &model) }
        #expect(model.dialog?.lengthText == length)
    }

    @Test func anEndpointsPageTellsWhatUsersReport() {
        var document = Samples.explanation
        let index = document.endpoints.firstIndex { $0.endpoint == "us-east" } ?? 0
        let desk = ObservationDesk(endpoints: ["us-east"]) { Samples.clock }
        let body =
            #"{"observations": [{"endpoint": "us-east", "outcome": "success", "latency_ms": 812, "count": 997},"#
            + #" {"endpoint": "us-east", "outcome": "failure", "count": 3}],"#
            + #" "worker": "w1", "in_flight_tokens": {"us-east": 18000}}"#
        #expect(desk.take(Data(body.utf8)) == .success(ObservationReceipt(accepted: 2)))
        document.endpoints[index].reported = desk.standings(at: Samples.clock)?["us-east"]
        var model = WatchSamples.model(Samples.failedOver, explaining: document)
        _ = WatchSamples.press(.down, .enter, in: &model)
        let lines = WatchSamples.text(model, 80, 30).split(separator: "\n")
        let first = lines.firstIndex { $0.hasPrefix("  users") } ?? 0
        #expect(
            lines[first...].prefix(2).joined(separator: "\n") == """
                  users  : 1,000 requests in the last minute, 0.3 % bad, p50 / p99 812 ms / 812
                           ms, 18,000 tokens in flight at 1 worker
                """
        )
    }
}
