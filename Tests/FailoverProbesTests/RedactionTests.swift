import FailoverCore
import Testing

@testable import FailoverProbes

@Suite struct RedactionTests {
    private static let key = "sk-proj-" + String(repeating: "0Ab", count: 52)

    @Test func aKeyIsFoundWhereverItIsCut() {
        let secret = Secret(Self.key)
        for length in 4..<Self.key.count {
            let cut = Self.key.prefix(length)
            #expect(secret.redacted("\(cut)…") == "***")
            #expect(secret.redacted("is \"\(cut)…\", not it") == "is \"***\", not it")
            #expect(secret.redacted("is \(cut)") == "is ***")
        }
        // As names are shown.
        for limit in 5...200 {
            let shown = secret.redacted(printable(Self.key + Self.key, limit: limit))
            #expect(!shown.contains("sk-p"), "\(limit): \(shown)")
        }
        // A mark on the last character does not hide the others.
        #expect(secret.redacted(Self.key + "\u{301}") == "***\u{301}")
    }

    private static func redaction(_ headers: [(String, String)], key: String? = nil) -> Redaction {
        let fields = headers.map { HeaderField(name: $0.0, value: $0.1) }
        return Redaction(chat(1, headers: fields)).adding(key.map { Secret($0) })
    }

    @Test(arguments: [
        ("x-team", "teamvalue-zebra", "for teamvalue-zebra, teamval…", "for ***, ***"),
        // The words of everybody may begin like a value.
        ("x-team", "teamvalue-zebra", "all for the team", "all for the team"),
        ("Authorization", "Bearer zebra-zebra", "no zebra-zebra, Bearer zebra-zebra", "no ***, ***"),
        ("x-team", "zebra", "a zebra", "a zebra"),
        ("Content-Type", "application/json", "not application/json", "not application/json"),
        ("accept-language", "en-GB, en", "not en-GB, en", "not en-GB, en"),
        ("x-host", "127.0.0.1", "no 127.0.0.1", "no 127.0.0.1"),
    ])
    func configuredValuesAreTakenOut(_ name: String, _ value: String, _ text: String, _ redacted: String) {
        #expect(Self.redaction([(name, value)]).redacted(text) == redacted)
    }

    @Test func theLongestIsTakenOutFirst() {
        let redaction = Self.redaction(
            [("x-a", "zebra-zebra"), ("x-b", "one zebra-zebra two")],
            key: "zebra-zebra two three"
        )
        #expect(redaction.redacted("one zebra-zebra two, zebra-zebra two three, zebra-zebra") == "***, ***, ***")
    }

    @Test func nothingIsMaskedOrCutBeforeItIsTakenOut() {
        let key = "hunter2@corp!" + String(repeating: "a", count: 30) + "1"
        #expect(Self.redaction([], key: key).line("it is \(key)!") == "it is ***!")
        #expect(
            Self.redaction([], key: key).line(String(repeating: "x", count: 190) + " \(key)", limit: 199).hasSuffix(
                " ***"
            )
        )
    }
}
