import FailoverCore
import FailoverWire
import Foundation
import Testing

@Suite("Documents")
struct DocumentTests {
    /// The bytes of a document that readers of this schema were built on.
    private func golden(_ name: String) throws -> String {
        let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures")
        return try String(decoding: Data(contentsOf: #require(url)), as: UTF8.self)
    }

    private func text(_ document: some Encodable) throws -> String {
        try String(decoding: Wire.encodePretty(document), as: UTF8.self) + "\n"
    }

    @Test func theStateDocumentIsTheGoldenOne() throws { #expect(try text(Samples.state) == golden("state")) }
    @Test func theMemoryDocumentIsTheGoldenOne() throws {
        #expect(try text(MemoryDocument(Samples.memory, at: Samples.clock)) == golden("memory"))
    }
    @Test func theEventDocumentIsTheGoldenOne() throws { #expect(try text(Samples.event) == golden("event")) }
    @Test func theExplanationIsTheGoldenOne() throws { #expect(try text(Samples.explanation) == golden("explain")) }

    @Test func everyDocumentSurvivesARoundTrip() throws {
        func roundTrip<Document: Codable & Equatable>(_ document: Document) throws {
            #expect(try Wire.decode(Document.self, from: Wire.encode(document)) == document)
            #expect(try Wire.decode(Document.self, from: Wire.encodePretty(document)) == document)
        }
        try roundTrip(Samples.state)
        try roundTrip(Samples.event)
        try roundTrip(Samples.explanation)
        try roundTrip(MemoryDocument(Samples.memory, at: Samples.clock))
        try roundTrip(EventListDocument(events: [Samples.event]))
        try roundTrip(ReloadDocument(configHash: "c0ffee", changed: true, warnings: ["w"]))
        try roundTrip(ProblemDocument(title: "No such route", status: 404, detail: "d", allowed: ["chat"], errors: nil))
    }

    @Test func aMemoryComesBackAsItWas() throws {
        let data = try Wire.encode(MemoryDocument(Samples.memory, at: Samples.clock))
        #expect(try Wire.decode(MemoryDocument.self, from: data).memory(at: Samples.clock) == Samples.memory)
    }

    /// Another process has another monotonic clock; the times are the same for people.
    @Test func aMemoryIsReadOnAnotherClock() throws {
        let document = MemoryDocument(Samples.memory, at: Samples.clock)
        let later = ClockReading(monotonic: .seconds(5), wall: Samples.time("2026-11-22T12:05:31.250Z"))
        let memory = document.memory(at: later)
        #expect(memory.routes[0].since == .seconds(-64.5))
        #expect(MemoryDocument(memory, at: later).routes == document.routes)
    }

    @Test(arguments: [Double.nan, .infinity, -3])
    func anAbsurdPenaltyIsNone(penalty: Double) {
        var document = MemoryDocument(Samples.memory, at: Samples.clock)
        document.endpoints["us-east"]?.penalty = penalty
        #expect(document.memory(at: Samples.clock).endpoints.map(\.penalty) == [0, 0])
    }

    @Test func fieldsOfALaterVersionAreIgnored() throws {
        func extended(_ value: Any) -> Any {
            if let object = value as? [String: Any] {
                // An object of names (routes, scores ...) has no room for strangers; one of fields has.
                let isMap = object.keys.allSatisfy { key in object[key] is [String: Any] || Self.maps.contains(key) }
                var grown = object.mapValues(extended)
                if !isMap, !object.values.allSatisfy({ $0 is NSNumber || $0 is NSNull }) {
                    grown["x_later"] = ["y": [1]]
                }
                return grown
            }
            if let list = value as? [Any] { return list.map(extended) }
            return value
        }
        func check<Document: Codable & Equatable>(_ document: Document) throws {
            let value = try JSONSerialization.jsonObject(with: Wire.encode(document))
            let data = try JSONSerialization.data(withJSONObject: extended(value))
            #expect(String(decoding: data, as: UTF8.self).contains("x_later"))
            #expect(try Wire.decode(Document.self, from: data) == document)
        }
        var state = Samples.state
        // Free-form: everything in it is known.
        state.endpoints = state.endpoints.mapValues { endpoint in
            var plain = endpoint
            plain.attributes = [:]
            plain.byVantage = [:]
            return plain
        }
        try check(state)
        try check(Samples.event)
        try check(MemoryDocument(Samples.memory, at: Samples.clock))
    }

    private static let maps: Set<String> = ["attributes", "by_vantage", "scores", "increments", "weights", "local"]

    @Test func whatIsNotKnownIsNullRatherThanMissing() throws {
        let object = try #require(JSONSerialization.jsonObject(with: Wire.encode(Samples.state)) as? [String: Any])
        #expect(object["frozen"] is NSNull)
        let vantage = try #require(object["vantage"] as? [String: Any])
        #expect(vantage["reason"] is NSNull)
        let endpoints = try #require(object["endpoints"] as? [String: [String: Any]])
        let unknown = try #require(endpoints["eu-west"])
        for field in ["provider", "pinned", "drained"] { #expect(unknown[field] is NSNull, "\(field)") }
        let indicators = try #require(unknown["indicators"] as? [String: [String: Any]])
        #expect(indicators["short.availability"]?["error_rate"] is NSNull)
        for field in ["objective", "p50_ms", "p90_ms", "p99_ms"] {
            #expect(indicators["short.latency"]?[field] is NSNull, "\(field)")
        }
    }

    @Test func aMissingFieldReadsAsNull() throws {
        let text = try String(decoding: Wire.encode(Samples.state), as: UTF8.self)
            .replacing(#""frozen":null,"#, with: "")
            .replacing(#""provider":null,"#, with: "")
            .replacing(#","p50_ms":null"#, with: "")
            .replacing(#","http":null"#, with: "")
        #expect(try Wire.decode(StateDocument.self, from: Data(text.utf8)) == Samples.state)
    }

    /// A daemon that is replaced by a newer one leaves a file without them.
    @Test func fieldsThatEarlierVersionsDidNotWriteReadAsNothing() throws {
        var object = try #require(JSONSerialization.jsonObject(with: Wire.encode(Samples.state)) as? [String: Any])
        var endpoints = try #require(object["endpoints"] as? [String: [String: Any]])
        for name in endpoints.keys { endpoints[name]?["connections"] = nil }
        object["endpoints"] = endpoints
        object["probing"] = nil
        var expected = Samples.state
        expected.probing = StateDocument.Probing()
        expected.endpoints = expected.endpoints.mapValues { endpoint in
            var endpoint = endpoint
            endpoint.connections = [:]
            return endpoint
        }
        let data = try JSONSerialization.data(withJSONObject: object)
        #expect(try Wire.decode(StateDocument.self, from: data) == expected)
    }

    /// The history goes back further than thresholds by alternative and what is learned.
    @Test func groundsThatEarlierVersionsKeptAreRead() throws {
        let fields = Set(["thresholds", "baseline", "model_probability", "situation"])
        func older(_ value: Any) -> Any {
            if let list = value as? [Any] { return list.map(older) }
            guard let object = value as? [String: Any] else { return value }
            return object.filter { !fields.contains($0.key) }.mapValues(older)
        }
        let object = try older(JSONSerialization.jsonObject(with: Wire.encode(Samples.event)))
        let event = try Wire.decode(EventDocument.self, from: JSONSerialization.data(withJSONObject: object))
        var expected = Samples.event
        var indicator = try #require(expected.grounds?.indicators.first)
        indicator.thresholds = nil
        indicator.baseline = nil
        indicator.steps[0].modelProbability = nil
        indicator.steps[0].situation = nil
        expected.grounds?.indicators = [indicator]
        #expect(event == expected)
        #expect(indicator.threshold(of: "degraded") == indicator.threshold)
        #expect(indicator.steps[0].learnedFactor == nil)
    }

    @Test func aPlainRuleHasOneThreshold() {
        let counted = EndpointExplanation(
            endpoint: "us-east",
            verdict: .healthy,
            reason: Reason(.withinObjectives, ""),
            rule: .consecutive(fall: 3, rise: 2),
            interval: .seconds(5),
            indicators: [
                IndicatorExplanation(
                    name: IndicatorName(probe: .default, kind: .availability),
                    threshold: 3,
                    scores: [],
                    steps: []
                )
            ],
            recovery: nil
        )
        let explanation = ExplainDocument(
            route: Samples.snapshot.routes[0],
            endpoints: [counted],
            lastFailover: nil,
            at: Samples.clock
        )
        let indicator = explanation.endpoints[0].indicators[0]
        #expect(indicator.thresholds == nil && indicator.baseline == nil && indicator.leading == nil)
        #expect(explanation.limit == "3 bad probes in a row; back after 2 good ones")
    }

    @Test func troubleOfTheProbingIsTheReasonOfAClearVantage() throws {
        let trouble = ProbingSnapshot.Trouble(
            reason: Reason(.localPorts, "no port is left"),
            since: .seconds(990.5)
        )
        let snapshot = Snapshot(
            generation: 1,
            persisted: true,
            routes: [],
            endpoints: [],
            probing: ProbingSnapshot(trouble: trouble)
        )
        let state = StateDocument(snapshot: snapshot, sequence: 1, at: Samples.clock, publisher: Samples.publisher)
        let reason = ReasonDocument(code: "local_ports", text: "no port is left")
        #expect(
            state.probing.trouble
                == .init(code: reason.code, text: reason.text, since: Samples.time("2026-11-22T12:04:21.750Z"))
        )
        #expect(
            state.vantage
                == .init(name: "us-east-a", state: "clear", reason: reason, since: Samples.publisher.startedAt)
        )
        #expect(
            state.vantages == ["us-east-a": .init(state: "clear", reason: reason, seenAt: Samples.clock.wall)]
        )
    }

    @Test func noSecretOfAProbeIsInAnyDocument() throws {
        let configuration = Samples.snapshot.endpoints[0].configuration
        let secret = EndpointConfiguration(
            name: configuration.name,
            region: configuration.region,
            publicURL: configuration.publicURL,
            probes: [
                ProbeConfiguration(
                    request: .http(
                        HTTPProbe(
                            address: HostPort(host: "h", port: 1),
                            target: "/?key=s3cret",
                            headers: [HeaderField(name: "Authorization", value: "Bearer s3cret")],
                            body: "s3cret"
                        )
                    ),
                    latencyObjective: nil
                )
            ]
        )
        let snapshot = Snapshot(
            generation: 1,
            persisted: true,
            routes: Samples.snapshot.routes,
            endpoints: [
                EndpointSnapshot(
                    configuration: secret,
                    verdict: .healthy,
                    reason: Reason(.withinObjectives, ""),
                    since: .seconds(0),
                    indicators: []
                )
            ]
        )
        let state = StateDocument(snapshot: snapshot, sequence: 1, at: Samples.clock, publisher: Samples.publisher)
        #expect(try text(state).contains("s3cret") == false)
    }
}
