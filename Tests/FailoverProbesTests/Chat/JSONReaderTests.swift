import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct JSONReaderTests {
    @Test(arguments: [
        ("null", JSONValue.scalar(.null)), (" true ", .scalar(.bool(true))), ("false", .scalar(.bool(false))),
        ("0", .scalar(.number(0))), ("-0.5e+2", .scalar(.number(-50))), ("1E2", .scalar(.number(100))),
        ("1e999", .scalar(.number(.infinity))), ("9223372036854775808", .scalar(.number(9_223_372_036_854_775_808))),
        ("\"\"", .scalar(.string(""))), ("\"a\\u00e9\\n\\\\\"", .scalar(.string("aé\n\\"))),
        ("\"\\ud83d\\udc4b\"", .scalar(.string("👋"))), ("\"\\ud83d\"", .scalar(.string("\u{fffd}"))),
        ("\"\\ud83dx\"", .scalar(.string("\u{fffd}x"))), ("\"\\ud83d\\u0041\"", .scalar(.string("\u{fffd}A"))),
        ("\"\\udc4b\"", .scalar(.string("\u{fffd}"))), ("\"\\ud83d\\n\"", .scalar(.string("\u{fffd}\n"))),
        ("[]", .array([])), ("[ 1 , [ ] ]", .array([.scalar(.number(1)), .array([])])),
        ("{}", .object([:])), ("{ \"a\" : { \"b\" : null } }", .object(["a": .object(["b": .scalar(.null)])])),
        ("{\"a\":1,\"a\":2}", .object(["a": .scalar(.number(2))])), ("\u{feff}1", .scalar(.number(1))),
    ])
    func documentIsRead(_ text: String, value: JSONValue) {
        #expect(JSONReader.value(of: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "tru", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity",
        "\"",
        "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\\", "\"\\ud83d\\u", "[", "[1", "[1,", "[1,]",
        "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{,}",
        "1 2", "[] x", "'a'", "// c\n1", "]", "}", ",", ":",
    ])
    func whatIsNoJSONIsRefused(_ text: String) {
        #expect(JSONReader.value(of: Array(text.utf8)) == nil)
    }

    @Test func textThatIsNotUTF8IsRepaired() {
        #expect(JSONReader.value(of: [0x22, 0x61, 0xff, 0x22]) == .scalar(.string("a\u{fffd}")))
    }

    /// Both sides of the limit, and far beyond it.
    @Test func nestingIsBounded() {
        func nested(_ depth: Int) -> [UInt8] { Array((String(repeating: "[", count: depth)).utf8) }
        func closed(_ depth: Int) -> [UInt8] { nested(depth) + Array(String(repeating: "]", count: depth).utf8) }
        #expect(JSONReader.value(of: closed(JSONReader.maximumDepth)) != nil)
        #expect(JSONReader.value(of: closed(JSONReader.maximumDepth + 1)) == nil)
        #expect(JSONReader.value(of: nested(1_000_000)) == nil)
        let objects = String(repeating: "{\"a\":", count: 200_000)
        #expect(JSONReader.value(of: Array(objects.utf8)) == nil)
    }

    /// Foundation's decoder, which does the same more slowly.
    @Test(arguments: 0..<20)
    func foundationReadsTheSame(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let text = Self.random(depth: 0, &random)
            let bytes = Array(text.utf8)
            #expect(JSONReader.value(of: bytes) == JSONValue(document: bytes), "\(text)")
        }
    }

    private static func random(depth: Int, _ random: inout SplitMix64) -> String {
        func many(_ make: (inout SplitMix64) -> String) -> String {
            (0..<Int.random(in: 0...4, using: &random)).map { _ in make(&random) }.joined(separator: ", ")
        }
        switch Int.random(in: 0...(depth < 4 ? 7 : 5), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : " false"
        case 2: return "\(Int.random(in: -1_000_000...1_000_000, using: &random))"
        case 3: return "\(Double.random(in: -1...1, using: &random))e\(Int.random(in: -9...9, using: &random))"
        case 4, 5: return string(&random)
        case 6: return "[\(many { Self.random(depth: depth + 1, &$0) })]"
        // Of equal keys Foundation takes the first one, so let there be none.
        default: return "{\(many { "\"\($0.next())\" :\(Self.random(depth: depth + 1, &$0))" })}"
        }
    }

    private static func string(_ random: inout SplitMix64) -> String {
        let parts = [
            "a", "é", "👋", "\\n", "\\\"", "\\\\", "\\/", "\\u00fc", "\\ud83d\\udc4b", " ", "{", "]", "\\b\\f\\r\\t",
        ]
        let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in
            parts[Int.random(in: 0..<parts.count, using: &random)]
        }
        return "\"\(text.joined())\""
    }
}
