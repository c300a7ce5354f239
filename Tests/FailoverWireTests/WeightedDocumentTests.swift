import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("Documents of weighted routes")
struct WeightedDocumentTests {
    private static let stop = StoppedCanary(since: .seconds(990.5), reason: Reason(.canaryStopped, "errors"))

    static func route(
        dryRun: Bool = false,
        isStopped: Bool = true,
        mode: RouteMode = .failover
    ) -> RouteSnapshot {
        RouteSnapshot(
            name: "chat",
            active: "eu-west",
            mode: mode,
            generation: 7,
            since: .seconds(990.5),
            reason: Reason(.canaryStopped, "errors"),
            order: ["eu-west", "us-east"],
            provisional: false,
            dryRun: dryRun,
            wouldBeActive: "eu-west",
            endpoints: ["us-east", "eu-west", "next"],
            policy: .weighted([
                share("us-east", 30, on: "us-east", since: 90),
                share("eu-west", 69, on: "eu-west", since: 90),
                ShareSnapshot(
                    owner: "next",
                    weight: 1,
                    isCanary: true,
                    active: dryRun ? "next" : "us-east",
                    wouldBeActive: "us-east",
                    mode: .failover,
                    generation: 7,
                    since: .seconds(990.5),
                    reason: Reason(.canaryStopped, "errors"),
                    chain: ["next", "us-east", "eu-west"],
                    stopped: isStopped ? stop : nil
                ),
            ])
        )
    }

    private static func share(
        _ owner: EndpointName,
        _ weight: Int,
        on active: EndpointName,
        since: Double
    )
        -> ShareSnapshot
    {
        ShareSnapshot(
            owner: owner,
            weight: weight,
            active: active,
            mode: .preferred,
            generation: 1,
            since: .seconds(since),
            reason: Reason(.initial, "preferred by the configuration"),
            chain: [owner, owner == "us-east" ? "eu-west" : "us-east"]
        )
    }

    private func document(_ route: RouteSnapshot) -> StateDocument {
        let snapshot = Snapshot(generation: 7, persisted: true, routes: [route], endpoints: [])
        return StateDocument(snapshot: snapshot, sequence: 3, at: Samples.clock, publisher: Samples.publisher)
    }

    @Test func aWeightedRouteSaysWhatGoesWhereAndWhose() throws {
        let route = try #require(document(Self.route()).routes["chat"])
        #expect(route.policy == "weighted" && route.active == "eu-west")
        #expect(route.weights == ["us-east": 31, "eu-west": 69, "next": 0])
        #expect(route.wouldBeWeights == nil)
        #expect(
            try String(decoding: Wire.encode(#require(route.shares?["next"])), as: UTF8.self)
                == #"{"active":"us-east","canary":true,"chain":["next","us-east","eu-west"],"generation":7,"#
                + #""mode":"failover","reason":{"code":"canary_stopped","text":"errors"},"#
                + #""since":"2026-11-22T12:04:21.750Z","stopped":{"reason":{"code":"canary_stopped","text":"errors"},"#
                + #""since":"2026-11-22T12:04:21.750Z"},"weight":1,"would_be_active":"us-east"}"#
        )
    }

    @Test func whatIsOnlyObservedSaysWhatTheWeightsWouldBe() throws {
        let route = try #require(document(Self.route(dryRun: true)).routes["chat"])
        #expect(route.weights == ["us-east": 30, "eu-west": 69, "next": 1])
        #expect(route.wouldBeWeights == ["us-east": 31, "eu-west": 69, "next": 0])
    }

    @Test(arguments: [true, false])
    func theStateFileIsTheDocument(dryRun: Bool) throws {
        let document = document(Self.route(dryRun: dryRun))
        let data = try Wire.encode(document)
        #expect(try Wire.decode(StateDocument.self, from: data) == document)
        var writer = JSONWriter(.compact)
        document.write(to: &writer)
        #expect(try Wire.decode(StateDocument.self, from: Data(writer.finish())) == document)
    }

    /// A process that goes on from the state file knows all but the moves of the last hour.
    @Test func whatReadersHaveSeenIsAMemory() throws {
        func seen(_ route: RouteSnapshot) throws -> RouteMemory {
            RouteMemory(seen: try #require(document(route).routes["chat"]), named: "chat", at: Samples.clock)
        }
        let memory = try seen(Self.route())
        #expect(memory.shares.map(\.owner) == ["eu-west", "next", "us-east"])
        #expect(memory.shares.map(\.active) == ["eu-west", "us-east", "us-east"])
        #expect(memory.shares[1].stopped == Self.stop && memory.shares[1].weight == 1)
        #expect(memory.reason == Reason(.canaryStopped, "errors"))
        // Why it stays is not why it came.
        #expect(try [.held, .failOpen].map { try seen(Self.route(mode: $0)).reason.code } == [.initial, .initial])
        // What only would have been is not what was.
        #expect(try seen(Self.route(dryRun: true)).shares.map(\.stopped) == [nil, nil, nil])
    }

    @Test func aMemoryOfSharesComesBackAsItWas() throws {
        let shares = ["a", "b"].map { owner in
            ShareMemory(
                owner: EndpointName(rawValue: owner),
                weight: 50,
                active: "a",
                generation: 7,
                since: .seconds(990.5),
                reason: Reason(.availability, "availability"),
                moves: [.seconds(-200), .seconds(990.5)],
                stopped: owner == "b" ? Self.stop : nil
            )
        }
        let route = RouteMemory(name: "chat", shares: shares, endpoints: ["a", "b"])
        #expect(route.active == "a")
        let memory = Memory(generation: 7, routes: [route], endpoints: [])
        let document = MemoryDocument(memory, at: Samples.clock)
        let data = try Wire.encode(document)
        #expect(try Wire.decode(MemoryDocument.self, from: data).memory(at: Samples.clock) == memory)
        var writer = JSONWriter(.compact)
        document.write(to: &writer)
        #expect(try Wire.decode(MemoryDocument.self, from: Data(writer.finish())) == document)
    }
}
