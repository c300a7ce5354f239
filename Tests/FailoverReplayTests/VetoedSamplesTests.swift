import FailoverConfig
import FailoverCore
import FailoverWire
import Foundation
import Testing

@testable import FailoverReplay

@Suite("Samples that no witness vouched for")
struct VetoedSamplesTests {
    /// Probes of both endpoints every five seconds; those at which `isBad` says so are refused.
    private func recording(
        probes: Int,
        header: Bool = true,
        configurations: [(at: Int, yaml: String)] = [],
        isBad: (_ endpoint: EndpointName, _ index: Int) -> Bool
    ) throws -> Recording {
        var section = RecordedSection(header: nil)
        if header {
            let json = #"{"schema":"failoverd.recording/1","vantage":"here","started_at":"2026-11-22T12:00:00Z"}"#
            var reader = RecordingReader()
            try reader.read(Array((json + "\n").utf8), file: "made.jsonl")
            section = try #require(reader.recording.sections.first)
        }
        for index in 0..<probes {
            for (at, yaml) in configurations where at == index {
                let text = ResolvedConfigurationText(try Configurations.load(yaml).configuration).text
                let recorded = RecordedConfiguration(yaml: text, isReload: at > 0)
                section.entries.append(
                    RecordedEntry(at: .seconds(Double(index) * 5 + 0.5), .configuration(recorded))
                )
            }
            for (offset, name) in (["us-east", "eu-west"] as [EndpointName]).enumerated() {
                let start = MonotonicInstant.seconds(Double(index) * 5 + 1 + Double(offset))
                let isBad = isBad(name, index)
                let observation = Observation(
                    key: ProbeKey(endpoint: name),
                    attempt: AttemptID(0),
                    start: start,
                    end: start + .milliseconds(20),
                    outcome: isBad ? .failure(.connectRefused, isTimeout: false) : .success,
                    latency: isBad ? nil : .milliseconds(20)
                )
                section.entries.append(RecordedEntry(at: observation.end, .bare(observation)))
            }
        }
        return Recording(sections: [section])
    }

    private func calibration(_ recording: Recording) throws -> Calibration.Check {
        let configuration = try Configurations.load(Configurations.plain())
        let vetoes = try Replay(recording, configuration: configuration, file: "made.jsonl").run().vetoes
        return try #require(
            Calibration(recording, configuration: configuration.configuration, vetoes: vetoes).groups.first?.checks
                .first
        )
    }

    /// Both fail at once, for half a minute: our own network.
    @Test func whatIsProbablyOursIsLeftOutAndCounted() throws {
        let recording = try recording(probes: 400) { _, index in (200..<206).contains(index) }
        let check = try calibration(recording)
        #expect(check.vetoed == 12)
        #expect(check.bad == 0 && check.samples == 800 - 12)
        let text = CalibrationText.render(
            try Calibration(
                recording,
                configuration: Configurations.load(Configurations.plain()).configuration,
                vetoes: Replay(recording, configuration: Configurations.load(Configurations.plain()), file: "m").run()
                    .vetoes
            )
        )
        #expect(text.contains("left out: 12 bad probes that no witness vouched for\n"), "\(text)")
    }

    /// One fails while the other is well: that counts.
    @Test func whatAWitnessVouchedForStays() throws {
        let check = try calibration(
            try recording(probes: 400) { name, index in name == "us-east" && (200..<203).contains(index) }
        )
        #expect(check.vetoed == 0)
        #expect(check.bad == 3)
    }

    /// It may tell of one endpoint alone.
    @Test func aRecordingMadeByHandVetoesNothing() throws {
        let check = try calibration(
            try recording(probes: 400, header: false) { _, index in (200..<203).contains(index) }
        )
        #expect(check.vetoed == 0)
        #expect(check.bad == 6)
    }

    /// A later configuration knows it, though the first did not.
    @Test func probesThatALaterConfigurationKnowsAreNotUnknown() throws {
        let alone = """
            version: 1
            vantage: { name: us-east-a }
            endpoints:
              us-east: { region: us-east, url: "tcp://us-east.example.com:443", probe: { type: tcp, interval: 5s } }
            routes: { chat: { endpoints: [us-east] } }
            """
        let recorded = [(at: 0, yaml: alone), (at: 10, yaml: Configurations.plain())]
        let both = try recording(probes: 20, configurations: recorded) { _, _ in false }
        let result = try Replay(both, configuration: nil, file: "made.jsonl").run()
        #expect(result.unknownProbes == 0)
        #expect(!result.notes.contains { $0.contains("no configuration has") })
        let first = try recording(probes: 20, configurations: [recorded[0]]) { _, _ in false }
        #expect(try Replay(first, configuration: nil, file: "made.jsonl").run().unknownProbes == 20)
    }

    // MARK: - Width

    @Test(arguments: [40, 60, 80, 120, 200])
    func noLineIsWiderThanTheTerminal(width: Int) throws {
        let recording = try recording(probes: 400) { name, index in
            name == "us-east" && index >= 100 && index % 40 < 12
        }
        let configuration = try Configurations.load(Configurations.plain("{ preset: fast }"))
        let replay = try Replay(recording, configuration: configuration, file: "made.jsonl")
        let variants = try ["consecutive:3,2", "window:5,10"].map { try #require(ReplayVariant($0)) }
        let results = [replay.run()] + variants.map { replay.run(under: $0) }
        #expect(results[0].transitions.count > 1)
        let calibration = Calibration(recording, configuration: configuration.configuration)
        for text in [
            ReplayText.render(results, of: recording, width: width), CalibrationText.render(calibration, width: width),
        ] {
            for line in text.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
        }
    }
}
