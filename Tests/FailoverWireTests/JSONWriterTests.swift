import FailoverCore
import FailoverWire
import Foundation
import Testing

/// What is written by hand is what the coder would have written, byte for byte.
@Suite("JSON writer")
struct JSONWriterTests {
    private static func encoded(_ value: some Encodable, _ layout: JSONWriter.Layout) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if layout == .pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func written(_ value: some JSONWritable, _ layout: JSONWriter.Layout) throws -> String {
        String(decoding: try Wire.bytes(of: value, layout), as: UTF8.self)
    }

    private func check(_ value: some JSONWritable & Encodable) throws {
        for layout in [JSONWriter.Layout.compact, .pretty] {
            #expect(try Self.written(value, layout) == Self.encoded(value, layout))
        }
    }

    @Test func documentsAreThoseOfTheCoder() throws {
        try check(Samples.state)
        try check(MemoryDocument(Samples.memory, at: Samples.clock))
        var state = Samples.state
        let freeze = #"{"by":"alice","reason":"maintenance","since":"2026-11-22T12:04:31.250Z","until":null}"#
        state.frozen = try Wire.decode(StateDocument.Freeze.self, from: Data(freeze.utf8))
        let intent = #"{"by":"bob","reason":"a \"test\"","until":"2026-11-22T12:04:31.250Z"}"#
        let pinned = try Wire.decode(StateDocument.Intent.self, from: Data(intent.utf8))
        state.endpoints["us-east"]?.pinned = pinned
        state.endpoints["us-east"]?.drained = pinned
        state.endpoints["us-east"]?.drained?.until = nil
        state.probing.trouble = .init(code: "local_ports", text: "no port is left", since: Samples.clock.wall)
        state.vantage.reason = ReasonDocument(code: "local_ports", text: "no port is left")
        try check(state)
        state.routes = [:]
        state.endpoints = [:]
        try check(state)
    }

    @Test func numbersAreThoseOfTheCoder() throws {
        var random = SplitMix64(seed: 7)
        var numbers: [Double] = [
            0, -0.0, 1, -1, 70, 0.1, 0.999, 1e-4, 0.0001, 0.00009, 1e-5, 1e-6, 1e-7, 123_456_789.25,
            999_999_999.999_999,
            1e9, 1e15, 1e16, 1e22, 0.1 + 0.2, 1.0 / 3, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            9_007_199_254_740_992, 4.35, 2.675, 6.976_225, 1_000_000.000_001,
        ]
        for _ in 0..<20_000 {
            let scale = Double(sign: .plus, exponent: Int.random(in: -24...40, using: &random), significand: 1)
            let number = Double.random(in: -1...1, using: &random) * scale
            numbers += [number, number.roundedForReaders, Double(Float(number))]
            numbers.append(Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random)))
        }
        numbers = numbers.filter(\.isFinite)
        #expect(try Self.written(numbers, .compact) == Self.encoded(numbers, .compact))
        let integers = [0, 7, -7, 10, -10, 99, 1_234_567_890, .max, .min] as [Int]
        #expect(try Self.written(integers, .compact) == Self.encoded(integers, .compact))
        #expect(try Self.written([UInt64.max, 0], .compact) == Self.encoded([UInt64.max, 0], .compact))
    }

    @Test func textIsThatOfTheCoder() throws {
        let ascii = String(String.UnicodeScalarView((0..<128).compactMap { Unicode.Scalar($0) }))
        let long = String(repeating: "a \"long\" text, ", count: 1000)
        let texts = [
            "", ascii, "plain", "é€😀", "\u{80}\u{2028}\u{7F}", "a/b", "\r\n", long, String(repeating: "x", count: 9000),
        ]
        for layout in [JSONWriter.Layout.compact, .pretty] {
            #expect(try Self.written(texts, layout) == Self.encoded(texts, layout))
            let table = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($0.element, $0.offset) })
            #expect(try Self.written(table, layout) == Self.encoded(table, layout))
        }
    }

    @Test func timesAreThoseOfTheCalendar() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var random = SplitMix64(seed: 11)
        var days = [0, 58, 59, 60, 364, 365, 789, 790, 11_016, 11_017, 19_782, 19_783, 47_540, 47_541, 2_932_896]
        days += (0..<3000).map { _ in Int.random(in: 0...2_932_896, using: &random) }
        for day in days {
            for second in [0, 86_399, Int.random(in: 0...86_399, using: &random)] {
                let milliseconds = Int.random(in: 0...999, using: &random)
                let time = Double(day * 86_400 + second) + Double(milliseconds) / 1000
                // The style cuts off what it does not show.
                let expected = Date(timeIntervalSince1970: time + 0.000_25).formatted(style)
                #expect(WallTime(secondsSince1970: time).description == expected)
            }
        }
        #expect(WallTime(secondsSince1970: -1).description == "1969-12-31T23:59:59.000Z")
        #expect(WallTime(secondsSince1970: 253_402_300_799.999).description == "9999-12-31T23:59:59.999Z")
        #expect(WallTime(secondsSince1970: 0.9996).description == "1970-01-01T00:00:01.000Z")
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aNumberThatJSONCannotHoldIsAnErrorThatSaysWhere(number: Double) {
        let values: [String: ScalarDocument] = ["a": .number(1), "weight": .number(number), "z": .number(.nan)]
        #expect {
            try Wire.bytes(of: values, .compact)
        } throws: { error in
            "\(error)" == #"\#(number) is no number of JSON; it stands after {"a":1,"weight":"#
        }
    }
}
