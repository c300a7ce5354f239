import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon

@Suite struct DaemonOptionsTests {
    private let configuration = Configuration(
        vantage: "here",
        endpoints: [],
        routes: [
            RouteConfiguration(
                name: "chat",
                endpoints: ["a"],
                availability: AvailabilityObjective(ratio: Ratio(0.99)),
                decision: DecisionConfiguration(
                    rule: .consecutive(fall: 3, rise: 2),
                    failback: .manual,
                    holdDown: .seconds(7),
                    maximumMovesPerHour: nil
                )
            ),
            RouteConfiguration(name: "embed", endpoints: ["b"], decision: DecisionConfiguration(observe: true)),
        ],
        outputs: OutputConfiguration(
            stateFile: "/s",
            socket: "/k",
            stateDirectory: "/d",
            journal: false,
            writeInterval: .seconds(1),
            validFor: .seconds(9)
        )
    )

    @Test func withoutOptionsTheFileStands() {
        #expect(DaemonOptions(configurationFile: "/c").applied(to: configuration) == configuration)
    }

    @Test func eachPathOfTheCommandLineReplacesOneOfTheFile() {
        let options = DaemonOptions(configurationFile: "/c", stateFile: "/s2", socket: "/k2", stateDirectory: "/d2")
        let expected = Configuration(
            vantage: configuration.vantage,
            endpoints: configuration.endpoints,
            routes: configuration.routes,
            outputs: OutputConfiguration(
                stateFile: "/s2",
                socket: "/k2",
                stateDirectory: "/d2",
                journal: false,
                writeInterval: .seconds(1),
                validFor: .seconds(9)
            )
        )
        #expect(options.applied(to: configuration) == expected)
    }

    @Test func observingHoldsForEveryRouteAndChangesNothingElse() {
        let applied = DaemonOptions(configurationFile: "/c", observe: true).applied(to: configuration)
        let decision = DecisionConfiguration(
            rule: .consecutive(fall: 3, rise: 2),
            failback: .manual,
            holdDown: .seconds(7),
            maximumMovesPerHour: nil,
            observe: true
        )
        let chat = RouteConfiguration(
            name: "chat",
            endpoints: ["a"],
            availability: AvailabilityObjective(ratio: Ratio(0.99)),
            decision: decision
        )
        #expect(applied.routes == [chat, configuration.routes[1]])
        #expect(applied.outputs == configuration.outputs)
    }
}

@Suite struct PlaceTests {
    @Test func whatIsMissingIsMadeAndASecondDaemonIsTurnedAway() async throws {
        try await withTemporaryDirectory { directory in
            let outputs = OutputConfiguration(
                stateFile: directory.path("run/deep/state.json"),
                socket: directory.path("sockets/failoverd.sock"),
                stateDirectory: directory.path("lib/failoverd")
            )
            let place = try Place(outputs: outputs)
            for name in ["run/deep", "sockets", "lib/failoverd"] {
                #expect(FileManager.default.fileExists(atPath: directory.path(name)))
            }
            let error = #expect(throws: DaemonError.self) { try Place(outputs: outputs) }
            #expect(
                error
                    == DaemonError(
                        .unavailable,
                        [
                            "another failoverd (process \(getpid())) holds \(outputs.stateFile).lock: "
                                + "two daemons must not publish one decision"
                        ]
                    )
            )
            withExtendedLifetime(place) {}
        }
    }
}

@Suite struct HeartbeatTests {
    @Test(arguments: [(0.0, true), (9.999, true), (10.0, false), (60.0, false)])
    func aLoopThatHasNotTurnedForTenSecondsIsNotBeating(age: Double, isBeating: Bool) {
        let heartbeat = Heartbeat(at: .seconds(1))
        heartbeat.beat(at: .seconds(100))
        #expect(heartbeat.isBeating(at: .seconds(100 + age)) == isBeating)
    }
}

@Suite struct RecollectionTests {
    private let now = ClockReading(monotonic: .seconds(1_000), wall: WallTime(secondsSince1970: 1_795_349_071))

    private func document(generation: UInt64, active: EndpointName) -> StateDocument {
        StateDocument(
            snapshot: snapshot(generation: generation, active: active, persisted: false),
            sequence: 1,
            at: now,
            publisher: publisher
        )
    }

    private func recollect(
        _ memory: Memory?,
        _ state: StateDocument?
    ) async throws -> (memory: Memory?, reports: [String]) {
        try await withTemporaryDirectory { directory in
            let store = MemoryStore(directory: directory.path)
            if let memory { try store.save(memory, clock: now) }
            if let state {
                try Wire.encode(state).write(to: URL(filePath: directory.path("state.json")))
            }
            let reports = Notes<String>()
            let recollection = Recollection(
                store: store,
                learned: BaselineStore(directory: directory.path),
                stateFile: directory.path("state.json"),
                report: { reports.add("\($0) \($1)") }
            )
            return (recollection.memory(at: now), reports.all)
        }
    }

    @Test func aFirstStartRemembersNothing() async throws {
        let (memory, reports) = try await recollect(nil, nil)
        #expect(memory == nil)
        #expect(reports == [])
    }

    @Test(arguments: [0, 6, 7] as [UInt64])
    func theMemoryStandsWhileNobodyHasSeenMore(published: UInt64) async throws {
        let state = published == 0 ? nil : document(generation: published, active: published == 7 ? "a" : "b")
        let (recollected, reports) = try await recollect(memory(generation: 7), state)
        #expect(recollected == memory(generation: 7))
        #expect(reports == [])
    }

    @Test func ofTwoDecisionsWithOneNumberTheOneThatReadersHaveSeenCounts() async throws {
        let (recollected, reports) = try await recollect(
            memory(generation: 7),
            document(generation: 7, active: "b")
        )
        #expect(recollected?.generation == 7)
        #expect(recollected?.routes.map(\.active) == ["b"])
        #expect(reports.count == 1)
    }

    @Test func aDecisionThatOnlyReadersHaveSeenIsTakenOver() async throws {
        let (recollected, reports) = try await recollect(
            memory(generation: 7),
            document(generation: 8, active: "b")
        )
        var expected = memory(generation: 8, active: "b")
        expected.routes[0].moves = [.seconds(0)]
        #expect(recollected == expected)
        #expect(
            reports == [
                "warning readers have seen generation 8, and the state directory remembers generation 7: "
                    + "going on from what was published"
            ]
        )
    }

    @Test func aMemoryThatIsGoneIsReplacedByWhatReadersHaveSeen() async throws {
        let (recollected, _) = try await recollect(nil, document(generation: 8, active: "b"))
        #expect(recollected == memory(generation: 8, active: "b"))
    }

    @Test func aStateFileOfAnotherAuthorityCountsForNothing() async throws {
        var state = document(generation: 8, active: "b")
        state.term = 3
        #expect(try await recollect(memory(generation: 7), state).memory == memory(generation: 7))
        state.term = 0
        state.schema = "failoverd.state/2"
        #expect(try await recollect(memory(generation: 7), state).memory == memory(generation: 7))
    }
}
