import FailoverCore
import Testing

@Suite struct ReportBookTests {
    private static let us = EndpointName(rawValue: "us-east")
    private static let eu = EndpointName(rawValue: "eu-west")

    private func book(_ change: (inout ReportBook.Limits) -> Void = { _ in }) -> ReportBook {
        var limits = ReportBook.Limits()
        change(&limits)
        return ReportBook(endpoints: [Self.us, Self.eu], limits: limits, at: .seconds(0))
    }

    private func tokens(_ worker: String, _ counts: [(EndpointName, UInt64)]) -> WorkerReport {
        WorkerReport(worker: worker, tokens: counts.map { .init(endpoint: $0.0, count: $0.1) })
    }

    @Test func failuresAreBadAndWhatSaysNothingIsVoid() throws {
        var book = book()
        let reports = ReportOutcome.allCases.map { Report(endpoint: Self.us, outcome: $0, count: 2) }
        try book.take(reports, from: nil, at: .seconds(1))
        let standing = try #require(book.standings(at: .seconds(2)).first)
        #expect(standing.counts == SampleCounts(samples: 4, bad: 2, void: 6))
        #expect(standing.latency == nil && standing.ttft == nil && standing.tokensInFlight == nil)
        #expect(standing.since == .seconds(1) && standing.lastAt == .seconds(1))
        #expect(book.totals(at: .seconds(2)).map(\.requests) == [[2, 2, 2, 2, 2]])
    }

    @Test func latenciesAreThoseOfAnswersAndOfTimeouts() throws {
        var book = book()
        let reports = [
            Report(endpoint: Self.us, outcome: .success, latency: .seconds(1), ttft: .milliseconds(200), count: 3),
            Report(endpoint: Self.us, outcome: .failure, kind: "connect_refused", latency: .milliseconds(1)),
            Report(endpoint: Self.us, outcome: .failure, kind: "total_timeout", latency: .seconds(20)),
        ]
        try book.take(reports, from: nil, at: .seconds(1))
        let standing = try #require(book.standings(at: .seconds(1)).first)
        #expect(
            standing.latency
                == Percentiles(p50: .seconds(1), p90: .seconds(20), p99: .seconds(20), count: 4, censored: true)
        )
        #expect(
            standing.ttft
                == Percentiles(
                    p50: .milliseconds(200),
                    p90: .milliseconds(200),
                    p99: .milliseconds(200),
                    count: 3,
                    censored: false
                )
        )
        let total = try #require(book.totals(at: .seconds(1)).first)
        #expect(total.latency.counts == [0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0] && total.latency.sum == 23)
    }

    @Test func anOldReportIsCountedAndNotShown() throws {
        var book = book()
        try book.take([Report(endpoint: Self.us, outcome: .failure, isRecent: false)], from: nil, at: .seconds(1))
        #expect(book.standings(at: .seconds(1)).map(\.counts) == [SampleCounts(samples: 0, bad: 0, void: 0)])
        #expect(book.totals(at: .seconds(1)).map(\.requests) == [[0, 1, 0, 0, 0]])
    }

    @Test func nothingIsShownAfterAQuarterOfAnHourOfSilence() throws {
        var book = book()
        try book.take([Report(endpoint: Self.us, outcome: .success)], from: nil, at: .seconds(0))
        #expect(book.standings(at: .seconds(899)).count == 1)
        #expect(book.standings(at: .seconds(900)).isEmpty)
        #expect(book.totals(at: .seconds(900)).map(\.requests) == [[1, 0, 0, 0, 0]])
    }

    @Test func tokensOfLivingWorkersAreSummed() throws {
        var book = book()
        try book.take([], from: tokens("w1", [(Self.us, 1000), (Self.eu, 5)]), at: .seconds(0))
        try book.take([], from: tokens("w2", [(Self.us, 200)]), at: .seconds(10))
        func sums(_ time: Double) -> [UInt64?] { book.standings(at: .seconds(time)).map(\.tokensInFlight) }
        #expect(sums(10) == [1200, 5])
        // The newest word of a worker replaces the one before.
        try book.take([], from: tokens("w2", [(Self.us, 0)]), at: .seconds(20))
        #expect(sums(29) == [1000, 5])
        #expect(sums(30) == [0, nil] && book.livingWorkers(at: .seconds(30)) == 1)
        #expect(sums(50) == [nil, nil] && book.livingWorkers(at: .seconds(50)) == 0)
    }

    @Test func runningSumsAreThoseOfTheWorkersThatLive() throws {
        let names = (0..<8).map { EndpointName(rawValue: "e\($0)") }
        var book = ReportBook(endpoints: names, at: .seconds(0))
        var known = names
        var told: [String: (report: WorkerReport, at: Int)] = [:]
        var random = SplitMix64(seed: 20_261_122)
        for second in 0..<2_000 {
            let now = MonotonicInstant.seconds(Double(second))
            if second % 400 == 399 {
                // An endpoint leaves the configuration and another comes back; what was told of it is forgotten.
                let gone = names[Int(random.next() % 8)]
                known = names.filter { $0 != gone }
                book.update(endpoints: known)
                for (worker, word) in told {
                    let kept = word.report.tokens.filter { $0.endpoint != gone }
                    told[worker] = (WorkerReport(worker: worker, tokens: kept), word.at)
                }
            }
            // Now and then nobody says anything, for so long that all are gone.
            if second % 500 < 400 {
                let worker = "w\(random.next() % 40)"
                let counts = known.filter { _ in random.next() % 3 == 0 }.map { ($0, random.next() % 1_000) }
                let report = tokens(worker, counts)
                try book.take([], from: report, at: now)
                told[worker] = (report, second)
            }
            let living = told.values.filter { second - $0.at < 30 }
            #expect(book.livingWorkers(at: now) == living.count)
            for standing in book.standings(at: now) {
                let words = living.flatMap(\.report.tokens).filter { $0.endpoint == standing.endpoint }
                let sum = words.isEmpty ? nil : words.reduce(0) { $0 + $1.count }
                #expect(standing.tokensInFlight == sum && standing.workers == words.count)
            }
        }
    }

    @Test func anUnknownEndpointTakesTheWholeBatchWithIt() {
        var book = book()
        let reports = [Report(endpoint: Self.us, outcome: .success), Report(endpoint: "mars", outcome: .success)]
        #expect(throws: ReportRefusal.unknownEndpoint("mars", index: 1)) {
            try book.take(reports, from: nil, at: .seconds(0))
        }
        #expect(throws: ReportRefusal.unknownEndpoint("mars", index: nil)) {
            try book.take([], from: tokens("w", [("mars", 1)]), at: .seconds(0))
        }
        #expect(book.totals(at: .seconds(0)).isEmpty && book.refusals == ReportRefusals())
    }

    @Test func whatComesTooFastIsRefusedAndCounted() throws {
        var book = book {
            $0.requestsPerSecond = 10
            $0.burst = 20
        }
        func send(_ count: Int, at time: Double) throws {
            try book.take([Report(endpoint: Self.us, outcome: .failure, count: count)], from: nil, at: .seconds(time))
        }
        try send(20, at: 0)
        #expect(throws: ReportRefusal.tooFast(retryAfter: .milliseconds(500))) { try send(15, at: 1) }
        try send(15, at: 1.5)
        #expect(book.totals(at: .seconds(2)).map { $0.requests[1] } == [35])
        #expect(book.refusals.tooFast == 15)
    }

    @Test func bodiesWithoutRequestsCostToo() throws {
        var book = book {
            $0.requestsPerSecond = 1
            $0.burst = 6
        }
        // One for the body and one for each endpoint of its tokens.
        try book.take([], from: tokens("w", [(Self.us, 1), (Self.eu, 1)]), at: .seconds(0))
        try book.take([Report(endpoint: Self.us, outcome: .success)], from: tokens("w", []), at: .seconds(0))
        try book.take([], from: nil, at: .seconds(0))
        #expect(throws: ReportRefusal.tooFast(retryAfter: .seconds(2))) {
            try book.take([], from: tokens("w", [(Self.us, 1), (Self.eu, 1)]), at: .seconds(0))
        }
        #expect(book.refusals.tooFast == 1)
    }

    @Test func workersAndEndpointsAreBounded() throws {
        var book = book {
            $0.workers = 1
            $0.endpoints = 1
        }
        try book.take([], from: tokens("w1", [(Self.us, 1)]), at: .seconds(0))
        #expect(throws: ReportRefusal.tooManyWorkers(limit: 1)) {
            try book.take([], from: tokens("w2", [(Self.us, 1)]), at: .seconds(29))
        }
        #expect(throws: ReportRefusal.tooManyEndpoints(limit: 1)) {
            try book.take([Report(endpoint: Self.eu, outcome: .success, count: 7)], from: nil, at: .seconds(29))
        }
        // One that is silent for long makes room.
        try book.take([], from: tokens("w2", [(Self.us, 1)]), at: .seconds(30))
        #expect(book.refusals.tooManyWorkers == 1 && book.refusals.tooManyEndpoints == 7)
    }

    @Test func whatIsGoneFromTheConfigurationIsForgotten() throws {
        var book = book()
        let reports = [Self.us, Self.eu].map { Report(endpoint: $0, outcome: .success) }
        try book.take(reports, from: nil, at: .seconds(0))
        book.update(endpoints: [Self.eu])
        #expect(book.standings(at: .seconds(1)).map(\.endpoint) == [Self.eu])
        #expect(throws: ReportRefusal.unknownEndpoint(Self.us, index: 0)) {
            try book.take(reports, from: nil, at: .seconds(1))
        }
    }
}
