import FailoverCore
import FailoverPublish
import Testing

@Suite struct OutputCourseTests {
    private let a = OutputContent(bytes: [1], generation: 1)
    private let b = OutputContent(bytes: [2], generation: 2)

    private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

    @Test func aNewFileIsInstalledAndItsReaderTold() {
        var course = OutputCourse(hasReload: true, minimumInterval: .zero)
        #expect(course.step(at: at(0)) == .rest)
        #expect(course.rendered(a, isInPlace: false) == nil)
        #expect(course.step(at: at(0)) == .install(a))
        #expect(course.installed(a, at: at(0)) == nil)
        #expect(course.step(at: at(0)) == .reload)
        #expect(!course.isCurrent)
        #expect(course.reloaded() == nil)
        #expect(course.step(at: at(0)) == .rest)
        #expect(course.isCurrent && course.generation == 1)
    }

    @Test func whatIsInPlaceIsLeftAlone() {
        var course = OutputCourse(hasReload: true, minimumInterval: .zero)
        #expect(course.rendered(a, isInPlace: true, isTold: true) == nil)
        #expect(course.step(at: at(0)) == .rest)
        #expect(course.isCurrent)
    }

    @Test func aReaderThatWasNotToldBeforeTheStartIsToldNow() {
        var course = OutputCourse(hasReload: true, minimumInterval: .zero)
        #expect(course.rendered(a, isInPlace: true, isTold: false) == nil)
        #expect(course.step(at: at(0)) == .reload)
    }

    @Test func newestWins() {
        var course = OutputCourse(hasReload: false, minimumInterval: .seconds(10))
        _ = course.rendered(OutputContent(bytes: [0], generation: 0), isInPlace: true)
        _ = course.rendered(a, isInPlace: false)
        _ = course.installed(a, at: at(0))
        _ = course.rendered(b, isInPlace: false)
        #expect(course.step(at: at(1)) == .wait(until: at(10)))
        let c = OutputContent(bytes: [3], generation: 3)
        _ = course.rendered(c, isInPlace: false)
        #expect(course.step(at: at(9.9)) == .wait(until: at(10)))
        #expect(course.step(at: at(10)) == .install(c))
        // Back to what is there: nothing is left to do.
        _ = course.rendered(OutputContent(bytes: [1], generation: 4), isInPlace: true)
        #expect(course.step(at: at(10)) == .rest)
        #expect(course.generation == 4)
    }

    @Test func whatFailsIsTriedAgainWithLongerAndLongerPauses() {
        var course = OutputCourse(hasReload: false, minimumInterval: .zero)
        _ = course.rendered(a, isInPlace: false)
        var now = 0.0
        var notices: [OutputCourse.Notice?] = []
        for pause in [1.0, 2, 4, 8, 16, 32, 60, 60] {
            notices.append(course.failed(.check, "no", at: at(now)))
            _ = course.rendered(a, isInPlace: false)
            #expect(course.step(at: at(now + pause - 0.1)) == .wait(until: at(now + pause)))
            now += pause
            #expect(course.step(at: at(now)) == .install(a))
        }
        #expect(notices == [.failed(.check, "no")] + Array(repeating: nil, count: 7))
        #expect(course.failure == OutputCourse.Failure(stage: .check, text: "no", since: at(0), count: 8))
        #expect(course.installed(a, at: at(now)) == .recovered(from: .check))
        #expect(course.isCurrent)
    }

    @Test func somethingNewIsTriedAtOnce() {
        var course = OutputCourse(hasReload: false, minimumInterval: .zero)
        _ = course.rendered(a, isInPlace: false)
        for _ in 0..<5 { _ = course.failed(.write, "no", at: at(0)) }
        #expect(course.rendered(b, isInPlace: false) == nil)
        #expect(course.step(at: at(0)) == .install(b))
    }

    @Test func aFailingReloadIsTriedAgainAndDoesNotHoldANewFileUp() {
        var course = OutputCourse(hasReload: true, minimumInterval: .zero)
        _ = course.rendered(a, isInPlace: false)
        _ = course.installed(a, at: at(0))
        #expect(course.failed(.reload, "hangs", at: at(0)) == .failed(.reload, "hangs"))
        #expect(course.step(at: at(0)) == .wait(until: at(1)))
        _ = course.rendered(a, isInPlace: true)
        #expect(course.failure?.stage == .reload)
        _ = course.rendered(b, isInPlace: false)
        #expect(course.step(at: at(0.5)) == .install(b))
        #expect(course.installed(b, at: at(0.5)) == nil)
        #expect(course.step(at: at(0.5)) == .reload)
        #expect(course.reloaded() == .recovered(from: .reload))
        #expect(course.isCurrent)
    }

    @Test func aFailingCheckDoesNotKeepAReloadThatIsOwed() {
        var course = OutputCourse(hasReload: true, minimumInterval: .zero)
        _ = course.rendered(a, isInPlace: false)
        _ = course.installed(a, at: at(0))
        _ = course.failed(.reload, "hangs", at: at(0))
        _ = course.rendered(b, isInPlace: false)
        #expect(course.step(at: at(0.5)) == .install(b))
        #expect(course.failed(.check, "no", at: at(0.5)) == .failed(.check, "no"))
        #expect(course.step(at: at(0.6)) == .wait(until: at(1)))
        #expect(course.step(at: at(1)) == .reload)
        // Each is told once, and has pauses of its own.
        #expect(course.failed(.reload, "hangs", at: at(1)) == nil)
        #expect(course.step(at: at(1)) == .wait(until: at(1.5)))
        #expect(course.step(at: at(1.5)) == .install(b))
        #expect(course.failed(.check, "no", at: at(1.5)) == nil)
        #expect(course.step(at: at(3)) == .reload)
        #expect(course.reloaded() == .recovered(from: .reload))
        #expect(course.failure == OutputCourse.Failure(stage: .check, text: "no", since: at(0.5), count: 2))
        #expect(course.step(at: at(3)) == .wait(until: at(3.5)))
    }

    @Test func theWriteAtTheStartDelaysNoFailover() {
        var course = OutputCourse(hasReload: false, minimumInterval: .seconds(10))
        _ = course.rendered(a, isInPlace: false)
        _ = course.installed(a, at: at(0))
        _ = course.rendered(b, isInPlace: false)
        #expect(course.step(at: at(1)) == .install(b))
        _ = course.installed(b, at: at(1))
        _ = course.rendered(a, isInPlace: false)
        #expect(course.step(at: at(2)) == .wait(until: at(11)))
    }

    @Test func atTheEndNothingIsWaitedFor() {
        var course = OutputCourse(hasReload: false, minimumInterval: .seconds(10))
        _ = course.rendered(a, isInPlace: true)
        _ = course.rendered(b, isInPlace: false)
        _ = course.installed(b, at: at(0))
        _ = course.rendered(a, isInPlace: false)
        _ = course.failed(.write, "no", at: at(1))
        course.hurry()
        #expect(course.step(at: at(1)) == .install(a))
        // Once: what fails again is left.
        _ = course.failed(.write, "no", at: at(1))
        #expect(course.step(at: at(1)) == .wait(until: at(3)))
    }

    @Test func aTemplateThatBrokeIsToldUntilItIsSound() {
        var course = OutputCourse(hasReload: false, minimumInterval: .zero)
        _ = course.rendered(a, isInPlace: true)
        #expect(course.looked("line 1", at: at(0)) == .failed(.template, "line 1"))
        #expect(course.looked("line 1", at: at(1)) == nil)
        // The one that was read goes on.
        _ = course.rendered(b, isInPlace: false)
        #expect(course.installed(b, at: at(2)) == nil)
        #expect(course.failure == OutputCourse.Failure(stage: .template, text: "line 1", since: at(0), count: 2))
        #expect(course.looked("", at: at(3)) == .recovered(from: .template))
        #expect(course.isCurrent)
    }
}
