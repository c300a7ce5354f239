import FailoverCore
import Testing

@testable import FailoverProbes

/// What is done with a cache at a moment, and what comes of it.
private enum CacheStep {
    case lookUp(at: Double, NameCache.LookUp)
    case record(at: Double, NameOutcome, query: UInt64, isFinal: Bool = true, Result<ResolvedName, LookupFailure>?)
}

private let address = ["192.0.2.1"].compactMap { IPAddress($0) }
private let other = ["192.0.2.2"].compactMap { IPAddress($0) }
private let down = LookupFailure.resolver("down")

private func found(_ timeToLive: Int, _ addresses: [IPAddress] = address) -> NameOutcome {
    .addresses(addresses, timeToLive: timeToLive)
}

private func name(until seconds: Double, stale: Bool = false, _ addresses: [IPAddress] = address) -> ResolvedName {
    ResolvedName(addresses: addresses, expires: .seconds(seconds), isStale: stale)
}

private func asks(_ query: UInt64) -> NameCache.LookUp { NameCache.LookUp(answer: .wait, query: query) }
private let waits = NameCache.LookUp(answer: .wait)
private func knows(_ name: ResolvedName, asks query: UInt64? = nil) -> NameCache.LookUp {
    NameCache.LookUp(answer: .known(name), query: query)
}

private func play(_ steps: [CacheStep]) {
    var cache = NameCache()
    for (number, step) in steps.enumerated() {
        switch step {
        case .lookUp(let time, let expected):
            #expect(cache.lookUp("a.test", at: .seconds(time)) == expected, "step \(number)")
        case .record(let time, let outcome, let query, let isFinal, let expected):
            let result = cache.record(outcome, for: "a.test", query: query, isFinal: isFinal, at: .seconds(time))
            #expect(result == expected, "step \(number)")
        }
    }
}

struct NameCacheTests {
    /// Boundaries of the time to live: what the server says, and until when the answer is used.
    @Test(
        arguments: [
            (Int.min, 1), (-1, 1), (0, 1), (1, 1), (2, 2), (59, 59), (60, 60), (61, 60), (Int.max, 60),
        ] as [(Int, Double)]
    )
    func timesToLiveHaveBounds(_ said: Int, _ used: Double) {
        play([
            .lookUp(at: 10, asks(1)),
            .record(at: 10, found(said), query: 1, .success(name(until: 10 + used))),
            .lookUp(at: 10 + used - 1e-9, knows(name(until: 10 + used))),
            .lookUp(at: 10 + used, asks(2)),
        ])
    }

    @Test func lookUpsOfANameShareOneQuery() {
        play([
            .lookUp(at: 0, asks(1)),
            .lookUp(at: 0.1, waits),
            .record(at: 0.2, found(5), query: 1, .success(name(until: 5.2))),
            .lookUp(at: 0.3, knows(name(until: 5.2))),
        ])
    }

    @Test(arguments: [LookupFailure.notFound, down])
    func aNameThatNeverWasResolvedFailsAtOnce(_ failure: LookupFailure) {
        play([
            .lookUp(at: 0, asks(1)),
            .record(at: 0.5, .failure(failure), query: 1, .failure(failure)),
            .lookUp(at: 0.6, NameCache.LookUp(answer: .failed(failure))),
            .lookUp(at: 1.499, NameCache.LookUp(answer: .failed(failure))),
            .lookUp(at: 1.5, asks(2)),
        ])
    }

    @Test(arguments: [LookupFailure.notFound, down])
    func lastGoodAddressesOutliveTheirTimeWhileTheResolverFails(_ failure: LookupFailure) {
        play([
            .lookUp(at: 0, asks(1)),
            .record(at: 0, found(10), query: 1, .success(name(until: 10))),
            // The first failure is waited for; after it nobody waits any more.
            .lookUp(at: 10, asks(2)),
            .record(at: 12, .failure(failure), query: 2, .success(name(until: 10, stale: true))),
            .lookUp(at: 12.5, knows(name(until: 10, stale: true))),
            .lookUp(at: 13, knows(name(until: 10, stale: true), asks: 3)),
            .lookUp(at: 13.1, knows(name(until: 10, stale: true))),
            .record(at: 15, .failure(failure), query: 3, .success(name(until: 10, stale: true))),
            .lookUp(at: 39, knows(name(until: 10, stale: true), asks: 4)),
            .record(at: 40, .failure(failure), query: 4, .failure(failure)),
            .lookUp(at: 40.5, NameCache.LookUp(answer: .failed(failure))),
            .lookUp(at: 41, asks(5)),
            .record(at: 41, found(10, other), query: 5, .success(name(until: 51, other))),
            .lookUp(at: 42, knows(name(until: 51, other))),
        ])
    }

    @Test func queryThatTakesTooLongGoesOnInTheBackground() {
        play([
            .lookUp(at: 0, asks(1)),
            .record(at: 2.5, .failure(down), query: 1, isFinal: false, .failure(down)),
            .lookUp(at: 3, NameCache.LookUp(answer: .failed(down))),
            // The same query, waited for anew.
            .lookUp(at: 3.5, asks(1)),
            .lookUp(at: 3.6, waits),
            .record(at: 4, found(10), query: 1, .success(name(until: 14))),
            .lookUp(at: 5, knows(name(until: 14))),
        ])
    }

    @Test func lateAnswerOfTheOtherFamilyCountsAndALateFailureDoesNot() {
        play([
            .lookUp(at: 0, asks(1)),
            .record(at: 0.2, found(10), query: 1, .success(name(until: 10.2))),
            .record(at: 3, .failure(down), query: 1, nil),
            .lookUp(at: 3, knows(name(until: 10.2))),
            .record(at: 4, found(10, address + other), query: 1, .success(name(until: 14, address + other))),
            .lookUp(at: 14, asks(2)),
            .record(at: 15, found(10), query: 1, nil),
            .lookUp(at: 15, waits),
        ])
    }

    @Test func resolverThatIsDownForTenMinutesIsOursAllTheTime() {
        var cache = NameCache()
        var query = cache.lookUp("a.test", at: .seconds(0)).query
        var answers: [NameCache.Answer] = []
        var queries = 0
        #expect(cache.record(found(20), for: "a.test", query: 1, isFinal: true, at: .seconds(0)) != nil)
        for second in 1...700 {
            let now = MonotonicInstant.seconds(Double(second))
            let lookUp = cache.lookUp("a.test", at: now)
            query = lookUp.query
            answers.append(lookUp.answer)
            guard let query else { continue }
            queries += 1
            // Up again after ten minutes.
            let outcome = second < 620 ? NameOutcome.failure(down) : found(60, other)
            _ = cache.record(outcome, for: "a.test", query: query, isFinal: true, at: now)
        }
        let expected: [NameCache.Answer] = (1...700).map { second in
            switch second {
            case ..<20: .known(name(until: 20))
            // Waits for the first failure.
            case 20: .wait
            case ..<50: .known(name(until: 20, stale: true))
            case ..<621: .wait
            case ..<680: .known(name(until: 680, other))
            case 680: .wait
            default: .known(name(until: 740, other))
            }
        }
        #expect(answers == expected)
        // One a second and no more.
        #expect(queries == 602)
        #expect(cache.queries == 0)
    }

    @Test func tooManyNamesAreRefusedUntilIdleOnesAreDropped() {
        var cache = NameCache(capacity: 2, maximumQueries: 9)
        for (number, host) in ["a", "b"].enumerated() {
            #expect(cache.lookUp(host, at: .seconds(0)) == asks(UInt64(number + 1)))
            _ = cache.record(found(60), for: host, query: UInt64(number + 1), isFinal: true, at: .seconds(0))
        }
        cache.sweep(at: .seconds(0))
        #expect(cache.lookUp("c", at: .seconds(1)) == NameCache.LookUp(answer: .full))
        #expect(cache.lookUp("b", at: .seconds(59)).answer == .known(name(until: 60)))
        #expect(cache.lookUp("c", at: .seconds(599.9)) == NameCache.LookUp(answer: .full))
        cache.sweep(at: .seconds(600))
        #expect(cache.count == 2)
        cache.sweep(at: .seconds(660))
        #expect(cache.count == 0)
        #expect(cache.lookUp("c", at: .seconds(661)) == asks(3))
    }

    @Test func tooManyQueriesAreRefusedAndStaleAddressesStillUsed() {
        var cache = NameCache(capacity: 9, maximumQueries: 1)
        #expect(cache.lookUp("a", at: .seconds(0)) == asks(1))
        #expect(cache.lookUp("b", at: .seconds(0)) == NameCache.LookUp(answer: .full))
        _ = cache.record(found(1), for: "a", query: 1, isFinal: true, at: .seconds(0))
        #expect(cache.lookUp("a", at: .seconds(1)) == asks(2))
        _ = cache.record(.failure(down), for: "a", query: 2, isFinal: true, at: .seconds(1))
        #expect(cache.lookUp("b", at: .seconds(1)) == asks(3))
        #expect(cache.lookUp("a", at: .seconds(2)) == knows(name(until: 1, stale: true)))
    }
}
