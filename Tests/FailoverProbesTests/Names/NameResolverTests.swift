import FailoverCore
import Foundation
import NIOConcurrencyHelpers
import Synchronization
import TestSupport
import Testing

@testable import FailoverProbes

/// A clock that runs, and can be put forward.
private final class ShiftedClock: Sendable {
    private let reading = NIOLockedValueBox((base: MonotonicInstant.seconds(0), since: ContinuousClock.now))
    /// From then on it is slow: on a busy machine a test waits long for its turn, and addresses must not get old by that.
    private static let truthful = Duration.seconds(10)

    var now: MonotonicInstant {
        reading.withLockedValue { reading in
            let run = ContinuousClock.now - reading.since
            return reading.base + (run < Self.truthful ? run : Self.truthful + (run - Self.truthful) / 10)
        }
    }

    func advance(_ duration: Duration) {
        let now = now
        reading.withLockedValue { $0 = (now + duration, ContinuousClock.now) }
    }
}

/// What a look-up came to, without the times.
private enum Found: Hashable, Sendable {
    case addresses(Set<String>, isStale: Bool = false)
    case failure(LookupFailure)
    case resolverTrouble
    case refused
}

/// A resolver with its clock.
private struct Resolving: Sendable {
    let resolver: NameResolver
    let clock: ShiftedClock

    init(_ servers: [String], _ change: (inout NameResolverOptions) -> Void = { _ in }) throws {
        let clock = ShiftedClock()
        // No search domains, and no servers but the given ones.
        var options = NameResolverOptions(servers: servers, configurationPath: "/dev/null")
        change(&options)
        self.clock = clock
        resolver = try NameResolver(options: options) { clock.now }
    }

    /// The answer that is known at once, or the one that is waited for.
    func result(_ host: String) async -> Result<ResolvedName, LookupFailure>? {
        await withCheckedContinuation { continuation in
            switch resolver.lookUp(host, at: clock.now, completion: { continuation.resume(returning: $0) }) {
            case .known(let name): continuation.resume(returning: .success(name))
            case .failed(let failure): continuation.resume(returning: .failure(failure))
            case .refused: continuation.resume(returning: nil)
            case .pending: break
            }
        }
    }

    func find(_ host: String) async -> Found {
        switch await result(host) {
        case .success(let name): .addresses(Set(name.addresses.map(\.description)), isStale: name.isStale)
        case .failure(.resolver): .resolverTrouble
        case .failure(let failure): .failure(failure)
        case nil: .refused
        }
    }
}

private let thirty = (1...30).map { "192.0.2.\($0)" }

struct NameResolverTests {
    private static let records =
        [
            "plain 5 A 192.0.2.1", "plain 5 AAAA 2001:db8::1", "six 5 AAAA 2001:db8::6", "four 5 A 192.0.2.4",
            "zero 0 A 192.0.2.5", "huge 2147483647 A 192.0.2.6", "lie 5 A 0.0.0.0", "lie 5 AAAA ::",
            "half 5 A 0.0.0.0", "half 5 A 192.0.2.7", "mail 5 MX 10 plain",
            "c1 50 CNAME c2", "c2 3 CNAME c3", "c3 50 CNAME plain", "dangling 5 CNAME nothing", "loop 5 CNAME loop2",
            "loop2 5 CNAME loop",
        ] + thirty.map { "many 5 A \($0)" }

    @Test func realAnswersAreRead() async throws {
        try await NameServer.withNameServer(zones: ["example.test", "broken.test"]) { server in
            try server.publish(Self.records, in: "example.test")
            let resolving = try Resolving([server.endpoint])
            let expected: [(String, Found)] = [
                ("plain.example.test", .addresses(["192.0.2.1", "2001:db8::1"])),
                ("PLAIN.example.test.", .addresses(["192.0.2.1", "2001:db8::1"])),
                ("six.example.test", .addresses(["2001:db8::6"])),
                ("four.example.test", .addresses(["192.0.2.4"])),
                ("c1.example.test", .addresses(["192.0.2.1", "2001:db8::1"])),
                ("half.example.test", .addresses(["192.0.2.7"])),
                ("nothing.example.test", .failure(.notFound)),
                ("mail.example.test", .failure(.notFound)),
                ("dangling.example.test", .failure(.notFound)),
                (String(repeating: "a", count: 64) + ".example.test", .failure(.notFound)),
                ("a..example.test", .failure(.notFound)),
                ("www.broken.test", .resolverTrouble),
                ("www.elsewhere.example", .resolverTrouble),
                ("lie.example.test", .resolverTrouble),
                ("192.0.2.77", .addresses(["192.0.2.77"])),
                ("::1", .addresses(["::1"])),
                ("region.localhost", .addresses(["127.0.0.1", "::1"])),
            ]
            for (host, found) in expected {
                #expect(await resolving.find(host) == found, "\(host)")
            }
            // What it means beyond that is up to the machine's hosts file.
            let local = try #require(await resolving.result("localhost")).get()
            #expect(local.addresses.contains { $0.description == "127.0.0.1" })
            let lie = "the name server answered only 0.0.0.0, ::, which nothing can be connected to"
            #expect(await resolving.result("lie.example.test") == .failure(.resolver(lie)))
        }
    }

    @Test func timesToLiveAreThoseOfTheRecords() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(Self.records, in: "example.test")
            let resolving = try Resolving([server.endpoint])
            for (host, limit) in [("zero", 1), ("plain", 5), ("c1", 3), ("huge", 60)] {
                let before = resolving.clock.now
                let name = try #require(await resolving.result("\(host).example.test")).get()
                let after = resolving.clock.now
                let limit = Duration.seconds(limit)
                #expect(name.expires >= before + limit && name.expires <= after + limit, "\(host)")
            }
        }
    }

    @Test func answerThatNeedsTCPIsReadAndCut() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(Self.records, in: "example.test")
            let name = try #require(await Resolving([server.endpoint]).result("many.example.test")).get()
            #expect(name.addresses.count == 16)
            #expect(Set(name.addresses.map(\.description)).isSubset(of: thirty))
        }
    }

    @Test func changedRecordIsFollowedWhenItsTimeIsOver() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            let resolving = try Resolving([server.endpoint])
            try server.publish(["www 50 A 192.0.2.1"], in: "example.test")
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            try server.publish(["www 50 A 192.0.2.2"], in: "example.test")
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            resolving.clock.advance(.seconds(50))
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.2"]))
        }
    }

    @Test func lastGoodAddressesAreUsedWhileTheServerFails() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            let resolving = try Resolving([server.endpoint]) { $0.timeout = .milliseconds(500) }
            let host = "www.example.test"
            let failures: [(fail: () throws -> Void, repair: () -> Void)] = [
                ({ try server.breakZone("example.test") }, {}),
                // The resolver denies the name.
                ({ try server.publish([], in: "example.test") }, {}),
                ({ try server.publish(["www 5 A 0.0.0.0"], in: "example.test") }, {}),
                ({ server.freeze() }, { server.thaw() }),
            ]
            for (number, failure) in failures.enumerated() {
                let good = "192.0.2.\(number + 1)"
                try server.publish(["www 5 A \(good)"], in: "example.test")
                resolving.clock.advance(.seconds(60))
                #expect(await resolving.find(host) == .addresses([good]), "failure \(number)")
                try failure.fail()
                resolving.clock.advance(.seconds(6))
                #expect(await resolving.find(host) == .addresses([good], isStale: true), "failure \(number)")
                resolving.clock.advance(.seconds(30))
                _ = await resolving.find(host)
                resolving.clock.advance(.seconds(1))
                let lost = await resolving.find(host)
                #expect(lost == (number == 1 ? .failure(.notFound) : .resolverTrouble), "failure \(number)")
                failure.repair()
            }
            server.stop()
            resolving.clock.advance(.seconds(60))
            #expect(await resolving.find(host) == .resolverTrouble)
        }
    }

    @Test func serverThatWasKilledIsOurTroubleAndGoodAddressesStay() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["www 5 A 192.0.2.1"], in: "example.test")
            let resolving = try Resolving([server.endpoint])
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            server.stop()
            resolving.clock.advance(.seconds(6))
            let known = await resolving.find("www.example.test")
            #expect(known == .addresses(["192.0.2.1"], isStale: true))
            let unknown = await resolving.find("other.example.test")
            #expect(unknown == .resolverTrouble)
        }
    }

    @Test func silentAndDeadServersBeforeAGoodOneAreSurvived() async throws {
        let silent = try SilentNameServer()
        defer { silent.stop() }
        let closed = try SilentNameServer()
        closed.stop()
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["www 5 A 192.0.2.1"], in: "example.test")
            for first in [silent.endpoint, closed.endpoint] {
                // The default times: within the patience.
                let resolving = try Resolving([first, server.endpoint])
                #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]), "\(first)")
            }
        }
    }

    @Test func onlySilentServersAreOurTrouble() async throws {
        let silent = try SilentNameServer()
        defer { silent.stop() }
        let resolving = try Resolving([silent.endpoint]) { $0.patience = .milliseconds(100) }
        let silence = LookupFailure.resolver("no name server answered in time")
        #expect(await resolving.result("www.example.test") == .failure(silence))
    }

    /// Resolvers and middleboxes that lose questions for IPv6 are common.
    @Test func familyThatIsNeverAnsweredDoesNotHoldUpTheOther() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["www 5 A 192.0.2.1", "www 5 AAAA 2001:db8::1"], in: "example.test")
            let relay = try NameServerRelay(to: server) { $0 == NameServerRelay.ipv6 ? .lost : .forwarded }
            defer { relay.stop() }
            let resolving = try Resolving([relay.endpoint]) { $0.patience = .seconds(600) }
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
        }
    }

    @Test func familyThatIsAnsweredLateIsAdded() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["www 60 A 192.0.2.1", "www 60 AAAA 2001:db8::1"], in: "example.test")
            let isLosing = Atomic(true)
            let relay = try NameServerRelay(to: server) { type in
                // Only the first try is lost.
                type == NameServerRelay.ipv6 && isLosing.exchange(false, ordering: .relaxed) ? .lost : .forwarded
            }
            defer { relay.stop() }
            let resolving = try Resolving([relay.endpoint])
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            try await condition("the other family is known") {
                let answer = resolving.resolver.lookUp("www.example.test", at: resolving.clock.now) { _ in }
                guard case .known(let name) = answer else { return false }
                return name.addresses.map(\.description) == ["2001:db8::1", "192.0.2.1"]
            }
        }
    }

    /// Answers with the question's number that are cut off or make no sense.
    @Test func malformedAnswersAreOurTrouble() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            let answers: [@Sendable ([UInt8]) -> [UInt8]] = [
                // An answer that promises a record and ends.
                { question in question[..<2] + [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question[12...] },
                // A record whose name points to itself.
                { question in
                    let place = UInt8(question.count)
                    return question[..<2] + [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question[12...]
                        + [0xc0, place, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 0, 2, 1]
                },
                // A record that is longer than the answer.
                { question in
                    question[..<2] + [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question[12...]
                        + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0xff, 0xff, 192, 0, 2, 1]
                },
                { question in Array(question.prefix(12)) },
                { _ in [] },
                { _ in [UInt8](repeating: 0xff, count: 512) },
            ]
            for (number, answer) in answers.enumerated() {
                let relay = try NameServerRelay(to: server) { _ in .answered(answer) }
                defer { relay.stop() }
                let resolving = try Resolving([relay.endpoint]) { $0.timeout = .milliseconds(50) }
                #expect(await resolving.find("www.example.test") == .resolverTrouble, "answer \(number)")
            }
        }
    }

    @Test func lookUpsOfOneNameShareTheAnswerAndForgottenOnesDoNot() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["www 50 A 192.0.2.1"], in: "example.test")
            server.freeze()
            let resolving = try Resolving([server.endpoint])
            let collected = Collected<Int>()
            let tickets = (0..<5).compactMap { number -> NameResolver.Ticket? in
                let answer = resolving.resolver.lookUp("www.example.test", at: resolving.clock.now) { _ in
                    collected.append(number)
                }
                if case .pending(let ticket) = answer { return ticket }
                return nil
            }
            #expect(tickets.count == 5)
            resolving.resolver.forget(tickets[1])
            resolving.resolver.forget(tickets[1])
            server.thaw()
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            try await condition("all are told") { collected.all.count >= 4 }
            #expect(collected.all == [0, 2, 3, 4])
        }
    }

    @Test func thousandsOfNamesAreLookedUpAtOnce() async throws {
        try await NameServer.withNameServer(zones: ["example.test"]) { server in
            try server.publish(["* 5 A 192.0.2.1"], in: "example.test")
            let resolving = try Resolving([server.endpoint]) { $0.patience = .seconds(30) }
            let collected = Collected<Bool>()
            let isRefused = (0..<4096).contains { number in
                let answer = resolving.resolver.lookUp("n\(number).example.test", at: resolving.clock.now) { result in
                    collected.append((try? result.get()) != nil)
                }
                return answer == .refused
            }
            #expect(!isRefused)
            try await condition("all are told", within: .seconds(60)) { collected.all.count == 4096 }
            #expect(collected.all.count { !$0 } == 0)
        }
    }

    @Test func moreNamesThanTheLimitAreRefused() throws {
        let silent = try SilentNameServer()
        defer { silent.stop() }
        let resolving = try Resolving([silent.endpoint]) { $0.patience = .seconds(30) }
        let answers = (0..<4100).map { number in
            resolving.resolver.lookUp("n\(number).example.test", at: resolving.clock.now) { _ in }
        }
        #expect(answers.count { $0 == .refused } == 4)
    }

    @Test func nothingIsToldAfterTheEnd() async throws {
        let silent = try SilentNameServer()
        defer { silent.stop() }
        let resolving = try Resolving([silent.endpoint])
        let collected = Collected<Bool>()
        _ = resolving.resolver.lookUp("www.example.test", at: resolving.clock.now) { _ in collected.append(true) }
        resolving.resolver.shutdown()
        #expect(await resolving.find("www.example.test") == .refused)
        #expect(collected.all == [])
    }

    @Test func serversThatAreNoAddressesAreRefused() {
        #expect(throws: NameResolverError.self) { try Resolving(["not an address"]) }
    }

    /// Port 53 is root's, and `resolv.conf` knows no other.
    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func changedResolvConfIsFollowedWithItsDomains() async throws {
        try await withTemporaryNameServers { first, second, path in
            try first.publish(["www 1 A 192.0.2.1"], in: "example.test")
            try second.publish(["www 1 A 192.0.2.2"], in: "example.test")
            try Data("nameserver \(first.address)\n".utf8).write(to: URL(filePath: path), options: .atomic)
            let resolving = try Resolving([]) { $0.configurationPath = path }
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            #expect(await resolving.find("www") == .resolverTrouble)
            let text = "search nowhere.example.test example.test\nnameserver \(second.address)\n"
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            resolving.clock.advance(.seconds(2))
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.1"]))
            resolving.clock.advance(.seconds(5))
            #expect(await resolving.find("www.example.test") == .addresses(["192.0.2.2"]))
            #expect(await resolving.find("www") == .addresses(["192.0.2.2"]))
        }
    }

    private func withTemporaryNameServers(
        _ body: (_ first: NameServer, _ second: NameServer, _ path: String) async throws -> Void
    ) async throws {
        let directory = try TestSupport.TemporaryDirectory()
        defer { directory.remove() }
        func address() -> String {
            "127." + [64...254, 0...254, 1...254].map { String(Int.random(in: $0)) }.joined(separator: ".")
        }
        try await NameServer.withNameServer(zones: ["example.test"], address: address(), port: 53) { first in
            try await NameServer.withNameServer(zones: ["example.test"], address: address(), port: 53) { second in
                try await body(first, second, directory.path("resolv.conf"))
            }
        }
    }
}
