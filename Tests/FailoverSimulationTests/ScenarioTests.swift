import FailoverConfig
import FailoverCore
import FailoverSimulation
import Foundation
import Testing

@Suite("Scenario files")
struct ScenarioTests {
    /// The root of the checkout.
    private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().appending(path: "../../..")
        .standardizedFileURL

    private func load(_ timeline: String, configuration: Configuration? = nil) throws -> Scenario {
        try ScenarioLoader.load(
            yaml: """
                version: 1
                duration: 10m
                world: { endpoints: [us, eu] }
                timeline:
                \(timeline)
                """,
            file: "s.yaml",
            configuration: configuration
        )
    }

    private func refusals(_ yaml: String) -> [String] {
        do {
            _ = try ScenarioLoader.load(yaml: yaml, file: "s.yaml")
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: [
        ("{ at: 1m, endpoint: us, fault: crash }", [Change.fault("us", .crash)]),
        ("{ at: 1m, for: 5s, endpoint: us, fault: blackhole }", [.fault("us", .blackhole), .heal("us")]),
        ("{ at: 1m, endpoint: us, heal: true }", [.heal("us")]),
        ("{ at: 1m, endpoint: us, fault: { errors: 20% } }", [.fault("us", .errors(Ratio(0.2)))]),
        ("{ at: 1m, endpoint: us, fault: { slow: 4s } }", [.fault("us", .slow(.seconds(4), share: Ratio(1)))]),
        (
            "{ at: 1m, endpoint: us, fault: { slow: 4s, share: 50% } }",
            [.fault("us", .slow(.seconds(4), share: Ratio(0.5)))]
        ),
        ("{ at: 1m, endpoint: us, fault: throttled }", [.fault("us", .throttled(retryAfter: nil))]),
        ("{ at: 1m, endpoint: us, fault: { throttled: 30s } }", [.fault("us", .throttled(retryAfter: .seconds(30)))]),
        ("{ at: 1m, endpoint: us, fault: misconfigured }", [.fault("us", .misconfigured)]),
        (
            "{ at: 1m, endpoint: us, fault: { down: 10s, up: 20s } }",
            [.fault("us", .flaps(bad: .seconds(10), good: .seconds(20)))]
        ),
        ("{ at: 1m, for: 1m, observer: { loss: 85% } }", [.observer(.loss(Ratio(0.85))), .observer(nil)]),
        ("{ at: 1m, observer: offline }", [.observer(.offline)]),
        ("{ at: 1m, observer: { resolver: 3s } }", [.observer(.slowResolver(.seconds(3)))]),
        ("{ at: 1m, for: 1m, disk: fails }", [.disk(.fails), .disk(.well)]),
        ("{ at: 1m, disk: hangs }", [.disk(.hangs)]),
        ("{ at: 1m, disk: { slow: 4s } }", [.disk(.answers(after: .seconds(4)))]),
        ("{ at: 1m, daemon: { stall: 20s } }", [.stall(.seconds(20))]),
        ("{ at: 1m, daemon: { kill: 5s } }", [.kill(downFor: .seconds(5))]),
        ("{ at: 1m, daemon: { reboot: 1m } }", [.reboot(downFor: .seconds(60))]),
        ("{ at: 1m, clock: { forward: 1d } }", [.stepWallClock(.seconds(86_400))]),
        ("{ at: 1m, clock: { back: 1h } }", [.stepWallClock(.seconds(-3600))]),
    ])
    func everyKindOfEntryIsRead(entry: String, changes: [Change]) throws {
        let scenario = try load("  - \(entry)")
        #expect(scenario.entries.map(\.change) == changes)
        #expect(scenario.entries.first?.at == .seconds(60))
    }

    @Test func aConfigurationTakesThePlaceOfTheWorld() throws {
        let configuration = History.configuration()
        let scenario = try load(
            "  - { at: 1m, endpoint: ap, fault: crash, say: It falls. }",
            configuration: configuration
        )
        #expect(scenario.configurations == [configuration])
        #expect(scenario.entries.map(\.text) == ["It falls."])
    }

    @Test(arguments: [
        (
            "  - { at: 1m, endpoint: ux, fault: crash }",
            [#"s.yaml:5: timeline[0].endpoint: found "ux", allowed: us, eu (did you mean "us"?)"#]
        ),
        (
            "  - { at: 1m, endpoint: us, fault: explode }",
            [
                #"s.yaml:5: timeline[0].fault: found "explode", allowed: crash, blackhole, throttled, misconfigured, "#
                    + "{ errors: 20% }, { slow: 4s, share: 50% }, { throttled: 30s } or { down: 10s, up: 20s }"
            ]
        ),
        (
            "  - { at: 1m }",
            [
                "s.yaml:5: timeline[0]: found nothing that happens, allowed: exactly one of endpoint, observer, disk, daemon, clock"
            ]
        ),
        (
            "  - { at: 1m, disk: fails, clock: { back: 1h } }",
            [
                "s.yaml:5: timeline[0]: found disk and clock, allowed: exactly one of endpoint, observer, disk, daemon, clock"
            ]
        ),
        (
            "  - { at: 1m, for: 1m, daemon: { kill: 1s } }",
            [
                "s.yaml:5: timeline[0].for: found \"1m\", allowed: only beside fault, observer and disk, which end by it"
            ]
        ),
        (
            "  - { at: 10m, disk: fails }",
            ["s.yaml:5: timeline[0].at: found \"10m\", allowed: less than the duration, 10m"]
        ),
        (
            "  - { at: 1m, endpoint: us, fault: { errors: 20 } }",
            ["s.yaml:5: timeline[0].fault.errors: found 20, allowed: a percentage from 0.01% to 100% (write 20%)"]
        ),
        (
            "  - { at: 1m, fault: crash, disk: fails }",
            ["s.yaml:5: timeline[0].fault: found no endpoint, allowed: fault beside endpoint"]
        ),
        (
            "  - { at: 1m, endpoint: us }",
            ["s.yaml:5: timeline[0]: found neither fault nor heal: true, allowed: fault, or heal: true"]
        ),
        (
            "  - { at: 1m, disk: slow }",
            ["s.yaml:5: timeline[0].disk: found \"slow\", allowed: fails, hangs or { slow: 4s }"]
        ),
    ])
    func aBadEntryIsToldWhereAndWhat(entry: String, errors: [String]) {
        let yaml = "version: 1\nduration: 10m\nworld: { endpoints: [us, eu] }\ntimeline:\n\(entry)\n"
        #expect(refusals(yaml) == errors)
    }

    @Test(arguments: [
        (
            "version: 1\nduration: 10m\ntimeline: []\n",
            [
                "s.yaml:1: world: found nothing, allowed: a mapping with endpoints (or give a configuration with --config)"
            ]
        ),
        (
            "version: 1\nduration: 10m\nworld: { endpoints: [us, us] }\ntimeline: []\n",
            ["s.yaml:3: world.endpoints[1]: found us twice, allowed: each endpoint once"]
        ),
        (
            "version: 1\nworld: { endpoints: [us] }\ntimeline: []\n",
            ["s.yaml:1: duration: found nothing, allowed: a duration from 1s to 7d"]
        ),
        (
            "version: 1\nduration: 10m\nworld: { endpoints: [us], presett: fast }\ntimeline: []\n",
            [
                "s.yaml:3: world.presett: found an unknown key, allowed: endpoints, interval, objective, timeout, preset, "
                    + "hold_down (did you mean \"preset\"?)"
            ]
        ),
    ])
    func aBadWorldIsToldWhereAndWhat(yaml: String, errors: [String]) {
        #expect(refusals(yaml) == errors)
    }

    /// What is wrong with the world hides nothing of what is wrong with the timeline, or with the rest of an entry.
    @Test func allThatIsWrongIsToldAtOnce() {
        let yaml = """
            version: 1
            duration: 10 minutes
            noise: perhaps
            world: { endpoints: [], interval: 5 }
            timeline:
              - { at: soon, for: ever, endpoint: us, fault: { slow: 4, share: 50 } }
              - { endpoint: us, fault: { down: x, up: y } }
              - { at: 1m, disk: slow }
            """
        let places = refusals(yaml).map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(
            places == [
                "s.yaml:2: duration:", "s.yaml:3: noise:", "s.yaml:4: world.endpoints:", "s.yaml:4: world.interval:",
                "s.yaml:6: timeline[0].at:", "s.yaml:6: timeline[0].for:", "s.yaml:6: timeline[0].fault.slow:",
                "s.yaml:6: timeline[0].fault.share:", "s.yaml:7: timeline[1].at:",
                "s.yaml:7: timeline[1].fault.down:", "s.yaml:7: timeline[1].fault.up:", "s.yaml:8: timeline[2].disk:",
            ]
        )
    }

    /// The timeline in docs/simulate.md is what the command prints at 80 columns.
    @Test func theSampleInTheDocumentationIsWhatIsPrinted() throws {
        let path = Self.root.appending(path: "examples/scenarios/crash.yaml").path
        let page = try String(contentsOf: Self.root.appending(path: "docs/simulate.md"), encoding: .utf8)
        let printed = ScenarioRun.play(try ScenarioLoader.load(path: path)).text(width: 80)
        #expect(page.contains("```\n\(printed)\n```\n"))
    }

    @Test(arguments: [
        ("crash", ["failover us-east -> eu-west", "failback eu-west -> us-east"]),
        ("gray-failure", ["failover us-east -> eu-west", "failback eu-west -> us-east"]),
        ("observer-loss", []),
    ])
    func theExamplesDoWhatTheySay(name: String, moves: [String]) throws {
        let path = Self.root.appending(path: "examples/scenarios/\(name).yaml").path
        let run = ScenarioRun.play(try ScenarioLoader.load(path: path))
        let told = run.lines.filter { $0.origin == .event && ["failover", "failback"].contains($0.kind) }
        #expect(told.map { "\($0.kind) \($0.from ?? "") -> \($0.to ?? "")" } == moves)
        #expect(run.violations == [])
    }

    @Test func everyExampleIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "examples/scenarios").path
        )
        #expect(files.sorted() == ["crash.yaml", "gray-failure.yaml", "observer-loss.yaml"])
    }
}
