import FailoverCore
import FailoverPublish
import FailoverTemplates
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct OutputsTests {
    private static let places: [EndpointName] = ["us-east", "eu-west", "ap-south"]

    private static func configuration(_ template: OutputTemplate) -> Configuration { configuration([template]) }

    private static func configuration(_ templates: [OutputTemplate]) -> Configuration {
        Configuration(
            vantage: "us-east-a",
            endpoints: places.map(endpoint),
            routes: [RouteConfiguration(name: "chat", endpoints: places)],
            outputs: OutputConfiguration(templates: templates)
        )
    }

    private static func endpoint(_ name: EndpointName) -> EndpointConfiguration {
        let address = HostPort(host: "\(name).example.com", port: 443)
        return EndpointConfiguration(
            name: name,
            region: RegionName(rawValue: name.rawValue),
            publicURL: "https://\(name).example.com/v1",
            probes: [ProbeConfiguration(request: .tcp(TCPProbe(address: address)), latencyObjective: nil)]
        )
    }

    /// A state in which the route is on the endpoint of that number.
    private static func state(
        _ active: Int,
        generation: UInt64,
        _ policy: RouteSnapshot.Policy = .activeStandby
    ) -> PublishedState {
        let snapshot = Snapshot(
            generation: generation,
            persisted: true,
            routes: [
                RouteSnapshot(
                    name: "chat",
                    active: places[active],
                    mode: active == 0 ? .preferred : .failover,
                    generation: generation,
                    since: noon.monotonic,
                    reason: Reason(.availability, "outage"),
                    order: [places[active]],
                    provisional: false,
                    dryRun: false,
                    wouldBeActive: places[active],
                    endpoints: places,
                    policy: policy
                )
            ],
            endpoints: places.map { name in
                EndpointSnapshot(
                    configuration: endpoint(name),
                    verdict: .healthy,
                    reason: Reason(.availability, "well"),
                    since: noon.monotonic,
                    indicators: []
                )
            }
        )
        return PublishedState(snapshot, sequence: generation, persisted: true, at: noon, publisher: publisher)
    }

    private static func outputs(
        in directory: TemporaryDirectory,
        _ events: NIOLockedValueBox<[Event]>,
        clock: @escaping @Sendable () -> ClockReading = { noon }
    ) -> Outputs {
        Outputs(
            stateDirectory: directory.path,
            clock: clock,
            tell: { event in events.withLockedValue { $0.append(event) } },
            report: { _, text in Issue.record("\(text)") }
        )
    }

    private static func template(
        in directory: TemporaryDirectory,
        mode: UInt32 = 0o644,
        check: [String] = []
    ) -> OutputTemplate {
        OutputTemplate(
            source: directory.path("source"),
            text: """
                # {{route.chat.generation}}
                {{#route.chat}}{{#order}}{{name}} {{host}}:{{port}}{{^last}},{{/last}}{{/order}}{{/route.chat}}
                # end

                """,
            destination: directory.path("chat.conf"),
            mode: mode,
            check: check
        )
    }

    /// What stands in the file when the route is on the endpoint of that number.
    private static func expected(_ active: Int, generation: UInt64) -> String {
        "# \(generation)\n\(places[active]) \(places[active]).example.com:443\n# end\n"
    }

    @Test(.timeLimit(.minutes(3)))
    func aReaderNeverSeesAnythingButWholeFilesInAThousandSwitches() async throws {
        try await withTemporaryDirectory { directory in
            let events = NIOLockedValueBox<[Event]>([])
            let outputs = Self.outputs(in: directory, events)
            let path = directory.path("chat.conf")
            outputs.apply(Self.configuration(Self.template(in: directory)))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("the file is there") { FileManager.default.fileExists(atPath: path) }

            let isStopped = NIOLockedValueBox(false)
            let seen = NIOLockedValueBox<(reads: Int, faults: [String])>((0, []))
            let reader = Thread {
                var last: UInt64 = 0
                while !isStopped.withLockedValue({ $0 }) {
                    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "no file"
                    let number = text.split(separator: "\n").first.flatMap { UInt64($0.dropFirst(2)) } ?? 0
                    let isWhole = Self.places.indices.contains { Self.expected($0, generation: number) == text }
                    seen.withLockedValue { seen in
                        seen.reads += 1
                        if !isWhole || number < last, seen.faults.count < 5 { seen.faults.append(text) }
                    }
                    last = number
                }
                seen.withLockedValue { $0.reads += 1_000_000 }
            }
            reader.start()
            for generation in 2...1_001 as ClosedRange<UInt64> {
                outputs.offer(Self.state(Int(generation % 3), generation: generation))
                try await condition("the file has followed") { outputs.standings?[path]?.generation == generation }
                #expect(try text(at: path) == Self.expected(Int(generation % 3), generation: generation))
            }
            isStopped.withLockedValue { $0 = true }
            try await condition("the reader has ended") { seen.withLockedValue { $0.reads > 1_000_000 } }
            #expect(seen.withLockedValue { $0.faults } == [])
            #expect(seen.withLockedValue { $0.reads } > 1_001_000)
            await outputs.close(within: .seconds(5))
            #expect(try names(at: directory.path) == ["chat.conf"])
            #expect(events.withLockedValue { $0 } == [])
        }
    }

    @Test func ofManyStatesTheNewestIsWritten() async throws {
        try await withTemporaryDirectory { directory in
            let outputs = Self.outputs(in: directory, NIOLockedValueBox([]))
            outputs.apply(Self.configuration(Self.template(in: directory, check: ["/bin/sleep", "0.05"])))
            for generation in 1...500 as ClosedRange<UInt64> {
                outputs.offer(Self.state(Int(generation % 3), generation: generation))
            }
            await outputs.close(within: .seconds(30))
            let found = try text(at: directory.path("chat.conf"))
            #expect(found == Self.expected(500 % 3, generation: 500))
        }
    }

    @Test func aFileThatSomebodyDamagedHeals() async throws {
        try await withTemporaryDirectory { directory in
            let outputs = Self.outputs(in: directory, NIOLockedValueBox([]))
            let path = directory.path("chat.conf")
            outputs.apply(Self.configuration(Self.template(in: directory)))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("the file is there") { FileManager.default.fileExists(atPath: path) }
            try write("nonsense", to: path)
            outputs.offer(Self.state(0, generation: 1))
            try await condition("it is right again") { try text(at: path) == Self.expected(0, generation: 1) }
            #expect(try mode(of: path) == 0o644)
            outputs.apply(Self.configuration(Self.template(in: directory, mode: 0o600)))
            try await condition("it has its new mode") { try mode(of: path) == 0o600 }
            await outputs.close(within: .seconds(5))
        }
    }

    @Test func aHangingCommandHoldsNobodyUpAndIsEndedWithTheDaemon() async throws {
        try await withTemporaryDirectory { directory in
            let outputs = Self.outputs(in: directory, NIOLockedValueBox([]))
            let path = directory.path("chat.conf")
            let mark = directory.path("began")
            let check = ["/bin/sh", "-c", "echo $$ >\(mark); sleep 1000"]
            outputs.apply(Self.configuration(Self.template(in: directory, check: check)))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("the check hangs") { ((try? text(at: mark)) ?? "").hasSuffix("\n") }
            outputs.offer(Self.state(1, generation: 2))
            #expect(outputs.standings?[path]?.state == "pending")
            let line = try text(at: mark)
            let process = try #require(Int32(line.dropLast()))
            await outputs.close(within: .zero)
            #expect(kill(process, 0) != 0)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try names(at: directory.path) == ["began"])
        }
    }

    @Test func anOwnerThatDoesNotExistIsTold() async throws {
        try await withTemporaryDirectory { directory in
            let events = NIOLockedValueBox<[Event]>([])
            let outputs = Self.outputs(in: directory, events)
            let path = directory.path("chat.conf")
            let template = OutputTemplate(
                source: "/x",
                text: "{{vantage}}",
                destination: path,
                owner: FileOwner(user: "nobody-here")
            )
            outputs.apply(Self.configuration(template))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("it is told") { !events.withLockedValue { $0.isEmpty } }
            let text =
                "\(path) cannot be written, nothing was written: cannot set the owner of \(path): there is no user nobody-here"
            let event = Event(
                kind: .output,
                at: noon.monotonic,
                reason: Reason("output_write_failed", text),
                generation: 1,
                output: path
            )
            #expect(events.withLockedValue { $0 } == [event])
            await outputs.close(within: .zero)
        }
    }

    /// A minute would be over if each were waited for by itself.
    @Test(.timeLimit(.minutes(1)))
    func manyHungOutputsAreWaitedForTogether() async throws {
        try await withTemporaryDirectory { directory in
            let released = DispatchSemaphore(value: 0)
            let hung = NIOLockedValueBox(0)
            let outputs = Outputs(
                stateDirectory: directory.path,
                clock: Self.clock(),
                tell: { _ in
                    hung.withLockedValue { $0 += 1 }
                    released.wait()
                },
                report: { _, text in Issue.record("\(text)") }
            )
            let templates = (0..<40).map { number in
                OutputTemplate(source: "/x", text: "x", destination: directory.path("\(number)"), check: ["/bin/false"])
            }
            outputs.apply(Self.configuration(templates))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("all hang") { hung.withLockedValue { $0 } == templates.count }
            await outputs.close(within: .zero)
            for _ in templates { released.signal() }
        }
    }

    @Test func whatTheReaderHasReadIsRemembered() async throws {
        try await withTemporaryDirectory { directory in
            let events = NIOLockedValueBox<[Event]>([])
            let outputs = Self.outputs(in: directory, events, clock: Self.clock())
            let (path, isOpen) = (directory.path("chat.conf"), directory.path("open"))
            let template = OutputTemplate(
                source: "/x",
                text: "{{generation}}",
                destination: path,
                check: ["/bin/sh", "-c", "grep -q 1 $FAILOVERD_CANDIDATE"],
                reload: ["/bin/sh", "-c", "test -e \(isOpen)"]
            )
            outputs.apply(Self.configuration(template))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("the reader is not told") { events.withLockedValue { $0.count } == 1 }
            outputs.offer(Self.state(0, generation: 2))
            try await condition("the check fails") { events.withLockedValue { $0.count } == 2 }
            try write("", to: isOpen)
            try await condition("the reader is told") { events.withLockedValue { $0.count } == 3 }
            await outputs.close(within: .seconds(30))
            let codes: [ReasonCode] = ["output_reload_failed", "output_check_failed", "output_recovered"]
            #expect(events.withLockedValue { $0.map(\.reason.code) } == codes)
            let memory = OutputMemory(directory: directory.path)
            #expect(memory.isTold(Array("1".utf8), at: path) && !memory.isTold(Array("2".utf8), at: path))
        }
    }

    @Test func theCauseOfAFailedCommandIsTold() async throws {
        try await withTemporaryDirectory { directory in
            let events = NIOLockedValueBox<[Event]>([])
            let outputs = Self.outputs(in: directory, events)
            let script = "for i in 1 2 3 4 5 6 7 8 9; do echo a line before the last; done; echo the cause; exit 1"
            outputs.apply(Self.configuration(Self.template(in: directory, check: ["/bin/sh", "-c", script])))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("it is told") { !events.withLockedValue { $0.isEmpty } }
            let text = events.withLockedValue { $0[0].reason.text }
            #expect(text.hasPrefix("the new /") && text.hasSuffix("; the cause") && text.count == 200, "\(text)")
            await outputs.close(within: .zero)
        }
    }

    @Test func aFailedCheckSaysWhetherThereIsAFileThatStays() async throws {
        try await withTemporaryDirectory { directory in
            let events = NIOLockedValueBox<[Event]>([])
            let outputs = Self.outputs(in: directory, events)
            let path = directory.path("chat.conf")
            try write("old", to: path)
            outputs.apply(Self.configuration(Self.template(in: directory, check: ["/bin/false"])))
            outputs.offer(Self.state(0, generation: 1))
            try await condition("it is told") { !events.withLockedValue { $0.isEmpty } }
            let text = events.withLockedValue { $0[0].reason.text }
            #expect(text == "the new \(path) was refused, the old file stays: /bin/false failed with exit code 1")
            await outputs.close(within: .zero)
        }
    }

    @Test(
        arguments: [
            (RouteSnapshot.Policy.activeStandby, "active-standby"),
            (
                .lowestLatency(
                    SpeedSnapshot(figure: .latency, configuration: SpeedConfiguration(), paces: [], challenger: nil)
                ), "lowest-latency"
            ),
        ]
    )
    func thePolicyOfARouteIsTold(policy: RouteSnapshot.Policy, expected: String) {
        let state = Self.state(0, generation: 1, policy)
        #expect(TemplateFacts(state).routes.first?.policy == expected)
    }

    /// One that goes.
    private static func clock() -> @Sendable () -> ClockReading {
        let start = ContinuousClock.now
        return { ClockReading(monotonic: noon.monotonic + (ContinuousClock.now - start), wall: noon.wall) }
    }
}
