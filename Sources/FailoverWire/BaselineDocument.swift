package import FailoverCore

/// `baselines.json` in the state directory: what endpoints showed while they were well, which is learned over weeks.
///
/// Schema `failoverd.baselines/1`.
package struct BaselineDocument: Codable, Hashable, Sendable {
    package static let schema = "failoverd.baselines/1"

    package var schema: String
    package var writtenAt: WallTime
    /// By name of the endpoint; of each in the order of its probes.
    package var endpoints: [String: [Baseline]]

    private enum CodingKeys: String, CodingKey {
        case schema, endpoints
        case writtenAt = "written_at"
    }

    /// What one indicator showed.
    package struct Baseline: Codable, Hashable, Sendable {
        /// Such as `latency`, or `short.latency` for the probe `short`.
        package var indicator: String
        /// Of what was asked and of the model's numbers, hexadecimal.
        package var digest: String
        package var since: WallTime
        package var learnedAt: WallTime
        /// Bad probes, in the order of `Situation.allCases`, with all digits: the same numbers are read back.
        package var bad: [Double]
        /// Bad probes that the model expected, in the same order.
        package var expected: [Double]

        private enum CodingKeys: String, CodingKey {
            case indicator, digest, since, bad, expected
            case learnedAt = "learned_at"
        }
    }
}

/// A document whose fields have the right types and hold what cannot be.
package struct BaselineDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `endpoints.us-east[0].bad`.
    package let field: String
    package let found: String
    package let allowed: String

    package init(field: String, found: String, allowed: String) {
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    package var description: String { "\(field) is \(found), and must be \(allowed)" }
}

extension BaselineDocument {
    package init(_ baselines: [EndpointName: [BaselineMemory]], at clock: ClockReading) {
        schema = Self.schema
        writtenAt = clock.wall
        let lists = baselines.map { ($0.key.rawValue, $0.value.map { Baseline($0, at: clock) }) }
        endpoints = Dictionary(lists) { first, _ in first }
    }

    /// What is remembered, with times as instants of this process; indicators that this version does not know are left out.
    package func baselines(at clock: ClockReading) throws(BaselineDocumentError) -> [EndpointName: [BaselineMemory]] {
        var read: [EndpointName: [BaselineMemory]] = [:]
        for (name, list) in endpoints.sorted(by: { $0.key < $1.key }) {
            for (place, baseline) in list.enumerated() {
                guard let fault = baseline.fault else { continue }
                let field = "endpoints.\(name)[\(place)].\(fault.field)"
                throw BaselineDocumentError(field: field, found: fault.found, allowed: fault.allowed)
            }
            let known = list.compactMap { $0.memory(at: clock) }
            if !known.isEmpty { read[EndpointName(rawValue: name)] = known }
        }
        return read
    }
}

extension BaselineDocument.Baseline {
    /// Far more probes than a century has; a larger number is damage.
    private static let largestCount = 1e9

    init(_ memory: BaselineMemory, at clock: ClockReading) {
        self.init(
            indicator: memory.indicator.description,
            digest: String(memory.digest, radix: 16),
            since: clock.wallTime(of: memory.since),
            learnedAt: clock.wallTime(of: memory.learnedAt),
            bad: memory.bad,
            expected: memory.expected
        )
    }

    /// `nil` for what cannot be, and for an indicator that this version does not know.
    func memory(at clock: ClockReading) -> BaselineMemory? {
        guard fault == nil, let name = IndicatorName(baseline: indicator), let number = UInt64(digest, radix: 16) else {
            return nil
        }
        return BaselineMemory(
            indicator: name,
            digest: number,
            since: clock.instant(of: since),
            learnedAt: clock.instant(of: learnedAt),
            bad: bad,
            expected: expected
        )
    }

    /// The first thing in it that cannot be; `nil` where all can.
    fileprivate var fault: BaselineDocumentError? {
        if UInt64(digest, radix: 16) == nil {
            let found = "\"\(digest.prefix(32))\""
            return BaselineDocumentError(field: "digest", found: found, allowed: "at most 16 hexadecimal digits")
        }
        // A time of long ago would be beyond the monotonic clock.
        for (field, time) in [("since", since), ("learned_at", learnedAt)] where time.secondsSince1970 < 0 {
            return BaselineDocumentError(field: field, found: time.description, allowed: "a time after 1970")
        }
        return Self.fault(of: bad, "bad") ?? Self.fault(of: expected, "expected")
    }

    private static func fault(of counts: [Double], _ field: String) -> BaselineDocumentError? {
        let length = Situation.allCases.count
        guard counts.count == length else {
            let found = "a list of \(counts.count)"
            return BaselineDocumentError(field: field, found: found, allowed: "a list of \(length) numbers")
        }
        guard let place = counts.firstIndex(where: { !(0...largestCount).contains($0) }) else { return nil }
        return BaselineDocumentError(
            field: "\(field)[\(place)]",
            found: "\(counts[place])",
            allowed: "a number from 0 to a billion"
        )
    }
}

extension IndicatorName {
    /// From its description; names of probes may hold dots, kinds do not.
    fileprivate init?(baseline text: String) {
        let dot = text.lastIndex(of: ".")
        let kind = dot.map { text[text.index(after: $0)...] } ?? text[...]
        guard let kind = IndicatorKind(rawValue: String(kind)) else { return nil }
        self.init(probe: dot.map { ProbeName(rawValue: String(text[..<$0])) } ?? .default, kind: kind)
    }
}

extension BaselineDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("endpoints", endpoints)
            writer.field("schema", schema)
            writer.field("written_at", writtenAt)
        }
    }
}

extension BaselineDocument.Baseline: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("digest", digest)
            writer.field("expected", expected)
            writer.field("indicator", indicator)
            writer.field("learned_at", learnedAt)
            writer.field("since", since)
        }
    }
}
