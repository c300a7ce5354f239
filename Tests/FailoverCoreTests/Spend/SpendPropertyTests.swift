import Testing

@testable import FailoverCore

/// Random days with outages, several caps, restarts and a wall clock that jumps.
@Suite struct SpendPropertyTests {
    private static func configuration(_ random: inout SplitMix64) -> Configuration {
        func cap(_ random: inout SplitMix64, _ scale: Int) -> SpendCap? {
            switch random.next() % 4 {
            case 0: nil
            case 1: SpendCap(tokens: scale * Int(500 + random.next() % 40_000))
            case 2: SpendCap(cost: Money("0.001") * (scale * Int(1 + random.next() % 300)))
            default:
                SpendCap(
                    cost: Money("0.001") * (scale * Int(1 + random.next() % 300)),
                    tokens: scale * Int(500 + random.next() % 40_000)
                )
            }
        }
        let prices: [Price?] = [.dear, .cheap, nil, Price("0", "0")]
        let endpoints = (0..<Int(1 + random.next() % 4)).map { number in
            let probes = (0..<Int(1 + random.next() % 2)).map { profile in
                ProbeConfiguration.asking(
                    ProbeName(rawValue: "p\(profile)"),
                    interval: .seconds(Int64(5 + random.next() % 60)),
                    maximumTokens: 16 << Int(random.next() % 4)
                )
            }
            return EndpointConfiguration.spending(
                EndpointName(rawValue: "e\(number)"),
                price: prices[Int(random.next() % 4)],
                cap: cap(&random, 1),
                probes: probes
            )
        }
        return .spending(endpoints, routeCap: cap(&random, 3), daily: cap(&random, 4))
    }

    @Test(arguments: 1...8)
    func noCapIsEverExceededAndNobodyIsEverSilent(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let configuration = Self.configuration(&random)
        var script = SpendDay.Script()
        script.latency = Double(random.next() % 12) + 0.5
        script.jitter = 0.1
        let outage = Int64(1_800 + random.next() % 20_000)
        script.isSuspect = { name, now in (now / 600 + Int64(name.rawValue.utf8.last ?? 0)) * 600 % outage < 900 }
        script.restartEvery = seed.isMultiple(of: 2) ? Int64(3_000 + random.next() % 9_000) : nil
        if seed.isMultiple(of: 3) {
            // Over midnight and back, and a little later for good.
            script.jumps = [
                (at: 86_000, by: 600), (at: 86_100, by: -600), (at: 90_000, by: -7_200), (at: 91_000, by: 7_200),
            ]
        }
        let worst = Dictionary(
            SpendPlan(configuration).endpoints.flatMap(\.probes).map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        script.bill = { key, random in
            switch random.next() % 5 {
            case 0: return .nothing
            case 1: return .unknown
            default:
                guard let probe = worst[key] else { return .unknown }
                let answer = Int(random.next() % UInt64(probe.answerTokens + 1))
                let question = Int(random.next() % UInt64(probe.worst.tokens - probe.answerTokens + 1))
                return .used(TokenUsage(prompt: question, completion: answer))
            }
        }
        var day = SpendDay(configuration, seed: seed, script)
        day.run(until: 100_000)
        #expect(day.violations == [], "seed \(seed)")
        for index in day.probes.indices {
            #expect(day.longestGap(of: index) <= 4.4, "seed \(seed), \(day.probes[index].key)")
        }
        // What the ledger remembers is what the bills say, reservations included.
        let today = day.wall(100_000).day
        let remembered = day.ledger.memory.days.first { $0.day == today }
        for line in remembered?.endpoints ?? [] {
            let reserved = day.flights.filter {
                $0.reservation.day == today && $0.reservation.key.endpoint == line.name
            }
            .reduce(SpendTotal()) { $0 + $1.reservation.total }
            #expect(line.used == (day.spent[today]?[line.name] ?? SpendTotal()) + reserved, "seed \(seed)")
        }
    }
}
