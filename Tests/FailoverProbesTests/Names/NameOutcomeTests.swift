import FailoverCore
import Testing

@testable import FailoverProbes

private func timed(_ texts: [String], _ timeToLive: Int = 5) -> FamilyAnswer {
    .addresses(texts.compactMap { IPAddress($0) }.map { TimedAddress(address: $0, timeToLive: timeToLive) })
}

private func addresses(_ texts: [String], _ timeToLive: Int = 5) -> NameOutcome {
    .addresses(texts.compactMap { IPAddress($0) }, timeToLive: timeToLive)
}

private let broken = FamilyAnswer.trouble(.resolver("broken"))

private func lies(_ texts: String) -> NameOutcome {
    .failure(.resolver("the name server answered only \(texts), which nothing can be connected to"))
}

struct NameOutcomeTests {
    @Test(
        arguments: [
            (timed(["2001:db8::1"], 9), timed(["192.0.2.1"], 5), addresses(["2001:db8::1", "192.0.2.1"], 5)),
            (
                timed(["2001:db8::1", "2001:db8::2"]), timed(["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
                addresses(["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"])
            ),
            (timed(["2001:db8::1"]), .noAddress, addresses(["2001:db8::1"])),
            (.noAddress, timed(["192.0.2.1", "192.0.2.1"]), addresses(["192.0.2.1"])),
            (.noSuchName, timed(["192.0.2.1"]), addresses(["192.0.2.1"])),
            (broken, timed(["192.0.2.1"]), addresses(["192.0.2.1"])),
            (nil, timed(["192.0.2.1"]), addresses(["192.0.2.1"])),
            (.noSuchName, .noSuchName, .failure(.notFound)),
            (.noAddress, .noAddress, .failure(.notFound)),
            // Trouble with one family says that nothing is known.
            (.noAddress, broken, .failure(.resolver("broken"))),
            (broken, .noAddress, .failure(.resolver("broken"))),
            (.trouble(.descriptors), .noSuchName, .failure(.descriptors)),
            (nil, .noAddress, .failure(.resolver("no name server answered in time"))),
            (nil, nil, .failure(.resolver("no name server answered in time"))),
            // Lies.
            (.noAddress, timed(["0.0.0.0"]), lies("0.0.0.0")),
            (timed(["::"]), timed(["0.0.0.0"]), lies("0.0.0.0, ::")),
            (
                timed(["ff02::1"]), timed(["224.0.0.1", "239.255.255.255", "255.255.255.255"]),
                lies("224.0.0.1, 239.255.255.255, 255.255.255.255")
            ),
            (timed(["::"], 1), timed(["0.0.0.0", "192.0.2.1"]), addresses(["192.0.2.1"])),
            (
                timed(["fe00::1"]), timed(["223.255.255.255", "240.0.0.1", "127.0.0.1"]),
                addresses(["fe00::1", "223.255.255.255", "240.0.0.1", "127.0.0.1"])
            ),
        ] as [(FamilyAnswer?, FamilyAnswer?, NameOutcome)]
    )
    func answersOfBothFamiliesAreJoined(_ ipv6: FamilyAnswer?, _ ipv4: FamilyAnswer?, _ expected: NameOutcome) {
        #expect(NameOutcome(ipv6: ipv6, ipv4: ipv4) == expected)
    }

    @Test func manyAddressesAreCutWithBothFamiliesLeft() {
        let ipv4 = (1...30).map { "192.0.2.\($0)" }
        let outcome = NameOutcome(ipv6: timed(["2001:db8::1"]), ipv4: timed(ipv4))
        #expect(outcome == addresses(["192.0.2.1", "2001:db8::1"].reversed() + ipv4[1..<15]))
    }
}

struct NameQueryTests {
    @Test(arguments: [
        (["corp.test", "test"], 1, "a", ["a.corp.test", "a.test", "a"]),
        (["corp.test"], 1, "a.example", ["a.example", "a.example.corp.test"]),
        (["corp.test"], 5, "a.b.c.d.e", ["a.b.c.d.e.corp.test", "a.b.c.d.e"]),
        (["corp.test."], 2, "a.example", ["a.example.corp.test", "a.example"]),
        (["corp.test"], 1, "a.", ["a."]),
        (["corp.test"], 0, "a", ["a", "a.corp.test"]),
        ([".", ""], 1, "a", ["a"]),
        ([], 1, "a", ["a"]),
        ((1...9).map { "d\($0)" }, 1, "a", (1...6).map { "a.d\($0)" } + ["a"]),
    ])
    func shortNamesAreLookedUpInTheDomains(_ domains: [String], _ dots: Int, _ host: String, _ expected: [String]) {
        #expect(SearchList(domains: domains, dots: dots).candidates(for: host) == expected)
    }

    /// The answers for IPv6 and IPv4 of `a.one.test` and then of `a`, and what comes after each pair.
    @Test(
        arguments: [
            ([(.noSuchName, timed(["192.0.2.1"]))], [.finished(addresses(["192.0.2.1"]))]),
            (
                [(.noSuchName, .noSuchName), (.noSuchName, timed(["192.0.2.1"]))],
                [.ask("a"), .finished(addresses(["192.0.2.1"]))]
            ),
            ([(.noSuchName, .noSuchName), (.noSuchName, .noSuchName)], [.ask("a"), .finished(.failure(.notFound))]),
            // A name without addresses exists.
            ([(.noAddress, .noSuchName)], [.finished(.failure(.notFound))]),
            // Trouble is not the end, and not forgotten.
            (
                [(broken, .noSuchName), (.noAddress, timed(["192.0.2.1"]))],
                [.ask("a"), .finished(addresses(["192.0.2.1"]))]
            ),
            (
                [(.noAddress, broken), (.noSuchName, .noSuchName)],
                [.ask("a"), .finished(.failure(.resolver("broken")))]
            ),
            // The addresses of one family are not joined with those of another name.
            ([(timed(["2001:db8::1"]), .noSuchName)], [.finished(addresses(["2001:db8::1"]))]),
            ([(.noSuchName, timed(["0.0.0.0"]))], [.finished(lies("0.0.0.0"))]),
        ] as [([(FamilyAnswer, FamilyAnswer)], [NameQuery.Step])]
    )
    func domainsAreTriedInTurn(_ answers: [(FamilyAnswer, FamilyAnswer)], _ expected: [NameQuery.Step]) {
        var query = NameQuery(host: "a", search: SearchList(domains: ["one.test"], dots: 1))
        #expect(query.current == "a.one.test")
        let steps = answers.map { ipv6, ipv4 in
            #expect(query.receive(ipv4, for: .ipv4) == .wait)
            return query.receive(ipv6, for: .ipv6)
        }
        #expect(steps == expected)
    }

    @Test func silenceEndsTheSearch() {
        var query = NameQuery(host: "a", search: SearchList(domains: ["one.test"], dots: 1))
        #expect(query.receive(.noAddress, for: .ipv6) == .wait)
        #expect(query.receive(broken, for: .ipv4, isSilence: true) == .finished(.failure(.resolver("broken"))))
    }

    @Test func oneFamilyIsAPartialAnswer() {
        var query = NameQuery(host: "a.test", search: SearchList(domains: [], dots: 1))
        #expect(query.partial == nil)
        #expect(query.receive(timed(["192.0.2.1"]), for: .ipv4) == .wait)
        #expect(query.partial == addresses(["192.0.2.1"]))
    }
}
