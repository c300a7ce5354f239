import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct BodyMatcherTests {
    struct Match: Sendable, CustomTestStringConvertible {
        let expectation: BodyExpectation
        let body: String
        /// `nil` for a body that is as expected.
        let mismatch: String?

        init(_ expectation: BodyExpectation, _ body: String, _ mismatch: String? = nil) {
            self.expectation = expectation
            self.body = body
            self.mismatch = mismatch
        }

        var testDescription: String { "\(expectation) in \(body)" }
    }

    private static let document = #"{"a": {"b/c": [1, 2.5, "x", null, true]}, "m~n": 100, "": "empty", "s": "1"}"#

    @Test(arguments: [
        Match(.contains("ok"), "it is ok"),
        Match(.contains(""), ""),
        Match(.contains("ok"), "it is OK", #"body does not contain "ok", found: it is OK"#),
        Match(.contains("ok"), "", #"body does not contain "ok", found: nothing"#),
        Match(.contains("longer than the body"), "x", #"body does not contain "longer than the body", found: x"#),
        Match(.contains("é"), "caf\u{e9}"),
        Match(.regex(#"^\{"status":\s*"ok""#), #"{"status":  "ok"}"#),
        Match(.regex("version [0-9]+"), "the version 12"),
        Match(.regex("^ok$"), "not ok", "body does not match /^ok$/, found: not ok"),
        Match(.json(pointer: "/a/b~1c/0", equals: .number(1)), document),
        Match(.json(pointer: "/a/b~1c/0", equals: .number(1.0)), document),
        Match(.json(pointer: "/a/b~1c/1", equals: .number(2.5)), document),
        Match(.json(pointer: "/a/b~1c/2", equals: .string("x")), document),
        Match(.json(pointer: "/a/b~1c/3", equals: .null), document),
        Match(.json(pointer: "/a/b~1c/4", equals: .bool(true)), document),
        Match(.json(pointer: "/m~0n", equals: .number(1e2)), document),
        Match(.json(pointer: "/", equals: .string("empty")), document),
        Match(.json(pointer: "", equals: .number(7)), "7"),
        Match(.json(pointer: "/s", equals: .number(1)), document, #"JSON at "/s" is "1", expected 1.0"#),
        Match(.json(pointer: "/a/b~1c/4", equals: .number(1)), document, #"JSON at "/a/b~1c/4" is true, expected 1.0"#),
        Match(
            .json(pointer: "/a/b~1c/00", equals: .null),
            document,
            #"JSON at "/a/b~1c/00" is missing, expected null"#
        ),
        Match(.json(pointer: "/a/b~1c/9", equals: .null), document, #"JSON at "/a/b~1c/9" is missing, expected null"#),
        Match(.json(pointer: "/a", equals: .string("x")), document, #"JSON at "/a" is an object, expected "x""#),
        Match(.json(pointer: "/m~0n/x", equals: .null), document, #"JSON at "/m~0n/x" is missing, expected null"#),
        Match(.json(pointer: "/a", equals: .null), "<html>", "body is not JSON, found: <html>"),
        Match(.json(pointer: "/a", equals: .null), #"{"a": 1e999}"#, #"body is not JSON, found: {"a": 1e999}"#),
    ])
    func oneExpectation(_ match: Match) throws {
        let matcher = try BodyMatcher([match.expectation])
        #expect(matcher.mismatch(in: Array(match.body.utf8)) == match.mismatch)
    }

    @Test func everyExpectationMustHold() throws {
        let matcher = try BodyMatcher([.contains("a"), .regex("b"), .json(pointer: "/c", equals: .number(1))])
        #expect(matcher.mismatch(in: Array(#"{"a": "b", "c": 1}"#.utf8)) == nil)
        #expect(matcher.mismatch(in: Array(#"{"a": "b", "c": 2}"#.utf8)) == #"JSON at "/c" is 2.0, expected 1.0"#)
        #expect(matcher.mismatch(in: Array("a".utf8)) == "body does not match /b/, found: a")
    }

    @Test func whatWasFoundIsShortAndPrintable() throws {
        let matcher = try BodyMatcher([.contains("ok")])
        let body = Array("\u{1b}[31m\r\n\u{202e}".utf8) + [0xff] + Array(String(repeating: "x", count: 500).utf8)
        let mismatch = try #require(matcher.mismatch(in: body))
        #expect(mismatch.hasPrefix(#"body does not contain "ok", found: ?[31m???"#) && mismatch.hasSuffix("x…"))
        #expect(mismatch.count == #"body does not contain "ok", found: "#.count + 120)
    }

    @Test func invalidUTF8IsReplacedBeforeARegexSeesIt() throws {
        let matcher = try BodyMatcher([.regex("a.b")])
        #expect(matcher.mismatch(in: [0x61, 0xff, 0x62]) == nil)
    }

    @Test func aRegexSeesTheFirst64KiBOnly() throws {
        let matcher = try BodyMatcher([.regex("needle")])
        let hay = [UInt8](repeating: 0x2e, count: BodyMatcher.maximumRegexBytes - 6)
        #expect(matcher.mismatch(in: hay + Array("needle".utf8)) == nil)
        #expect(matcher.mismatch(in: hay + Array(".needle".utf8)) != nil)
    }

    @Test(arguments: [
        (BodyExpectation.regex("("), "not a regular expression: ("),
        (.json(pointer: "a", equals: .null), "not a JSON pointer: a"),
        (.json(pointer: "/~2", equals: .null), "not a JSON pointer: /~2"),
    ])
    func unusableExpectationsAreNamed(_ expectation: BodyExpectation, _ detail: String) {
        #expect(throws: BodyMatcher.Unusable(detail: detail)) { try BodyMatcher([expectation]) }
    }

    @Test(arguments: [
        (BodyExpectation.contains("x"), 1000, false), (.contains("x"), 1_000_000, true), (.regex("x"), 1, true),
        (.json(pointer: "/x", equals: .null), 1000, false), (.json(pointer: "/x", equals: .null), 100_000, true),
    ])
    func slowMatchingLeavesTheEventLoop(_ expectation: BodyExpectation, _ byteCount: Int, _ isSlow: Bool) throws {
        #expect(try BodyMatcher([expectation]).isSlow(byteCount: byteCount) == isSlow)
    }
}
