import FailoverCore
import FailoverWire
import Testing

@testable import FailoverPublish

@Suite struct NotificationCourseTests {
    private func event(_ number: Int, _ kind: EventKind = .failover, route: RouteName = "chat") -> EventDocument {
        let happened = Event(kind: kind, at: .seconds(0), route: route, reason: Reason("x", "y"), generation: 1)
        return EventDocument(happened, sequence: UInt64(number), at: noon, publisher: publisher)
    }

    /// So that expectations may change it.
    private final class Course {
        private var value: NotificationCourse

        init(_ value: NotificationCourse) { self.value = value }

        var waiting: Int { value.waiting }
        var dropped: UInt64 { value.dropped }
        func offer(_ event: EventDocument, at now: MonotonicInstant) -> Bool { value.offer(event, at: now) }
        func next(at now: MonotonicInstant) -> NotificationCourse.Step { value.next(at: now) }
        func hurry() { value.hurry() }
        func settle(
            _ result: NotificationCourse.Result,
            at now: MonotonicInstant,
            jitter: Double
        ) -> NotificationCourse.Consequence { value.settle(result, at: now, jitter: jitter) }
    }

    private func course(_ interval: Duration = .zero, retries: Int = 2) -> Course {
        Course(NotificationCourse(minimumInterval: interval, retries: retries))
    }

    @Test func eventsAreToldOnceAndInOrder() {
        let course = course()
        for number in [1, 2, 1, 2] { #expect(!course.offer(event(number), at: .seconds(0))) }
        #expect(course.next(at: .seconds(0)) == .send(.init(event: event(1))))
        #expect(course.settle(.sent, at: .seconds(1), jitter: 0.5) == .done)
        #expect(course.next(at: .seconds(1)) == .send(.init(event: event(2))))
        #expect(course.settle(.sent, at: .seconds(1), jitter: 0.5) == .done)
        #expect(course.next(at: .seconds(1)) == .wait(until: nil))
    }

    @Test func whatFailsIsTriedAgainLaterAndLater() {
        let course = course(retries: 3)
        _ = course.offer(event(1), at: .seconds(0))
        let failure = NotificationCourse.Result.failed("no", isLasting: false, retryAfter: nil)
        for (now, next, jitter) in [(0.0, 1.0, 0.5), (1, 2, 0), (2, 8, 1)] {
            #expect(course.settle(failure, at: .seconds(now), jitter: jitter) == .retries)
            #expect(course.next(at: .seconds(next - 0.001)) == .wait(until: .seconds(next)))
            #expect(course.next(at: .seconds(next)) == .send(.init(event: event(1))))
        }
        #expect(course.settle(failure, at: .seconds(8), jitter: 0.5) == .givenUp)
        #expect(course.waiting == 0)
    }

    @Test func theOtherSideMaySayWhenToComeBack() {
        let course = course()
        _ = course.offer(event(1), at: .seconds(0))
        let busy = NotificationCourse.Result.failed("429", isLasting: false, retryAfter: .seconds(30))
        _ = course.settle(busy, at: .seconds(0), jitter: 0.5)
        #expect(course.next(at: .seconds(1)) == .wait(until: .seconds(30)))
        let never = NotificationCourse.Result.failed("429", isLasting: false, retryAfter: .seconds(86_400))
        _ = course.settle(never, at: .seconds(30), jitter: 0.5)
        #expect(course.next(at: .seconds(31)) == .wait(until: .seconds(330)))
    }

    @Test func whatIsWrongForGoodIsNotTriedAgain() {
        let course = course()
        _ = course.offer(event(1), at: .seconds(0))
        let gone = NotificationCourse.Result.failed("status 410", isLasting: true, retryAfter: nil)
        #expect(course.settle(gone, at: .seconds(0), jitter: 0.5) == .givenUp)
        #expect(course.next(at: .seconds(0)) == .wait(until: nil))
    }

    @Test func aStormIsFoldedByKindAndRoute() {
        let course = course(.seconds(60))
        for number in 1...14 { _ = course.offer(event(number), at: .seconds(Double(number))) }
        _ = course.offer(event(20, .failOpen), at: .seconds(15))
        _ = course.offer(event(21, route: "other"), at: .seconds(15))
        var told: [NotificationCourse.Note] = []
        func tellAll(at time: Double) {
            while case .send(let note) = course.next(at: .seconds(time)) {
                told.append(note)
                _ = course.settle(.sent, at: .seconds(time), jitter: 0)
            }
        }
        tellAll(at: 15)
        // The first of each at once, and then nothing of the same before its minute is over.
        let first = [event(1), event(20, .failOpen), event(21, route: "other")]
        #expect(told == first.map { .init(event: $0) })
        #expect(course.waiting == 1)
        tellAll(at: 60.9)
        #expect(told.count == 3)
        tellAll(at: 61)
        #expect(told.last == .init(event: event(14), folded: 12))
        // It counts as told, and the next minute begins.
        _ = course.offer(event(30), at: .seconds(62))
        #expect(course.next(at: .seconds(62)) == .wait(until: .seconds(75)))
        tellAll(at: 121)
        #expect(told.last == .init(event: event(30)))
    }

    @Test func aFullQueueLosesTheOldestThatWaits() {
        let course = course()
        for number in 1...100 { #expect(!course.offer(event(number), at: .seconds(0))) }
        #expect(course.offer(event(101), at: .seconds(0)))
        #expect(course.dropped == 1 && course.waiting == 100)
        // The first may be under way.
        #expect(course.next(at: .seconds(0)) == .send(.init(event: event(1))))
        _ = course.settle(.sent, at: .seconds(0), jitter: 0)
        #expect(course.next(at: .seconds(0)) == .send(.init(event: event(3))))
    }

    @Test func atTheEndNothingIsHeldBackAndNothingTriedTwice() {
        let course = course(.seconds(60))
        for number in 1...3 { _ = course.offer(event(number), at: .seconds(0)) }
        let failure = NotificationCourse.Result.failed("no", isLasting: false, retryAfter: nil)
        _ = course.settle(failure, at: .seconds(0), jitter: 0.5)
        course.hurry()
        #expect(course.next(at: .seconds(0)) == .send(.init(event: event(1))))
        #expect(course.settle(failure, at: .seconds(0), jitter: 0.5) == .givenUp)
        #expect(course.next(at: .seconds(0)) == .send(.init(event: event(3), folded: 1)))
    }
}
