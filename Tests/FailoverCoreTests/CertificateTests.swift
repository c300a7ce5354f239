import Testing

@testable import FailoverCore

@Suite("Ways and certificates")
struct CertificateTests {
    private static let day = 86_400.0

    private func facts(expires: Double, lifetime: Double = 90) -> CertificateFacts {
        CertificateFacts(expires: .seconds(expires * Self.day), lifetime: .seconds(lifetime * Self.day))
    }

    /// Days on which a certificate is seen, and what is said then.
    @Test(
        arguments: [
            // A certificate of 90 days that is never renewed: two weeks, three days, one day.
            (lifetime: 90.0, warnBefore: nil, told: [76.0, 87, 89]),
            (lifetime: 30, warnBefore: nil, told: [80, 87, 89]),
            (lifetime: 6, warnBefore: nil, told: [88, 89]),
            (lifetime: 90, warnBefore: 30, told: [60, 87, 89]),
            (lifetime: 90, warnBefore: 1, told: [89]),
        ] as [(lifetime: Double, warnBefore: Double?, told: [Double])]
    )
    func warningsAreFewAndEachIsToldOnce(lifetime: Double, warnBefore: Double?, told: [Double]) {
        var watch = CertificateWatch(warnBefore: warnBefore.map { .seconds($0 * Self.day) })
        let certificate = facts(expires: 90, lifetime: lifetime)
        var days: [Double] = []
        for half in 0..<190 {
            let now = MonotonicInstant.seconds(Double(half) * Self.day / 2)
            if watch.see(certificate, at: now) != nil { days.append(Double(half) / 2) }
            #expect(watch.isExpiring(certificate, at: now) == !days.isEmpty)
        }
        #expect(days == told)
    }

    @Test func aRenewalIsToldWhenItIsCertain() {
        var watch = CertificateWatch(warnBefore: nil)
        let (old, new) = (facts(expires: 10), facts(expires: 80))
        let now = MonotonicInstant.seconds(0)
        #expect(watch.see(new, at: now) == nil)
        #expect(watch.see(old, at: now) == .expiring(left: .seconds(10 * Self.day)))
        // Another machine behind the same name has a better one already.
        for _ in 0..<9 { #expect(watch.see(new, at: now) == nil) }
        #expect(watch.see(old, at: now) == nil)
        for _ in 0..<9 { #expect(watch.see(new, at: now) == nil) }
        #expect(watch.see(new, at: now) == .renewed(left: .seconds(80 * Self.day)))
        #expect(watch.see(new, at: now) == nil)
        // The last of the old ones is no news; a further warning is.
        #expect(watch.see(old, at: now) == nil)
        #expect(watch.see(old, at: .seconds(7 * Self.day)) == .expiring(left: .seconds(3 * Self.day)))
        let next = facts(expires: 80)
        #expect(watch.see(next, at: .seconds(70 * Self.day)) == nil)
    }

    @Test func ofTwoThatExpireTheEarlierIsTold() {
        var watch = CertificateWatch(warnBefore: nil)
        let (later, earlier) = (facts(expires: 10), facts(expires: 8))
        let now = MonotonicInstant.seconds(0)
        let told = [later, earlier, later, earlier].map { watch.see($0, at: now) }
        #expect(
            told == [.expiring(left: .seconds(10 * Self.day)), .expiring(left: .seconds(8 * Self.day)), nil, nil]
        )
    }

    @Test(
        arguments: [
            (.expiring(left: .seconds(9.5 * day)), "the certificate of eu (default) expires in 9 days"),
            (.expiring(left: .seconds(47.9 * 3600)), "the certificate of eu (default) expires in 47 hours"),
            (.expiring(left: .seconds(119 * 60)), "the certificate of eu (default) expires in 119 minutes"),
            (.expiring(left: .zero), "the certificate of eu (default) has expired"),
            (.renewed(left: .seconds(90 * day)), "the certificate of eu (default) was renewed, for 90 days"),
        ] as [(news: CertificateWatch.News, text: String)]
    )
    func newsAreSentences(news: CertificateWatch.News, text: String) {
        #expect(news.text(ProbeKey(endpoint: "eu")) == text)
    }

    @Test func theLastWayAndItsCertificateArePublishedAndMoveNothing() {
        var world = World(.oneRoute())
        world.run(for: .seconds(60))
        world.forgetTold()
        let facts = ConnectionFacts(
            address: HostPort(host: "192.0.2.1", port: 443),
            family: .ipv4,
            http: .http2,
            certificate: facts(expires: 2)
        )
        let observation = Observation(
            key: ProbeKey(endpoint: "eu"),
            attempt: AttemptID(1_000_000),
            start: world.now,
            end: world.now,
            outcome: .success,
            latency: .zero,
            connection: facts
        )
        world.handle(.observed(observation))
        #expect(world.events.map(\.kind) == [.certificate])
        #expect(world.events.map(\.endpoint) == ["eu"])
        #expect(world.events.map(\.reason.code) == [.certificateExpiring])
        let expected = [ConnectionSnapshot(probe: .default, facts: facts, expiresSoon: true)]
        #expect(world.snapshot.endpoints.map(\.connections) == [[], expected, []])
        #expect(world.verdict(of: "eu") == .healthy && world.active == "us")
        #expect(world.violations == [])
    }
}
