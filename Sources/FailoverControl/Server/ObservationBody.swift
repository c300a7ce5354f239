import FailoverCore
import FailoverWire
import FoundationEssentials

/// Reads the body of `POST /v1/observations`, and says what is wrong with it.
struct ObservationBody: Decodable {
    /// What is wrong, where, and what is allowed.
    struct Fault: Error, Hashable {
        var text: String
        var allowed: [String] = []

        init(_ text: String, allowed: [String] = []) {
            self.text = text
            self.allowed = allowed
        }

        fileprivate func at(_ place: String) -> Fault { Fault("\(place): \(text)", allowed: allowed) }
    }

    /// Entries of a body: a second of a busy gateway.
    static let maximumEntries = 1_000
    /// Requests that one entry may stand for.
    static let maximumCount = 1_000
    /// Requests that a body may stand for; counting them takes a few milliseconds.
    static let maximumRequests = 20_000
    /// In milliseconds: a day is no request.
    static let longest = 86_400_000.0
    /// In bytes, of any name: a character may have a hundred thousand of them.
    static let maximumName = 64
    /// Tokens that a worker may have under way at an endpoint; far from where sums overflow.
    static let maximumTokens = 1e12
    /// How old an entry may be, and how far ahead of our clock; in seconds.
    static let oldest = 300.0
    static let farthest = 5.0
    /// Up to here an entry belongs into the windows.
    static let recent = 60.0

    fileprivate let entries: [Entry]
    fileprivate let worker: String?
    fileprivate let tokens: [WorkerReport.Tokens]?

    /// The reports of a body that arrived at `now`.
    static func read(_ body: Data, at now: WallTime) throws(Fault) -> (reports: [Report], worker: WorkerReport?) {
        let read: ObservationBody
        do { read = try Wire.decode(ObservationBody.self, from: body) } catch let fault as Fault { throw fault } catch {
            throw Fault("the body is not one object of JSON", allowed: Field.names)
        }
        var reports: [Report] = []
        reports.reserveCapacity(read.entries.count)
        for (index, entry) in read.entries.enumerated() {
            do throws(Fault) { reports.append(try entry.report(at: now)) } catch {
                throw error.at("observations[\(index)]")
            }
        }
        let requests = reports.reduce(0) { $0 + $1.count }
        guard requests <= maximumRequests else {
            throw Fault("the observations stand for \(requests) requests, at most \(maximumRequests) are allowed")
        }
        guard let tokens = read.tokens else { return (reports, nil) }
        guard let worker = read.worker else {
            throw Fault("there is no \"worker\": tokens in flight need the name of whoever has them")
        }
        return (reports, WorkerReport(worker: worker, tokens: tokens))
    }

    private enum Field: String, CaseIterable {
        case observations, worker
        case inFlightTokens = "in_flight_tokens"

        static let names = allCases.map(\.rawValue)
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        try fields.refuseStrangers(Field.names)
        worker = try fields.text(Field.worker.rawValue, maximum: Self.maximumName)
        if let worker, worker.isEmpty || worker.contains(where: \.isNewline) {
            throw Fault("\"worker\" is no name of one line")
        }
        tokens = try fields.tokens(Field.inFlightTokens.rawValue)
        guard fields.has(Field.observations.rawValue) else {
            if tokens == nil { throw Fault("there is nothing in the body", allowed: Field.names) }
            entries = []
            return
        }
        guard var list = try? fields.nestedUnkeyedContainer(forKey: AnyKey(Field.observations.rawValue)) else {
            throw Fault("\"observations\" is no list")
        }
        var entries: [Entry] = []
        while !list.isAtEnd {
            guard entries.count < Self.maximumEntries else {
                let found = list.count.map { "has \($0) entries" } ?? "has more entries"
                throw Fault("\"observations\" \(found), at most \(Self.maximumEntries) are allowed")
            }
            let place = "observations[\(entries.count)]"
            do { entries.append(try list.decode(Entry.self)) } catch let fault as Fault {
                throw fault.at(place)
            } catch { throw Fault("\(place) is no object", allowed: Entry.Field.names) }
        }
        self.entries = entries
    }

    /// One entry as it was written, each field of the right kind.
    fileprivate struct Entry: Decodable {
        enum Field: String, CaseIterable {
            case endpoint, outcome, kind, at, count
            case latency = "latency_ms"
            case ttft = "ttft_ms"

            static let names = allCases.map(\.rawValue)
        }

        let endpoint: String
        let outcome: ReportOutcome
        let kind: String?
        let latency: Double?
        let ttft: Double?
        let at: String?
        let count: Double?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: AnyKey.self)
            try fields.refuseStrangers(Field.names)
            guard let endpoint = try fields.text(Field.endpoint.rawValue, maximum: ObservationBody.maximumName) else {
                throw Fault("there is no \"endpoint\"")
            }
            self.endpoint = endpoint
            let outcomes = ReportOutcome.allCases.map(\.rawValue)
            guard let word = try fields.text(Field.outcome.rawValue, maximum: ObservationBody.maximumName) else {
                throw Fault("there is no \"outcome\"", allowed: outcomes)
            }
            guard let outcome = ReportOutcome(rawValue: word) else {
                throw Fault("\"outcome\" is \"\(word)\"", allowed: outcomes)
            }
            self.outcome = outcome
            kind = try fields.text(Field.kind.rawValue, maximum: ObservationBody.maximumName)
            latency = try fields.number(Field.latency.rawValue, 0...ObservationBody.longest, "milliseconds")
            ttft = try fields.number(Field.ttft.rawValue, 0...ObservationBody.longest, "milliseconds")
            at = try fields.text(Field.at.rawValue, maximum: ObservationBody.maximumName)
            count = try fields.number(Field.count.rawValue, 1...Double(ObservationBody.maximumCount), "requests")
            if let count, count != count.rounded() { throw Fault("\"count\" is \(count), which is no whole number") }
        }

        func report(at now: WallTime) throws(Fault) -> Report {
            if let kind, !kind.utf8.allSatisfy(Self.isReasonByte) || kind.isEmpty {
                throw Fault("\"kind\" is \"\(kind)\", but must be a reason code of small letters, digits and _")
            }
            var age = 0.0
            if let at {
                guard let time = WallTime(at) else {
                    throw Fault("\"at\" is \"\(at)\", but must be a time such as 2026-11-22T18:00:00Z")
                }
                age = now.secondsSince1970 - time.secondsSince1970
                guard age <= ObservationBody.oldest, age >= -ObservationBody.farthest else {
                    throw Fault("\"at\" is \(at), and it is \(now): at most 300 s ago and 5 s ahead are allowed")
                }
            }
            return Report(
                endpoint: EndpointName(rawValue: endpoint),
                outcome: outcome,
                kind: kind.map { ReasonCode(rawValue: $0) },
                latency: latency.map { .microseconds(Int64($0 * 1000)) },
                ttft: ttft.map { .microseconds(Int64($0 * 1000)) },
                count: Int(count ?? 1),
                isRecent: age < ObservationBody.recent
            )
        }

        private static func isReasonByte(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }
}

/// Any name of a field.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
    fileprivate typealias Fault = ObservationBody.Fault

    fileprivate func refuseStrangers(_ names: [String]) throws(Fault) {
        if let stranger = allKeys.map(\.stringValue).filter({ !names.contains($0) }).min() {
            throw Fault("there is no field \"\(beginning(of: stranger))\" here", allowed: names)
        }
    }

    /// `null` is nothing.
    fileprivate func has(_ name: String) -> Bool {
        contains(AnyKey(name)) && !((try? decodeNil(forKey: AnyKey(name))) ?? false)
    }

    fileprivate func text(_ name: String, maximum: Int) throws(Fault) -> String? {
        guard has(name) else { return nil }
        guard let text = try? decode(String.self, forKey: AnyKey(name)) else {
            throw Fault("\"\(name)\" is \(found(name)), but must be text")
        }
        guard text.utf8.count <= maximum else {
            throw Fault("\"\(name)\" has \(text.utf8.count) bytes, at most \(maximum) are allowed")
        }
        return text
    }

    fileprivate func number(_ name: String, _ range: ClosedRange<Double>, _ unit: String) throws(Fault) -> Double? {
        guard has(name) else { return nil }
        guard let number = try? decode(Double.self, forKey: AnyKey(name)), range.contains(number) else {
            let bounds = "\(range.lowerBound.trimmed) to \(range.upperBound.trimmed)"
            throw Fault("\"\(name)\" is \(found(name)), but must be a number of \(unit) from \(bounds)")
        }
        return number
    }

    fileprivate func tokens(_ name: String) throws(Fault) -> [WorkerReport.Tokens]? {
        guard has(name) else { return nil }
        guard let inner = try? nestedContainer(keyedBy: AnyKey.self, forKey: AnyKey(name)) else {
            throw Fault("\"\(name)\" is \(found(name)), but must be an object of endpoints and numbers of tokens")
        }
        let names = inner.allKeys.map(\.stringValue).sorted()
        guard names.count <= ObservationBody.maximumEntries else {
            let maximum = ObservationBody.maximumEntries
            throw Fault("\"\(name)\" has \(names.count) endpoints, at most \(maximum) are allowed")
        }
        var tokens: [WorkerReport.Tokens] = []
        for endpoint in names {
            guard endpoint.utf8.count <= ObservationBody.maximumName else {
                let bytes = "\(endpoint.utf8.count) bytes, at most \(ObservationBody.maximumName) are allowed"
                throw Fault("\(name): the name of an endpoint has \(bytes)")
            }
            let range = 0...ObservationBody.maximumTokens
            do throws(Fault) {
                guard let count = try inner.number(endpoint, range, "tokens") else { continue }
                tokens.append(.init(endpoint: EndpointName(rawValue: endpoint), count: UInt64(count.rounded())))
            } catch { throw error.at(name) }
        }
        return tokens
    }

    /// As much of a text as helps, in bytes too.
    private func beginning(of text: String) -> String {
        String(decoding: text.utf8.prefix(ObservationBody.maximumName), as: UTF8.self)
    }

    /// What stands there, for people.
    private func found(_ name: String) -> String {
        switch try? decode(ScalarDocument.self, forKey: AnyKey(name)) {
        case .string(let text): "\"\(beginning(of: text))\""
        case .number(let number): number.trimmed
        case .bool(let flag): "\(flag)"
        case .null: "null"
        case nil: "a list or an object"
        }
    }
}
