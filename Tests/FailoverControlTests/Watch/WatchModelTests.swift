import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// What is asked when, and what keys do.
@Suite struct WatchModelTests {
    private let failure = ControlClientError.noDaemon(path: "/run/s.sock")

    @Test func figuresAreAskedForOncePerSecondAndAtOnceAfterAnEvent() {
        var model = WatchModel()
        func tick(_ seconds: Double) -> [WatchModel.Action] { model.handle(.tick, at: WatchSamples.clock(seconds)) }
        #expect(tick(0) == [.askState])
        #expect(tick(0.5) == [])
        let answer = WatchModel.Input.state(.success(Samples.preferred), took: .milliseconds(1))
        let questions: [WatchModel.Action] = [.askSeries(endpoint: "us-east")]
        #expect(model.handle(answer, at: WatchSamples.clock(0.6)) == questions)
        #expect(tick(1.5) == [])
        #expect(tick(1.6) == [.askState])
        #expect(model.handle(.event(Samples.failover), at: WatchSamples.clock(1.7)) == [])
        #expect(model.handle(answer, at: WatchSamples.clock(1.8)) == [.askState])
        #expect(model.handle(answer, at: WatchSamples.clock(1.9)) == [])
        #expect(model.handle(.event(Samples.failover), at: WatchSamples.clock(2)) == [.askState])
    }

    @Test func aStateThatTakesLongIsAskedForRarely() {
        var model = WatchModel()
        #expect(model.handle(.tick, at: WatchSamples.clock(0)) == [.askState])
        let answer = WatchModel.Input.state(.failure(failure), took: .seconds(1))
        #expect(model.handle(answer, at: WatchSamples.clock(1)) == [])
        #expect(model.handle(.tick, at: WatchSamples.clock(19.9)) == [])
        #expect(model.handle(.tick, at: WatchSamples.clock(20)) == [.askState])
        // An answer that never came holds nothing up.
        #expect(model.handle(.tick, at: WatchSamples.clock(50)) == [])
        #expect(model.handle(.tick, at: WatchSamples.clock(50.1)) == [.askState])
    }

    @Test func onlyWhatHasToProveSomethingIsExplained() {
        var model = WatchModel()
        _ = model.handle(.tick, at: WatchSamples.clock())
        let actions = model.handle(.state(.success(Samples.failedOver), took: .zero), at: WatchSamples.clock())
        #expect(actions.first == .askExplanation(route: "chat"))
        let calm = WatchSamples.model(Samples.preferred)
        #expect(calm.routesToExplain == [])
    }

    @Test func aSilentDaemonIsAskedNothingElse() {
        var model = WatchSamples.model(Samples.failedOver)
        let lost = WatchModel.Input.state(.failure(failure), took: .zero)
        #expect(model.handle(lost, at: WatchSamples.clock(100)) == [])
        #expect(model.handle(.tick, at: WatchSamples.clock(101)) == [.askState])
        _ = model.handle(.key(.character("p")), at: WatchSamples.clock(101))
        #expect(model.message == "the daemon does not answer: nothing can be changed now")
        #expect(model.dialog == nil)
    }

    @Test func aPinIsSentOnlyForYAfterAReason() {
        var model = WatchSamples.model(Samples.failedOver)
        var sent: [WatchModel.Action] = []
        sent += WatchSamples.press(.character("p"), .down, .enter, .enter, in: &model)
        #expect(model.dialog?.complaint == "there is no reason; it is shown to everybody, 1 to 200 characters")
        WatchSamples.type("new  kernel ", in: &model)
        sent += WatchSamples.press(.enter, .backspace, .backspace, in: &model)
        WatchSamples.type("9y", in: &model)
        sent += WatchSamples.press(.enter, in: &model)
        #expect(model.dialog?.complaint == "it is \"9y\"; allowed: 1 minute to 30 days, such as 30m, 4h or 2d")
        sent += WatchSamples.press(.backspace, .character("h"), .enter, .enter, .character("p"), in: &model)
        #expect(sent == [])
        let terms = OrderTerms(endpoint: "eu-west", reason: "new  kernel", forSeconds: 9 * 3600)
        let order = ControlOrder(action: .pin(route: "chat"), terms: terms)
        #expect(WatchSamples.press(.character("y"), in: &model) == [.send(order)])
        #expect(WatchSamples.press(.character("y"), in: &model) == [])
    }

    @Test(arguments: 1...4)
    func escapeLeavesEveryStepWithoutAnOrder(step: Int) {
        var model = WatchSamples.model(Samples.failedOver)
        let way: [WatchKey] = [.character("p"), .enter, .character("x"), .enter, .enter]
        let actions = way.prefix([1, 2, 4, 5][step - 1]).flatMap { WatchSamples.press($0, in: &model) }
        #expect(model.dialog != nil)
        #expect(actions + WatchSamples.press(.escape, in: &model) == [])
        #expect(model.dialog == nil)
    }

    @Test(arguments: [
        ("d", 1, "drain us-east"), ("d", 2, "drain eu-west"), ("f", 0, "freeze all automatic moves"),
        ("b", 0, "return chat now"), ("p", 2, "pin chat to eu-west"),
    ])
    func keysMeanWhatIsSelected(key: Character, steps: Int, title: String) {
        var model = WatchSamples.model(Samples.preferred)
        for _ in 0..<steps { _ = WatchSamples.press(.down, in: &model) }
        _ = WatchSamples.press(.character(key), in: &model)
        #expect(model.dialog?.order.title == title)
    }

    @Test func whatStandsIsLifted() {
        var model = WatchSamples.model(Samples.failedOver(with: WatchSamples.intents))
        var titles: [String?] = []
        for key: WatchKey in [.character("f"), .character("d"), .character("p")] {
            _ = WatchSamples.press(key, in: &model)
            titles.append(model.dialog?.order.title)
            _ = WatchSamples.press(.escape, in: &model)
        }
        #expect(titles == ["unfreeze automatic moves", "undrain us-east", "unpin chat"])
    }

    @Test func aReadOnlyViewOpensNoDialog() {
        var model = WatchSamples.model(Samples.failedOver, isReadOnly: true)
        for key in "pdfb" {
            _ = WatchSamples.press(.character(key), in: &model)
            #expect(model.dialog == nil)
            #expect(model.message == "this view is read-only (--read-only)")
        }
    }

    @Test func whoMayNotIsToldSo() {
        var model = WatchSamples.model(Samples.failedOver)
        _ = WatchSamples.press(.character("f"), .character("x"), .enter, .enter, .character("y"), in: &model)
        let detail = "changing needs root or the group failoverd-admin"
        let problem = ProblemDocument(title: "Not permitted", status: 403, detail: detail)
        _ = model.handle(.receipt(.failure(.refused(problem))), at: WatchSamples.clock())
        #expect(model.dialog?.step == .refused("you may read but not change: \(detail)"))
    }

    @Test func theWorstRoutesComeFirstUntilAskedOtherwise() {
        var state = Samples.failedOver
        state.routes["a-calm"] = Samples.preferred.routes["chat"].map { route in
            var route = route
            (route.active, route.endpoints) = ("eu-west", ["eu-west"])
            return route
        }
        var model = WatchSamples.model(state)
        #expect(model.routes == ["chat", "a-calm"])
        #expect(model.selection == .route("chat"))
        _ = WatchSamples.press(.character("s"), in: &model)
        #expect(model.routes == ["a-calm", "chat"])
        #expect(model.selection == .route("chat"))
    }

    @Test func withoutAHistoryLatencyIsGathered() {
        var model = WatchModel()
        for second in stride(from: 0.0, to: 20, by: 1) {
            _ = model.handle(.state(.success(Samples.preferred), took: .zero), at: WatchSamples.clock(second))
        }
        let trace = model.trace(.init(endpoint: "us-east", indicator: "latency"))
        // Four slots of five seconds begin one second into a slot: the fifth has begun.
        #expect(trace?.latest(6, at: WatchSamples.clock(19).wall) == [nil, 2380, 2380, 2380, 2380, 2380])
    }
}
