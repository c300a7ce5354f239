import Foundation
import RegionSim
import Testing

/// Reading scripts: the good one whole, the bad ones with every problem.
struct ScriptTests {
    @Test func badDayIsReadWhole() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "examples/bad-day.yaml"), encoding: .utf8)
        let slow = Fault.Slowness.replaced(
            latency: LatencyModel(p50: .milliseconds(4500), p99: .seconds(9)),
            timeToFirstToken: LatencyModel(p50: .milliseconds(1500), p99: .seconds(4))
        )
        let regions = [("us-east", 18101), ("eu-west", 18102), ("ap-southeast", 18103)].map { name, port in
            RegionConfiguration(
                name: name,
                port: port,
                latency: RegionConfiguration.measuredLatency,
                timeToFirstToken: RegionConfiguration.measuredTimeToFirstToken
            )
        }
        let expected = Script(
            seed: 7,
            regions: regions,
            timeline: [
                TimelineStep(at: .zero, action: .say, comment: "All regions are well."),
                TimelineStep(
                    at: .seconds(12),
                    action: .setFaults(region: "us-east", [Fault(.slow(slow))]),
                    comment: "The provider's upstream fails. Answers take four seconds and more instead of one."
                ),
                TimelineStep(
                    at: .seconds(24),
                    action: .setFaults(region: "us-east", [Fault(.refuse)]),
                    comment: "The provider restarts us-east. Connections are refused."
                ),
                TimelineStep(
                    at: .seconds(42),
                    action: .setFaults(region: "us-east", []),
                    comment: "The provider has repaired its upstream. us-east answers as before."
                ),
            ]
        )
        #expect(try Script.read(text) == expected)
    }

    @Test func defaultsAreTheMeasuredFigures() throws {
        let script = try Script.read("{seed: 3, time_scale: 0.1, regions: {a: {port: 0, max_connections: 9}}}")
        let region = RegionConfiguration(
            name: "a",
            latency: RegionConfiguration.measuredLatency,
            timeToFirstToken: RegionConfiguration.measuredTimeToFirstToken,
            maximumConnections: 9
        )
        #expect(script == Script(seed: 3, timeScale: 0.1, regions: [region]))
    }

    private static let kinds =
        "status, refuse, blackhole, stall, truncate, drip, reset, garbage, slow, endless, empty, chat"

    private static func fault(_ text: String) -> String {
        "regions: { a: { port: 1 } }\ntimeline:\n- { at: 1s, region: a, fault: \(text) }"
    }

    @Test(arguments: [
        ("", ["found nothing; expected a mapping"]),
        ("regions: [", ["line 2: not YAML: did not find expected node content"]),
        ("- 1", ["line 1: found a list; expected a mapping with seed, time_scale, regions, timeline"]),
        ("seed: 1", ["line 1: 'regions' is missing"]),
        ("regions: {}", ["line 1: regions: found 0 regions; expected 1 to 64"]),
        ("regions: 3", ["line 1: regions: found '3'; expected a mapping from names to regions"]),
        ("regions: { a: { port: 1 }, a: { port: 2 } }", ["line 1: found more than once: a"]),
        (
            "regions: { A: { port: 1 } }",
            [
                "line 1: regions: found 'A'; expected 1 to 63 of the characters a-z, 0-9, '-', '_' and '.', "
                    + "beginning with a letter"
            ]
        ),
        (
            """
            seed: -1
            time_scale: 100
            colour: red
            regions:
              a: { port: 70000, latency: { p50: 3s, p99: 1s } }
              b: { latency: { p50: 900, p100: 1s }, tls: true }
            """,
            [
                "line 1: seed: found '-1'; expected a whole number from 0 to 9223372036854775807",
                "line 2: time_scale: found '100'; expected a number from 0.001 to 10.0",
                "line 3: colour: unknown key; allowed: seed, time_scale, regions, timeline",
                "line 5: regions.a.port: found '70000'; expected a whole number from 0 to 65535",
                "line 5: regions.a.latency: found p50 3s above p99 1s; expected at most as much",
                "line 6: regions.b.tls: unknown key; allowed: port, latency, ttft, max_connections, keys",
                "line 6: regions.b: 'port' is missing",
                "line 6: regions.b.latency.p100: unknown key; allowed: p50, p99",
                "line 6: regions.b.latency.p50: found '900'; expected a time such as 900ms or 2.4s, "
                    + "from 0ms to 600s",
                "line 6: regions.b.latency: 'p99' is missing",
            ]
        ),
        (
            "regions:\n  a: { port: 5 }\n  b: { port: 5 }",
            ["line 3: regions.b.port: found 5, the port of a too"]
        ),
        (
            """
            regions: { a: { port: 1 } }
            timeline:
            - { at: 5s, region: b, heal: true }
            - { at: 4s, region: a, heal: false }
            - { at: 3s, say: "fine" }
            - { at: 6s, region: a, say: "no effect" }
            - { at: 7s, region: a, heal: true, fault: reset }
            - { region: a, heal: true }
            - { at: 8s, heal: true }
            - { at: 9s }
            """,
            [
                "line 3: timeline[0].region: found 'b'; expected one of a",
                "line 4: timeline[1].heal: found 'false'; expected true",
                "line 5: timeline[2].at: found 3s after 4s; expected steps in order of time",
                "line 6: timeline[3]: found neither fault nor heal; expected fault or heal with a region, or say alone",
                "line 7: timeline[4]: found fault beside heal; expected one of them",
                "line 8: timeline[5]: 'at' is missing",
                "line 9: timeline[6]: 'region' is missing",
                "line 10: timeline[7]: found neither fault nor heal; expected fault or heal with a region, or say alone",
            ]
        ),
        (
            fault("explode"),
            [
                "line 3: timeline[0].fault: found 'explode'; expected one of "
                    + "refuse, blackhole, stall, truncate, drip, reset, garbage, endless, empty"
            ]
        ),
        (
            fault("slow"),
            [
                "line 3: timeline[0].fault: found 'slow'; which needs a value, such as {slow: {factor: 4}}; "
                    + "expected one of refuse, blackhole, stall, truncate, drip, reset, garbage, endless, empty"
            ]
        ),
        (
            fault("{ status: 99, share: 30%, retry_after: soon }"),
            [
                "line 3: timeline[0].fault.retry_after: found 'soon'; expected a time such as 900ms or 2.4s, "
                    + "from 0ms to 3600s",
                "line 3: timeline[0].fault.status: found '99'; expected a whole number from 200 to 599",
                "line 3: timeline[0].fault.share: found '30%'; expected a number from 0.0 to 1.0",
            ]
        ),
        (
            fault("{ share: 0.5 }"),
            [
                "line 3: timeline[0].fault: found no fault; expected exactly one of \(kinds) "
                    + "(several faults make a list)"
            ]
        ),
        (
            fault("{ stall: true, retry_after: 1s }"),
            ["line 3: timeline[0].fault.retry_after: found beside stall; only status takes it"]
        ),
        (
            fault("{ slow: { factor: 0.5 } }"),
            ["line 3: timeline[0].fault.slow.factor: found '0.5'; expected a number from 1.0 to 1000.0"]
        ),
        (
            fault("{ slow: { factor: 2, latency: { p50: 1s, p99: 2s } } }"),
            ["line 3: timeline[0].fault.slow: found factor beside latency or ttft; expected one or the other"]
        ),
        (
            fault("{ slow: {} }"),
            ["line 3: timeline[0].fault.slow: found nothing; expected factor, or latency or ttft or both"]
        ),
        (
            fault("[reset, reset, reset, reset, reset, reset, reset, reset, reset]"),
            ["line 3: timeline[0].fault: found 9 items; expected 1 to 8"]
        ),
        (
            fault("{ drip: 5m }"),
            [
                "line 3: timeline[0].fault.drip: found '5m'; expected a time such as 900ms or 2.4s, "
                    + "from 1ms to 60s"
            ]
        ),
    ])
    func badScriptTellsEveryProblem(text: String, expected: [String]) {
        let error = #expect(throws: ScriptError.self) { try Script.read(text) }
        #expect(error?.problems.map(\.description) == expected)
    }

    private static let chatProblems: [(String, [String])] = [
        (
            fault("chat"),
            [
                "line 3: timeline[0].fault: found 'chat'; which needs a value, such as {chat: keepalives_only}; "
                    + "expected one of refuse, blackhole, stall, truncate, drip, reset, garbage, endless, empty"
            ]
        ),
        (
            fault("{ chat: singing }"),
            [
                "line 3: timeline[0].fault.chat: found 'singing'; expected one of "
                    + ChatQuirk.names.joined(separator: ", ")
            ]
        ),
        (
            fault("{ chat: { quirk: stalled, tokens: -1, every: 1s } }"),
            [
                "line 3: timeline[0].fault.chat.tokens: found '-1'; expected a whole number from 0 to 1000",
                "line 3: timeline[0].fault.chat.every: found beside stalled, which takes only tokens",
            ]
        ),
        (
            fault("{ chat: { quirk: crlf, wait: 1s } }"),
            ["line 3: timeline[0].fault.chat.wait: found beside crlf, which takes no settings"]
        ),
        (fault("{ chat: { tokens: 1 } }"), ["line 3: timeline[0].fault.chat: 'quirk' is missing"]),
        (
            "regions: { a: { port: 1, keys: [ sk-good, \"sk bad\" ] }, b: { port: 2, keys: [] } }",
            [
                "line 1: regions.a.keys[1]: found something that is no key; expected 1 to 200 visible ASCII characters",
                "line 1: regions.b.keys: found 0 items; expected 1 to 16",
            ]
        ),
    ]

    @Test(arguments: chatProblems)
    func badChatTellsEveryProblem(text: String, expected: [String]) {
        let error = #expect(throws: ScriptError.self) { try Script.read(text) }
        #expect(error?.problems.map(\.description) == expected)
    }

    @Test func keysAreRead() throws {
        let script = try Script.read("regions: { a: { port: 0, keys: [ sk-one, \"2\" ] } }")
        #expect(script.regions.first?.keys == ["sk-one", "2"])
    }

    @Test func hugeAndDeepScriptsAreRefused() {
        let huge = String(repeating: "#", count: Script.maximumBytes + 1)
        #expect(throws: ScriptError.self) { try Script.read(huge) }
        #expect(throws: ScriptError.self) { try Script.read(String(repeating: "[", count: 100_000)) }
        let many = "regions: { a: { port: 1 } }\n" + (0..<500).map { "k\($0): 1\n" }.joined()
        let error = #expect(throws: ScriptError.self) { try Script.read(many) }
        #expect(error?.problems.count == 100)
    }
}
